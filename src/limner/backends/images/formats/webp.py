"""WebP (RFC 9649): RIFF chunks."""

from collections.abc import Iterator

from limner.backends.images.formats.icc import is_profile
from limner.backends.images.formats.parts import Malformed, Parts

_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"))
_HAS_PROFILE, _HAS_EXIF, _HAS_XMP, _ANIMATED = 0x20, 0x08, 0x04, 0x02


def separate(data: bytes) -> Parts:
    """Keep the picture, its transparency and its colour profile.

    Raises:
        Malformed: It is cut off, or there is no picture in it.
    """
    kept, exif, text, seen = bytearray(), b"", dict[str, str](), set[bytes]()
    size, chunks = None, list(_chunks(data))
    profiled = any(kind == b"ICCP" and is_profile(body) for kind, body in chunks)
    for kind, body in chunks:
        seen.add(kind)
        if kind in _KEPT and (kind != b"ICCP" or is_profile(body)):
            length = len(body).to_bytes(4, "little")
            cleared = _cleared(kind, body, profiled=profiled)
            kept += kind + length + cleared + b"\0" * (len(body) % 2)
        elif kind == b"EXIF":
            exif = body.removeprefix(b"Exif\0\0")
        elif kind == b"XMP ":
            text["xmp"] = body.decode("utf-8", "replace")
        size = size or _size(kind, body)
    animated = b"ANMF" in seen
    if not animated and not seen & {b"VP8 ", b"VP8L"}:
        raise Malformed("there is no picture in it")
    whole = b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WEBP" + bytes(kept)
    return Parts(
        data=None if animated else whole, size=size, text=text, exif=exif, animated=animated
    )


def _cleared(kind: bytes, body: bytes, *, profiled: bool) -> bytes:
    """The body; the header no longer promises what is cut away."""
    if kind != b"VP8X" or not body:
        return body
    gone = _HAS_EXIF | _HAS_XMP | _ANIMATED | (0 if profiled else _HAS_PROFILE)
    return bytes((body[0] & ~gone,)) + body[1:]


def _size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    if kind == b"VP8X" and len(body) >= 10:
        width, height = body[4:7], body[7:10]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if kind == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(body) >= 10:
        width, height = body[6:8], body[8:10]
        return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(height, "little") & 0x3FFF
    return None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a file: what each is, and what is in it."""
    end, at = 8 + int.from_bytes(data[4:8], "little"), 12
    if end > len(data):
        raise Malformed("it is cut off")
    while at < end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + length]
        if len(body) != length or at + 8 + length > end:
            raise Malformed("it is cut off")
        yield kind, body
        at += 8 + length + length % 2
