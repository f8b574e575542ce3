"""How the text of a message comes: in chunks, scanned or not, or written by a second model."""
