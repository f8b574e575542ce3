"""A message or a conversation as a book, given out while it is being made."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

from limner.illustration.model.message import Message
from limner.illustration.rendering.chapter import Chapter, chapters
from limner.illustration.rendering.dialect.front_matter import FrontMatter, front_matter
from limner.illustration.rendering.edition.drawn_cover import drawn_cover
from limner.illustration.rendering.edition.edition import PLAIN, Edition
from limner.illustration.rendering.epub.book_picture import book_picture
from limner.illustration.rendering.epub.chapter_files import ChapterFiles, File
from limner.illustration.rendering.epub.package_document import CONTAINER, MIMETYPE, PackageDocument
from limner.illustration.rendering.epub.zip_stream import ZipStream
from limner.illustration.rendering.language import language_of
from limner.illustration.rendering.story import heading

UNTITLED = "An illustrated story"
ROOT = "EPUB/"


def epub_pieces(
    messages: Message | Sequence[Message],
    *,
    modified: datetime,
    title: str | None = None,
    language: str | None = None,
    identifier: str | None = None,
    edition: Edition = PLAIN,
) -> Iterator[bytes]:
    r"""A message, or the messages of a conversation, as an EPUB 3.3 book, in pieces.

    Each answer is a chapter; what people asked for stands before it as a quotation. Pictures are
    files in the book, as PNG, JPEG or GIF, with their prompts as the words for whoever cannot see
    them; the first one is the cover. Everything the text, the prompts and the reasons say comes out
    as words, and the book holds no script. The same input gives the same bytes. What is held in
    memory at a time is one picture and a part of a chapter, whatever the size of the book.

    Args:
        messages: What to bind, in whatever state it is.
        modified: When the book was made; without a time zone it is UTC.
        title: The book's title; for a single message, unless its text names one in its front
            matter or begins with a first-level heading.
        language: Its language as a BCP 47 tag; by default what the front matter says, or guessed.
        identifier: A URI that names the book; by default made from the messages' ids, so that a
            reading system knows a later edition as the same book.
        edition: What its writer says of it, which goes before what the text says. A book with an
            author and no cover of its own gets one that is drawn of its first picture.

    Yields:
        Pieces of the file, in order.

    Raises:
        limner.errors.PictureMissing: A picture's file is gone.

    Examples:
        >>> import io, zipfile
        >>> message = Message(id="m", text="# The Fox\n\nOnce…")
        >>> made = b"".join(epub_pieces(message, modified=datetime(2026, 1, 1)))
        >>> zipfile.ZipFile(io.BytesIO(made)).namelist()[:2]
        ['mimetype', 'META-INF/container.xml']
    """
    given = [messages] if isinstance(messages, Message) else list(messages)
    moment = modified.replace(tzinfo=UTC) if modified.tzinfo is None else modified.astimezone(UTC)
    found = list(chapters(given))
    binding = PackageDocument(
        title=edition.title or _title(found, title),
        language=language or edition.language or _language(found),
        author=edition.author or _front(found).author,
        identifier=identifier or _identifier(given),
        modified=moment,
    )
    with ZipStream(moment) as archive:
        yield archive.add("mimetype", [MIMETYPE], stored=True)
        yield archive.add("META-INF/container.xml", [CONTAINER])
        for file in _files(found, binding, edition):
            yield archive.add(f"{ROOT}{file.name}", file.pieces, stored=file.is_picture)
        yield archive.end()


def _files(found: Sequence[Chapter], binding: PackageDocument, edition: Edition) -> Iterator[File]:
    yield binding.with_file(File("book.css", [_style()]))
    if (cover := _cover(found, binding, edition)) is not None:
        yield binding.with_file(cover)
    for chapter in found or [Chapter(1)]:
        # A book of one message is called by its heading; others are called by their chapters.
        title = chapter.title() if len(found) > 1 else binding.title
        author = binding.author if len(found) == 1 else None
        files_of_it = ChapterFiles(chapter, title, edition, author)
        for file in files_of_it:
            yield binding.with_file(file)
        if len(found) > 1 or len(files_of_it.entry.below) < 2:
            binding.with_chapter(files_of_it.entry)
        else:  # a single text's headings are the chapters of its book
            binding.with_chapter(replace(files_of_it.entry, below=()))
            for entry in files_of_it.entry.below:
                binding.with_chapter(entry)
    yield from binding.last_files()


def _cover(found: Sequence[Chapter], binding: PackageDocument, edition: Edition) -> File | None:
    """The picture on the cover, if it is none of the text's."""
    image = edition.cover
    if image is None and binding.author:
        slots = (slot for chapter in found for m in chapter.messages for slot in m.slots)
        first = next((slot.image for slot in slots if slot.image is not None), None)
        image = drawn_cover(binding.title, binding.author, first)
    made = book_picture(image) if image is not None else None
    if made is None:
        return None
    return File(f"pictures/cover.{made.ending}", [made.data], made.media_type, alt=binding.title)


def _title(found: Sequence[Chapter], title: str | None) -> str:
    own = None
    if len(found) == 1 and found[0].answer is not None:
        own = heading(found[0].answer)
    named = " ".join((_front(found).title or "").split())
    return named or own or " ".join((title or "").split()) or UNTITLED


def _front(found: Sequence[Chapter]) -> FrontMatter:
    """What a single text says of itself."""
    answer = found[0].answer if len(found) == 1 else None
    return front_matter(answer.text) if answer is not None else FrontMatter()


def _language(found: Sequence[Chapter]) -> str:
    texts = (chapter.messages[-1].text for chapter in found)
    known = (guess for text in texts if (guess := language_of(text)))
    return next(known, "und")


def _identifier(given: Sequence[Message]) -> str:
    name = given[0].chat_id if len(given) != 1 and given else "".join(m.id for m in given)
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'limner:{name}')}"


def _style() -> str:
    style = files("limner.illustration.rendering.epub").joinpath("book.css")
    return style.read_text(encoding="utf-8")
