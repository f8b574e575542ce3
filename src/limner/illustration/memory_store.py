"""A store that keeps messages in memory, for as long as it lives."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from limner.illustration.model.change import Change
from limner.illustration.model.cost import PICTURES
from limner.illustration.model.image import Image
from limner.illustration.model.message import Message, MessageState
from limner.illustration.model.pending import UNFINISHED
from limner.illustration.model.slot import Slot, SlotId
from limner.illustration.ports import DrawingLimit, DrawingRecord

SURROGATES = "surrogatepass"


class _Answers(dict[int, Message]):
    """The answers of a message. Text that is appended is put together when it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        # As bytes: a long text with a single emoji would take four times as much.
        self._appended: dict[int, bytearray] = {}

    def append(self, variant: int, text: str) -> None:
        """More text of an answer, at a cost that does not grow with what is there."""
        self._appended.setdefault(variant, bytearray()).extend(text.encode("utf-8", SURROGATES))

    def whole(self, variant: int) -> Message | None:
        """An answer with all its text."""
        appended = self._appended.pop(variant, None)
        message = self.get(variant)
        if message is not None and appended:
            text = message.text + appended.decode("utf-8", SURROGATES)
            message = replace(message, text=text)
            self[variant] = message
        return message

    def put(self, message: Message) -> None:
        """An answer in the place of its former self."""
        self._appended.pop(message.variant, None)
        self[message.variant] = message

    def with_slots(self, variant: int, slots: tuple[Slot, ...]) -> None:
        """Other slots; appended text is not touched."""
        self[variant] = replace(self[variant], slots=slots)


@dataclass(slots=True)
class _Kept:
    """A message with its alternative answers and what was done to it."""

    answers: _Answers = field(default_factory=_Answers)
    selected: int = 0
    deleted: bool = False
    done: list[Change] = field(default_factory=list)
    undone: list[Change] = field(default_factory=list)

    def forget_changes_beyond(self, message: Message) -> None:
        """Changes of slots that the answer has no more can neither be undone nor redone."""
        for log in (self.done, self.undone):
            log[:] = [
                change
                for change in log
                if change.before[0].id.variant != message.variant
                or all(slot.id.ordinal < len(message.slots) for slot in change.before)
            ]


class MemoryStore:
    """Keeps messages in a dictionary; a `MessageStore` and a `DrawingLedger`.

    Every call is atomic because none awaits anything between reading and writing.
    """

    pace = 0.0

    def __init__(self) -> None:
        self._messages: defaultdict[str, _Kept] = defaultdict(_Kept)
        self._drawings: list[DrawingRecord] = []

    def _kept(self, message_id: str) -> _Kept | None:
        kept = self._messages.get(message_id)
        return None if kept is None or kept.deleted else kept

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        """One of the message's answers as last saved; by default the one selected."""
        kept = self._kept(message_id)
        if kept is None:
            return None
        number = kept.selected if variant is None else variant
        return kept.answers.whole(number)

    async def variants(self, message_id: str) -> tuple[int, ...]:
        """The numbers of the message's alternative answers, in order."""
        kept = self._kept(message_id)
        return tuple(sorted(kept.answers)) if kept else ()

    async def select_variant(self, message_id: str, variant: int) -> bool:
        """Show another of the alternative answers; tells whether there is such a one."""
        kept = self._kept(message_id)
        if kept is None or variant not in kept.answers:
            return False
        kept.selected = variant
        return True

    async def save(self, message: Message) -> None:
        """Keep this snapshot of one answer in the place of its former one."""
        kept = self._messages[message.id]
        if message.variant not in kept.answers:
            kept.selected = message.variant
        kept.forget_changes_beyond(message)
        kept.answers.put(message)
        kept.deleted = False

    async def append_text(self, message_id: str, variant: int, text: str) -> bool:
        """Keep more of an answer that is being written; tells whether it is there."""
        kept = self._kept(message_id)
        if kept is None or variant not in kept.answers:
            return False
        kept.answers.append(variant, text)
        return True

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Keep these slots of one answer, replacing or adding; ``False`` if it is gone."""
        kept = self._kept(slots[0].id.message_id) if slots else None
        if kept is None or slots[0].id.variant not in kept.answers:
            return False
        self._put(kept, slots)
        if change is not None:
            kept.done.append(change)
            kept.undone.clear()
        return True

    def _put(self, kept: _Kept, slots: tuple[Slot, ...]) -> None:
        variant = slots[0].id.variant
        now = list(kept.answers[variant].slots)
        for slot in sorted(slots, key=lambda slot: slot.id):
            if slot.id.ordinal < len(now):
                now[slot.id.ordinal] = slot
            else:
                now.append(slot)
        kept.answers.with_slots(variant, tuple(now))

    async def undo(self, message_id: str) -> Change | None:
        """Take the last change back that was not taken back yet, if there is one."""
        kept = self._kept(message_id)
        if kept is None or not kept.done:
            return None
        change = kept.done.pop()
        kept.undone.append(change)
        self._return_to(kept, change.before)
        return change

    async def redo(self, message_id: str) -> Change | None:
        """Make the change again that was taken back last, if there is one."""
        kept = self._kept(message_id)
        if kept is None or not kept.undone:
            return None
        change = kept.undone.pop()
        kept.done.append(change)
        self._return_to(kept, change.after)
        return change

    def _return_to(self, kept: _Kept, slots: tuple[Slot, ...]) -> None:
        now = kept.answers[slots[0].id.variant].slots
        self._put(kept, tuple(slot.as_it_was(now[slot.id.ordinal]) for slot in slots))

    async def delete(self, message_id: str) -> bool:
        """Delete the message with all its answers; tells whether there was one."""
        kept = self._kept(message_id)
        if kept is not None:
            kept.deleted = True
        return kept is not None

    async def restore(self, message_id: str) -> bool:
        """Bring a deleted message back; tells whether it is there."""
        if message_id in self._messages:
            self._messages[message_id].deleted = False
        return message_id in self._messages

    async def message_ids(self, chat_id: str) -> list[str]:
        """The ids of a conversation's messages, in the order in which they were first saved."""
        return [
            message_id
            for message_id, kept in self._messages.items()
            if not kept.deleted and kept.answers[kept.selected].chat_id == chat_id
        ]

    async def unfinished(self) -> list[SlotId]:
        """The slots that wait for pictures, the one asked for first before all others."""
        found = [
            (min((d.requested_at for d in slot.pending), default=float("-inf")), slot.id)
            for kept in self._messages.values()
            if not kept.deleted
            for message in kept.answers.values()
            for slot in message.slots
            if slot.pending or slot.state in UNFINISHED
        ]
        return [slot_id for _, slot_id in sorted(found)]

    async def writing(self) -> list[tuple[str, int]]:
        """Message and variant of every answer whose text is still being written."""
        return [
            (message.id, message.variant)
            for kept in self._messages.values()
            if not kept.deleted
            for message in kept.answers.values()
            if message.state is MessageState.WRITING
        ]

    async def picture(self, request_key: str) -> Image | None:
        """A picture that was kept for an identical request, if there is one."""
        for kept in self._messages.values():
            for message in kept.answers.values():
                for slot in message.slots:
                    for made in slot.alternatives:
                        if made.request_key == request_key:
                            return made.image
        return None

    async def record(self, drawing: DrawingRecord) -> None:
        """Remember a drawing."""
        self._drawings.append(drawing)

    async def admit(self, drawing: DrawingRecord, limits: Sequence[DrawingLimit]) -> int | None:
        """Remember a drawing, unless a limit is reached; tells which is."""
        for place, limit in enumerate(limits):
            used = await self.spent(
                limit.unit, since=limit.since, owner=limit.owner, message_id=limit.message_id
            )
            if not limit.allows(drawing, used):
                return place
        self._drawings.append(drawing)
        return None

    async def settle(self, drawing: DrawingRecord) -> None:
        """Put what a drawing really cost in place of what was expected."""
        self._drawings = [
            replace(kept, costs=drawing.costs) if kept.id == drawing.id else kept
            for kept in self._drawings
        ]

    async def count(
        self, *, since: float = 0.0, owner: str | None = None, message_id: str | None = None
    ) -> int:
        """How many drawings were begun since an instant, of one owner or message or of all."""
        return sum(1 for _ in self._begun(since, owner, message_id))

    async def spent(
        self,
        unit: str,
        *,
        since: float = 0.0,
        owner: str | None = None,
        message_id: str | None = None,
    ) -> int:
        """What these cost, or will, in millionths of a unit."""
        return sum(drawing.cost(unit) for drawing in self._begun(since, owner, message_id))

    async def oldest(
        self, *, since: float, owner: str | None = None, unit: str = PICTURES
    ) -> float | None:
        """When the first was begun that cost something; ``None`` if there is none."""
        begun = (one.at for one in self._begun(since, owner, None) if one.cost(unit))
        return min(begun, default=None)

    def _begun(
        self, since: float, owner: str | None, message_id: str | None
    ) -> Iterator[DrawingRecord]:
        return (
            drawing
            for drawing in self._drawings
            if drawing.at >= since
            and owner in (None, drawing.owner)
            and message_id in (None, drawing.message_id)
        )
