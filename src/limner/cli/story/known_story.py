"""What a library knows of a text that was illustrated before: which message it became, and how."""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

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

    def drew_like(self, other: "KnownStory") -> bool:
        """Whether what draws, and how large, is the same."""
        mine = self.backend, self.width, self.height, self.seed
        return mine == (other.backend, other.width, other.height, other.seed)


async def known_story(library: "Library", file: str) -> KnownStory | None:
    """What is known of a file, or of the book of several that it is a part of.

    Args:
        library: The library.
        file: Its absolute path.
    """
    settings = await library.settings()
    if (value := settings.get(_name(file))) is not None:
        return _read(value)
    books = (_read(value) for name, value in settings.items() if name.startswith(PREFIX))
    return next((book for book in books if file in book.imprint.files), None)


async def story_of_chat(library: "Library", chat_id: str) -> KnownStory | None:
    """What is known of the text that a chat holds, if it holds just one."""
    found = {
        story.message_id: story
        for name, value in (await library.settings()).items()
        if name.startswith(PREFIX) and (story := _read(value)).chat_id == chat_id
    }
    return next(iter(found.values())) if len(found) == 1 else None


async def remember_story(library: "Library", story: KnownStory) -> None:
    """Know from now on what became of a text.

    Another file that became the same message before is forgotten: what is kept is this one's, and
    the result of the other must not be written anew from it.
    """
    kept = {**asdict(story), "imprint": story.imprint.kept(), "looks": story.looks.kept()}
    name = _name(story.source or f"chat:{story.chat_id}")
    await library.set_setting(name, kept)
    for other, value in (await library.settings()).items():
        is_story = other.startswith(PREFIX) and other != name
        if is_story and _read(value).message_id == story.message_id:
            await library.delete_setting(other)


def _read(value: dict[str, Any]) -> KnownStory:
    known = {name: value[name] for name in KnownStory.__slots__ if name in value}
    imprint, looks = Imprint.read(known.get("imprint")), Looks.read(known.get("looks"))
    return KnownStory(**{**known, "imprint": imprint, "looks": looks})


def _name(source: str) -> str:
    return PREFIX + hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:40]
