"""What people build, and the light in it."""
