"""The ground, what grows on it, and water."""
