"""Drawing the pictures of one message: all at once, as far as the global limiter allows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator

from limner.errors import JobCancelled
from limner.illustration.generation.drawing import DrawContext, Drawing
from limner.illustration.generation.progress_board import Mark
from limner.illustration.generation.single_flight import Watcher
from limner.illustration.model.slot import Slot, SlotId, SlotState
from limner.illustration.sessions.events import (
    Event,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageStarted,
)
from limner.illustration.sessions.prompt_queue import PromptQueue

log = logging.getLogger(__name__)

GRACE = 30.0
"""Seconds a cancelled picture is given to stop before its session goes on without it."""


class QueueProcessor:
    """Takes each slot to its end: a picture, or a reason why there is none.

    A slot's task waits for its slot to be kept and for the limiter, and for nothing else, so its
    backend call begins in the same instant in which a permit is free. One picture's end never
    depends on another's.

    Args:
        queue: Keeps the states.
        drawing: The way to a picture.
        context: For whom the pictures are.
        durable: Whether somebody will draw later what a program that is ended leaves.
        mark: Counts a picture.
        emit: Gets the events.
        sign: Called at every sign that a picture is not dead.
        commit: Awaited with each slot that ended, before its event.
        on_all_ended: Called once, when `close` was called and every slot has ended.
        on_error: Told if a commit fails.
    """

    def __init__(
        self,
        queue: PromptQueue,
        drawing: Drawing,
        *,
        context: DrawContext,
        durable: bool,
        mark: Callable[[], Mark],
        emit: Callable[[Event], None],
        sign: Callable[[], None],
        commit: Callable[[Slot], Awaitable[None]],
        on_all_ended: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._queue = queue
        self._drawing = drawing
        self._context = context
        self._durable = durable
        self._mark = mark
        self._emit = emit
        self._sign = sign
        self._commit = commit
        self._on_all_ended = on_all_ended
        self._on_error = on_error
        self._tasks: dict[asyncio.Task[None], SlotId] = {}
        self._marks: dict[SlotId, Mark] = {}
        self._closed = False
        self._leaving = False
        self._tried: Collection[str] | None = None
        self._cancelled_because: BaseException | None = None

    def start(self, slot: Slot, kept: Awaitable[None]) -> None:
        """Have this slot's picture made, as soon as the slot is kept."""
        self._marks[slot.id] = self._mark()
        task = asyncio.create_task(self._work(slot, kept), name=f"picture {slot.id}")
        self._tasks[task] = slot.id
        task.add_done_callback(self._ended)

    def close(self) -> None:
        """Tell that no more slots come."""
        self._closed = True
        self._check_all_ended()

    def drop(self, slot_id: SlotId) -> None:
        """Stop drawing a slot that nobody wants any more. Its state is not touched."""
        self._marks[slot_id].end(ready=None)
        for task, drawn in self._tasks.items():
            if drawn == slot_id:
                task.cancel()

    def jobs(self) -> Iterator[str]:
        """The limiter's jobs for the slots that have not ended, in order."""
        for slot in self._queue.unfinished:
            job_id = self._marks[slot.id].job_id
            if job_id is not None:
                yield job_id

    async def cancel(self, error: BaseException | None = None, *, leave: bool = False) -> None:
        """Stop every picture that is not made yet; each of their slots fails with this error.

        Returns when the work has really stopped. A backend that does not stop within `GRACE`
        seconds is left behind (its limiter slot stays taken until it ends) and logged.

        Args:
            error: Why.
            leave: Let the slots wait instead, for somebody who will draw them later.
        """
        self._leaving = leave
        await self._stop(error or JobCancelled())

    async def give_up(self, error: BaseException, tried: Collection[str]) -> None:
        """Stop every picture that is not made yet: what was not tried has not failed.

        Args:
            error: Why those fail that were tried.
            tried: Their jobs. The slots of the others wait, for somebody who will draw them later.
        """
        self._tried = tried
        await self._stop(error)

    async def _stop(self, error: BaseException) -> None:
        self._cancelled_because = error
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, stuck = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in stuck:
                log.warning("%s did not stop %g s after it was cancelled", task.get_name(), GRACE)
                self._fail(self._tasks[task], self._cancelled_because)

    async def _work(self, slot: Slot, kept: Awaitable[None]) -> None:
        try:
            await kept
            picture = await self._drawing.draw(
                slot,
                slot.pending[-1],
                self._context,
                Watcher(
                    on_queued=self._marks[slot.id].queued,
                    on_start=lambda: self._started(slot.id),
                    on_progress=lambda done, preview: self._progressed(slot.id, done, preview),
                    on_sign=self._sign,
                ),
            )
        except asyncio.CancelledError as error:
            here = asyncio.current_task()
            if here is not None and here.cancelling():
                self._cancelled(slot.id)
            else:  # nobody has asked for it: it comes from the backend
                self._fail(slot.id, error)
            raise
        except Exception as error:
            failed = self._fail(slot.id, error)
            if failed is not None:
                await self._commit(failed)
        else:
            if self._queue.slot(slot.id).state is not SlotState.DRAWING:
                return  # given up meanwhile; a late picture must not come back to life
            slot = self._queue.finish(slot.id, picture)
            self._marks[slot.id].end(ready=True)
            self._sign()
            await self._commit(slot)
            self._emit(ImageReady(slot, picture.image))

    def _started(self, slot_id: SlotId) -> None:
        # A second attempt inside the limiter starts again; the slot is being drawn all the while.
        if self._queue.slot(slot_id).state is SlotState.QUEUED:
            slot = self._queue.start(slot_id)
            self._marks[slot_id].start()
            self._emit(ImageStarted(slot))

    def _progressed(self, slot_id: SlotId, fraction: float, preview: bytes | None) -> None:
        slot = self._queue.slot(slot_id)
        if slot.state is SlotState.DRAWING:
            self._emit(ImageProgress(slot, fraction, preview))

    def _fail(self, slot_id: SlotId, error: BaseException) -> Slot | None:
        if self._queue.slot(slot_id).state not in (SlotState.QUEUED, SlotState.DRAWING):
            return None
        if self._is_left(slot_id):
            self._queue.leave(slot_id)
            self._marks[slot_id].end(ready=None)
            return None
        slot = self._queue.fail(slot_id, error)
        self._marks[slot_id].end(ready=False)
        self._emit(ImageFailed(slot, error))
        return slot

    def _cancelled(self, slot_id: SlotId) -> None:
        if self._cancelled_because is None:
            # Not by us: the program is ending, and cancels everything it has.
            self._leaving = self._durable
        self._fail(slot_id, self._cancelled_because or JobCancelled("the program is ending"))

    def _is_left(self, slot_id: SlotId) -> bool:
        if self._tried is not None:
            return self._marks[slot_id].job_id not in self._tried
        return self._leaving

    def _ended(self, task: asyncio.Task[None]) -> None:
        slot_id = self._tasks.pop(task)
        if task.cancelled():
            # Cancelled before its first step, it never had the chance to say so itself.
            self._cancelled(slot_id)
        elif (error := task.exception()) is not None:
            # Only a commit can raise here: the picture is made, the store could not take it.
            log.error("picture %s could not be committed", slot_id, exc_info=error)
            if isinstance(error, Exception):
                self._on_error(error)
        self._check_all_ended()

    def _check_all_ended(self) -> None:
        if self._closed and not self._tasks:
            self._on_all_ended()
