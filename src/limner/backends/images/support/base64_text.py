"""Pictures that came as base64."""

import asyncio
import binascii
import re

from limner.errors import BadPicture

_DATA_URI = re.compile(r"\s*data:[^,]{0,200},")


def decode_base64(text: object, *, largest: int, server: str | None = None) -> bytes:
    """The bytes behind a base64 text; a ``data:…;base64,`` before it and blanks are tolerated.

    Args:
        text: The text; hostile, so that it may be anything.
        largest: Bytes it may have; checked before decoding.
        server: Who sent it, fit to be shown; for the error.

    Raises:
        limner.errors.BadPicture: It is no base64 text, empty, or too long.

    Examples:
        >>> decode_base64("data:image/png;base64,aGVs bG8=", largest=100)
        b'hello'
        >>> decode_base64("***", largest=100, server="http://here")
        Traceback (most recent call last):
        limner.errors.BadPicture: http://here sent no picture: what should be base64 is not
    """

    def bad(why: str) -> BadPicture:
        return BadPicture(f"{server or 'the backend'} sent no picture: {why}", server=server)

    if not isinstance(text, str):
        raise bad("there is no text in its place")
    if len(text) > 2 * largest + 4096:
        raise bad(f"it has more than {largest:,} bytes")
    found = _DATA_URI.match(text)
    packed = "".join(text[found.end() if found else 0 :].split())
    packed += "=" * (-len(packed) % 4)
    try:
        data = binascii.a2b_base64(packed.replace("-", "+").replace("_", "/"), strict_mode=True)
    except (binascii.Error, ValueError):
        raise bad("what should be base64 is not") from None
    if not data:
        raise bad("it is empty")
    if len(data) > largest:
        raise bad(f"it has more than {largest:,} bytes")
    return data


async def decode_in_thread(text: object, *, largest: int, server: str | None = None) -> bytes:
    """`decode_base64` in a thread, so that a large picture holds nobody up."""
    return await asyncio.to_thread(decode_base64, text, largest=largest, server=server)
