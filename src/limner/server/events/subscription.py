"""The events that one reader has not read yet."""

import asyncio
from collections import deque
from collections.abc import Iterable
from enum import StrEnum

from limner.server.events.wire_event import WireEvent, coalesced


class End(StrEnum):
    """Why a reader gets no more events."""

    SLOW = "slow"
    """It read so slowly that it would have held up memory; it may come back and resume."""
    CLOSING = "closing"
    """The server is going away."""
    LEFT = "left"
    """The reader has gone."""


class Subscription:
    """A bounded queue of events for one reader. Made by `EventHub.subscribe`.

    Args:
        chat: The conversation whose events it wants; ``None``: all.
        without: Kinds of events that it does not want.
        bound: How many events may wait.
        room: How many bytes of them.
    """

    def __init__(
        self, chat: str | None, bound: int, room: int, *, without: frozenset[str] = frozenset()
    ) -> None:
        self.chat = chat
        self.without = without
        self.end: End | None = None
        self._bound = bound
        self._room = self._whole_room = room
        self._waiting: deque[WireEvent] = deque()
        self._ready = asyncio.Event()

    def push(self, event: WireEvent) -> None:
        """One more event; if too many wait, the reader is given up."""
        if self.end is not None or not self._wants(event):
            return
        self._room -= len(event.frame)
        if len(self._waiting) >= self._bound or self._room < 0:
            self._waiting.clear()
            self.finish(End.SLOW)
            return
        self._waiting.append(event)
        self._ready.set()

    def begin(self, events: Iterable[WireEvent]) -> None:
        """What it gets before all that is pushed; the bounds do not hold for it."""
        self._waiting.extend(filter(self._wants, events))
        self._bound += len(self._waiting)  # so that it may be long, and still be followed by more
        self._ready.set()

    def _wants(self, event: WireEvent) -> bool:
        return event.kind not in self.without and event.is_for(self.chat)

    def finish(self, end: End, last: WireEvent | None = None) -> None:
        """No more events come, but for what waits already and a last one."""
        if self.end is not None:
            return
        if last is not None:
            self._waiting.append(last)
        self.end = end
        self._ready.set()

    def take(self) -> list[WireEvent]:
        """All that waits, as few events as possible."""
        taken = coalesced(self._waiting)
        self._waiting.clear()
        self._room = self._whole_room
        if self.end is None:
            self._ready.clear()
        return taken

    async def wait(self) -> None:
        """Wait until something waits, or no more comes."""
        await self._ready.wait()
