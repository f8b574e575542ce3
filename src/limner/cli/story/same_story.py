"""Whether a text is the story that a library has under its title already."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limner.cli.story.chats import all_chats, chats_called
from limner.cli.story.known_story import KnownStory, story_of_chat

if TYPE_CHECKING:
    from limner.storage import ChatSummary, Library

SHARE = 3
"""One of so many lines of a text must be in the kept one, for it to be the same story."""

LONG = 40
"""Characters by which the beginning of a line is known."""

_RULE = re.compile(r"[-=*_ ]+")


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a text begins.

    Attributes:
        title: What it calls itself; ``None`` if it does not.
        text: Its first lines, without what it says of itself in front matter. Of a stream these
            are whole lines, unless it is over or goes on for very long without an end.
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
    for chat in await _titled(library, begins.title):
        story = await story_of_chat(library, chat.id)
        if story is not None and await _was(library, story.message_id, begins):
            return story
    return None


async def _titled(library: "Library", title: str) -> list["ChatSummary"]:
    """The chats of stories of this title: also the second one of it, which has a number."""
    asked = re.compile(rf"{re.escape(title.casefold())}( \(\d+\))?")
    chats = await all_chats(library)
    return [chat for chat in chats if asked.fullmatch((chat.title or "").casefold())]


async def _was(library: "Library", message_id: str, begins: Beginning) -> bool:
    """Whether a text is what this message is, or was before: it may be cut now."""
    kept = await library.load(message_id)
    if kept is None or alike(begins.text, kept.text, begins.title):
        return kept is not None
    for variant in await library.variants(message_id):
        former = await library.load(message_id, variant)
        if former is not None and alike(begins.text, former.text, begins.title):
            return True
    return False


def alike(text: str, kept: str, title: str | None = None) -> bool:
    r"""Whether a good share of a text's lines is in another.

    What says nothing but its title is like another such text only.

    Args:
        text: The text, or its first lines.
        kept: The other one.
        title: What the text calls itself.

    Examples:
        >>> alike("# A\n\nOnce.\n\nNow.", "# A\n\nOnce.\n\nThen.")
        True
        >>> alike("# A\n\nOnce.", "# A\n\nIt rained.")
        False
    """
    there, lines = set(told_lines(kept, title)), told_lines(text, title)
    if not lines:
        return not there
    shared = sum(line in there for line in lines)
    if lines[-1] not in there and len(lines[-1]) >= LONG:  # the beginning of one, perhaps
        shared += any(line.startswith(lines[-1]) for line in there)
    return SHARE * shared >= len(lines)


def told_lines(text: str, title: str | None = None) -> list[str]:
    r"""The lines that say something, without headings and the title.

    Examples:
        >>> told_lines("A\n===\n\n# One\n\nOnce.\n", "A")
        ['Once.']
    """
    found = (line.strip() for line in text.splitlines())
    called = (title or "").casefold()
    return [
        line
        for line in found
        if line and line[0] != "#" and not _RULE.fullmatch(line) and line.casefold() != called
    ]


async def free_title(library: "Library", title: str) -> str:
    """The title, with a number behind it if there is a chat of this title already."""
    number = 1
    free = title
    while await chats_called(library, free):
        number += 1
        free = f"{title} ({number})"
    return free
