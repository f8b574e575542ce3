"""What writers' Markdown has beyond CommonMark: front matter, comments, notes, simple HTML."""
