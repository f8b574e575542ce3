"""From the words of a prompt to what a picture shall show."""

from limner.backends.images.sketch.lexicon.reading import read

__all__ = ["read"]
