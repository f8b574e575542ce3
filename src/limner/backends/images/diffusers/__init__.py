"""Diffusers, in this process."""

from limner.backends.images.diffusers.backend import DiffusersBackend

__all__ = ["DiffusersBackend"]
