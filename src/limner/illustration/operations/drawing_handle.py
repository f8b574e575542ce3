"""What somebody holds who has asked for a picture: it was accepted, and this is how it ends."""

import asyncio

from limner.errors import JobCancelled
from limner.illustration.generation.drawing_task import DrawingTask, Stop
from limner.illustration.generation.drawing_tasks import stop_tasks
from limner.illustration.model.slot import Slot, SlotId
from limner.uninterrupted import uninterrupted


class DrawingHandle:
    """A drawing that was accepted. It goes on whether or not somebody holds or awaits this.

    Several may hold the same drawing (`MessageOperations.request_retry`); it is stopped when the
    last of them has cancelled.

    Args:
        slot_id: The slot.
        slot: As it was when the drawing was accepted; ``None``: its message is gone.
        task: What draws; ``None``: there is nothing to be drawn.

    Attributes:
        slot_id: The slot.
        slot: As it was then, with the drawing among its pending ones.
    """

    def __init__(self, slot_id: SlotId, slot: Slot | None, task: DrawingTask | None = None) -> None:
        self.slot_id = slot_id
        self.slot = slot
        self._task = task
        self._let_go = task is None
        if task is not None:
            task.holders += 1

    @property
    def job_id(self) -> str | None:
        """The limiter's job that draws it, if it has come so far."""
        return None if self._task is None else self._task.mark.job_id

    @property
    def done(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self._task is None or self._task.outcome.done()

    async def result(self) -> Slot | None:
        """Wait for the picture. Cancelling the wait does not stop the drawing.

        Returns:
            The slot as committed, or ``None`` if its message is gone.

        Raises:
            limner.errors.LimnerError: Why there is no picture. One that the slot had is kept, and
                a slot without one keeps the reason.
            limner.errors.JobCancelled: It was cancelled.
        """
        if self._task is None:
            return self.slot
        return await asyncio.shield(self._task.outcome)

    async def cancel(self, reason: str = "cancelled") -> None:
        """Want it no more; returns when the work has really stopped. Twice is fine.

        The slot is as before then. If others hold the same drawing it goes on for them.

        Args:
            reason: Why; `result` raises it as `limner.errors.JobCancelled`.
        """
        if self._task is None or self._let_go:
            return
        self._let_go = True
        self._task.holders -= 1
        if not self._task.holders and not self._task.outcome.done():
            stop = Stop(error=JobCancelled(reason))
            await uninterrupted(stop_tasks([self._task], lambda _: stop))


async def drawn(handle: DrawingHandle) -> Slot | None:
    """Wait for a picture; if the waiting is cancelled, so is the picture, and its end awaited.

    Raises:
        limner.errors.LimnerError: Why there is none.
    """
    try:
        return await handle.result()
    except asyncio.CancelledError:
        await handle.cancel()
        raise
