"""The base of every error limner raises on purpose."""


class LimnerError(Exception):
    """Base of every error limner raises on purpose."""
