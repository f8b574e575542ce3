"""The servers limner talks to: one a file."""
