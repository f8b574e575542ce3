"""What a library knows of a text that was illustrated before: which message it became, and how."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from limner.cli.story.drawn_with import DrawnWith
from limner.cli.story.imprint import Imprint
from limner.cli.story.looks import Looks

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.storage import Library

PREFIX = "story/"
"""How the names of these settings begin; a digest of what is illustrated follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStory:
    """A text that was illustrated.

    Attributes:
        chat_id: The chat it is kept in.
        message_id: The message.
        backend: What drew; ``None`` if that cannot be kept.
        width: Of the pictures, in pixels.
        height: Of the pictures, in pixels.
        seed: What made them repeatable.
        looks: What they look like.
        source: The file's absolute path; ``None`` of a text that came through a pipe.
        output: Where the result was written, as an absolute path, if to a file.
        title: What to call the result if the text does not say.
        imprint: What is said of the result before what the text says.
        answers: What each answer of the message was drawn with, by its number. Libraries of
            limner 0.1 know it of the last one alone.
    """

    chat_id: str
    message_id: str
    backend: str | None
    width: int
    height: int
    seed: int | None
    looks: Looks = field(default_factory=Looks)
    source: str | None = None
    output: str | None = None
    title: str | None = None
    imprint: Imprint = field(default_factory=Imprint)
    answers: Mapping[int, DrawnWith] = field(default_factory=dict)

    @property
    def drawing(self) -> DrawnWith:
        """What draws it now."""
        return DrawnWith(
            backend=self.backend,
            width=self.width,
            height=self.height,
            seed=self.seed,
            looks=self.looks,
        )

    def drawn_with(self, variant: int) -> DrawnWith | None:
        """What this answer of it was drawn with; ``None``: nobody knows."""
        return self.answers.get(variant, None if self.answers else self.drawing)

    def as_of(self, variant: int) -> "KnownStory":
        """The story as it was when this answer was drawn."""
        was = self.drawn_with(variant) or self.drawing
        return replace(
            self,
            backend=was.backend,
            width=was.width,
            height=was.height,
            seed=was.seed,
            looks=was.looks,
        )


async def known_story(library: "Library", file: str) -> KnownStory | None:
    """What is known of a file, or of the book of several that it is a part of.

    Args:
        library: The library.
        file: Its absolute path.
    """
    settings = await library.settings()
    if (value := settings.get(_name(file))) is not None:
        return _read(value)
    books = await known_stories(library)
    return next((book for book in books if file in book.imprint.files), None)


async def known_stories(library: "Library") -> list[KnownStory]:
    """All texts that are known."""
    settings = await library.settings()
    return [_read(value) for name, value in settings.items() if name.startswith(PREFIX)]


async def story_of_chat(library: "Library", chat_id: str) -> KnownStory | None:
    """What is known of the text that a chat holds, if it holds just one."""
    found = {
        story.message_id: story
        for story in await known_stories(library)
        if story.chat_id == chat_id
    }
    return next(iter(found.values())) if len(found) == 1 else None


async def remember_story(library: "Library", story: KnownStory) -> None:
    """Know from now on what became of a text.

    Another file that became the same message before is forgotten: what is kept is this one's, and
    the result of the other must not be written anew from it. What came through a pipe is still
    called by the file that it was before.
    """
    if story.source is None:
        before = [one for one in await known_stories(library) if _is_same(one, story)]
        story = replace(story, source=next((one.source for one in before), None))
    kept = {**asdict(story), "imprint": story.imprint.kept(), "looks": story.looks.kept()}
    kept["answers"] = {str(number): one.kept() for number, one in story.answers.items()}
    name = _name(story.source or f"chat:{story.chat_id}")
    await library.set_setting(name, kept)
    for other, value in (await library.settings()).items():
        is_story = other.startswith(PREFIX) and other != name
        if is_story and _is_same(_read(value), story):
            await library.delete_setting(other)


def _is_same(one: KnownStory, other: KnownStory) -> bool:
    return one.message_id == other.message_id


def _read(value: dict[str, Any]) -> KnownStory:
    known = {name: value[name] for name in KnownStory.__slots__ if name in value}
    imprint, looks = Imprint.read(known.get("imprint")), Looks.read(known.get("looks"))
    answers = {
        int(number): DrawnWith.read(one) for number, one in (known.get("answers") or {}).items()
    }
    return KnownStory(**{**known, "imprint": imprint, "looks": looks, "answers": answers})


def _name(source: str) -> str:
    return PREFIX + hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:40]
