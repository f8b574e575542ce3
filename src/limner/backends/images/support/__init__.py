"""What the backends of servers have in common."""
