"""A database's server that falls silent, without a word, is given up and asked anew."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from limner.errors import StorageUnavailable
from limner.storage import Library
from limner.storage.database import postgres as module
from limner.testing.store_contract import a_message, a_slot

pytestmark = pytest.mark.real_time

SOCKET = ".s.PGSQL.5432"


class Wire:
    """What goes to a PostgreSQL server and back, until it is cut without anybody being told.

    Attributes:
        last: The last that comes through of connections in which it is said; what comes behind
            it, in either direction, is swallowed for good. ``None``: everything comes through.
    """

    def __init__(self, real: Path) -> None:
        self._real = real
        self.last: bytes | None = None

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        there, back = await asyncio.open_unix_connection(str(self._real))
        dead = asyncio.Event()
        await asyncio.gather(self._pump(reader, back, dead), self._pump(there, writer, dead))

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dead: asyncio.Event
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                if self.last is not None and self.last in data:
                    dead.set()
                if not dead.is_set():
                    writer.write(data)
        writer.close()


@contextlib.asynccontextmanager
async def wired(postgres: str, folder: Path) -> AsyncIterator[tuple[str, Wire]]:
    """The same database behind a wire; gives its address there, and the wire."""
    base, _, real = postgres.partition("host=")
    wire = Wire(Path(real) / SOCKET)
    server = await asyncio.start_unix_server(wire.pass_on, str(folder / SOCKET))
    async with server:
        yield f"{base}host={folder}", wire


@pytest.mark.parametrize("last", [b"", b"INSERT INTO slots"], ids=["idle", "in a transaction"])
async def test_a_server_that_falls_silent_is_given_up_and_asked_anew(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: bytes
) -> None:
    """Nobody waits for a minute: it is told, and afterwards everything is kept once."""
    monkeypatch.setattr(module, "ANSWER", 0.3)
    monkeypatch.setattr(module, "GLANCE", 0.3)
    async with wired(postgres, tmp_path) as (address, wire):
        library = await Library.open(address, pictures=tmp_path / "pictures", busy_timeout=0.2)
        async with library:
            await library.save(a_message("m"))
            wire.last = last
            began = time.monotonic()
            with pytest.raises(StorageUnavailable, match="does not answer") as caught:
                await library.save(a_message("n", a_slot("n")))
            assert caught.value.passing
            assert time.monotonic() - began < 10
            wire.last = None
            await library.save(a_message("n", a_slot("n")))
            assert await library.load("n") == a_message("n", a_slot("n"))
            assert await library.message_ids("chat") == ["m", "n"]
