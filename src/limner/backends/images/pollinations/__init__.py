"""Pollinations."""

from limner.backends.images.pollinations.backend import PollinationsBackend

__all__ = ["PollinationsBackend"]
