"""What a library knows of a file that was illustrated before: which message it became, and how."""

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.storage import Library

PREFIX = "story/"
"""How the names of these settings begin; a digest of the file's path follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStory:
    """A file that was illustrated.

    Attributes:
        chat_id: The chat it is kept in.
        message_id: The message.
        backend: What drew; ``None`` if that cannot be kept.
        width: Of the pictures, in pixels.
        height: Of the pictures, in pixels.
        seed: What made them repeatable.
    """

    chat_id: str
    message_id: str
    backend: str | None
    width: int
    height: int
    seed: int | None

    def drew_like(self, other: "KnownStory") -> bool:
        """Whether what draws, and how large, is the same."""
        mine = self.backend, self.width, self.height, self.seed
        return mine == (other.backend, other.width, other.height, other.seed)


async def known_story(library: "Library", file: str) -> KnownStory | None:
    """What is known of a file.

    Args:
        library: The library.
        file: Its absolute path.
    """
    value = (await library.settings()).get(_name(file))
    return KnownStory(**value) if value is not None else None


async def remember_story(library: "Library", file: str, story: KnownStory) -> None:
    """Know from now on what became of a file."""
    await library.set_setting(_name(file), asdict(story))


def _name(file: str) -> str:
    return PREFIX + hashlib.sha256(file.encode("utf-8", "surrogateescape")).hexdigest()[:40]
