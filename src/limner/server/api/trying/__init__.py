"""Trying things before they count: servers, and patterns of tags."""
