"""Running sessions: registered at once, watched as long as somebody looks, ended for good."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from limner.errors import JobCancelled, MessageBusy
from limner.illustration.generation.drawing_task import Stop
from limner.illustration.generation.progress import Progress
from limner.illustration.illustrated import Illustrated
from limner.illustration.model.message import Message
from limner.illustration.sessions.event_stream import EventStream
from limner.illustration.sessions.events import Event, Finished, TextChunk
from limner.illustration.sessions.listeners import SessionListeners
from limner.illustration.sessions.manual_sessions import ManualSessions
from limner.illustration.sessions.registry import SessionManager, SessionPolicy
from limner.illustration.sessions.running_session import Events, RunningSession
from limner.illustration.sessions.session import StreamingSession
from limner.illustration.sessions.session_base import Session
from limner.illustration.sessions.session_request import OnActive, SessionOptions, SessionRequest
from limner.illustration.sessions.status import SessionKind, WaitsFor
from limner.illustration.sessions.text.chunks import close_chunks
from limner.illustration.sessions.text.scanned_text import ScannedText, Source
from limner.illustration.shared_context import SharedContext


class SessionRunner:
    """Makes sessions and runs each in a task of its own, for those who watch.

    Args:
        shared: What the sessions share.
        sessions: Where they are registered.
        manual: Pictures that are drawn by hand; an answer that is written anew ends its own.
        listeners: Told the events.
        options: How sessions behave.
    """

    def __init__(
        self,
        shared: SharedContext,
        sessions: SessionManager,
        manual: ManualSessions,
        listeners: SessionListeners,
        options: SessionOptions,
    ) -> None:
        self._shared = shared
        self._sessions = sessions
        self._manual = manual
        self._listeners = listeners
        self._options = options
        self._running: dict[str, RunningSession] = {}

    @asynccontextmanager
    async def block(
        self, request: SessionRequest, chunks: Source, *, text: bool = True
    ) -> AsyncIterator[EventStream]:
        """The events of a session, a new one or one that runs; the last to leave stops it.

        Args:
            request: What is to be written.
            chunks: Its text.
            text: Whether there are to be events of text.

        Raises:
            ValueError: The source comes with tags, and its speaker is not illustrated.
            limner.errors.MessageBusy: That answer is being written already.
            limner.errors.StorageError: The store cannot be read.
        """
        if isinstance(chunks, ScannedText):
            request = replace(request, scanned=chunks)
        running, events = await self._entered(request, chunks, text)
        interrupted = False
        try:
            yield running.stream(events)
        except asyncio.CancelledError:
            interrupted = True
            raise
        finally:
            await running.leave(events, interrupted=interrupted)

    async def _entered(
        self, request: SessionRequest, chunks: Source, text: bool
    ) -> tuple[RunningSession, Events]:
        while True:
            mine = RunningSession(durable=self._options.durable)
            session, new = self._sessions.start(
                request.message_id,
                lambda: self._session(request, mine),  # noqa: B023 - called at once
                variant=request.variant,
            )
            rival = await self._open(mine, request, chunks) if new else session
            if rival is None:
                return mine, mine.watch(text=text)
            if request.on_active is OnActive.REFUSE:
                raise MessageBusy(request.message_id)
            if request.on_active is OnActive.REPLACE:
                rival.cancel("the message is written anew")
            elif not rival.cancelled:
                other = self._running[rival.id]
                events = await other.joined(text=text)
                if events is not None:
                    await close_chunks(chunks.pieces if isinstance(chunks, ScannedText) else chunks)
                    return other, events
                continue
            await rival.wait()

    async def _open(
        self, running: RunningSession, request: SessionRequest, chunks: Source
    ) -> Session | None:
        """Let a session run; gives the one that writes the same answer, if there is one."""
        session = running.session
        try:
            await session.open()
            rival = self._sessions.rival(session)
            if rival is not None:
                running.broke(MessageBusy(session.message_id))
                self._end(session)
                return rival
        except BaseException as error:
            running.broke(error)
            self._end(session)
            raise
        self._sessions.put_first(session.message_id, session.variant)
        task = asyncio.create_task(
            self._run(running, request, chunks), name=f"session of {session.message_id}"
        )
        # Also ends a session whose task was cancelled before its first step.
        task.add_done_callback(lambda _: self._end(session))
        running.runs(task)
        return None

    async def _run(
        self, running: RunningSession, request: SessionRequest, chunks: Source
    ) -> Illustrated:
        session = running.session
        try:
            if not request.continuing:
                stop = Stop(error=JobCancelled("the message is written anew"))
                await self._manual.stop(session.message_id, session.variant, stop=stop)
            result = await session.run(chunks)
        finally:
            self._end(session)
        # Only now: whoever sees this event may at once change the message by hand.
        self._tell(running, Finished(result))
        return result

    def _tell(self, running: RunningSession, event: Event) -> None:
        running.emit(event)
        self._listeners.tell(running.session, event)

    def _end(self, session: StreamingSession) -> None:
        self._running.pop(session.id, None)
        session.begun.set()  # it never will be, if it is not
        self._sessions.end(session)

    def _session(self, request: SessionRequest, running: RunningSession) -> StreamingSession:
        running.session = StreamingSession(
            request,
            shared=self._shared,
            options=self._options,
            emit=partial(self._tell, running),
            taken=lambda: self._sessions.taken(request.message_id),
        )
        self._running[running.session.id] = running
        return running.session


class WholeAnswers:
    """Tells of answers that need no session: whoever has one keeps it as it is, once.

    Those who listen to sessions hear of it what they would have heard of one that was written
    here: its text, and that it is finished.

    Args:
        sessions: Those that are running.
        listeners: Told the events.
        options: How sessions behave.
    """

    def __init__(
        self, sessions: SessionManager, listeners: SessionListeners, options: SessionOptions
    ) -> None:
        self._sessions = sessions
        self._listeners = listeners
        self._options = options

    @property
    def wanted(self) -> bool:
        """Whether nothing but a session is missed: it would write no prompts and end no other."""
        alone = self._sessions.policy is SessionPolicy.PER_MESSAGE
        return alone and self._options.prompt_writer is None

    def tell(self, message: Message) -> None:
        """One was kept."""
        self._sessions.put_first(message.id, message.variant)
        session = _Ended(message)
        self._listeners.tell(session, TextChunk(message.text))
        self._listeners.tell(session, Finished(Illustrated(message=message)))


class _Ended(Session):
    """The session that such an answer did not need, as those see it who hear of it."""

    kind = SessionKind.STREAMED
    cancelled = False

    def __init__(self, message: Message) -> None:
        super().__init__(message.id, message.chat_id, message.variant)
        self.variant = message.variant
        self.lifetime.end()

    def cancel(self, reason: str = "cancelled", *, leave: bool = False) -> None:
        """It is over."""

    def stop_text(self, reason: str) -> bool:
        """There is none to come."""
        return False

    def stop_pictures(self, reason: str) -> bool:
        """There are none."""
        return False

    def progress(self) -> Progress:
        """It has no pictures."""
        return Progress.of({})

    def _waits_for(self) -> Iterable[WaitsFor]:
        return ()
