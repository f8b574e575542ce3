"""What people do to the pictures of a finished message, one change after the other."""
