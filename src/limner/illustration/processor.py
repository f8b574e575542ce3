"""Drawing the pictures of one message: all at once, as far as the global limiter allows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from limner.errors import JobCancelled
from limner.illustration.drawing import Drawing
from limner.illustration.events import Event, ImageFailed, ImageProgress, ImageReady, ImageStarted
from limner.illustration.prompt_queue import PromptQueue
from limner.illustration.slot import Slot, SlotId, SlotState

log = logging.getLogger(__name__)

GRACE = 30.0
"""Seconds a cancelled picture is given to stop before its session goes on without it."""


class QueueProcessor:
    """Takes each slot to its end: a picture, or a reason why there is none.

    A slot's task waits for the limiter and nothing else, so its backend call begins in the same
    instant in which a permit is free. One picture's end never depends on another's.

    Args:
        queue: Keeps the states.
        drawing: The way to a picture.
        owner: For whom the pictures are, in the limiter's sense.
        tag: What the session's jobs are called in the limiter.
        emit: Gets the events.
        commit: Awaited with each slot that ended, before its event; in insert mode ``live``.
        on_all_ended: Called once, when `close` was called and every slot has ended.
    """

    def __init__(
        self,
        queue: PromptQueue,
        drawing: Drawing,
        *,
        owner: str,
        tag: str,
        emit: Callable[[Event], None],
        commit: Callable[[Slot], Awaitable[None]],
        on_all_ended: Callable[[], None],
    ) -> None:
        self._queue = queue
        self._drawing = drawing
        self._owner = owner
        self._tag = tag
        self._emit = emit
        self._commit = commit
        self._on_all_ended = on_all_ended
        self._tasks: dict[asyncio.Task[None], SlotId] = {}
        self._closed = False
        self._cancelled_because: BaseException | None = None

    def start(self, slot: Slot) -> None:
        """Have this slot's picture made."""
        task = asyncio.create_task(self._work(slot), name=f"picture {slot.id}")
        self._tasks[task] = slot.id
        task.add_done_callback(self._ended)

    def close(self) -> None:
        """Tell that no more slots come."""
        self._closed = True
        self._check_all_ended()

    async def cancel(self, error: BaseException | None = None) -> None:
        """Stop every picture that is not made yet; each of their slots fails with this error.

        Returns when the work has really stopped. A backend that does not stop within `GRACE`
        seconds is left behind (its limiter slot stays taken until it ends) and logged.
        """
        self._cancelled_because = error or JobCancelled()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, stuck = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in stuck:
                log.warning("%s did not stop %g s after it was cancelled", task.get_name(), GRACE)
                self._fail(self._tasks[task], self._cancelled_because)

    async def _work(self, slot: Slot) -> None:
        try:
            image = await self._drawing.draw(
                slot,
                owner=self._owner,
                tags=(self._tag,),
                on_start=lambda: self._started(slot.id),
                on_progress=lambda fraction, preview: self._progressed(slot.id, fraction, preview),
            )
        except asyncio.CancelledError as error:
            self._fail(slot.id, self._cancelled_because or error)
            raise
        except Exception as error:
            failed = self._fail(slot.id, error)
            if failed is not None:
                await self._commit(failed)
        else:
            if self._queue.entry(slot.id).slot.state is not SlotState.DRAWING:
                return  # given up meanwhile; a late picture must not come back to life
            slot = self._queue.finish(slot.id, image)
            await self._commit(slot)
            self._emit(ImageReady(slot, image))

    def _started(self, slot_id: SlotId) -> None:
        # A second attempt inside the limiter starts again; the slot is being drawn all the while.
        if self._queue.entry(slot_id).slot.state is SlotState.QUEUED:
            self._emit(ImageStarted(self._queue.start(slot_id)))

    def _progressed(self, slot_id: SlotId, fraction: float, preview: bytes | None) -> None:
        slot = self._queue.entry(slot_id).slot
        if slot.state is SlotState.DRAWING:
            self._emit(ImageProgress(slot, fraction, preview))

    def _fail(self, slot_id: SlotId, error: BaseException) -> Slot | None:
        if self._queue.entry(slot_id).slot.state not in (SlotState.QUEUED, SlotState.DRAWING):
            return None
        slot = self._queue.fail(slot_id, error)
        self._emit(ImageFailed(slot, error))
        return slot

    def _ended(self, task: asyncio.Task[None]) -> None:
        slot_id = self._tasks.pop(task)
        if task.cancelled():
            # Cancelled before its first step, it never had the chance to say so itself.
            self._fail(slot_id, self._cancelled_because or JobCancelled())
        elif (error := task.exception()) is not None:
            # Only a commit can raise here: the picture is made, the store could not take it.
            log.error("picture %s could not be committed", slot_id, exc_info=error)
        self._check_all_ended()

    def _check_all_ended(self) -> None:
        if self._closed and not self._tasks:
            self._on_all_ended()
