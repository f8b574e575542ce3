"""Text as UTF-8 can hold it."""

from typing import Annotated

from pydantic import BeforeValidator


def readable(text: object) -> object:
    r"""The text with halves of characters replaced, as models and files sometimes have them.

    Example:
        >>> readable("a\ud800b")
        'a?b'
    """
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


Prose = Annotated[str, BeforeValidator(readable)]
"""Text from anywhere, that can always be told."""
