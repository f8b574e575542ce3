"""The pictures of one answer that are drawn outside of a stream, as a session like any other."""

import asyncio
from collections.abc import Callable

from limner.errors import JobCancelled
from limner.illustration.generation.drawing_task import DrawingTask, Stop
from limner.illustration.generation.drawing_tasks import DrawingTasks
from limner.illustration.generation.progress import Progress
from limner.illustration.model.slot import SlotState
from limner.illustration.sessions.events import Event
from limner.illustration.sessions.manual_picture import AskedDrawing, ManualPicture
from limner.illustration.sessions.session_base import Session
from limner.illustration.sessions.status import SessionKind, WaitsFor
from limner.illustration.shared_context import SharedContext


class ManualSession(Session):
    """Draws what was asked for by hand, or what a start has found, of one answer.

    It begins with its first picture and ends when none is under way. Each picture has a task of
    its own, outside of its message's line, and is committed inside it.

    Args:
        first: The first picture; it tells which answer this is.
        shared: Store, lines, way to a picture.
        emit: Gets the events.
        sign: Called at every sign that a picture is not dead.
        changed: Called when one has become a change that can be undone.
        on_end: Called when none is under way any more.
    """

    kind = SessionKind.MANUAL

    def __init__(
        self,
        first: AskedDrawing,
        *,
        shared: SharedContext,
        emit: Callable[["ManualSession", Event], None],
        sign: Callable[[str], None],
        changed: Callable[[str], None],
        on_end: Callable[["ManualSession"], None],
    ) -> None:
        super().__init__(first.slot.id.message_id, first.chat_id, first.slot.id.variant)
        self.variant = first.slot.id.variant
        self.tasks = DrawingTasks()
        self._shared = shared
        self._emit = emit
        self._sign = sign
        self._changed = changed
        self._on_end = on_end
        self._stopping: asyncio.Task[None] | None = None
        self._ready = self._failed = 0
        self._durations: list[float] = []

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop; it takes no more pictures then."""
        return self._stopping is not None

    def draw(self, asked: AskedDrawing) -> DrawingTask:
        """Have a picture made."""
        commit = ManualPicture(
            asked,
            self._shared,
            emit=lambda event: self._emit(self, event),
            sign=lambda: self._sign(self.message_id),
            changed=lambda: self._changed(self.message_id),
        )
        task = DrawingTask(
            asked.slot,
            asked.pending,
            drawing=self._shared.drawing,
            context=asked.context,
            mark=self._shared.board.add(self.message_id),
            commit=commit,
            kind=asked.kind,
        )
        return self.tasks.begin(task, self._ended)

    def cancel(self, reason: str = "cancelled", *, leave: bool = False) -> None:
        """Ask it to stop; returns at once. Slots that had pictures are as before then.

        Args:
            reason: Why; those who wait get it as `JobCancelled`.
            leave: Let the drawings stay asked for, for the next start.
        """
        self.stopped = True
        self._stop(Stop(error=JobCancelled(reason), leave=leave))

    def stop_text(self, reason: str) -> bool:
        """It writes nothing."""
        return False

    def stop_pictures(self, reason: str) -> bool:
        """They are all there is."""
        self.cancel(reason)
        return True

    async def stop(self, stop: Stop) -> None:
        """Stop, and wait until everything has really ended."""
        await asyncio.shield(self._stop(stop))

    def _stop(self, stop: Stop) -> "asyncio.Task[None]":
        if self._stopping is None:
            name = f"end of {self.message_id}"
            self._stopping = asyncio.create_task(self.tasks.stop(stop), name=name)
        return self._stopping

    def _waits_for(self) -> tuple[WaitsFor, ...]:
        return (WaitsFor.PICTURES,)

    def progress(self) -> Progress:
        """How far its pictures are."""
        drawing = sum(task.mark.started_at is not None for task in self.tasks)
        counts = {
            SlotState.READY: self._ready,
            SlotState.FAILED: self._failed,
            SlotState.DRAWING: drawing,
            SlotState.QUEUED: len(self.tasks) - drawing,
        }
        return Progress.of(counts, durations=self._durations)

    def _ended(self, task: DrawingTask) -> None:
        self._ready += task.mark.ready is True
        self._failed += task.mark.ready is False
        if task.mark.ready and task.mark.seconds is not None:
            self._durations.append(task.mark.seconds)
        if not self.tasks:
            self._on_end(self)
