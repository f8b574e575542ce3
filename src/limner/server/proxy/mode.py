"""How the pictures of an answer come into it."""

from enum import StrEnum


class Mode(StrEnum):
    """Where a picture goes, and when."""

    INLINE = "inline"
    """In the place of its tag, at once; whoever loads it waits until it is drawn."""
    APPEND = "append"
    """All pictures after the text, at once."""
    HOLD = "hold"
    """In the place of its tag, when it is drawn; the text behind it waits."""
    OFF = "off"
    """Nowhere: the answer passes untouched."""
