"""A library whose every change is told."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from limner.illustration import Change, Image, Message, MessageState, Slot, SlotId
from limner.server.events.hub import EventHub
from limner.server.schemas import SlotView
from limner.storage import Library, NewChat, SaidMessage

KNOWN = 4096
"""Messages whose conversation is remembered."""


class WatchedStore:
    """Keeps messages in a library, and tells of each commit after it is done.

    Whoever writes through it (the streams of any front-end, manual changes, the recovery after a
    start) is heard. It is a `limner.illustration.MessageStore`; give it to the illustrator, and
    the library itself as its ledger.

    Args:
        library: Where messages are kept.
        hub: Who is told.
        working: Called with each answer that is written or drawn for, before it is kept.
    """

    def __init__(
        self,
        library: Library,
        hub: EventHub,
        *,
        working: Callable[[str, int], None] = lambda message_id, variant: None,
    ) -> None:
        self._working = working
        self._library = library
        self._hub = hub
        self._chats: OrderedDict[str, str] = OrderedDict()

    @property
    def pace(self) -> float:
        """See `limner.illustration.MessageStore`."""
        return self._library.pace

    def chat_of(self, message_id: str) -> str | None:
        """The conversation of a message that was read or written lately."""
        return self._chats.get(message_id)

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        """See `limner.illustration.MessageStore`, as for all that follow."""
        message = await self._library.load(message_id, variant)
        if message is not None:
            self._remember(message)
        return message

    async def variants(self, message_id: str) -> tuple[int, ...]:
        """The numbers of the message's answers."""
        return await self._library.variants(message_id)

    async def select_variant(self, message_id: str, variant: int) -> bool:
        """Show another of the answers."""
        done = await self._library.select_variant(message_id, variant)
        if done:
            self._changed("message.selected", message_id, variant=variant)
        return done

    async def save(self, message: Message) -> None:
        """Keep an answer."""
        await self.save_said([SaidMessage(message)])

    async def save_said(self, said: Sequence[SaidMessage], *, chat: NewChat | None = None) -> None:
        """Keep several answers together; see `limner.storage.Library`."""
        messages = [one.message for one in said]
        for message in messages:
            if message.state is MessageState.WRITING or any(slot.pending for slot in message.slots):
                self._working(message.id, message.variant)
        await self._library.save_said(said, chat=chat)
        for message in messages:
            self._remember(message)
            self._changed(
                "message.changed",
                message.id,
                variant=message.variant,
                role=str(message.role),
                state=str(message.state),
            )

    def append_text(self, message_id: str, variant: int, text: str) -> Awaitable[bool]:
        """Keep more of an answer; told by whoever streams it, not from here."""
        return self._library.append_text(message_id, variant, text)

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Keep slots of an answer."""
        if any(slot.pending for slot in slots):
            self._working(slots[0].id.message_id, slots[0].id.variant)
        done = await self._library.save_slots(*slots, change=change)
        if done:
            self._slots(slots)
        return done

    async def undo(self, message_id: str) -> Change | None:
        """Take the last change back."""
        return await self._gone_to(message_id, await self._library.undo(message_id))

    async def redo(self, message_id: str) -> Change | None:
        """Make it again."""
        return await self._gone_to(message_id, await self._library.redo(message_id))

    async def delete(self, message_id: str) -> bool:
        """Delete a message."""
        done = await self._library.delete(message_id)
        if done:
            self._changed("message.deleted", message_id)
        return done

    async def restore(self, message_id: str) -> bool:
        """Bring it back."""
        done = await self._library.restore(message_id)
        if done:
            self._changed("message.restored", message_id)
        return done

    async def message_ids(self, chat_id: str) -> list[str]:
        """The messages of a conversation."""
        return await self._library.message_ids(chat_id)

    async def unfinished(self) -> list[SlotId]:
        """The slots with pending drawings."""
        return await self._library.unfinished()

    async def writing(self) -> list[tuple[str, int]]:
        """The answers that are being written."""
        return await self._library.writing()

    async def picture(self, request_key: str) -> Image | None:
        """A picture of an identical request."""
        return await self._library.picture(request_key)

    async def _gone_to(self, message_id: str, change: Change | None) -> Change | None:
        """Tell what an undo or redo has made of the slots."""
        if change is not None and change.after:
            variant = change.after[0].id.variant
            message = await self.load(message_id, variant)
            if message is not None:
                ids = {slot.id for slot in (*change.before, *change.after)}
                self._slots([slot for slot in message.slots if slot.id in ids])
        return change

    def _slots(self, slots: "tuple[Slot, ...] | list[Slot]") -> None:
        for slot in slots:
            data = {"slot_id": str(slot.id), "slot": SlotView.of(slot).model_dump()}
            self._hub.publish("slot.changed", data, chat=self.chat_of(slot.id.message_id))

    def _changed(self, kind: str, message_id: str, **data: object) -> None:
        chat = self.chat_of(message_id)
        self._hub.publish(kind, {"message": message_id, "chat": chat, **data}, chat=chat)

    def _remember(self, message: Message) -> None:
        self._chats[message.id] = message.chat_id
        self._chats.move_to_end(message.id)
        while len(self._chats) > KNOWN:
            self._chats.popitem(last=False)
