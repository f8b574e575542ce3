"""AUTOMATIC1111's API, and the servers that speak it."""

from limner.backends.images.a1111.backend import A1111Backend

__all__ = ["A1111Backend"]
