"""The AI Horde."""

from limner.backends.images.horde.backend import HordeBackend

__all__ = ["HordeBackend"]
