"""A chapter of a book: its text in files of a size that readers bear, and its pictures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import unescape

from limner.illustration.model.message import Message, MessageState
from limner.illustration.model.slot import Slot, SlotState
from limner.illustration.rendering.chapter import Chapter
from limner.illustration.rendering.epub.book_picture import book_picture
from limner.illustration.rendering.epub.xhtml import as_xhtml, page, plain
from limner.illustration.rendering.figure import CUT, why
from limner.illustration.rendering.language import guess_language
from limner.illustration.rendering.marks import MARK, restore
from limner.illustration.rendering.picture import picture_name
from limner.illustration.rendering.story import fragments, heading, ordinals, with_plates

PART = 200 * 1024
"""Characters after which a text goes on in a further file: small readers load one at a time."""

UNREADABLE = "No picture: its file cannot be read as one."

_HEADING = re.compile(r"<(h[12])>(.*?)</\1>", re.DOTALL)
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


class ChapterFiles:
    """The files of one chapter, made one after the other; pictures come before their text.

    Args:
        chapter: The chapter.
        title: What it is called.
    """

    def __init__(self, chapter: Chapter, title: str) -> None:
        self._chapter = chapter
        self._title = title
        self._number = f"{chapter.number:03d}"
        self._parts = 0
        self._headings: list[Entry] = []
        self._language: str | None = None

    @property
    def entry(self) -> Entry:
        """Its line of the table of contents, once all files are made."""
        found = self._headings
        if found and found[0].title == self._title:
            found = found[1:]  # it names the chapter itself
        return Entry(self._title, self._name(1), tuple(found))

    def __iter__(self) -> Iterator[File]:
        answer = self._chapter.answer
        self._language = guess_language(self._chapter.messages[-1].text[:8192]) if answer else None
        text: list[str] = []
        if not self._chapter.asked and (answer is None or heading(answer) is None):
            text.append(f"<h1>{plain(self._title)}</h1>\n")
        for message in self._chapter.messages:
            is_asked = message is not answer
            text.append('<blockquote class="asked">\n' if is_asked else "")
            yield from self._message(message, text, whole=not is_asked)
            text.append("</blockquote>\n" if is_asked else "")
        yield self._text(text)

    def _message(self, message: Message, text: list[str], *, whole: bool) -> Iterator[File]:
        """Add a message to the text; gives the files that are complete meanwhile."""
        size = 0
        for fragment in fragments(message):
            plates: dict[int, str | None] = {}
            for ordinal in ordinals(fragment.html):
                picture = self._picture(message.slots[ordinal])
                plates[ordinal] = picture.name if picture else None
                if picture:
                    yield picture
            html = self._with_anchors(as_xhtml(fragment.html), listed=whole)
            text.extend(with_plates(html, partial(_plate, message, plates)))
            size += len(html)
            if size > PART and fragment.whole and whole:
                yield self._text(text)
                text.clear()
                size = 0
        if message.state is MessageState.CUT:
            text.append(f'<p class="note" lang="en" xml:lang="en">{CUT}</p>\n')

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

    def _with_anchors(self, html: str, *, listed: bool) -> str:
        """Make headings places the table of contents can lead to."""

        def anchored(found: re.Match[str]) -> str:
            words = unescape(restore(_ELEMENT.sub("", MARK.sub(" ", found[2]))))
            words = " ".join(words.split())
            if not words:
                return found[0]
            anchor = f"h{len(self._headings) + 1}"
            address = f"{self._name(self._parts + 1)}#{anchor}"
            self._headings.append(Entry(words, address))
            return f'<{found[1]} id="{anchor}">{found[2]}</{found[1]}>'

        return _HEADING.sub(anchored, html) if listed else html


def _plate(message: Message, plates: dict[int, str | None], ordinal: int, block: bool) -> str:
    """The slot's place in the text."""
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
