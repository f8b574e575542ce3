"""The pipeline as one object: text goes in, an illustrated message comes out."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from limner.errors import MessageBusy
from limner.illustration.chunks import Chunks
from limner.illustration.drawing import Drawing
from limner.illustration.event_stream import EventStream
from limner.illustration.events import Event, Finished
from limner.illustration.illustrated import Illustrated
from limner.illustration.line import MessageLines
from limner.illustration.memory import MemoryStore
from limner.illustration.message import Message
from limner.illustration.monitor import StreamingMonitor
from limner.illustration.operations import MessageOperations, WhileWriting
from limner.illustration.plugins import make_backend
from limner.illustration.ports import ImageBackend, MessageStore
from limner.illustration.request import RequestDefaults
from limner.illustration.second_try import second_try
from limner.illustration.session import InsertMode, SessionOptions, StreamingSession
from limner.illustration.session_manager import SessionManager, SessionPolicy
from limner.scheduling import Limiter


class Illustrator:
    """Illustrates texts while they are written.

    It owns no global state: two illustrators know nothing of each other, unless they are given
    the same limiter or store. A backend given by name is made for it and closed with it; one
    given as an object stays its owner's.

    Args:
        backend: What draws: the name of an installed backend, or any `ImageBackend`.
        limiter: Through which every picture goes; three at a time, tried again after a server's own
            failures (`second_try`), if not given.
        store: Where messages are kept; in memory if not given.
        insert_mode: ``"live"`` commits each picture when it is ready, ``"batch"`` all at once.
        patterns: Tag patterns in place of the defaults; see `limner.prompts.PromptScanner`.
        width: Of the pictures, in pixels, 64 to 2048; a tag's ``size`` goes before it.
        height: Of the pictures, in pixels, 64 to 2048.
        seed: Makes the pictures repeatable where the backend can; by default each is fresh.
        negative_prompt: What pictures should not show, for backends that know the idea.
        picture_timeout: Seconds one picture may take once it was started; ``None`` for no bound.
        settle_timeout: Seconds the pictures may still take after the end of the text.
        policy: Whether messages of one chat are illustrated side by side, or a new one cancels
            the one before.
        while_writing: Whether manual operations on a message that is being written are refused
            or wait.

    Raises:
        limner.errors.UnknownBackend: There is no backend of that name.
        ValueError: A size, a timeout or a choice is out of range.

    Example:
        >>> import asyncio
        >>> from limner import Illustrator
        >>> async def main():
        ...     async with Illustrator(backend="sketch", width=128, height=96) as illustrator:
        ...         return await illustrator.illustrate('Snow. <!--img-prompt="a fox"--> The end.')
        >>> result = asyncio.run(main())
        >>> [str(slot.state) for slot in result.slots]
        ['ready']
    """

    def __init__(
        self,
        *,
        backend: ImageBackend | str = "sketch",
        limiter: Limiter | None = None,
        store: MessageStore | None = None,
        insert_mode: InsertMode | str = InsertMode.LIVE,
        patterns: Sequence[str] | None = None,
        width: int = 768,
        height: int = 512,
        seed: int | None = None,
        negative_prompt: str = "",
        picture_timeout: float | None = 300.0,
        settle_timeout: float | None = 1800.0,
        policy: SessionPolicy | str = SessionPolicy.PER_MESSAGE,
        while_writing: WhileWriting | str = WhileWriting.REFUSE,
    ) -> None:
        chosen = make_backend(backend) if isinstance(backend, str) else backend
        self._own_backend = chosen if isinstance(backend, str) else None
        self.limiter = limiter if limiter is not None else _limiter()
        self.store: MessageStore = store if store is not None else MemoryStore()
        self.sessions = SessionManager(SessionPolicy(policy))
        self._options = SessionOptions(
            insert=InsertMode(insert_mode), settle_timeout=settle_timeout
        )
        self._patterns = patterns
        self._lines = MessageLines()
        self._drawing = Drawing(
            chosen,
            self.limiter,
            defaults=RequestDefaults(
                width=width, height=height, seed=seed, negative_prompt=negative_prompt
            ),
            timeout=picture_timeout,
        )
        self.operations = MessageOperations(
            store=self.store,
            drawing=self._drawing,
            lines=self._lines,
            sessions=self.sessions,
            while_writing=WhileWriting(while_writing),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop what still runs, and close the backend if it was made here. Twice is fine."""
        sessions = self.sessions.active()
        for session in sessions:
            session.cancel("the illustrator was closed")
        for session in sessions:
            await session.ended.wait()
        close = getattr(self._own_backend, "aclose", None)
        if close is not None:
            await close()

    @asynccontextmanager
    async def stream(
        self, chunks: Chunks, *, message_id: str | None = None, chat_id: str = "default"
    ) -> AsyncIterator[EventStream]:
        """Illustrate a text and watch it happen.

        Leaving the block early cancels what is not done; the text so far and the finished
        pictures are committed.

        Args:
            chunks: The text: a string, or its pieces as an iterable or asynchronous iterable.
            message_id: The message's identity; a new one if not given. A message kept under it
                is written anew.
            chat_id: The conversation it belongs to.

        Yields:
            The events, ending with `Finished`; its `EventStream.cancel` stops the work.

        Raises:
            limner.errors.MessageBusy: That message is being written already.
            limner.errors.SourceFailed: From the iteration, after `Finished`, if the text stopped
                with an error.
        """
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        message = Message(id=message_id or uuid.uuid4().hex, chat_id=chat_id)
        session, new = self.sessions.start(
            message.id, lambda: self._session(message, events.put_nowait)
        )
        if not new:
            raise MessageBusy(message.id)
        running = asyncio.create_task(
            self._run(session, chunks, events.put_nowait), name=f"session of {message.id}"
        )
        # Also ends a session whose task was cancelled before its first step.
        running.add_done_callback(lambda _: self.sessions.end(session))
        try:
            yield EventStream(events, session, running)
        finally:
            session.cancel("nobody is watching any more")
            await _ended(running)

    async def illustrate(
        self, chunks: Chunks, *, message_id: str | None = None, chat_id: str = "default"
    ) -> Illustrated:
        """Illustrate a text and give the result.

        Failed pictures do not raise: they are in ``result.failed``.

        Args:
            chunks: As for `stream`.
            message_id: As for `stream`.
            chat_id: As for `stream`.

        Raises:
            limner.errors.MessageBusy: That message is being written already.
            limner.errors.SourceFailed: The text stopped with an error; what arrived is
                illustrated, and in the error's ``result``.
        """
        async with self.stream(chunks, message_id=message_id, chat_id=chat_id) as events:
            async for _ in events:
                pass
            return events.result

    async def _run(
        self, session: StreamingSession, chunks: Chunks, emit: Callable[[Event], None]
    ) -> Illustrated:
        try:
            result = await session.run(chunks)
        finally:
            self.sessions.end(session)
        # Only now: whoever sees this event may at once change the message by hand.
        emit(Finished(result))
        return result

    def _session(self, message: Message, emit: Callable[[Event], None]) -> StreamingSession:
        return StreamingSession(
            message,
            drawing=self._drawing,
            store=self.store,
            lines=self._lines,
            monitor=StreamingMonitor(self._patterns),
            options=self._options,
            emit=emit,
        )


def _limiter() -> Limiter:
    return Limiter(max_concurrent=3, retry=second_try)


async def _ended(running: asyncio.Task[Illustrated]) -> None:
    """Wait for a session's end; if the waiting is cancelled, so is the session, but awaited."""
    try:
        await asyncio.wait([running])
    except asyncio.CancelledError:
        running.cancel()
        await asyncio.wait([running])
        raise
    if not running.cancelled():
        running.exception()  # whoever iterates is told; here it only counts as seen
