"""Running sessions: registered at once, watched as long as somebody looks, ended for good."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from limner.errors import MessageBusy
from limner.illustration.generation.uninterrupted import ended
from limner.illustration.model.illustrated import Illustrated
from limner.illustration.operations.commission import Commissions
from limner.illustration.sessions.event_stream import EventStream
from limner.illustration.sessions.events import Event, Finished
from limner.illustration.sessions.opening import Opening, SessionOptions
from limner.illustration.sessions.scanned_text import ScannedText, Source
from limner.illustration.sessions.session import StreamingSession
from limner.illustration.sessions.session_manager import SessionManager
from limner.illustration.shared_context import SharedContext

log = logging.getLogger(__name__)

Listener = Callable[[StreamingSession, Event], None]


class SessionRunner:
    """Makes sessions and runs each in a task of its own, for one who watches.

    Args:
        shared: What the sessions share.
        sessions: Where they are registered.
        commissions: Pictures that are drawn by hand; an answer that is written anew ends its own.
        options: How sessions behave.
    """

    def __init__(
        self,
        shared: SharedContext,
        sessions: SessionManager,
        commissions: Commissions,
        options: SessionOptions,
    ) -> None:
        self._shared = shared
        self._sessions = sessions
        self._commissions = commissions
        self._options = options
        self._listeners: list[Listener] = []

    def on_event(self, listener: Listener) -> Callable[[], None]:
        """Have a function called with every event of every session; gives what ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    @asynccontextmanager
    async def block(self, opening: Opening, source: Source) -> AsyncIterator[EventStream]:
        """The events of a new session; leaving the block stops it and waits for its commit.

        Raises:
            ValueError: The source comes with tags, and its speaker is not illustrated.
            limner.errors.MessageBusy: That answer is being written already.
            limner.errors.StorageError: The store cannot be read.
        """
        if isinstance(source, ScannedText):
            opening = replace(opening, scanned=source)
        events: asyncio.Queue[Event | None] = asyncio.Queue()

        def emit(event: Event) -> None:
            events.put_nowait(event)
            self._tell(session, event)

        session, new = self._sessions.start(
            opening.message_id,
            lambda: self._session(opening, emit),
            variant=opening.variant,
        )
        if not new:
            raise MessageBusy(opening.message_id)
        try:
            await session.open()
            self._sessions.check(session)
        except BaseException:
            self._sessions.end(session)
            raise
        running = asyncio.create_task(
            self._run(session, opening, source, emit),
            name=f"session of {opening.message_id}",
        )
        # Also ends a session whose task was cancelled before its first step.
        running.add_done_callback(lambda _: self._sessions.end(session))
        try:
            yield EventStream(events, session, running)
        finally:
            # A program that is ending cancels everything it has at once.
            ending = running.cancelling() > 0
            session.cancel("nobody is watching any more", leave=ending and self._options.durable)
            await _ended(running)

    async def _run(
        self,
        session: StreamingSession,
        opening: Opening,
        source: Source,
        emit: Callable[[Event], None],
    ) -> Illustrated:
        try:
            if not opening.continuing:
                await self._commissions.cancel(
                    opening.message_id, session.variant, reason="the message is written anew"
                )
            result = await session.run(source)
        finally:
            self._sessions.end(session)
        # Only now: whoever sees this event may at once change the message by hand.
        emit(Finished(result))
        return result

    def _tell(self, session: StreamingSession, event: Event) -> None:
        """Tell the listeners. One that raises is logged and harms nobody."""
        for listener in tuple(self._listeners):
            try:
                listener(session, event)
            except Exception:
                log.exception("a listener to sessions failed")

    def _session(self, opening: Opening, emit: Callable[[Event], None]) -> StreamingSession:
        return StreamingSession(
            opening,
            shared=self._shared,
            options=self._options,
            emit=emit,
            taken=lambda: self._sessions.taken(opening.message_id),
        )


async def _ended(running: asyncio.Task[Illustrated]) -> None:
    """Wait for a session's end; if the waiting is cancelled, so is the session, but awaited."""
    try:
        await asyncio.wait([running])
    except asyncio.CancelledError:
        running.cancel()
        await ended(running)
        raise
    if not running.cancelled():
        running.exception()  # whoever iterates is told; here it only counts as seen
