"""The rest of a text whose reading was interrupted."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from limner.backends.text import read_text
from limner.errors import SourceError


class Continuation:
    """A file of which the beginning is kept already.

    Args:
        file: Where the text came from.
        kept: What is kept of it.
    """

    def __init__(self, file: str, kept: str) -> None:
        self._file = file
        self._kept = kept

    async def is_there(self) -> bool:
        """Whether the file still begins with what is kept. A pipe or a device does not."""
        if not await asyncio.to_thread(Path(self._file).is_file):
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
        return read_text(self._file, on_bad_bytes=lambda _: None)
