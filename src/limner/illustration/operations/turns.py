"""Whose turn it is to change a message by hand, and what to do while it is being written."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from limner.errors import MessageBusy
from limner.illustration.model.change import Change
from limner.illustration.model.message import Message
from limner.illustration.model.slot import Slot, SlotId
from limner.illustration.operations.commission import Commissions
from limner.illustration.sessions.session_manager import SessionManager
from limner.illustration.shared_context import SharedContext

T = TypeVar("T")


class WhileWriting(StrEnum):
    """What an operation does on a message that is still being written."""

    REFUSE = "refuse"
    """It raises `limner.errors.MessageBusy`."""
    QUEUE = "queue"
    """It waits until the message is committed."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What an operation gave, in a wrapper that tells it from a turn that came too early."""

    value: object


class Turns:
    """Lets operations change messages one after the other, and never one that is being written.

    Args:
        shared: Store and lines.
        sessions: Tells which messages are being written.
        commissions: Carries out what has to be drawn.
        while_writing: What to do on those that are being written.
    """

    def __init__(
        self,
        *,
        shared: SharedContext,
        sessions: SessionManager,
        commissions: Commissions,
        while_writing: WhileWriting = WhileWriting.REFUSE,
    ) -> None:
        self._shared = shared
        self._store = shared.store
        self._sessions = sessions
        self._commissions = commissions
        self._while_writing = WhileWriting(while_writing)

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
            done = await self._shared.lock.perform(message_id, turn)
            if done is not None:
                return done.value  # type: ignore[return-value]  # it is what the operation gave

    async def _wait_for_writer(self, message_id: str, variant: int | None) -> None:
        while (session := self._sessions.current(message_id, variant)) is not None:
            if self._while_writing is WhileWriting.REFUSE:
                raise MessageBusy(message_id)
            await session.ended.wait()

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
