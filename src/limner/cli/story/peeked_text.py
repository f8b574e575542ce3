"""How a text begins, read before anything else is done with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from limner.backends.manuscripts import Manuscript
from limner.cli.story.same_story import Beginning, told_lines

FILE = 256 * 1024
"""Characters of a file that are looked at."""

PIPE = 4 * 1024
"""Characters of a pipe that are waited for, if no line of words is complete before."""


async def file_begins(manuscript: Manuscript, name: str) -> Beginning:
    """How a story that is in files begins.

    Args:
        manuscript: The files.
        name: What to call it if it does not say.

    Raises:
        limner.errors.SourceError: It is not there, or is not text.
    """
    text = ""
    if await asyncio.to_thread(Path(manuscript.files[0]).is_file):
        async with aclosing(manuscript.pieces(lambda _: None)) as pieces:
            async for piece in pieces:
                text += piece
                if len(text) >= FILE:
                    break
    found = _beginning(text)
    return replace(found, title=found.title or name)


class PeekedText:
    """A stream whose beginning can be looked at, once, before it is read.

    Args:
        pieces: The stream.
    """

    def __init__(self, pieces: AsyncIterator[str]) -> None:
        self._pieces = pieces
        self._held: list[str] = []

    async def begins(self) -> Beginning:
        """How it begins: up to the end of its first line that says more than its title.

        Raises:
            limner.errors.SourceError: It is not text.
        """
        text = ""
        async for piece in self._pieces:
            self._held.append(piece)
            text += piece
            if len(text) >= PIPE:
                break
            whole = text[: text.rfind("\n") + 1]
            found = _beginning(whole)
            if told_lines(found.text, found.title) and not _may_be_title(whole, found):
                return found
        return _beginning(text)

    async def chunks(self) -> AsyncIterator[str]:
        """All of it, as it comes."""
        for piece in self._held:
            yield piece
        async for piece in self._pieces:
            yield piece


def _may_be_title(whole: str, found: Beginning) -> bool:
    """Whether it is open what the text is called: more of it may be front matter, or underline."""
    if found.title is not None:
        return False
    in_front = whole.startswith("---") and "\n---" not in whole
    return in_front or whole.strip().count("\n") == 0 == whole.lstrip().count("\n\n")


def _beginning(text: str) -> Beginning:
    """What a text calls itself, and what it says besides."""
    from limner.illustration import Message
    from limner.illustration.rendering import front_matter, heading

    said = front_matter(text)
    title = said.title or heading(Message(id="beginning", text=text))
    return Beginning(title, text[said.end :])
