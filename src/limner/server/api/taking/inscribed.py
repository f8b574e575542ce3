"""A picture's file with words in it, where programs that know pictures look for them.

The pixels stay as they are, byte for byte: only a note is put in. PNG has it as text under
``parameters``, as Stable Diffusion's programs write and read it; JPEG as a comment; WebP as XMP.
"""

import struct
import zlib
from xml.sax.saxutils import escape

PNG = b"\x89PNG\r\n\x1a\n"
_LONGEST_COMMENT = 65_533
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt><rdf:li '
    'xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF>'
    "</x:xmpmeta>"
)
_HAS_ALPHA, _HAS_XMP = 0x10, 0x04


def inscribed(data: bytes, media_type: str, words: str) -> bytes:
    r"""The picture with words in it; of a kind that cannot hold any, as it is.

    Args:
        data: The picture's file.
        media_type: What it is.
        words: What is to be read in it.

    Examples:
        >>> inscribed(b"\xff\xd8\xff\xd9", "image/jpeg", "a fox")
        b'\xff\xd8\xff\xfe\x00\x07a fox\xff\xd9'
        >>> inscribed(b"<svg/>", "image/svg+xml", "a fox")
        b'<svg/>'
    """
    if media_type == "image/png" and data.startswith(PNG) and len(data) > 33:
        return _png(data, words)
    if media_type == "image/jpeg" and data.startswith(b"\xff\xd8"):
        comment = words.encode()[:_LONGEST_COMMENT]
        return data[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + data[2:]
    if media_type == "image/webp" and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data, words)
    return data


def _png(data: bytes, words: str) -> bytes:
    """After the header chunk, which is always the first and always as long."""
    body = b"iTXt" + b"parameters\0\0\0\0\0" + words.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data[:33] + chunk + data[33:]


def _webp(data: bytes, words: str) -> bytes:
    kind, body = data[12:16], data[12:]
    if kind == b"VP8X":
        flags = bytes([data[20] | _HAS_XMP])
        body = data[12:20] + flags + data[21:]
    else:
        size = _webp_size(data)
        if size is None:
            return data
        alpha = _HAS_ALPHA if kind == b"VP8L" else 0
        sides = b"".join(struct.pack("<I", side - 1)[:3] for side in size)
        body = b"VP8X" + struct.pack("<I", 10) + bytes([alpha | _HAS_XMP, 0, 0, 0]) + sides + body
    note = _XMP.format(escape(words)).encode()
    body += b"XMP " + struct.pack("<I", len(note)) + note + b"\0" * (len(note) % 2)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height, as the simple forms of WebP have them."""
    if data[12:16] == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if data[12:16] == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def words_of(prompt: str, *, seed: int | None, width: int, height: int) -> str:
    r"""What is written into a file: as Stable Diffusion's programs do it.

    Examples:
        >>> words_of("a fox", seed=7, width=768, height=512)
        'a fox\nSeed: 7, Size: 768x512, Version: limner'
    """
    facts = [f"Seed: {seed}"] if seed is not None else []
    return f"{prompt}\n{', '.join([*facts, f'Size: {width}x{height}', 'Version: limner'])}"
