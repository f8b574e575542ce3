"""A file of whatever kind, made into one Markdown text."""

from pathlib import Path

from limner.backends.manuscripts.encoding import guess
from limner.backends.manuscripts.kind import Kind
from limner.backends.text.binary import WINDOW, BinaryGuard
from limner.errors import SourceError


def converted(
    file: str, kind: Kind, source: str, encoding: str | None, conversation: str | None
) -> str:
    """The Markdown of a file.

    Args:
        file: Its path.
        kind: What it is.
        source: Its text, of Markdown and plain text.
        encoding: What its characters are coded in; ``None``: UTF-8, or as it says itself.
        conversation: Words of the title of the one that is meant, of an export of several.

    Raises:
        limner.errors.SourceError: It is not what it seems, or too large.
    """
    path = Path(file)
    try:
        match kind:
            case Kind.MARKDOWN:
                return source
            case Kind.PLAIN:
                from limner.backends.manuscripts.plain_text import plain_text

                return plain_text(source)
            case Kind.HTML:
                from limner.backends.manuscripts.markup.html_page import html_page

                return html_page(_text_bytes(path, encoding), encoding)
            case Kind.EPUB:
                from limner.backends.manuscripts.epub_book import epub_book

                return epub_book(path)
            case Kind.WORD:
                from limner.backends.manuscripts.word_document import word_document

                return word_document(path)
            case Kind.CARD:
                from limner.backends.manuscripts.chats.picture_card import picture_card

                return picture_card(path)
            case Kind.CHATS:
                from limner.backends.manuscripts.chats import exported_chat

                return exported_chat(path, _bytes(path), encoding, conversation)
    except RecursionError:
        raise SourceError(f"{file} is nested too deeply to be a story", source=file) from None
    except OSError as error:
        raise SourceError(
            f"cannot read {file}: {(error.strerror or str(error)).lower()}", source=file
        ) from error


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def _text_bytes(path: Path, encoding: str | None) -> bytes:
    data = _bytes(path)
    if what := BinaryGuard(encoding or guess(data[:WINDOW])).feed(data):
        raise SourceError(f"{path} is {what}, not text", source=str(path))
    return data
