"""What a start finds: answers that were cut, pictures that were never made."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from limner.errors import UnknownSlot
from limner.illustration.generation.drawing_task import DrawingTask
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.urgency import Urgency
from limner.illustration.illustrated import Illustrated
from limner.illustration.model.message import Message, MessageState, Role
from limner.illustration.model.pending import UNFINISHED, asked_for, settled
from limner.illustration.model.slot import Slot, SlotId
from limner.illustration.sessions.manual_picture import AskedDrawing
from limner.illustration.sessions.manual_sessions import ManualSessions
from limner.illustration.sessions.registry import SessionManager
from limner.illustration.sessions.session_request import SessionOptions
from limner.illustration.sessions.settling import Settling
from limner.illustration.sessions.text.monitor import StreamingMonitor
from limner.illustration.shared_context import SharedContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a start found.

    Attributes:
        cut: Message and variant of the answers that nobody writes any more.
        queued: The slots whose pictures are being drawn again, oldest first, those of answers
            that others have taken the place of behind them; one with several pictures to be drawn
            stands there as often.
    """

    cut: tuple[tuple[str, int], ...] = ()
    queued: tuple[SlotId, ...] = ()


class Recovery:
    """Takes up what a former process had to leave: crashed, killed, or closed.

    Pictures that are in the store are never drawn again; what was asked for and is not there is.
    It must not be used on a store into which another process is writing.

    Args:
        shared: Store, lines, clock.
        sessions: Tells which answers are being written after all.
        manual: Draws what has to be drawn.
        options: Tag patterns, and how long pictures may be silent.
    """

    def __init__(
        self,
        shared: SharedContext,
        sessions: SessionManager,
        manual: ManualSessions,
        *,
        options: SessionOptions,
    ) -> None:
        self._shared = shared
        self._store = shared.store
        self._sessions = sessions
        self._manual = manual
        self._options = options
        self._begun: set[DrawingTask] = set()

    async def recover(self, message_id: str | None = None, variant: int | None = None) -> Recovered:
        """Mark what was cut, and draw what is missing, of one message (or answer) or of all.

        Returns:
            What was found. The pictures are drawn in the background; see `join`.

        Raises:
            limner.errors.StorageError: The store cannot be read or written.
        """
        cut = [
            key
            for key in await self._store.writing()
            if message_id in (None, key[0])
            and variant in (None, key[1])
            and await self._in_turn(key, self._cut)
        ]
        found: list[tuple[float, AskedDrawing]] = []
        answers = {
            (slot_id.message_id, slot_id.variant): None
            for slot_id in await self._store.unfinished()
            if message_id in (None, slot_id.message_id) and variant in (None, slot_id.variant)
        }
        for key in answers:
            message = await self._in_turn(key, self._settle)
            if message is not None:
                found += _asked(message, await self._urgency(message))
        # It is stable: what was asked for together, as it was.
        found.sort(key=lambda one: (one[1].context.urgency.behind, one[0]))
        return Recovered(cut=tuple(cut), queued=tuple(self._begin(one) for _, one in found))

    def _begin(self, asked: AskedDrawing) -> SlotId:
        slot_id = asked.slot.id
        written = self._sessions.current(slot_id.message_id, slot_id.variant)
        if written is None and not self._manual.is_under_way(slot_id, asked.pending):
            task = self._manual.draw(asked)
            task.holders += 1  # whoever waits for it as well must not stop it
            self._begun.add(task)
            task.task.add_done_callback(lambda _: self._ended(task))
        return slot_id

    def _ended(self, task: DrawingTask) -> None:
        self._begun.discard(task)
        answer = task.slot.id.message_id, task.slot.id.variant
        if not any((one.slot.id.message_id, one.slot.id.variant) == answer for one in self._begun):
            self._sessions.drawn(*answer)

    async def _urgency(self, message: Message) -> Urgency:
        """Pictures of an answer that another has taken the place of wait behind all others."""
        urgency = self._sessions.taken_up(message.id, message.variant)
        shown = await self._store.load(message.id)
        urgency.fall_behind(shown is not None and shown.variant != message.variant)
        return urgency

    async def join(self, message_id: str | None = None) -> None:
        """Wait until nothing of a message (or of all) is drawn again any more."""
        while waiting := [
            task.task for task in self._begun if message_id in (None, task.slot.id.message_id)
        ]:
            await asyncio.wait(waiting)

    async def resume(self, message_id: str) -> Illustrated:
        """Take up one message and wait until nothing of it is missing.

        When there was no sign of its pictures for too long, those that were tried fail, and the
        others are left as they were.

        Raises:
            UnknownSlot: There is no such message.
            limner.errors.StorageError: The store cannot be read or written.
        """
        while (session := self._sessions.current(message_id)) is not None:
            await session.wait()
        await self.recover(message_id)
        given_up = await self._drawn(message_id)
        message = await self._store.load(message_id)
        if message is None:
            raise UnknownSlot(f"message {message_id!r}")
        return Illustrated(message=message, given_up=given_up)

    async def _drawn(self, message_id: str) -> Exception | None:
        """Wait for the pictures of a message; gives why it waits no longer, if it does not."""
        drawing, manual = self._shared.drawing, self._manual
        patience = Settling(
            drawing.patience.settle,
            limiter=drawing.limiter,
            patience=drawing.patience,
            jobs=lambda: manual.jobs(message_id),
        )
        stop = manual.on_sign(message_id, patience.sign)
        try:
            async with patience.bounded() as silence:
                while waiting := [task.outcome for task in manual.tasks(message_id)]:
                    await asyncio.wait(waiting)
        except TimeoutError:
            if not silence.broken:
                raise
            await manual.give_up(message_id, patience.complaint(), patience.tried())
            return patience.complaint()
        finally:
            stop()
        return None

    async def _in_turn(
        self, key: tuple[str, int], work: Callable[[Message], Awaitable[Message | None]]
    ) -> Message | None:
        """Do something to an answer, unless somebody writes it."""

        async def turn() -> Message | None:
            if self._sessions.current(*key) is not None:
                return None
            message = await self._store.load(*key)
            return None if message is None else await work(message)

        return await self._shared.lock.perform(key[0], turn)

    async def _cut(self, message: Message) -> Message | None:
        """Nobody writes this answer any more: what it has is what it will have."""
        if message.state is not MessageState.WRITING:
            return None
        slots = list(message.slots)
        if message.role is Role.ASSISTANT:
            known = {slot.tag.start for slot in slots}
            monitor = StreamingMonitor(self._options.patterns)
            monitor.feed(message.text)
            monitor.finish()
            for tag in monitor.tags:
                if tag.start not in known and not message.passed_over(tag.start):
                    slot_id = SlotId(message.id, message.variant, len(slots))
                    slots.append(Slot.of(slot_id, tag))
        now = self._shared.clock()
        cut = replace(
            message, state=MessageState.CUT, slots=tuple(_taken_up(slot, now) for slot in slots)
        )
        await self._store.save(cut)
        return cut

    async def _settle(self, message: Message) -> Message:
        """Show what was made and kept, but not shown yet, when everything stopped."""
        slots = tuple(_taken_up(slot, self._shared.clock()) for slot in message.slots)
        changed = [new for new, old in zip(slots, message.slots, strict=True) if new != old]
        if changed:
            await self._store.save_slots(*changed)
        return replace(message, slots=slots)


def _taken_up(slot: Slot, now: float) -> Slot:
    slot = settled(slot)
    if slot.state in UNFINISHED and not slot.pending:
        return asked_for(slot, at=now)[0]
    return slot


def _asked(message: Message, urgency: Urgency) -> list[tuple[float, AskedDrawing]]:
    """What is to be drawn of a message, with the instants at which it was asked for."""
    return [
        (
            drawing.requested_at,
            AskedDrawing(
                slot=slot,
                pending=drawing,
                chat_id=message.chat_id,
                # Somebody who wanted another picture is not served with the one there is.
                context=DrawContext.of(
                    message.owner,
                    message.chat_id,
                    str(slot.id),
                    from_cache=drawing.attempt == 0,
                    urgency=urgency,
                ),
            ),
        )
        for slot in message.slots
        for drawing in slot.pending
    ]
