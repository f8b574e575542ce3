r"""Halves of characters in JSON: servers that count in UTF-16 cut a character in two.

An emoji is then the end of one chunk's text and the beginning of the next one's, each half an
escape by itself (``\ud83e`` and ``\udd8a``). No text can hold a half, and no strict reader of
JSON takes one, so such chunks are read here.
"""

import json
from typing import TypeVar

import msgspec

T = TypeVar("T")


def with_halves(data: str | bytes, kind: type[T]) -> T | None:
    r"""What a strict reader refused, if halves of characters were the reason; else ``None``.

    Args:
        data: JSON.
        kind: What it should be.

    Examples:
        >>> with_halves(b'["\\ud83e"]', list)
        ['\ud83e']
        >>> with_halves(b'["fox"', list) is None
        True
    """
    escape = b"\\ud" if isinstance(data, bytes) else "\\ud"
    if escape not in data.lower():  # type: ignore[operator]  # both are of one kind
        return None
    try:
        return msgspec.convert(json.loads(data), kind)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None


def joined(text: str) -> str:
    r"""A text in which two halves that stand side by side are the character they are halves of.

    Examples:
        >>> joined("\ud83e\udd8a"), joined("\udd8a")
        ('🦊', '\udd8a')
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def open_half(text: str) -> str:
    r"""The first half of a character with which a text ends; else ``""``.

    Examples:
        >>> open_half("A fox \ud83e"), open_half("A fox")
        ('\ud83e', '')
    """
    last = text[-1:]
    return last if "\ud800" <= last <= "\udbff" else ""
