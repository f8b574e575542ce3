"""The rest of a text whose reading was interrupted."""

import asyncio
from collections.abc import AsyncIterator
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
        self._met = False

    async def is_there(self) -> bool:
        """Whether the file still begins with what is kept. A pipe or a device does not."""
        if not await asyncio.to_thread(Path(self._file).is_file):
            return False
        try:
            async for _ in self.rest():
                return True
        except SourceError:
            return False
        return self._met

    async def rest(self) -> AsyncIterator[str]:
        """What the file says beyond what is kept; nothing if it does not begin like that.

        Raises:
            limner.errors.SourceError: It cannot be read.
        """
        at, kept = 0, self._kept
        self._met = False
        async with aclosing(read_text(self._file, on_bad_bytes=lambda _: None)) as pieces:
            async for piece in pieces:
                known = kept[at : at + len(piece)]
                if not piece.startswith(known):
                    return
                at += len(known)
                self._met = at == len(kept)
                if len(piece) > len(known):
                    yield piece[len(known) :]
        self._met = at == len(kept)
