"""The events of one session, as they happen, for one reader."""

import asyncio
from collections.abc import AsyncIterator

from limner.errors import NotKept, SourceFailed
from limner.illustration.generation.progress import Progress
from limner.illustration.illustrated import Illustrated
from limner.illustration.sessions.events import Event
from limner.illustration.sessions.session import StreamingSession


class EventStream(AsyncIterator[Event]):
    """Iterates over the events of a session; ends after `Finished`.

    Reading slowly never slows the session down: the model is read and pictures are drawn whether
    or not somebody looks.

    Args:
        events: Where the session puts its events.
        session: The session.
        running: The task that runs it.

    Raises:
        limner.errors.SourceFailed: After `Finished`, if the text stopped with an error.
        limner.errors.NotKept: After `Finished`, if the store did not take all of it.
    """

    def __init__(
        self,
        events: "asyncio.Queue[Event | None]",
        session: StreamingSession,
        running: "asyncio.Task[Illustrated]",
    ) -> None:
        self.session = session
        self._events = events
        self._running = running
        self._over = False
        running.add_done_callback(lambda _: events.put_nowait(None))

    def cancel(self, reason: str = "cancelled") -> None:
        """Stop reading text and drawing; `Finished` follows with what there is."""
        self.session.cancel(reason)

    def progress(self) -> Progress:
        """How far the pictures are."""
        return self.session.progress()

    @property
    def result(self) -> Illustrated:
        """The result, once `Finished` was seen.

        Raises:
            RuntimeError: The session is still running.
        """
        if not self._running.done():
            raise RuntimeError("the message is not finished yet")
        return self._running.result()

    async def __anext__(self) -> Event:
        if self._over:
            raise StopAsyncIteration
        event = await self._events.get()
        if event is not None:
            return event
        self._over = True
        result = self.result  # a session that broke down raises here
        if result.error is not None:
            raise SourceFailed(result, result.error) from result.error
        if result.not_kept is not None:
            raise NotKept(result, result.not_kept) from result.not_kept
        raise StopAsyncIteration
