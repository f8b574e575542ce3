"""What was said before: recognised, restored, kept."""
