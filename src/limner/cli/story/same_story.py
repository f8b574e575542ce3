"""Whether a text is the story that a library has under its title already."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limner.cli.story.chats import chats_called
from limner.cli.story.known_story import KnownStory, story_of_chat

if TYPE_CHECKING:
    from limner.storage import Library

SHARE = 3
"""One of so many lines of a text must be in the kept one, for it to be the same story."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a text begins.

    Attributes:
        title: What it calls itself; ``None`` if it does not.
        text: Its first lines.
    """

    title: str | None = None
    text: str = ""


Begin = Callable[[], Awaitable[Beginning]]
"""Reads how a text begins, without taking anything from it."""


async def same_story(library: "Library", begins: Beginning) -> KnownStory | None:
    """What is known of a text that has this title, and says for the most part what it said.

    So a file that was moved or copied, and what comes through a pipe again, is known; another
    text of the same title ("Chapter 1") is not taken for it.
    """
    if begins.title is None:
        return None
    for chat in await chats_called(library, begins.title):
        story = await story_of_chat(library, chat.id)
        kept = await library.load(story.message_id) if story is not None else None
        if kept is not None and alike(begins.text, kept.text):
            return story
    return None


def alike(text: str, kept: str) -> bool:
    r"""Whether a good share of a text's lines is in another.

    Examples:
        >>> alike("# A\n\nOnce.\n\nNow.", "# A\n\nOnce.\n\nThen.")
        True
        >>> alike("# A\n\nOnce.", "# A\n\nIt rained.")
        False
    """
    there = set(_lines(kept))
    lines = [line for line in _lines(text) if not line.startswith("#")]
    return SHARE * sum(line in there for line in lines) >= len(lines)


def _lines(text: str) -> list[str]:
    return [stripped for line in text.splitlines() if (stripped := line.strip())]


async def free_title(library: "Library", title: str) -> str:
    """The title, with a number behind it if there is a chat of this title already."""
    number = 1
    free = title
    while await chats_called(library, free):
        number += 1
        free = f"{title} ({number})"
    return free
