"""Guessing what the characters of a file are coded in that is not UTF-8."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from limner.backends.text.binary import BinaryGuard

SAMPLE = 256 << 10
"""Bytes that are looked at to guess."""

PIECE = 64 << 10

_MARKED = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_WESTERN = ("latin", "iso8859", "iso-8859-1", "cp125", "cp4", "cp8", "mac", "hp_", "ascii")
_OTHERS = frozenset({"cp1251", "cp1253", "cp1255", "cp1256", "mac_cyrillic", "cp866", "cp855"})


def encoding_of(file: str) -> str | None:
    """The encoding to read a file in; ``None``: UTF-8, or one that its mark names.

    A file that is UTF-8 but for a few bytes stays UTF-8.

    Args:
        file: Its path.
    """
    path = Path(file)
    try:
        if file == "-" or not path.is_file():
            return None
        with path.open("rb") as opened:
            head = opened.read(4096)
            if head.startswith(_MARKED):
                return None
            if (wide := _without_mark(head)) is not None:
                return wide
            if BinaryGuard().feed(head) is not None:
                return None
            opened.seek(0)
            bad = _first_bad(iter(lambda: opened.read(PIECE), b""))
            if bad is None:
                return None
            opened.seek(max(0, bad - SAMPLE // 2))
            return guess(opened.read(SAMPLE))
    except OSError:
        return None  # whoever reads it says what is wrong


def guess(data: bytes) -> str | None:
    r"""The likeliest encoding of bytes that are not UTF-8; ``None`` if UTF-8 is.

    Examples:
        >>> guess("Füchse schliefen über dem Gehölz.".encode("cp1252"))
        'cp1252'
        >>> guess("Füchse, Bäume, Gehölz\xff".encode() + b"\xff") is None
        True
    """
    from charset_normalizer import from_bytes

    wide = _without_mark(data)
    if wide is not None:
        return wide
    replaced = data.decode("utf-8", "replace")
    bad = replaced.count("\ufffd")
    if sum(char > "\x7f" for char in replaced) > 2 * bad:
        return None  # it is UTF-8, but for a few bytes
    found = from_bytes(data).best()
    name = found.encoding if found is not None else "cp1252"
    western = name.startswith(_WESTERN) and name not in _OTHERS
    return "cp1252" if western and _decodes(data, "cp1252") else name


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of most texts is none, and the others are."""
    pairs = len(data) // 2
    if pairs <= 8:
        return None
    first, second = data[::2].count(0), data[1::2].count(0)
    if second > pairs * 0.7 and first < pairs * 0.3:
        return "utf-16-le"
    return "utf-16-be" if first > pairs * 0.7 and second < pairs * 0.3 else None


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _first_bad(pieces: Iterator[bytes]) -> int | None:
    """Where the first byte stands that is no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    at = 0
    for piece in pieces:
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            return at + error.start
        at += len(piece)
    return None
