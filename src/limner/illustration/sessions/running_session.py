"""A session that runs, and those who watch it."""

import asyncio

from limner.illustration.illustrated import Illustrated
from limner.illustration.sessions.event_stream import EventStream
from limner.illustration.sessions.events import Event, TextChunk
from limner.illustration.sessions.session import StreamingSession
from limner.uninterrupted import done, ended

Events = asyncio.Queue[Event | None]


class RunningSession:
    """Gives the events of a session to all who watch it; without anybody it is stopped.

    Args:
        durable: Whether somebody will draw later what a program that is ended leaves.

    Attributes:
        session: The session.
        opened: Done when it runs, or when it will not: then it tells why.
    """

    def __init__(self, *, durable: bool) -> None:
        self.session: StreamingSession
        self.opened: asyncio.Future[asyncio.Task[Illustrated]]
        self.opened = asyncio.get_running_loop().create_future()
        self._durable = durable
        self._watchers: list[Events] = []
        self._readers: list[Events] = []

    def emit(self, event: Event) -> None:
        """Tell everybody who watches."""
        for watcher in self._readers if isinstance(event, TextChunk) else self._watchers:
            watcher.put_nowait(event)

    def watch(self, *, text: bool = True) -> Events:
        """Somebody watches from now on; what has happened already comes first.

        Args:
            text: Whether they want the text as well.
        """
        events: Events = asyncio.Queue()
        if self.opened.done():
            for event in self.session.so_far():
                if text or not isinstance(event, TextChunk):
                    events.put_nowait(event)
        self._watchers.append(events)
        if text:
            self._readers.append(events)
        return events

    async def joined(self, *, text: bool = True) -> Events | None:
        """Watch it as well, once it is opened; ``None`` if it will not run."""
        events = self.watch(text=text)
        try:
            await asyncio.wait([self.opened])
        except asyncio.CancelledError:
            await self.leave(events, interrupted=True)
            raise
        if self.opened.exception() is None:
            return events
        self._remove(events)
        return None

    def stream(self, events: Events) -> EventStream:
        """What one of them iterates over, once it is opened."""
        return EventStream(events, self.session, self.opened.result())

    def runs(self, task: "asyncio.Task[Illustrated]") -> None:
        """It runs now, in this task."""
        self.opened.set_result(task)

    def broke(self, error: BaseException) -> None:
        """It will not run."""
        self.opened.set_exception(RuntimeError(f"the session was not opened: {error}"))
        self.opened.exception()  # whoever opened it is told; here it counts as seen

    def _remove(self, events: Events) -> None:
        self._watchers.remove(events)
        if events in self._readers:
            self._readers.remove(events)

    async def leave(self, events: Events, *, interrupted: bool = False) -> None:
        """One of them watches no more; the last one stops the session and waits for its commit.

        Args:
            events: What it watched.
            interrupted: Its task was cancelled. What was not drawn has not failed by that, and
                waits to be taken up.
        """
        self._remove(events)
        if self._watchers or not self.opened.done() or self.opened.exception() is not None:
            return
        running = self.opened.result()
        # A program that is ending cancels everything it has at once.
        ending = running.cancelling() > 0
        leave = interrupted if not ending else self._durable
        self.session.cancel("nobody is watching any more", leave=leave)
        await _ended(running)


async def _ended(running: "asyncio.Task[Illustrated]") -> None:
    """Wait for a session's end; if the waiting is cancelled, so is the session, but awaited."""
    try:
        await done(running)
    except asyncio.CancelledError:
        running.cancel()
        await ended(running)
        raise
    if not running.cancelled():
        running.exception()  # whoever iterates is told; here it only counts as seen
