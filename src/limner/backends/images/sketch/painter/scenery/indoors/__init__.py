"""Places under a roof."""
