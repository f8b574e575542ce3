"""A chapter of a book: its text in files of a size that readers bear, and its pictures."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import unescape

from limner.illustration.model.message import Message, MessageState
from limner.illustration.model.slot import Slot, SlotState
from limner.illustration.rendering.chapter import Chapter
from limner.illustration.rendering.dialect.anchors import Anchors
from limner.illustration.rendering.edition import OwnPicture
from limner.illustration.rendering.edition.edition import PLAIN, Edition
from limner.illustration.rendering.epub.book_picture import book_picture
from limner.illustration.rendering.epub.places import Places, has_places
from limner.illustration.rendering.epub.xhtml import as_xhtml, page, plain
from limner.illustration.rendering.figure import CUT, why
from limner.illustration.rendering.language import language_of
from limner.illustration.rendering.marks import MARK, restore
from limner.illustration.rendering.picture import picture_name
from limner.illustration.rendering.story import (
    fragments,
    heading,
    ordinals,
    same_words,
    with_plates,
)

PART = 200 * 1024
"""Characters after which a text goes on in a further file: small readers load one at a time."""

UNREADABLE = "No picture: its file cannot be read as one."

_HEADING = re.compile(r'<(h[12])(?: id="([^"]*)")?>(.*?)</\1>', re.DOTALL)
_ELEMENT = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the book.

    Attributes:
        name: Its path in the book.
        pieces: What is in it.
        media_type: Its kind.
        alt: The words for a picture; ``None`` for other files.
    """

    name: str
    pieces: Sequence[str | bytes] = field(repr=False)
    media_type: str = "text/css"
    alt: str | None = None

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, which is packed already."""
        return self.alt is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents.

    Attributes:
        title: What it says, as plain text.
        address: Where it leads, from the book's root.
        below: The lines below it.
    """

    title: str
    address: str
    below: tuple["Entry", ...] = ()


def nested(headings: Iterable[tuple[str, Entry]]) -> tuple[Entry, ...]:
    """Lines of the contents, those of second-level headings below those of the first level.

    Args:
        headings: ``"h1"`` or ``"h2"``, each with its line.

    Examples:
        >>> (one,) = nested([("h1", Entry("One", "#1")), ("h2", Entry("Early", "#2"))])
        >>> one.title, [entry.title for entry in one.below]
        ('One', ['Early'])
    """
    made: list[Entry] = []
    first = False
    for level, entry in headings:
        if level == "h2" and first:
            made[-1] = replace(made[-1], below=(*made[-1].below, entry))
        else:
            made.append(entry)
            first = level == "h1"
    return tuple(made)


class ChapterFiles:
    """The files of one chapter, made one after the other; pictures come before their text.

    Args:
        chapter: The chapter.
        title: What it is called.
        edition: How its writer wants it.
        author: Who wrote it, to be told below its title.
    """

    def __init__(
        self, chapter: Chapter, title: str, edition: Edition = PLAIN, author: str | None = None
    ) -> None:
        self._chapter = chapter
        self._title = title
        self._edition = edition
        self._places = 0
        self._own: dict[str, File | None] = {}
        self._number = f"{chapter.number:03d}"
        self._parts = 0
        self._headings: list[tuple[str, Entry]] = []
        self._language: str | None = None
        self._by = f'<p class="author">{plain(author)}</p>\n' if author else ""

    @property
    def entry(self) -> Entry:
        """Its line of the table of contents, once all files are made."""
        found = self._headings
        if found and same_words(found[0][1].title, self._title):
            found = found[1:]  # it names the chapter itself
        return Entry(self._title, self._name(1), nested(found))

    def __iter__(self) -> Iterator[File]:
        answer = self._chapter.answer
        if answer is not None:
            said = language_of(self._chapter.messages[-1].text)
            self._language = self._edition.language or said
        text: list[str] = []
        own = heading(answer) if answer is not None else None
        if not self._chapter.asked and not same_words(own, self._title):
            text.append(f"<h1>{plain(self._title)}</h1>\n{self._by}")
            self._by = ""
        for message in self._chapter.messages:
            is_asked = message is not answer
            text.append('<blockquote class="asked">\n' if is_asked else "")
            yield from self._message(message, text, whole=not is_asked)
            text.append("</blockquote>\n" if is_asked else "")
        yield self._text(text)

    def _message(self, message: Message, text: list[str], *, whole: bool) -> Iterator[File]:
        """Add a message to the text; gives the files that are complete meanwhile."""
        places = self._places_of(message, whole=whole)
        for stretch in self._stretches(message, whole=whole):
            plates: dict[int, str | None] = {}
            for ordinal in ordinals(stretch.html):
                own = stretch.own.get(ordinal)
                if own is not None:
                    picture, is_new = self._own_picture(own)
                else:
                    picture, is_new = self._picture(message.slots[ordinal]), True
                plates[ordinal] = picture.name if picture else None
                if picture and is_new:
                    yield picture
            html = as_xhtml(places.renamed(stretch.html), places.address)
            html = self._with_author(self._with_anchors(html, listed=whole))
            text.extend(with_plates(html, partial(_plate, message, plates, stretch.own)))
            if stretch.last:
                yield self._text(text)
                text.clear()
        if message.state is MessageState.CUT:
            text.append(f'<p class="note" lang="en" xml:lang="en">{CUT}</p>\n')

    def _stretches(self, message: Message, *, whole: bool) -> Iterator["_Stretch"]:
        """A message as it goes into files: the same ones each time."""
        anchors = Anchors(message.text)
        size = 0
        for fragment in fragments(message, edition=self._edition, language=self._language):
            size += len(fragment.html)
            last = size > PART and fragment.whole and whole
            size = 0 if last else size
            yield _Stretch(anchors.named(fragment.html), fragment.own, last)

    def _places_of(self, message: Message, *, whole: bool) -> Places:
        """Where the places of a message will be; a text without links to them is not read twice."""
        parts: list[tuple[str, str]] = []
        at = self._parts + 1
        for stretch in self._stretches(message, whole=whole) if has_places(message) else ():
            parts.append((stretch.html, self._name(at)))
            at += stretch.last
        found = Places(parts, self._places + 1)
        self._places += len(found)
        return found

    def _text(self, text: Sequence[str]) -> File:
        self._parts += 1
        before, after = page(self._title, 'section class="story"', language=self._language, depth=1)
        pieces = [before, *text, after]
        return File(self._name(self._parts), pieces, "application/xhtml+xml")

    def _name(self, part: int) -> str:
        return f"text/{self._number}{f'-{part}' if part > 1 else ''}.xhtml"

    def _picture(self, slot: Slot) -> File | None:
        shown = slot.shown
        made = book_picture(shown.image) if shown else None
        if shown is None or made is None:
            return None
        stem = picture_name(slot).rpartition(".")[0]
        name = f"pictures/{self._number}-{stem}.{made.ending}"
        return File(name, [made.data], made.media_type, alt=shown.prompt)

    def _own_picture(self, own: OwnPicture) -> tuple[File | None, bool]:
        """The file of a picture that the text brings along, and whether it is not there yet."""
        if own.address in self._own:
            return self._own[own.address], False
        image = own.image
        made = book_picture(image) if image is not None else None
        file = None
        if made is not None:
            name = f"pictures/{self._number}-own-{len(self._own) + 1:02d}.{made.ending}"
            file = File(name, [made.data], made.media_type, alt=own.words)
        self._own[own.address] = file and File(file.name, (), file.media_type, file.alt)
        return file, True

    def _with_author(self, html: str) -> str:
        """Tell below the text's own title who wrote it."""
        head, end, rest = html.partition("</h1>\n") if self._by else (html, "", "")
        if not end:
            return html
        by, self._by = self._by, ""
        return f"{head}{end}{by}{rest}"

    def _with_anchors(self, html: str, *, listed: bool) -> str:
        """Make headings places the table of contents can lead to."""

        def anchored(found: re.Match[str]) -> str:
            words = unescape(restore(_ELEMENT.sub("", MARK.sub(" ", found[3]))))
            words = " ".join(words.split())
            if not words:
                return found[0]
            anchor = found[2] or f"h{len(self._headings) + 1}"
            address = f"{self._name(self._parts + 1)}#{anchor}"
            self._headings.append((found[1], Entry(words, address)))
            return f'<{found[1]} id="{anchor}">{found[3]}</{found[1]}>'

        return _HEADING.sub(anchored, html) if listed else html


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of a message.

    Attributes:
        html: Clean HTML with marks and named places.
        own: The pictures that the text brings along, by the ordinals of their marks.
        last: Whether it is the last of its file.
    """

    html: str
    own: Mapping[int, OwnPicture]
    last: bool


def _plate(
    message: Message,
    plates: dict[int, str | None],
    own: Mapping[int, OwnPicture],
    ordinal: int,
    block: bool,
) -> str:
    """The place of a slot, or of a picture of the text's own, in the text."""
    if ordinal in own:
        return _own_plate(own[ordinal], plates[ordinal], block)
    slot = message.slots[ordinal]
    if slot.state is SlotState.DELETED:
        return ""
    outer = "figure" if block else "span"
    shown, name = slot.shown, plates[ordinal]
    if shown is not None and name is not None:
        size = f'width="{shown.image.width}" height="{shown.image.height}"'
        return (
            f'<{outer} class="plate"><img src="../{plain(name)}" alt="{plain(shown.prompt)}" '
            f"{size}/></{outer}>"
        )
    reason = why(slot) if shown is None else UNREADABLE
    prompt = slot.prompt if shown is None else shown.prompt
    return (
        f'<{outer} class="plate missing"><span class="why">{plain(reason)}</span> '
        f'<span class="prompt">{plain(prompt)}</span></{outer}>'
    )


def _own_plate(own: OwnPicture, name: str | None, block: bool) -> str:
    outer = "figure" if block else "span"
    words = plain(own.words)
    if name is None:
        return f"<{outer}><em>{words}</em></{outer}>" if words else ""
    return f'<{outer} class="plate"><img src="../{plain(name)}" alt="{words}"/></{outer}>'
