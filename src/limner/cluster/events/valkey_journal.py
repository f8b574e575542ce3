"""A journal of all processes in one stream of a Valkey (or Redis) server.

Everybody writes into it, and everybody reads all of it, so all have the same entries in one order
under the same ids. A process has one reader, which waits at the server, and one writer; what comes
together is written together.

Ids are ``EPOCH-MILLISECONDS-NUMBER``. An epoch ends when the server was restarted or another took
its place: whatever it had may be lost then, and nobody can tell whether an id of before is followed
by all that came. Nor does anybody know what others missed while they were cut off. Both is told as
a gap, to all.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol, Self

from redis.exceptions import RedisError

from limner.closing import Closing
from limner.cluster.address import connected
from limner.cluster.ending import ended

logger = logging.getLogger("limner.cluster")

MOST = 10_000
"""Entries that the server keeps, about."""
AT_ONCE = 1000
"""Entries that are read by one call."""
WAITS = 2.0
"""Seconds for which a reader waits at the server."""
TIMEOUT = 2.0
"""Seconds after which the server is taken for away."""
PAUSE = 0.25
"""Seconds between two tries to reach it."""
FIRST = 5.0
"""Seconds for which the beginning waits for it."""

FAILURES = (RedisError, OSError, TimeoutError)

_ENTER = """
local run = redis.call('HGET', KEYS[1], 'run')
if run ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'epoch', ARGV[2])
end
local last = '0-0'
if redis.call('EXISTS', KEYS[2]) == 1 then
  local about = redis.call('XINFO', 'STREAM', KEYS[2])
  for at = 1, #about, 2 do
    if about[at] == 'last-generated-id' then last = about[at + 1] end
  end
end
return {redis.call('HGET', KEYS[1], 'epoch'), last}
"""
"""Agrees on an epoch for this run of the server; gives it, and the last entry."""


class JournalReader(Protocol):
    """Hears what is written into a journal."""

    def heard(self, entry_id: str, entry: bytes, *, own: bool) -> None:
        """An entry, in the order of the journal; its writer hears it as well."""
        ...

    def refused(self, entries: Sequence[bytes]) -> None:
        """These could not be written; the others do not hear of them."""
        ...

    def begins(self, entry_id: str) -> None:
        """What there was has been heard, up to this entry."""
        ...

    def gap(self, entry_id: str) -> None:
        """What was heard until this entry may not be all there was."""
        ...


class ValkeyJournal(Closing):
    """One process's part in the journal.

    Args:
        url: Of the server; see `limner.cluster.address.connected`.
        name: What the journal is called there.
        most: How many entries the server keeps, about.
        timeout: Seconds after which the server is taken for away.

    Raises:
        ValueError: No such address.
    """

    def __init__(
        self, url: str, *, name: str = "limner", most: int = MOST, timeout: float = TIMEOUT
    ) -> None:
        self._entries = "{" + name + "}:events"
        self._about = "{" + name + "}:epoch"
        self._most = most
        self._writing = connected(url, timeout=timeout)
        self._reading = connected(url, timeout=WAITS + timeout)
        self._enter = self._reading.register_script(_ENTER)
        self._me = secrets.token_hex(8)
        self._waiting: list[bytes] = []
        self._due = asyncio.Event()
        self._known = asyncio.Event()
        self._away = True
        self._deaf: str | None = None
        self._epoch, self._last = "", "0-0"
        self._stands = False  # whether the last entry that was heard must still be there
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, reader: JournalReader) -> Self:
        """Read what there is and what comes, and write; waits a while for the server."""
        self._tasks = [
            asyncio.create_task(self._read(reader), name="reading the journal"),
            asyncio.create_task(self._write(reader), name="writing the journal"),
        ]
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST):
                await self._known.wait()
        return self

    @property
    def is_away(self) -> bool:
        """Whether nothing can be written now."""
        return self._away

    @property
    def trouble(self) -> str | None:
        """Why nothing is heard of others; ``None``: it is. A server that dies is noticed here."""
        return self._deaf

    def add(self, entry: bytes) -> bool:
        """Have an entry written soon; ``False``: the server is away, and nobody will hear of it."""
        if self._away:
            return False
        self._waiting.append(entry)
        self._due.set()
        return True

    async def aclose(self) -> None:
        """Write what is left to be written, and leave. Twice is fine."""
        tasks, self._tasks = self._tasks, []
        await ended(tasks)
        if self._waiting and not self._away:
            with suppress(*FAILURES):
                await self._put(self._waiting)
        self._away = True
        for client in (self._writing, self._reading):
            with suppress(*FAILURES):
                await client.aclose()

    async def _write(self, reader: JournalReader) -> None:
        await self._known.wait()
        self._away = False
        while True:
            await self._due.wait()
            self._due.clear()
            entries, self._waiting = self._waiting, []
            try:
                await self._put(entries)
            except FAILURES as error:
                logger.warning("other limners do not hear what happens here: %s", error)
                self._away = True
                rest, self._waiting = self._waiting, []
                reader.refused([*entries, *rest])
                await self._come_back()
            except asyncio.CancelledError:
                self._waiting = [*entries, *self._waiting]  # twice is better than never
                raise

    async def _put(self, entries: Sequence[bytes]) -> None:
        async with self._writing.pipeline(transaction=False) as pipe:
            for entry in entries:
                pipe.xadd(self._entries, {"by": self._me, "said": entry}, maxlen=self._most)
            await pipe.execute()

    async def _come_back(self) -> None:
        """Write that something is missing, as soon as anything can be written."""
        while True:
            await asyncio.sleep(PAUSE)
            with suppress(*FAILURES):
                await self._writing.xadd(self._entries, {"by": self._me, "gap": b"1"})
                break
        self._away = False
        logger.info("other limners hear again what happens here")

    async def _read(self, reader: JournalReader) -> None:
        while True:
            try:
                await self._arrive(reader)
                if self._deaf is not None:
                    logger.info("what happens at other limners is heard again")
                self._deaf = None
                while True:
                    await self._next(reader)
            except FAILURES as error:
                if self._deaf is None:
                    logger.warning("nothing is heard of other limners: %s", error)
                self._deaf = f"nothing is heard of other limners: {error}"
                await asyncio.sleep(PAUSE)

    async def _arrive(self, reader: JournalReader) -> None:
        """Find out whether it is the same journal as before, and go on where it was left."""
        about: Any = await self._reading.info("server")
        run = str(about["run_id"])
        said: Any = await self._enter(
            keys=[self._about, self._entries], args=[run, secrets.token_hex(4)]
        )
        epoch, last = (one.decode() for one in said)
        if not self._epoch:
            self._epoch = epoch
            there: Any = await self._reading.xrevrange(self._entries, count=self._most)
            for entry in reversed(there):
                self._hear(reader, entry)
            reader.begins(f"{epoch}-{self._last}")
            self._known.set()
        elif epoch != self._epoch:
            self._epoch, self._last, self._stands = epoch, last, False
            reader.gap(f"{epoch}-{last}")

    async def _next(self, reader: JournalReader) -> None:
        async with self._reading.pipeline(transaction=False) as pipe:
            pipe.xrange(self._entries, self._last, self._last)
            pipe.xread({self._entries: self._last}, count=AT_ONCE, block=int(WAITS * 1000))
            said: Any = await pipe.execute()
        there, found = said
        if self._stands and not there:
            # So much has come meanwhile that it is gone, and perhaps some that came after it.
            self._stands = False
            reader.gap(f"{self._epoch}-{self._last}")
        for _, entries in found or ():
            for entry in entries:
                self._hear(reader, entry)

    def _hear(self, reader: JournalReader, entry: tuple[bytes, dict[bytes, bytes]]) -> None:
        number, said = entry
        self._last, self._stands = number.decode(), True
        if b"gap" in said:
            reader.gap(f"{self._epoch}-{self._last}")
        else:
            own = said[b"by"] == self._me.encode()
            reader.heard(f"{self._epoch}-{self._last}", said[b"said"], own=own)
