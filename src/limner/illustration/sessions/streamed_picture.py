"""What a picture of a text that is being written does to its slot."""

import logging
from collections.abc import Awaitable, Callable

from limner.errors import JobCancelled, StorageError
from limner.illustration.generation.drawing_task import Stop
from limner.illustration.model.slot import Alternative, Slot, SlotId, SlotState
from limner.illustration.sessions.events import (
    Event,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageStarted,
)
from limner.illustration.sessions.prompt_queue import PromptQueue

log = logging.getLogger(__name__)


class StreamedPicture:
    """Changes the slot in its session's queue, has it kept, and tells of it.

    A `limner.illustration.generation.drawing_task.CommitStrategy`. What is stopped is not kept
    here: its session keeps everything in its last commit.

    Args:
        slot_id: The slot.
        kept: Done when the slot is kept, or is known to be kept later; before that its picture must
            not be asked for.
        queue: Keeps the states.
        durable: Whether somebody will draw later what a program that is ended leaves.
        emit: Gets the events.
        sign: Called at every sign that the picture is not dead.
        room: Awaited before the picture is asked for.
        commit: Keeps a slot that ended.
        on_error: Told if that fails.
    """

    def __init__(
        self,
        slot_id: SlotId,
        kept: Awaitable[None],
        queue: PromptQueue,
        *,
        durable: bool,
        emit: Callable[[Event], None],
        sign: Callable[[], None],
        room: Callable[[], Awaitable[None]],
        commit: Callable[[Slot], Awaitable[None]],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._id = slot_id
        self._kept = kept
        self._queue = queue
        self._durable = durable
        self._emit = emit
        self.sign = sign
        self._room = room
        self._commit = commit
        self._on_error = on_error

    async def ready(self) -> None:
        """Wait until the slot is kept, and there is room for its picture."""
        await self._kept
        await self._room()

    def started(self) -> None:
        """The slot is being drawn."""
        if self._queue.slot(self._id).state is SlotState.QUEUED:
            self._emit(ImageStarted(self._queue.start(self._id)))

    def progressed(self, fraction: float, preview: bytes | None) -> None:
        """Tell how far it is."""
        slot = self._queue.slot(self._id)
        if slot.state is SlotState.DRAWING:
            self._emit(ImageProgress(slot, fraction, preview))

    async def made(self, picture: Alternative) -> Slot | None:
        """Keep the picture, then tell that it is there."""
        if self._queue.slot(self._id).state is not SlotState.DRAWING:
            return None  # its tag was taken back meanwhile
        slot = self._queue.finish(self._id, picture)
        if await self._keep(slot):
            self._queue.entry(self._id).told = True
            self._emit(ImageReady(slot, picture.image))
        return slot

    async def failed(self, error: BaseException) -> None:
        """Tell why there is none, then keep it."""
        slot = self._fail(error)
        if slot is not None:
            await self._keep(slot)

    async def stopped(self, stop: Stop) -> None:
        """The slot fails with the reason, or waits for somebody who will draw it later."""
        if stop.leave:
            self._leave()
        else:
            self._fail(stop.error)

    def counts(self, stop: Stop) -> bool:
        """It does, unless it waits."""
        return not stop.leave and self._unfinished

    def interrupted(self) -> None:
        """The program is ending, and cancels everything it has."""
        if self._durable:
            self._leave()
        else:
            self._fail(JobCancelled("the program is ending"))

    @property
    def _unfinished(self) -> bool:
        return self._queue.slot(self._id).state in (SlotState.QUEUED, SlotState.DRAWING)

    def _leave(self) -> None:
        if self._unfinished:
            self._queue.leave(self._id)

    def _fail(self, error: BaseException) -> Slot | None:
        if not self._unfinished:
            return None
        slot = self._queue.fail(self._id, error)
        self._emit(ImageFailed(slot, error))
        return slot

    async def _keep(self, slot: Slot) -> bool:
        """Have it kept; tells whether it may be shown."""
        try:
            await self._commit(slot)
        except StorageError as error:
            log.error("picture %s could not be kept: %s", self._id, error)
            self._on_error(error)
        except Exception as error:
            log.error("picture %s could not be kept", self._id, exc_info=error)
            self._on_error(error)
            return False
        return True
