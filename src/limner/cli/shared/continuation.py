"""The rest of a text whose reading was interrupted."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from limner.backends.manuscripts import Manuscript
from limner.errors import SourceError


class Continuation:
    """A file of which the beginning is kept already.

    Args:
        manuscript: Where the text came from.
        kept: What is kept of it.
    """

    def __init__(self, manuscript: Manuscript, kept: str) -> None:
        self._manuscript = manuscript
        self._kept = kept

    async def is_there(self) -> bool:
        """Whether the file still begins with what is kept. A pipe or a device does not."""
        if not await asyncio.to_thread(Path(self._manuscript.files[0]).is_file):
            return False
        met = 0
        try:
            async with aclosing(self._text()) as pieces:
                async for piece in pieces:
                    known = self._kept[met : met + len(piece)]
                    if not piece.startswith(known):
                        return False
                    met += len(known)
                    if met == len(self._kept):
                        break
        except SourceError:
            return False
        return met == len(self._kept)

    async def rest(self) -> AsyncGenerator[str, None]:
        """What the file says beyond what is kept.

        Raises:
            limner.errors.SourceError: It cannot be read.
        """
        kept = len(self._kept)
        async with aclosing(self._text()) as pieces:
            async for piece in pieces:
                if len(piece) > kept:
                    yield piece[kept:]
                kept = max(0, kept - len(piece))

    def _text(self) -> AsyncGenerator[str, None]:
        return self._manuscript.pieces(lambda _: None)
