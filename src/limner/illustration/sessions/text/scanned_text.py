"""A text whose tags somebody else has found: what a session takes without scanning it again."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from limner.illustration.sessions.text.chunks import Chunks
from limner.prompts import PromptTag

NO_TAGS: Mapping[int, PromptTag] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scanned:
    """The next piece of a text, and what is certain of it by now.

    Attributes:
        text: The characters as they came, those of tags included.
        tags: The tags that are complete since it came, in order, each with the ordinal of its
            slot. One may have begun in a piece before. What is no tag here is text.
        held: Characters at its end, and at the end of what came before, that may still become
            part of a tag.
    """

    text: str
    tags: Mapping[int, PromptTag] = field(default_factory=lambda: NO_TAGS)
    held: int = 0


@dataclass(frozen=True, slots=True)
class ScannedText:
    """A text that comes with its tags.

    Its scanner counts the tags: a tag's picture is in the slot with the ordinal that it says,
    which it may have told others before there was a session.

    Attributes:
        pieces: What comes, in order; closed at the end, also at a bad end.
        start: Where its first character stands, in the positions of its tags: behind the text
            that was there, if an answer goes on.
        before: The tags of that text.
        rest: Gives what has come by then and was not given yet, if the reading is stopped.

    Example:
        >>> import asyncio
        >>> from limner.illustration import Illustrator, Scanned, ScannedText
        >>> from limner.prompts import find_prompts
        >>> async def pieces():
        ...     text = 'Snow. <!--img-prompt="a fox"--> <'
        ...     yield Scanned(text, dict(enumerate(find_prompts(text))), held=1)
        >>> async def main():
        ...     async with Illustrator(width=128, height=96) as illustrator:
        ...         return await illustrator.illustrate(ScannedText(pieces()))
        >>> [slot.prompt for slot in asyncio.run(main()).slots]
        ['a fox']
    """

    pieces: AsyncGenerator[Scanned, None]
    start: int = 0
    before: Sequence[PromptTag] = ()
    rest: Callable[[], Iterable[Scanned]] = tuple


Source: TypeAlias = Chunks | ScannedText
"""What a session reads: a text that is still to be scanned, or one that comes with its tags."""
