"""One answer being written and illustrated, from its first character to its commit."""
