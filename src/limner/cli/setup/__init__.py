"""Commands about what is set, and whether it works."""
