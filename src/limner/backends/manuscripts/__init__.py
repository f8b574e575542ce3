"""A story out of a file of whatever kind writers have; its own pictures are in `pictures`."""

from limner.backends.manuscripts.manuscript import Manuscript

__all__ = ["Manuscript"]
