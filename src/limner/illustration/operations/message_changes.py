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
from limner.illustration.sessions.session_base import Session
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

    Attributes:
        store: Where messages are kept.
        lock: Whose turn it is to change a message, sessions included.
        clock: Gives the current instant, in seconds since the epoch.
        sessions: As given.
        manual: As given.
        queue: The operations that wait.
    """

    def __init__(
        self,
        *,
        shared: SharedContext,
        sessions: SessionManager,
        manual: ManualSessions,
        while_writing: WhileWriting = WhileWriting.REFUSE,
    ) -> None:
        self.lock = shared.lock
        self.clock = shared.clock
        self.store = shared.store
        self.sessions = sessions
        self.manual = manual
        self._while_writing = WhileWriting(while_writing)
        self.queue = OperationQueue(shared.lock)

    async def in_turn(
        self,
        message_id: str,
        operation: Callable[[], Awaitable[T]],
        variant: int | None = None,
        *,
        slot_id: SlotId | None = None,
    ) -> T:
        """Do something to a message, or to one of its answers, that nobody writes meanwhile.

        Args:
            message_id: The message.
            operation: What.
            variant: To which of its answers; ``None``: to all.
            slot_id: To which slot alone; one that is finished is not written any more.
        """

        async def turn() -> _Done | None:
            if self._writer(message_id, variant, slot_id) is not None:
                return None  # it began while we waited for our turn
            return _Done(await operation())

        while True:
            await self.wait_for_writer(message_id, variant, slot_id)
            done = await self.queue.perform(message_id, turn)
            if done is not None:
                return done.value  # type: ignore[return-value]  # it is what the operation gave

    async def wait_for_writer(
        self, message_id: str, variant: int | None, slot_id: SlotId | None = None
    ) -> None:
        """Wait until nobody writes a message, one of its answers, or one of its slots.

        The last commit of a session that has nothing else to do is waited for in any case.

        Raises:
            limner.errors.MessageBusy: Somebody does, and operations are refused then.
        """
        while (session := self._writer(message_id, variant, slot_id)) is not None:
            if self._while_writing is WhileWriting.REFUSE and not session.ending:
                raise MessageBusy(message_id)
            await session.wait()

    def _writer(
        self, message_id: str, variant: int | None, slot_id: SlotId | None
    ) -> Session | None:
        session = self.sessions.current(message_id, variant)
        if session is None or (slot_id is not None and session.hand_over(slot_id)):
            return None
        return session

    async def change(
        self, slot_id: SlotId, kind: str, change: Callable[[Slot], Slot]
    ) -> Slot | None:
        """Change one slot, so that it can be undone; ``None`` if its message is gone."""

        async def commit() -> Slot | None:
            message = await self.load(slot_id)
            if message is None:
                return None
            before = message.slot(slot_id)
            after = change(before)
            if after == before:
                return before
            done = Change(kind=kind, before=(before,), after=(after,))
            if not await self.store.save_slots(after, change=done):
                return None
            self.manual.changed(slot_id.message_id)
            return after

        return await self.in_turn(slot_id.message_id, commit, slot_id.variant, slot_id=slot_id)

    async def load(self, slot_id: SlotId) -> Message | None:
        """The slot's answer; of a message that is there, a missing answer is a mistake."""
        message = await self.store.load(slot_id.message_id, slot_id.variant)
        if message is None:
            # Its slot is then unknown; only a message that is gone as a whole ends quietly.
            message = await self.store.load(slot_id.message_id)
        return message
