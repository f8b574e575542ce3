"""The commands about one story that a library keeps, and its pictures."""
