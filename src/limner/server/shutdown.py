"""How a server stops: nothing new, a bounded wait for what runs, a clean end for the rest."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator

import uvicorn

from limner.illustration import Illustrator
from limner.scheduling import Done, JobState
from limner.server.events import EventHub
from limner.server.guard import Guard, RequestContext
from limner.server.guard.paths import EVENTS, MCP, PICTURE
from limner.server.health import Readiness

log = logging.getLogger(__name__)

CUTTING = 5.0
"""Seconds in which what is cut must have ended."""


class QuietServer(uvicorn.Server):
    """uvicorn, with signals left to whoever runs it.

    Attributes:
        listening: Set when connections are taken.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle none."""
        yield


class Shutdown:
    """Ends a server in order.

    1. Nothing new is taken: ``/readyz`` says so, requests get a 503, no picture is begun. Pictures
       that are there are shown all the same.
    2. Answers that are being written and pictures that are being drawn get some time.
    3. What is not drawn stays pending in the library, for the next start.
    4. Streams that still run get an error event and ``[DONE]``, so that no front-end waits.

    Args:
        guard: Knows what is being answered.
        readiness: Is told.
        illustrator: Knows what is being drawn.
        hub: Closes the event streams.
        close: Stops all work, and leaves what is not done to the next start.
        grace: Seconds for the second step.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        readiness: Readiness,
        illustrator: Illustrator,
        hub: EventHub,
        close: Callable[[], Awaitable[None]],
        grace: float,
    ) -> None:
        self._guard = guard
        self._readiness = readiness
        self._illustrator = illustrator
        self._limiter = illustrator.limiter
        self._hub = hub
        self._close = close
        self._grace = grace

    async def run(self) -> None:
        """Stop everything; what is to stop the listening comes after it."""
        self._readiness.stopping = self._guard.closing = True
        if self._limiter.shared is None:  # a pause would hold other servers as well
            self._limiter.pause()
        self._hub.close()
        waited = self._awaited()
        log.info(
            "stopping: %d answers and %d pictures get up to %g s",
            len(waited),
            self._drawing(),
            self._grace,
        )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace):
                await self._finished()
        await self._close()
        await self._cut()

    async def _finished(self) -> None:
        """Wait until nothing is written or drawn any more."""
        changed = asyncio.Event()
        unsubscribe = self._illustrator.on_progress(lambda event: changed.set())
        forget = self._limiter.on(Done, lambda event: changed.set())
        self._guard.on_end = changed.set
        try:
            while self._awaited() or self._drawing():
                changed.clear()
                await changed.wait()
        finally:
            unsubscribe()
            forget()

    def _awaited(self) -> list[RequestContext]:
        """Requests that are worth waiting for: one for a picture may wait for one not begun.

        Nor are those that only listen.
        """
        return [
            context
            for context in self._guard.requests
            if context.path != EVENTS
            and not PICTURE.fullmatch(context.path)
            and not (context.path == MCP and context.method == "GET")
        ]

    def _drawing(self) -> int:
        """How many pictures are drawn, or are drawn and not handed on yet."""
        counts = self._limiter.counts()
        handed_on = self._illustrator.progress().drawing
        return max(handed_on, counts.get(JobState.RUNNING, 0) + counts.get(JobState.EXECUTING, 0))

    async def _cut(self) -> None:
        ended = asyncio.Event()
        self._guard.on_end = ended.set
        for context in tuple(self._guard.requests):
            context.cut()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CUTTING):
                while self._guard.requests:
                    ended.clear()
                    await ended.wait()
        if self._guard.requests:
            log.warning("%d requests do not end, and are left", len(self._guard.requests))
