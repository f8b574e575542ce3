"""What all operations share: one change after the other, and none while a message is written."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from limner.errors import MessageBusy
from limner.illustration.model.change import Change
from limner.illustration.model.message import Message
from limner.illustration.model.slot import Slot, SlotId
from limner.illustration.operations.operation_queue import OperationQueue
from limner.illustration.operations.while_writing import WhileWriting
from limner.illustration.sessions.manual_sessions import ManualSessions
from limner.illustration.sessions.registry import SessionManager
from limner.illustration.shared_context import SharedContext

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Done:
    """What an operation gave, in a wrapper that tells it from a turn that came too early."""

    value: object


class MessageChanges:
    """Lets operations change messages one after the other, and never one that is being written.

    Args:
        shared: Store and lines.
        sessions: Tells which messages are being written.
        manual: Draws what has to be drawn.
        while_writing: What to do on those that are being written.
    """

    def __init__(
        self,
        *,
        shared: SharedContext,
        sessions: SessionManager,
        manual: ManualSessions,
        while_writing: WhileWriting = WhileWriting.REFUSE,
    ) -> None:
        self._shared = shared
        self._store = shared.store
        self._sessions = sessions
        self._manual = manual
        self._while_writing = WhileWriting(while_writing)
        self._queue = OperationQueue(shared.lock)

    def pause(self, message_id: str) -> None:
        """Let no operation on a message begin until `resume`; those that are asked for wait.

        What has begun goes on: a picture that is being drawn is kept, a session commits.
        """
        self._queue.pause(message_id)

    def resume(self, message_id: str) -> None:
        """Let the operations on a message begin, in the order in which they came."""
        self._queue.resume(message_id)

    def paused(self, message_id: str) -> bool:
        """Whether the operations on a message are held."""
        return self._queue.paused(message_id)

    def length(self, message_id: str) -> int:
        """How many operations on a message wait for their turn; none of them has begun."""
        return self._queue.length(message_id)

    def clear(self, message_id: str, *, reason: str = "the operation was dropped") -> int:
        """Drop the operations on a message that wait for their turn; tells how many.

        Args:
            message_id: The message.
            reason: Why; whoever waits for one of them gets it as `limner.errors.JobCancelled`.
        """
        return self._queue.clear(message_id, reason=reason)

    async def _in_turn(
        self, message_id: str, operation: Callable[[], Awaitable[T]], variant: int | None = None
    ) -> T:
        """Do something to a message, or to one of its answers, that nobody writes meanwhile."""

        async def turn() -> _Done | None:
            if self._sessions.current(message_id, variant) is not None:
                return None  # it began while we waited for our turn
            return _Done(await operation())

        while True:
            await self._wait_for_writer(message_id, variant)
            done = await self._queue.perform(message_id, turn)
            if done is not None:
                return done.value  # type: ignore[return-value]  # it is what the operation gave

    async def _wait_for_writer(self, message_id: str, variant: int | None) -> None:
        while (session := self._sessions.current(message_id, variant)) is not None:
            if self._while_writing is WhileWriting.REFUSE:
                raise MessageBusy(message_id)
            await session.wait()

    async def _change(
        self, slot_id: SlotId, kind: str, change: Callable[[Slot], Slot]
    ) -> Slot | None:
        """Change one slot, so that it can be undone; ``None`` if its message is gone."""

        async def commit() -> Slot | None:
            message = await self._load(slot_id)
            if message is None:
                return None
            before = message.slot(slot_id)
            after = change(before)
            if after == before:
                return before
            done = Change(kind=kind, before=(before,), after=(after,))
            return after if await self._store.save_slots(after, change=done) else None

        return await self._in_turn(slot_id.message_id, commit, slot_id.variant)

    async def _load(self, slot_id: SlotId) -> Message | None:
        """The slot's answer; of a message that is there, a missing answer is a mistake."""
        message = await self._store.load(slot_id.message_id, slot_id.variant)
        if message is None:
            # Its slot is then unknown; only a message that is gone as a whole ends quietly.
            message = await self._store.load(slot_id.message_id)
        return message
