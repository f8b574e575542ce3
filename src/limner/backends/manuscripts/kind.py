"""Telling what kind of file a story is in, by its content and then by its name."""

import re
from enum import StrEnum
from pathlib import Path

from limner.backends.manuscripts.bounded_zip import opened
from limner.errors import SourceError

HEAD = 4096
"""Bytes at the beginning that are looked at."""

_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.I | re.S,
)
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Kind(StrEnum):
    """Of a file."""

    MARKDOWN = "Markdown"
    PLAIN = "plain text"
    HTML = "HTML"
    EPUB = "EPUB"
    WORD = "a Word document"
    CHATS = "an export of chats"
    CARD = "a character card"


_PROMISED = {
    ".epub": "EPUB",
    ".docx": "Word document",
    ".png": "picture",
}
"""What files with these endings are, or they are damaged: none of them is text."""

_BY_ENDING = {
    ".txt": Kind.PLAIN,
    ".text": Kind.PLAIN,
    ".htm": Kind.HTML,
    ".html": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".json": Kind.CHATS,
    ".jsonl": Kind.CHATS,
}


def kind_of(path: Path) -> Kind:
    """What kind of file it is; what has no sign of its own is Markdown.

    Raises:
        limner.errors.SourceError: It is of a kind that is known and cannot be read.
        OSError: It cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _packed(path)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.CARD
    for magic, what in ((b"{\\rtf", "an RTF document"), (_OLD_WORD, "an old Word document")):
        if head.startswith(magic):
            raise SourceError(f"{path} is {what}; save it as .docx", source=str(path))
    if _HTML.match(head):
        return Kind.HTML
    if (promised := _PROMISED.get(path.suffix.lower())) is not None:
        why = "is empty" if not head else f"is no {promised}, whatever its name says"
        raise SourceError(f"{path} {why}", source=str(path))
    return _BY_ENDING.get(path.suffix.lower(), Kind.MARKDOWN)


def _packed(path: Path) -> Kind:
    with opened(path) as archive:
        names = set(archive.names)
        kind = archive.read("mimetype", 200) if "mimetype" in names else b""
    if "META-INF/container.xml" in names:
        return Kind.EPUB
    if "word/document.xml" in names:
        return Kind.WORD
    if b"opendocument" in kind:
        raise SourceError(f"{path} is an OpenDocument file; save it as .docx", source=str(path))
    raise SourceError(
        f"{path} is a ZIP archive and holds neither an EPUB nor a Word document", source=str(path)
    )
