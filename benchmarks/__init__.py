"""Measurements against the neighbours. Each is a script; see README.md for method and numbers."""
