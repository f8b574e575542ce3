"""A text whose tags somebody else has found: what a session takes without scanning it again."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from limner.illustration.sessions.text.chunks import Chunks
from limner.illustration.sessions.text.pushed_pieces import PushedPieces
from limner.illustration.sessions.text.scanned import Scanned
from limner.prompts import PromptTag


@dataclass(frozen=True, slots=True)
class ScannedText:
    """A text that comes with its tags.

    Its scanner counts the tags: a tag's picture is in the slot with the ordinal that it says,
    which it may have told others before there was a session.

    Attributes:
        pieces: What comes, in order; a generator is closed at the end, also at a bad end.
        start: Where its first character stands, in the positions of its tags: behind the text
            that was there, if an answer goes on.
        before: The tags of that text.
        rest: Gives what has come by then and was not given yet, if the reading is stopped.

    Examples:
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

    pieces: AsyncGenerator[Scanned, None] | PushedPieces
    start: int = 0
    before: Sequence[PromptTag] = ()
    rest: Callable[[], Iterable[Scanned]] = tuple

    @property
    def paced(self) -> bool:
        """Whether what has no tag comes at the common beat, and need not be gathered for it."""
        return isinstance(self.pieces, PushedPieces)

    def ahead(self) -> list[Scanned]:
        """What has come by now before the first piece that closes a tag; it is given once."""
        return self.pieces.ahead() if isinstance(self.pieces, PushedPieces) else []

    @property
    def over(self) -> bool:
        """Whether it is known that nothing more comes."""
        return isinstance(self.pieces, PushedPieces) and self.pieces.over

    async def each(self, take: Callable[[Scanned], None]) -> None:
        """Have every piece taken as it comes, until the end.

        Raises:
            Exception: That with which they ended.
        """
        if isinstance(self.pieces, PushedPieces):
            await self.pieces.drain(take)
            return
        async with aclosing(self.pieces) as pieces:
            async for piece in pieces:
                take(piece)


Source: TypeAlias = Chunks | ScannedText
"""What a session reads: a text that is still to be scanned, or one that comes with its tags."""
