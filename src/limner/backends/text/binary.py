"""Telling a file that is no text by how it begins: a pure machine."""

import codecs

WINDOW = 8192
"""Bytes at the beginning that are looked at."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (as .docx, .odt and .epub are too)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"OggS", "an Ogg recording"),
    (b"ID3", "an MP3 recording"),
    (b"GGUF", "a language model"),
)

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""With these begins text that is full of NUL bytes; UTF-32 in little endian is among them."""
_LONGEST_MAGIC = 16
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\b\x1b") + b"\x7f"
_MOST_CONTROLS = 0.1
_SMALLEST_SAMPLE = 80


class BinaryGuard:
    r"""Watches the first `WINDOW` bytes of what should be text, however they are cut.

    It knows common file types by their magic numbers, and takes a NUL byte, or more than a tenth
    of control characters, for a sign of binary data. UTF-16 and UTF-32 with a byte order mark are
    text.

    Args:
        encoding: What the characters are known to be coded in.

    Examples:
        >>> BinaryGuard().feed(b"Once upon a time")
        >>> BinaryGuard().feed(b"%PDF-1.7 ...")
        'a PDF document'
        >>> BinaryGuard().feed(b"Once\x00")
        'binary data'
    """

    def __init__(self, encoding: str | None = None) -> None:
        self._wide = (encoding or "").lower().replace("_", "-").startswith(("utf-16", "utf-32"))
        self._head = b""
        self._seen = 0
        self._controls = 0

    def feed(self, data: bytes) -> str | None:
        """Look at the next bytes; give what they are in words, unless they may be text."""
        data = data[: WINDOW - self._seen]
        if not data:
            return None
        self._seen += len(data)
        if len(self._head) < _LONGEST_MAGIC:
            self._head = (self._head + data)[:_LONGEST_MAGIC]
            if known := _known(self._head):
                return known
        if self._wide or self._head.startswith(_WIDE) or codecs.BOM_UTF32_BE.startswith(self._head):
            return None
        self._controls += len(data) - len(data.translate(None, _CONTROLS))
        if b"\x00" in data or self._controls > _MOST_CONTROLS * max(self._seen, _SMALLEST_SAMPLE):
            return "binary data"
        return None


def _known(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP picture"
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)
