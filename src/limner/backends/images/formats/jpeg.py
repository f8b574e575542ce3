"""JPEG (ISO/IEC 10918-1): segments up to the end of the image."""

from collections.abc import Iterable, Iterator

from limner.backends.images.formats.icc import is_profile
from limner.backends.images.formats.parts import Malformed, Parts

SIGNATURE = b"\xff\xd8\xff"

_END, _SCAN, _EXIF, _PROFILE, _COMMENT = 0xD9, 0xDA, 0xE1, 0xE2, 0xFE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = frozenset((0xC4, 0xCC, 0xDB, 0xDD, 0xDC))


def separate(data: bytes) -> Parts:
    """Keep tables, frame, scans, and what says how colours are meant.

    Raises:
        Malformed: It is cut off, or there is no picture in it.
    """
    kept, text, exif, size = bytearray(data[:2]), dict[str, str](), b"", None
    scans, segments = 0, list(_segments(data))
    profile = _profile(segments)
    for marker, body, whole in segments:
        if marker == _SCAN:
            scans += 1
        elif marker in _FRAMES and size is None and len(body) >= 5:
            size = (int.from_bytes(body[3:5]), int.from_bytes(body[1:3]))
        elif marker == _EXIF and body.startswith(b"Exif\0\0"):
            exif = body[6:]
        elif marker == _COMMENT:
            text["comment"] = body.decode("utf-8", "replace")
        if marker in _FRAMES or marker == _SCAN:
            kept += profile  # once, before the first that needs it
            profile = b""
        if marker == _SCAN or marker in _FRAMES or marker in _TABLES or _colour(marker, body):
            kept += bytes((0xFF, marker)) + whole
    if not scans or size is None:
        raise Malformed("there is no picture in it")
    return Parts(data=bytes(kept) + b"\xff\xd9", size=size, text=text, exif=exif)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker that stands there, and where its segment goes on; fill bytes are skipped."""
    if data[at : at + 1] != b"\xff":
        raise Malformed("it is cut off" if at >= len(data) else "a part of it has no marker")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise Malformed("it is cut off")
    return data[at], at + 1


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the entropy-coded data that begins there ends: at a marker that is no restart."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        following = data[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7 and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2
    raise Malformed("it is cut off")


def _colour(marker: int, body: bytes) -> bool:
    return (marker == 0xE0 and body.startswith(b"JFIF\0")) or (
        marker == 0xEE and body.startswith(b"Adobe")
    )


def _profile(segments: Iterable[tuple[int, bytes, bytes]]) -> bytes:
    """The segments of the colour profile; nothing if what they hold together is none.

    Each begins with its name, its number from 1, and how many there are.
    """
    name = b"ICC_PROFILE\0"
    head = len(name) + 2
    pieces = sorted(
        (body[len(name)], body[head:], whole)
        for marker, body, whole in segments
        if marker == _PROFILE and body.startswith(name) and len(body) > head
    )
    numbered = [number for number, _, _ in pieces] == [*range(1, len(pieces) + 1)]
    if not numbered or not is_profile(b"".join(data for _, data, _ in pieces)):
        return b""
    return b"".join(bytes((0xFF, _PROFILE)) + whole for _, _, whole in pieces)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The segments up to the end: marker, body, and all bytes that follow the marker."""
    at = 2
    while True:
        marker, at = _marker(data, at)
        if marker == _END:
            return
        end = at + int.from_bytes(data[at : at + 2])
        if end < at + 2 or end > len(data):
            raise Malformed("it is cut off")
        body = data[at + 2 : end]
        if marker == _SCAN:
            end = _end_of_scan(data, end)
        yield marker, body, data[at:end]
        at = end
