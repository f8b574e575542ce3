"""Prompts in other languages, put into the English words that the reader knows."""

from limner.backends.images.sketch.lexicon.languages.detection import KNOWN, language_of
from limner.backends.images.sketch.lexicon.languages.translation import translated

__all__ = ["KNOWN", "language_of", "translated"]
