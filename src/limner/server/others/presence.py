"""A server among others on one library: what one that dies was doing, the others go on with."""

import asyncio
import logging
import secrets
from functools import partial
from typing import Self

from limner.closing import Closing
from limner.errors import LimnerError, StorageError
from limner.illustration import Illustrator, Session
from limner.storage import Library

log = logging.getLogger(__name__)

TTL = 5.0
"""Seconds after which a server that was not heard is taken for dead."""
BEAT = 1.0
"""Seconds between two times that one is heard."""
ENDING = 10.0
"""Seconds that sessions get to end when others have gone on with their work."""
TAKEN = "this limner was not heard for so long that others went on with it"


class Presence(Closing):
    """Says that this server is there and what it works at, and takes over the work of dead ones.

    Once it is closed others do so with what it has left.

    A server that was taken for dead and lives (it was stopped, or cut off from the database) can
    change nothing any more: every transaction looks whether it counts as present. When it notices
    it ends what it was doing, and begins as a new one.

    Args:
        library: In a database that is a server; with any other nothing is done.
        ttl: Seconds after which a server that was not heard is taken for dead.
        beat: Seconds between two times that one is heard.
    """

    def __init__(self, library: Library, *, ttl: float = TTL, beat: float = BEAT) -> None:
        self._library = library
        self._ttl = ttl
        self._pause = beat
        self._me = ""
        self._works: set[tuple[str, int]] = set()
        self._taken: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> Self:
        """Be there from now on.

        Raises:
            limner.errors.StorageError: The library cannot be written.
        """
        if self._library.is_shared:
            self._me = secrets.token_hex(8)
            await self._library.join(self._me)
        return self

    def working(self, message_id: str, variant: int) -> None:
        """An answer is about to be written, or drawn for."""
        if self._me and (message_id, variant) not in self._works:
            self._works.add((message_id, variant))
            self._library.begin_work(self._me, message_id, variant)

    def follow(self, illustrator: Illustrator) -> None:
        """Have an illustrator go on with what others leave, and know what it has ended."""
        if not self._me:
            return

        def ended(session: Session) -> None:
            key = session.message_id, session.variant or 0
            others = illustrator.sessions.active(message_id=session.message_id)
            if key in self._works and not any(one.variant == key[1] for one in others):
                self._works.discard(key)
                self._library.end_work(self._me, *key)

        illustrator.sessions.on_end(ended)
        self._tasks = [
            asyncio.create_task(self._beat(illustrator), name="presence"),
            asyncio.create_task(self._take_over(illustrator), name="going on with others' work"),
        ]

    async def aclose(self) -> None:
        """Be there no more. Twice is fine."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._me:
            me, self._me = self._me, ""
            try:
                await self._library.leave(me)
            except StorageError as error:
                log.info("others will notice by themselves that this limner is gone: %s", error)

    async def _beat(self, illustrator: Illustrator) -> None:
        while True:
            try:
                found = await self._library.beat(self._me, ttl=self._ttl)
                if found is None:
                    await self._begin_anew(illustrator)
                for key in found or ():
                    self._works.add(key)
                    self._taken.put_nowait(key)
            except LimnerError as error:
                log.warning("nobody hears that this limner is there: %s", error)
            await asyncio.sleep(self._pause)

    async def _take_over(self, illustrator: Illustrator) -> None:
        while True:
            key = await self._taken.get()
            try:
                taken = await illustrator.keeper.keep(partial(illustrator.recover, *key))
            except LimnerError:
                log.exception("what another limner left of %s/%d cannot be gone on with", *key)
            else:
                log.info(
                    "a limner is gone: answer %s/%d is gone on with here, %d pictures are drawn",
                    *key,
                    len(taken.queued),
                )

    async def _begin_anew(self, illustrator: Illustrator) -> None:
        """End what others have gone on with, then be there as somebody else."""
        log.warning(TAKEN)
        sessions = illustrator.sessions.active()
        for session in sessions:
            session.cancel(TAKEN, leave=True)
        if sessions:
            ends = [asyncio.create_task(session.wait()) for session in sessions]
            await asyncio.wait(ends, timeout=ENDING)
            for end in ends:
                end.cancel()
        self._works.clear()
        await self.begin()
