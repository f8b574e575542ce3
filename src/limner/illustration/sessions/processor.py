"""Drawing the pictures of one message: all at once, as far as the global limiter allows."""

from collections.abc import Awaitable, Callable, Collection, Iterator

from limner.errors import JobCancelled
from limner.illustration.generation.drawing import Drawing
from limner.illustration.generation.drawing_task import DrawingTask, Stop
from limner.illustration.generation.drawing_tasks import DrawingTasks, stop_tasks
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.progress_board import TrackedPicture
from limner.illustration.model.slot import Slot, SlotId
from limner.illustration.sessions.events import Event
from limner.illustration.sessions.prompt_queue import PromptQueue
from limner.illustration.sessions.streamed_picture import StreamedPicture


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
        room: Awaited before a picture is asked for: there is room for it in memory.
        commit: Awaited with each slot that ended.
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
        mark: Callable[[], TrackedPicture],
        emit: Callable[[Event], None],
        sign: Callable[[], None],
        room: Callable[[], Awaitable[None]],
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
        self._room = room
        self._commit = commit
        self._on_all_ended = on_all_ended
        self._on_error = on_error
        self._tasks = DrawingTasks()
        self._closed = False

    def start(self, slot: Slot, kept: Awaitable[None]) -> None:
        """Have this slot's picture made, as soon as the slot is kept."""
        commit = StreamedPicture(
            slot.id,
            kept,
            self._queue,
            durable=self._durable,
            emit=self._emit,
            sign=self._sign,
            room=self._room,
            commit=self._commit,
            on_error=self._on_error,
        )
        self._tasks.begin(
            DrawingTask(
                slot,
                slot.pending[-1],
                drawing=self._drawing,
                context=self._context,
                mark=self._mark(),
                commit=commit,
            ),
            lambda _: self._check_all_ended(),
        )

    def close(self) -> None:
        """Tell that no more slots come."""
        self._closed = True
        self._check_all_ended()

    def drop(self, slot_id: SlotId) -> None:
        """Stop drawing a slot that nobody wants any more. Its state is not touched."""
        for task in self._tasks:
            if task.slot.id == slot_id:
                task.stop(Stop(error=JobCancelled("its tag was taken back"), quiet=True))

    def jobs(self) -> Iterator[str]:
        """The limiter's jobs for the slots that have not ended, in order."""
        return self._tasks.jobs()

    async def cancel(
        self,
        error: Exception,
        *,
        leave: bool = False,
        keep: Callable[[SlotId], bool] = lambda _: False,
    ) -> None:
        """Stop the pictures that are not made yet; each of their slots fails with this error.

        Returns when the work has really stopped; see
        `limner.illustration.generation.drawing_tasks.stop_tasks`.

        Args:
            error: Why.
            leave: Let the slots wait instead, for somebody who will draw them later.
            keep: Which of them go on; none by default.
        """
        why = Stop(error=error, leave=leave)
        await stop_tasks([one for one in self._tasks if not keep(one.slot.id)], lambda _: why)

    async def give_up(self, error: Exception, tried: Collection[str]) -> None:
        """Stop every picture that is not made yet: what was not tried has not failed.

        Args:
            error: Why those fail that were tried.
            tried: Their jobs. The slots of the others wait, for somebody who will draw them later.
        """
        await self._tasks.give_up(error, error, tried)

    def _check_all_ended(self) -> None:
        if self._closed and not self._tasks:
            self._on_all_ended()
