"""The events of one session, as they happen, for one reader."""

import asyncio
from collections.abc import AsyncIterator

from limner.errors import SourceFailed
from limner.illustration.events import Event, Finished
from limner.illustration.illustrated import Illustrated
from limner.illustration.progress import Progress
from limner.illustration.session import StreamingSession


class EventStream(AsyncIterator[Event]):
    """Iterates over the events of a session; ends after `Finished`.

    Reading slowly never slows the session down: the model is read and pictures are drawn whether
    or not somebody looks.

    Raises:
        limner.errors.SourceFailed: After `Finished`, if the text stopped with an error.
    """

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._session: StreamingSession | None = None
        self._running: asyncio.Task[Illustrated] | None = None
        self._over = False

    def emit(self, event: Event) -> None:
        """Add an event for the reader."""
        self._events.put_nowait(event)

    def attach(self, session: StreamingSession, running: asyncio.Task[Illustrated]) -> None:
        """Follow this session, whose work this task is."""
        self._session, self._running = session, running
        running.add_done_callback(lambda _: self._events.put_nowait(None))

    @property
    def session(self) -> StreamingSession:
        """The session whose events these are."""
        if self._session is None:
            raise RuntimeError("the stream has not been entered")
        return self._session

    def cancel(self, reason: str = "cancelled") -> None:
        """Stop reading text and drawing; `Finished` follows with what there is."""
        self.session.cancel(reason)

    def progress(self) -> Progress:
        """How far the pictures are."""
        return self.session.progress()

    async def __anext__(self) -> Event:
        if self._over:
            raise StopAsyncIteration
        event = await self._events.get()
        if event is not None:
            return event
        self._over = True
        assert self._running is not None
        result = self._running.result()  # a session that broke down raises here
        if result.error is not None:
            raise SourceFailed(result, result.error) from result.error
        raise StopAsyncIteration


async def last_result(events: AsyncIterator[Event]) -> Illustrated:
    """Read all events and give the result of the last one."""
    result: Illustrated | None = None
    async for event in events:
        if isinstance(event, Finished):
            result = event.result
    assert result is not None, "a session always finishes"
    return result
