"""One answer being written and illustrated, from its first character to its commit."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from functools import partial

from limner.errors import JobCancelled, StorageError
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.progress import Progress
from limner.illustration.generation.unwanted import Keeps, Unwanted
from limner.illustration.illustrated import Illustrated
from limner.illustration.model.message import Message
from limner.illustration.model.slot import SlotId
from limner.illustration.model.tag_match import still_standing
from limner.illustration.sessions.catch_up import so_far
from limner.illustration.sessions.draft_message import DraftMessage
from limner.illustration.sessions.events import (
    Event,
    PromptFound,
    PromptGone,
    TextChunk,
    TextRewritten,
)
from limner.illustration.sessions.processor import QueueProcessor
from limner.illustration.sessions.session_base import LettingGo
from limner.illustration.sessions.session_request import SessionOptions, SessionRequest
from limner.illustration.sessions.settling import Settling
from limner.illustration.sessions.status import SessionKind, WaitsFor
from limner.illustration.sessions.text.chunks import Chunks, read_chunks
from limner.illustration.sessions.text.scanned_text import ScannedText, Source
from limner.illustration.sessions.text.stoppable_work import StoppableWork
from limner.illustration.shared_context import SharedContext
from limner.prompts import PromptTag, Text
from limner.scheduling import Barrier
from limner.uninterrupted import uninterrupted

TEXT_DONE, IMAGES_DONE = "text_done", "images_done"


class StreamingSession(LettingGo):
    """Reads one answer, has its pictures drawn meanwhile, and commits it exactly once.

    Made by `limner.illustration.Illustrator`; `open` is awaited before `run`.

    Args:
        request: What is to be written.
        shared: What it shares with others.
        options: See `SessionOptions`.
        emit: Gets the events in order, all but `Finished`.
        taken: Numbers of the message's answers that others write.
    """

    kind = SessionKind.STREAMED

    def __init__(
        self,
        request: SessionRequest,
        *,
        shared: SharedContext,
        options: SessionOptions,
        emit: Callable[[Event], None],
        taken: Callable[[], Iterable[int]] = tuple,
    ) -> None:
        super().__init__(request.message_id, request.chat_id, request.variant)
        self.barrier = Barrier((TEXT_DONE, IMAGES_DONE))
        self.begun = asyncio.Event()  # the message is in the store, or comes there later
        self._request = request
        self._shared = shared
        self._options = options
        self._emit, self._taken = emit, taken
        self._work = StoppableWork()
        self._cancelled_because: str | None = None
        self._unwanted = Unwanted()
        self._unread = self._leave = self._settling = self._finishing = False
        self._left_because: str | None = None
        self._error: Exception | None = None
        self._prompt_error: Exception | None = None
        self._store_error: Exception | None = None
        self._given_up: Exception | None = None
        self._text_ended = self._text_over = self._writing_prompts = False
        self._keeping: dict[SlotId, asyncio.Future[None]] = {}

    async def open(self) -> None:
        """Find out which answer is written, and what there is of it.

        Raises:
            limner.errors.StorageError: The store cannot be read.
        """
        request = self._request
        self._answer = await DraftMessage.opened(
            request,
            self._shared,
            self._options,
            taken=self._taken,
            on_error=self._store_failed,
        )
        self.variant = self._answer.variant
        self.monitor, self.queue = self._answer.monitor, self._answer.queue
        drawing = self._shared.drawing
        self._patience = Settling(
            drawing.patience.settle,
            limiter=drawing.limiter,
            patience=drawing.patience,
            jobs=lambda: self._processor.jobs(),  # noqa: PLW0108 - it is made below
        )
        self._processor = QueueProcessor(
            self.queue,
            drawing,
            context=DrawContext.of(request.owner, request.chat_id, self.id, urgency=self.urgency),
            durable=self._options.durable,
            mark=lambda: self._shared.board.add(self.message_id),
            emit=self._emit,
            sign=self._patience.sign,
            room=self._shared.keeper.room,
            commit=self._answer.commit_slot,
            on_all_ended=self._all_ended,
            on_error=self._store_failed,
        )
        self._unwanted.begin(lambda error, keep: self._processor.cancel(error, keep=keep))

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._cancelled_because is not None

    def cancel(self, reason: str = "cancelled", *, leave: bool = False) -> None:
        """Ask it to stop: no more text, no more pictures; what there is, is committed.

        Returns at once; see `wait`. A second call changes nothing, nor one before the last commit.

        Args:
            reason: Why; slots without a picture keep it.
            leave: Let them wait instead, to be drawn after the next start.
        """
        self.stopped = True
        self._cancel(reason, leave=leave)

    def _cancel(self, reason: str, *, leave: bool = False) -> None:
        made = self._settling and not self.queue.unfinished
        if self._cancelled_because is None and not self._finishing and not made:
            self._cancelled_because = reason
            self._leave = leave
            self._work.stop()
            self.barrier.abort(JobCancelled(reason))

    def stop_text(self, reason: str = "cancelled", *, keep: Keeps | None = None) -> bool:
        """Read no further, and draw what was found to its end; see `Session.stop_text`.

        Args:
            reason: Why; slots that are not kept fail with it.
            keep: Which pictures go on, those that somebody has seen; all by default.
        """
        read = keep is None and self._text_over and not self._writing_prompts
        if self._work.stopped or self._finishing or read:
            return False
        self.stopped = True
        self._work.stop()
        if keep is not None:
            self._unread = True
            self._unwanted.add(reason, keep)
        return True

    def stop_pictures(self, reason: str) -> bool:
        """Draw none any more, but read on."""
        wanted = not self._text_over or bool(self.queue.unfinished)
        if self.cancelled or self._finishing or not wanted:
            return False
        self._unwanted.add(reason)
        return True

    def leave(self, reason: str) -> None:
        """Read the text to its end, but let what is not drawn then wait for the next start.

        Returns at once, as `cancel` does.

        Args:
            reason: Why.
        """
        self._left_because = reason
        if self._settling:
            self.cancel(reason, leave=True)

    async def kept(self, slot_id: SlotId) -> None:
        """Wait until a slot that was found is in the store, or cannot come there for now."""
        if (kept := self._keeping.get(slot_id)) is not None:
            await asyncio.wait((kept,))

    def _waits_for(self) -> Iterator[WaitsFor]:
        if self._writing_prompts:
            yield WaitsFor.PROMPTS
        elif not self._text_over:
            yield WaitsFor.TEXT
        if self.variant is not None and self.queue.unfinished:
            yield WaitsFor.PICTURES
        elif self._settling or self._finishing:
            yield WaitsFor.COMMIT

    def so_far(self) -> Iterator[Event]:
        """The events that lead to where it stands, for somebody who begins to watch."""
        return so_far(self._answer)

    def readable(self) -> Message:
        """The answer as far as readers may see it now: without a tag that has only begun."""
        return self._answer.readable()

    def progress(self) -> Progress:
        """How far its pictures are."""
        if self.variant is None:
            return Progress.of({})  # it is not opened yet
        return Progress.of(self.queue.counts(), durations=self.queue.durations())

    async def run(self, source: Source) -> Illustrated:
        """Read the text to its end, wait for the pictures, commit.

        An error of the source ends the text, not the session, as `cancel` does: it is in the
        result, and so is what the store does not take. Cancelling this call commits, and raises.

        Raises:
            limner.errors.StorageError: The store failed for good before anything was written.
        """
        self._shared.board.hold(self.message_id)
        try:
            await self._begin(source)
            await self._read(source)
            if not self._work.stopped and self._error is None:
                await self._write_prompts()
            if not self.cancelled:
                await self._settle()
            if self.cancelled:
                await self._stop()
            return await uninterrupted(self._finish())
        except asyncio.CancelledError:
            if not self._finishing:
                self.cancel("the program is ending", leave=self._options.durable)
                await self._stop()
                await uninterrupted(self._finish())
            raise
        finally:
            self._shared.board.let_go(self.message_id)

    async def _begin(self, source: Source) -> None:
        """Keep the message with what has come by now; if that is all, it is kept at its end."""
        ahead = source.ahead() if isinstance(source, ScannedText) else []
        parts = [part for piece in ahead for part in self._answer.take(piece, first=True)]
        if not (isinstance(source, ScannedText) and source.over):
            await self._answer.begin()
            self.begun.set()
        self._find_all(self._answer.overlooked())
        self._take(parts)

    async def _stop(self) -> None:
        await self._processor.cancel(JobCancelled(self._cancelled_because), leave=self._leave)

    async def _read(self, source: Source) -> None:
        if isinstance(source, ScannedText):
            pumped = source.each(lambda piece: self._take(self._answer.take(piece)))
        else:
            pumped = (self._pump_snapshots if self._request.snapshots else self._pump)(source)
        self._error = await self._work.error_of(pumped, "text")
        self._text_over = True
        if isinstance(source, ScannedText) and self._work.stopped:
            for piece in source.rest():
                self._take(self._answer.take(piece))
        self._take(self.monitor.finish())
        if self.monitor.took_back:
            self._emit(TextRewritten(self.monitor.visible))
        self._text_ended = not self._work.stopped and self._error is None

    async def _pump(self, chunks: Chunks) -> None:
        async with aclosing(read_chunks(chunks)) as pieces:
            async for chunk in pieces:
                parts = self.monitor.feed(chunk)
                self._answer.text(chunk)
                self._take(parts)

    async def _pump_snapshots(self, chunks: Chunks) -> None:
        async with aclosing(read_chunks(chunks)) as snapshots:
            async for whole in snapshots:
                known, rewrites = len(self.monitor.text), self.monitor.rewrites
                parts = self.monitor.observe(whole)
                if self.monitor.rewrites != rewrites:
                    self._emit(TextRewritten(self.monitor.visible))
                    self._rewritten()
                else:
                    self._answer.text(whole[known:])
                    self._take(parts)

    async def _write_prompts(self) -> None:
        """Let a second model say where pictures belong, if there is one."""
        writer = self._request.prompt_writer or self._options.prompt_writer
        if writer is None or not self._request.illustrated or self._left_because is not None:
            return

        async def write() -> None:
            old = self._answer.shown
            text = self.monitor.text
            written = await writer.write(text[old:], context=self._request.context)
            self.monitor.observe(text[:old] + written)

        self._writing_prompts = True
        self._prompt_error = await self._work.error_of(write(), "prompts")
        self._writing_prompts = False
        if self._prompt_error is None and not self._work.stopped:
            self._rewritten()

    def _take(self, parts: list[Text | PromptTag]) -> None:
        for part in self._answer.new_to_the_reader(parts) if self._answer.seen else parts:
            if isinstance(part, Text):
                self._emit(TextChunk(part.text))
            else:
                self._find_all([part])

    def _find_all(self, tags: list[PromptTag]) -> None:
        for tag in tags:
            slot, kept = self._answer.add(tag)
            self._keeping[slot.id] = kept
            kept.add_done_callback(partial(self._keeping.pop, slot.id))
            self._emit(PromptFound(slot))
            self._processor.start(slot, kept)
        if tags:
            self._unwanted.found()

    def _rewritten(self) -> None:
        """The text is another: move the slots of tags that still stand, and so on."""
        slots, tags = self._answer.standing(), self._answer.heeded()
        stand = still_standing([slot.tag.source for slot in slots], [tag.source for tag in tags])
        for index, slot in enumerate(slots):
            if index in stand:
                self._answer.move(slot, tags[stand[index]])
            elif self.queue.draws(slot.id):
                gone = self._answer.take_back(slot)
                self._processor.drop(slot.id)
                self._emit(PromptGone(gone))
        self._answer.rewritten()
        old = set(stand.values())
        self._find_all([tag for index, tag in enumerate(tags) if index not in old])

    async def _settle(self) -> None:
        self._settling = True
        self.barrier.arrive(TEXT_DONE)
        self._processor.close()
        try:
            await self._answer.commit_text(whole=self._text_ended)
        except Exception as error:
            self._store_failed(error)
        if self._left_because is not None:
            self.cancel(self._left_because, leave=True)
        if self.barrier.is_open:
            return  # there is no picture to be waited for
        try:
            async with self._patience.bounded() as silence:
                await self.barrier.wait()
        except JobCancelled:
            pass  # `cancel` was called; `run` goes on from there
        except TimeoutError:
            if not silence.broken:
                raise
            self._given_up = self._patience.complaint()
            await self._processor.give_up(self._given_up, self._patience.tried())

    def _all_ended(self) -> None:
        if not self.cancelled and self._given_up is None:
            self.barrier.arrive(IMAGES_DONE)

    def _store_failed(self, error: Exception) -> None:
        """What it says itself harms no text and no picture: all is tried once more at the end."""
        if self._store_error is None and not isinstance(error, StorageError):
            self._store_error = error
            self._cancel(f"the store failed: {error}")

    async def _finish(self) -> Illustrated:
        self._finishing = True
        await self._unwanted.stopped()
        # What leads to itself waits for the collector of garbage, which holds up every stream.
        del self._unwanted, self._processor, self._patience, self._emit
        whole = self._text_ended and not self._unread and (self._leave or not self.cancelled)
        not_kept = None
        try:
            message = await self._answer.commit(whole=whole)
        except StorageError as error:
            message, not_kept = self._answer.as_it_ends(), error
        if self._store_error is not None:
            raise self._store_error
        return Illustrated(
            not_kept=not_kept,
            unkept=self._answer.unkept() if not_kept is not None else 0,
            message=message,
            error=self._error,
            cancelled=self._work.stopped,
            prompt_error=self._prompt_error,
            given_up=self._given_up,
            near_misses=self.monitor.near_misses,
        )
