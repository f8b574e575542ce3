"""All pictures that are drawn outside of a stream: by hand, or by a start that found them."""

import asyncio
from collections.abc import Callable, Collection, Iterator

from limner.errors import JobCancelled
from limner.illustration.generation.drawing_task import DrawingTask, Stop
from limner.illustration.model.pending import is_same
from limner.illustration.model.slot import PendingDrawing, SlotId
from limner.illustration.sessions.listeners import SessionListeners
from limner.illustration.sessions.manual_picture import AskedDrawing
from limner.illustration.sessions.manual_session import ManualSession
from limner.illustration.sessions.registry import SessionManager
from limner.illustration.shared_context import SharedContext


class ManualSessions:
    """Gives each picture to the session of its answer, which is registered with all others.

    Args:
        shared: Store, lines, way to a picture.
        registry: Where sessions are registered.
        listeners: Told the events.
    """

    def __init__(
        self, shared: SharedContext, registry: SessionManager, listeners: SessionListeners
    ) -> None:
        self._shared = shared
        self._registry = registry
        self._listeners = listeners
        self._sessions: dict[ManualSession, None] = {}
        self._signs: list[tuple[str, Callable[[], None]]] = []
        self._watchers: list[Callable[[str, bool], object]] = []

    def draw(self, asked: AskedDrawing) -> DrawingTask:
        """Have a picture made, in the session of its answer or in a new one."""
        slot_id = asked.slot.id
        for session in self._of(slot_id.message_id, slot_id.variant):
            if not session.cancelled:
                return session.draw(asked)
        session = ManualSession(
            asked,
            shared=self._shared,
            emit=self._listeners.tell,
            sign=self._sign,
            changed=self.changed,
            on_end=self._ended,
        )
        self._sessions[session] = None
        self._registry.register(session)
        return session.draw(asked)

    def _ended(self, session: ManualSession) -> None:
        self._sessions.pop(session, None)
        self._registry.end(session)

    def _of(self, message_id: str, variant: int | None = None) -> list[ManualSession]:
        return [
            session
            for session in self._sessions
            if session.message_id == message_id and variant in (None, session.variant)
        ]

    def tasks(self, message_id: str) -> list[DrawingTask]:
        """What is under way for a message."""
        return [task for session in self._of(message_id) for task in session.tasks]

    def find(self, slot_id: SlotId) -> DrawingTask | None:
        """What is under way for a slot and not being stopped, if anything is; the first of it."""
        tasks = (task for task in self.tasks(slot_id.message_id) if task.slot.id == slot_id)
        return next((task for task in tasks if not task.stopping), None)

    def changed(self, message_id: str, *, undone: bool = False) -> None:
        """A change of a message was kept that can be undone, or was undone.

        Tells what is under way how many of them came after it; see `asked_last`.
        """
        self.changed_elsewhere(message_id, undone=undone)
        for watcher in self._watchers:
            watcher(message_id, undone)

    def on_change(self, watcher: Callable[[str, bool], object]) -> None:
        """Have a function called with each message that was changed so, and whether by an undo."""
        self._watchers.append(watcher)

    def changed_elsewhere(self, message_id: str, *, undone: bool) -> None:
        """Likewise, by another process on the same store."""
        for task in self.tasks(message_id):
            task.later = max(task.later - 1, 0) if undone else task.later + 1

    def asked_last(self, message_id: str) -> DrawingTask | None:
        """What is drawn for a message, if somebody asked for it after its last change."""
        asked = [
            task
            for task in self.tasks(message_id)
            if task.kind is not None and not task.later and not task.stopping
        ]
        return max(reversed(asked), key=lambda task: task.pending.requested_at, default=None)

    def is_under_way(self, slot_id: SlotId, pending: PendingDrawing) -> bool:
        """Whether this drawing is being made, or has not ended yet."""
        return any(
            task.slot.id == slot_id and is_same(task.pending, pending)
            for task in self.tasks(slot_id.message_id)
        )

    def jobs(self, message_id: str) -> Iterator[str]:
        """The limiter's jobs for what is under way for a message."""
        for session in self._of(message_id):
            yield from session.tasks.jobs()

    def on_sign(self, message_id: str, handler: Callable[[], None]) -> Callable[[], None]:
        """Have a function called at each sign of a message's pictures; gives what ends that."""
        self._signs.append((message_id, handler))
        return lambda: self._signs.remove((message_id, handler))

    def _sign(self, message_id: str) -> None:
        for wanted, handler in tuple(self._signs):
            if wanted == message_id:
                handler()

    async def give_up(self, message_id: str, error: Exception, tried: Collection[str]) -> None:
        """Stop what is under way for a message: what was not tried has not failed.

        Args:
            message_id: The message.
            error: Why those fail that were tried.
            tried: Their jobs. The others stay pending.
        """
        left = JobCancelled(str(error))
        sessions = self._of(message_id)
        await asyncio.gather(*(one.tasks.give_up(error, left, tried) for one in sessions))

    async def stop(self, message_id: str, variant: int | None = None, *, stop: Stop) -> None:
        """Stop what is under way for a message, or for one of its answers, and wait for its end."""
        await asyncio.gather(*(session.stop(stop) for session in self._of(message_id, variant)))
