"""What only one process may do at a time."""
