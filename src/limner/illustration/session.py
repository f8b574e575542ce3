"""One answer being written and illustrated, from its first character to its commit."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import StrEnum

from limner.errors import BarrierTimeout, JobCancelled
from limner.illustration.chunks import Chunks, read_chunks
from limner.illustration.drawing import Drawing
from limner.illustration.events import Event, PromptFound, TextChunk
from limner.illustration.illustrated import Illustrated
from limner.illustration.line import MessageLines
from limner.illustration.message import Message, MessageState
from limner.illustration.monitor import StreamingMonitor
from limner.illustration.ports import MessageStore
from limner.illustration.processor import QueueProcessor
from limner.illustration.progress import Progress
from limner.illustration.prompt_queue import PromptQueue
from limner.illustration.slot import Slot
from limner.prompts import PromptTag, Text
from limner.scheduling import Barrier

TEXT_DONE, IMAGES_DONE = "text_done", "images_done"


class InsertMode(StrEnum):
    """When pictures reach their message. The final state is the same."""

    LIVE = "live"
    """Each as soon as it is ready."""
    BATCH = "batch"
    """All in one commit, when the text and every picture have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session behaves.

    Attributes:
        insert: When pictures reach their message.
        settle_timeout: Seconds the pictures may still take after the end of the text; what is not
            made by then fails and can be retried. The stream itself may last for ever.
    """

    insert: InsertMode = InsertMode.LIVE
    settle_timeout: float | None = 1800.0


class StreamingSession:
    """Reads one answer, has its pictures drawn meanwhile, and commits it exactly once.

    Args:
        message: The message as it is before its first character.
        drawing: The way to a picture.
        store: Where the message is kept.
        lines: Whose turn it is to change the message.
        monitor: Scans the text.
        options: See `SessionOptions`.
        emit: Gets the events in order, all but `Finished`.
    """

    def __init__(
        self,
        message: Message,
        *,
        drawing: Drawing,
        store: MessageStore,
        lines: MessageLines,
        monitor: StreamingMonitor,
        options: SessionOptions,
        emit: Callable[[Event], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        self.id = uuid.uuid4().hex
        self.message_id = message.id
        self.chat_id = message.chat_id
        self.started_at = loop.time()
        self.ended = asyncio.Event()
        self.monitor = monitor
        self.queue = PromptQueue(message.id, variant=message.variant, clock=loop.time)
        self.barrier = Barrier(
            (TEXT_DONE, IMAGES_DONE), timeout=options.settle_timeout, clock="first_arrival"
        )
        self._first = message
        self._store = store
        self._lines = lines
        self._options = options
        self._emit = emit
        self._processor = QueueProcessor(
            self.queue,
            drawing,
            owner=message.chat_id,
            tag=self.id,
            emit=emit,
            commit=self._commit_slot,
            on_all_ended=lambda: self.barrier.arrive(IMAGES_DONE),
        )
        self._reading: asyncio.Task[None] | None = None
        self._cancelled_because: str | None = None
        self._error: Exception | None = None
        self._finishing = False

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._cancelled_because is not None

    def cancel(self, reason: str = "cancelled") -> None:
        """Ask it to stop: no more text, no more pictures; what there is, is committed.

        Returns at once; wait for `ended`, which its manager sets. A second call changes nothing,
        nor does one that comes when everything is made and only the commit is left.
        """
        if self._cancelled_because is None and not self._finishing:
            self._cancelled_because = reason
            if self._reading is not None:
                self._reading.cancel()
            self.barrier.abort(JobCancelled(reason))

    def progress(self) -> Progress:
        """How far its pictures are."""
        return Progress.of(self.queue.counts(), durations=self.queue.durations())

    async def run(self, chunks: Chunks) -> Illustrated:
        """Read the text to its end, wait for the pictures, commit.

        An error of the source ends the text, not the session: it is in the result. So does
        `cancel`. Cancelling this call itself stops the work, commits what there is and is raised
        again.
        """
        try:
            await self._store.save(self._first)
            await self._read(chunks)
            if not self.cancelled:
                await self._settle()
            if self.cancelled:
                await self._processor.cancel(JobCancelled(self._cancelled_because))
            return await self._finish()
        except asyncio.CancelledError:
            self.cancel("the program is ending")
            await self._processor.cancel(JobCancelled(self._cancelled_because))
            await self._finish()
            raise

    async def _read(self, chunks: Chunks) -> None:
        # A task of its own, so that `cancel` can stop the reading and nothing else.
        self._reading = asyncio.create_task(self._pump(chunks), name=f"text of {self.message_id}")
        if self.cancelled:
            self._reading.cancel()
        try:
            await asyncio.wait([self._reading])
        except asyncio.CancelledError:
            self._reading.cancel()
            await asyncio.wait([self._reading])
            raise
        if not self._reading.cancelled():
            failure = self._reading.exception()
            if failure is not None and not isinstance(failure, Exception):
                raise failure
            self._error = failure
        elif not self.cancelled:
            self._error = JobCancelled("the source of the text cancelled itself")
        self._take(self.monitor.finish())

    async def _pump(self, chunks: Chunks) -> None:
        async with aclosing(read_chunks(chunks)) as pieces:
            async for chunk in pieces:
                self._take(self.monitor.feed(chunk))

    def _take(self, parts: list[Text | PromptTag]) -> None:
        for part in parts:
            if isinstance(part, Text):
                self._emit(TextChunk(part.text))
            else:
                slot = self.queue.add(part)
                self._emit(PromptFound(slot))
                self._processor.start(slot)

    async def _settle(self) -> None:
        self.barrier.arrive(TEXT_DONE)
        self._processor.close()
        if self._options.insert is InsertMode.LIVE:
            await self._commit()
        try:
            await self.barrier.wait()
        except BarrierTimeout as error:
            await self._processor.cancel(error)
        except JobCancelled:
            pass  # `cancel` was called; `run` goes on from there

    async def _finish(self) -> Illustrated:
        self._finishing = True
        await self._commit()
        return Illustrated(message=self._message(), error=self._error, cancelled=self.cancelled)

    def _message(self) -> Message:
        whole = self._error is None and not self.cancelled
        return replace(
            self._first,
            text=self.monitor.text,
            slots=self.queue.slots,
            state=MessageState.COMPLETE if whole else MessageState.CUT,
        )

    async def _commit_slot(self, slot: Slot) -> None:
        if self._options.insert is InsertMode.LIVE:
            await self._lines.perform(self.message_id, self._save_slots)

    async def _save_slots(self) -> None:
        await self._store.save_slots(*self.queue.slots)

    async def _commit(self) -> None:
        await self._lines.perform(self.message_id, self._save_message)

    async def _save_message(self) -> None:
        # A message that is gone was deleted meanwhile: then there is nothing to commit to.
        if await self._store.load(self.message_id) is not None:
            await self._store.save(self._message())
