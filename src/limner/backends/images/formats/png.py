"""PNG (ISO/IEC 15948, W3C PNG third edition): chunks, their checksums, and text in them."""

import zlib

from limner.backends.images.formats.icc import is_profile
from limner.backends.images.formats.parts import Malformed, Parts

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LONGEST_TEXT = 1 << 20
"""Bytes of one text; a longer one is left out."""

LONGEST_PROFILE = 4 << 20
"""Bytes of a colour profile; a longer one is left out."""

_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
     b"bKGD", b"pHYs", b"cICP")
)  # fmt: skip
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


def separate(data: bytes) -> Parts:
    """Keep the default picture of a PNG; an animation's further frames are dropped.

    Raises:
        Malformed: A chunk is cut or its checksum wrong, or there is no picture in it.
    """
    kept, text, exif, seen = bytearray(SIGNATURE), dict[str, str](), b"", set[bytes]()
    at, size = len(SIGNATURE), (0, 0)
    while b"IEND" not in seen:
        kind, body, end = _chunk(data, at)
        if not seen:
            if kind != b"IHDR" or len(body) != 13:
                raise Malformed("it does not begin with its header")
            size = (int.from_bytes(body[:4]), int.from_bytes(body[4:8]))
        seen.add(kind)
        if kind in _KEPT and (kind != b"iCCP" or _is_profile(body)):
            kept += data[at:end]
        elif kind in _TEXTS:
            text |= _text(kind, body)
        elif kind == b"eXIf":
            exif = body
        elif kind[:1].isupper():
            raise Malformed(f"it holds an unknown critical part {kind!r}")
        at = end
    if b"IDAT" not in seen:
        raise Malformed("there is no picture in it")
    return Parts(data=bytes(kept), size=size, text=text, exif=exif, animated=b"acTL" in seen)


def _chunk(data: bytes, at: int) -> tuple[bytes, bytes, int]:
    """Kind, body and end of the chunk that begins there."""
    length = int.from_bytes(data[at : at + 4])
    end = at + 12 + length
    if at + 12 > len(data) or end > len(data):
        raise Malformed("it is cut off")
    kind, body = data[at + 4 : at + 8], data[at + 8 : end - 4]
    if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(data[end - 4 : end]):
        raise Malformed("a checksum in it is wrong")
    return kind, body, end


def _text(kind: bytes, body: bytes) -> dict[str, str]:
    """The name and text of a text chunk; nothing if it makes no sense or is too long."""
    keyword, found, rest = body.partition(b"\0")
    name = keyword.decode("latin-1")
    if not found or not name.isprintable():
        return {}
    if kind == b"tEXt":
        return {name: rest[:LONGEST_TEXT].decode("latin-1")}
    if kind == b"zTXt":
        raw = _inflated(rest[1:])
        return {} if raw is None else {name: raw.decode("latin-1")}
    packed, parts = rest[:1] == b"\1", rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        return {}
    raw = _inflated(parts[2]) if packed else parts[2][:LONGEST_TEXT]
    return {} if raw is None else {name: raw.decode("utf-8", "replace")}


def _is_profile(body: bytes) -> bool:
    """Whether a colour profile's chunk holds one: a name, how it is packed, and the profile."""
    packed = body.partition(b"\0")[2]
    profile = _inflated(packed[1:], longest=LONGEST_PROFILE)
    return profile is not None and is_profile(profile)


def _inflated(packed: bytes, *, longest: int = LONGEST_TEXT) -> bytes | None:
    engine = zlib.decompressobj()
    try:
        raw = engine.decompress(packed, longest)
    except zlib.error:
        return None
    return raw if engine.eof else None
