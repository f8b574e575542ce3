"""Pages for people, made of what the API knows; they need no script."""
