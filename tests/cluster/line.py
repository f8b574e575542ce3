"""A line to a server, which can be cut."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.waiting import until


class Line:
    """A line to a server: when it is cut nothing comes through, and nobody is told.

    Args:
        folder: For its beginning.
        to: The address of the server's socket.

    Attributes:
        url: Where it begins.
    """

    def __init__(self, folder: str, to: str) -> None:
        self._place = f"{folder}/{uuid.uuid4().hex[:8]}"
        self._to = to.removeprefix("unix://")
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._ways = 0
        self.url = f"unix://{self._place}"

    def cut(self) -> None:
        """Let nothing through; what is said meanwhile arrives afterwards."""
        self._open.clear()

    def heal(self) -> None:
        """Let everything through again."""
        self._open.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Line"]:
        """Be there for the length of the block."""
        async with await asyncio.start_unix_server(self._joined, self._place):
            try:
                yield self
            finally:
                self.heal()
                for writer in self._writers:
                    writer.close()
                await until(lambda: not self._ways)

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_unix_connection(self._to)
        except OSError:  # nobody is at the other end
            writer.close()
            return
        ways = (self._carry(reader, there[1]), self._carry(there[0], writer))
        await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._ways += 1
        try:
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        finally:
            self._writers.discard(writer)
            self._ways -= 1
            writer.close()
