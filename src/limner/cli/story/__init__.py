"""What `limner illustrate` asks of a story: its places, its own files, its kept self."""
