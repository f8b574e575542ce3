"""Bytes to text, and telling text from other files."""

import codecs
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from limner.backends.text.binary import WINDOW, BinaryGuard
from limner.backends.text.decoding import TextDecoder


def decode(*parts: bytes) -> tuple[str, int | None]:
    """The text of some parts, and where it is bad."""
    decoder = TextDecoder()
    text = "".join(decoder.feed(part) for part in parts) + decoder.finish()
    return text, decoder.bad_at


def guard(*parts: bytes) -> str | None:
    """What the guard says of some parts."""
    watching = BinaryGuard()
    return next((what for part in parts if (what := watching.feed(part))), None)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
@given(text=st.text(max_size=20), cuts=st.lists(st.integers(0, 60), max_size=4))
def test_text_is_decoded_however_it_is_cut(
    mark: bytes, encoding: str, text: str, cuts: list[int]
) -> None:
    """UTF-8 with or without a mark, wider forms with one: the text comes back, line ends kept."""
    text = text.removeprefix("\ufeff").lstrip("\0")
    data = mark + text.encode(encoding)
    for ends in (sorted(min(cut, len(data)) for cut in cuts), range(len(data))):
        parts = [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]
        assert decode(*parts) == (text, None)


@given(st.binary(max_size=30), st.lists(st.integers(0, 30), max_size=4))
def test_the_first_bad_byte_is_told_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    """The offset is that of a whole-file decoder, and so is the text."""
    marks = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
    if data.startswith(marks):
        return
    try:
        data.decode()
        expected = None
    except UnicodeDecodeError as error:
        expected = error.start
    ends = sorted(min(cut, len(data)) for cut in cuts)
    parts = [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]
    assert decode(*parts) == (data.decode("utf-8", "replace"), expected)


def test_offsets_count_the_byte_order_mark() -> None:
    """The offset is a place in the file."""
    assert decode(codecs.BOM_UTF8 + b"a\xff") == ("a\ufffd", 4)
    assert decode(codecs.BOM_UTF16_LE, b"a\x00b") == ("a\ufffd", 4)


def test_plain_text_is_not_held_back() -> None:
    """Only what may be a byte order mark waits."""
    decoder = TextDecoder()
    assert decoder.feed(b"O") == "O"
    decoder = TextDecoder()
    assert decoder.feed(b"\xef") == ""
    assert decoder.feed(b"\xbb\xbaO") == "\ufefaO"


def picture(format: str) -> bytes:  # noqa: A002 - Pillow's word
    """A small picture."""
    file = BytesIO()
    Image.new("RGB", (40, 40), "red").save(file, format)
    return file.getvalue()


def archive() -> bytes:
    """A small archive."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a.txt", "once")
    return file.getvalue()


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_known_files_are_named(size: int) -> None:
    """Pictures, documents and archives are named, however they are cut."""
    for data, expected in (
        (picture("PNG"), "a PNG picture"),
        (picture("JPEG"), "a JPEG picture"),
        (picture("GIF"), "a GIF picture"),
        (picture("WEBP"), "a WebP picture"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (archive(), "a ZIP archive (as .docx, .odt and .epub are too)"),
    ):
        told = guard(*(data[i : i + size] for i in range(0, len(data), size)))
        # In a WebP file its size, with a NUL in it, stands before its name.
        early = size < 12 and "WebP" in expected
        assert told == ("binary data" if early else expected)


def test_nul_bytes_and_many_control_characters_are_binary() -> None:
    """Either is no text; tabs, line ends and an escape here and there are."""
    assert guard(b"Once\x00") == "binary data"
    assert guard(b"\x01\x02\x03" * 200) == "binary data"
    assert guard(b"\x01" * 9) == "binary data"
    assert guard(b"Once\tupon\r\na \x1b[1mtime\x1b[0m\f\n" * 300) is None
    assert guard("Une été 🦊\n".encode() * 900) is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_wide_text_with_a_mark_is_no_binary_data(encoding: str, size: int) -> None:
    """Its NUL bytes are halves of letters, and known by the mark, however it is cut."""
    data = ("\ufeff" + "Snow, and a fox. " * 20).encode(encoding)
    assert guard(*(data[i : i + size] for i in range(0, len(data), size))) is None
    assert guard(codecs.BOM_UTF16_LE, "Once".encode("utf-16-le")) is None


def test_only_the_beginning_is_looked_at() -> None:
    """A NUL far inside a text is the reader's to replace or keep."""
    assert guard(b"a" * WINDOW, b"\x00") is None
    assert guard(b"a" * (WINDOW - 1), b"\x00") == "binary data"
