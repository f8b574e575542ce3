"""Pictures on their way, as a server shows them."""

from limner.backends.images.support.base64_text import decode_base64
from limner.backends.images.support.checking import kind_of
from limner.errors import BadPicture

PREVIEW = 8 << 20
"""Bytes of a preview."""


def read_preview(text: object, *, largest: int = PREVIEW) -> bytes | None:
    """A preview that came as base64; ``None`` if it is no picture: it is left out then.

    Examples:
        >>> read_preview("aGVsbG8=") is None
        True
    """
    try:
        data = decode_base64(text, largest=largest)
    except BadPicture:
        return None
    return data if kind_of(data) is not None else None
