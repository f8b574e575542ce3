"""What all schemas have in common: their base, and text that can always be told."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Schema(BaseModel):
    """Base of all JSON answers: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def readable(text: object) -> object:
    r"""The text with halves of characters replaced, as models and files sometimes have them.

    Examples:
        >>> readable("a\ud800b")
        'a?b'
    """
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


ReadableText = Annotated[str, BeforeValidator(readable)]
"""Text from anywhere, as UTF-8 can hold it."""
