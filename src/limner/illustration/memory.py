"""A store that keeps messages in memory, for as long as it lives."""

from dataclasses import replace

from limner.illustration.message import Message
from limner.illustration.slot import Slot


class MemoryStore:
    """Keeps messages in a dictionary; a `limner.illustration.MessageStore`.

    Every call is atomic because none awaits anything between reading and writing.
    """

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}

    async def load(self, message_id: str) -> Message | None:
        """The message as last saved, or ``None``."""
        return self._messages.get(message_id)

    async def save(self, message: Message) -> None:
        """Keep this snapshot in the place of the former one."""
        self._messages[message.id] = message

    async def save_slots(self, *slots: Slot) -> bool:
        """Keep these slots of one message, replacing or adding; ``False`` if it is gone."""
        message = self._messages.get(slots[0].id.message_id) if slots else None
        if message is None:
            return False
        kept = list(message.slots)
        for slot in sorted(slots, key=lambda slot: slot.id):
            if slot.id.ordinal < len(kept):
                kept[slot.id.ordinal] = slot
            else:
                kept.append(slot)
        self._messages[message.id] = replace(message, slots=tuple(kept))
        return True

    async def delete(self, message_id: str) -> bool:
        """Forget the message; tells whether there was one."""
        return self._messages.pop(message_id, None) is not None
