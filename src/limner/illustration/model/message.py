"""A message: its raw text, and apart from it the slots for its pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from limner.errors import UnknownSlot
from limner.illustration.model.slot import Slot, SlotId


class MessageState(StrEnum):
    """How far the text of a message is."""

    WRITING = "writing"
    COMPLETE = "complete"
    CUT = "cut"


class Role(StrEnum):
    """Who speaks in a message."""

    ASSISTANT = "assistant"
    USER = "user"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One answer, as it stands at one moment. Text and pictures are stored apart.

    Attributes:
        id: Its identity, unique among all messages.
        chat_id: The conversation it belongs to.
        variant: Which of the alternative answers this is, from 0.
        text: The raw text with the tags in it, exactly as it came.
        slots: One for each tag; a slot's ordinal is its index here. They are in reading order
            unless tags were put into a text that had some (see `in_reading_order`).
        state: Whether the text is still being written, complete, or was cut.
        role: Who speaks; only a model's words are illustrated.
        owner: For whom the pictures are, for fair turns and budgets; ``None``: for the chat.
        heeded_from: From which place of its text on tags ask for pictures; ``None``: from none.
            A tag before it that has no slot was passed over on purpose.
    """

    id: str
    chat_id: str = "default"
    variant: int = 0
    text: str = ""
    slots: tuple[Slot, ...] = ()
    state: MessageState = MessageState.WRITING
    role: Role = Role.ASSISTANT
    owner: str | None = None
    heeded_from: int | None = 0

    def passed_over(self, place: int) -> bool:
        """Whether a tag that stands there, and has no slot, is to have none."""
        return self.heeded_from is None or place < self.heeded_from

    def slot(self, slot_id: SlotId) -> Slot:
        """The slot with this id.

        Raises:
            UnknownSlot: It is not of this message or variant.
        """
        if (slot_id.message_id, slot_id.variant) != (self.id, self.variant) or not (
            0 <= slot_id.ordinal < len(self.slots)
        ):
            raise UnknownSlot(f"slot {slot_id}")
        return self.slots[slot_id.ordinal]

    def with_slot(self, slot: Slot) -> "Message":
        """The same message with this slot in the place of its former self."""
        self.slot(slot.id)
        slots = (*self.slots[: slot.id.ordinal], slot, *self.slots[slot.id.ordinal + 1 :])
        return replace(self, slots=slots)

    def in_reading_order(self) -> list[Slot]:
        """The slots by where their tags stand in the text.

        A slot whose tag was rewritten away stays where the tag was, with nothing of the text
        belonging to it: its tag starts and ends at the same place.
        """
        return sorted(self.slots, key=lambda slot: (slot.tag.start, slot.tag.end, slot.id.ordinal))

    def pieces(self) -> Iterator[str | Slot]:
        """The message in reading order: stretches of text, and slots where the tags stand."""
        at = 0
        for slot in self.in_reading_order():
            if slot.tag.start > at:
                yield self.text[at : slot.tag.start]
            yield slot
            at = max(at, slot.tag.end)
        if at < len(self.text):
            yield self.text[at:]
