"""What is taken back or deleted at one server, and is being drawn at another."""

import asyncio

from limner.errors import LimnerError
from limner.illustration import Change, Illustrator, PendingDrawing, SlotId
from limner.server.events import EventHub
from limner.server.others.questions import Questions, Said
from limner.storage import Library

PATIENCE = 0.5
"""Seconds for which it is waited for what others say of a message."""
ENDING = 5.0
"""Seconds for which it is waited until they have stopped something, and kept that: who does not
answer for so long is taken for dead."""
DELETED = "the message was deleted"


class Withdrawing:
    """Takes back and deletes, at whichever server it is that draws.

    Others are asked only where the library says that they are at it.

    Args:
        illustrator: Has what is drawn here.
        library: Knows who is at what.
        hub: Tells the others.
    """

    def __init__(self, illustrator: Illustrator, library: Library, hub: EventHub) -> None:
        self._operations = illustrator.operations
        self._sessions = illustrator.sessions
        self._library = library
        self._last = Questions(hub, "asked-last", self._say_last)
        self._back = Questions(hub, "take-back", self._take_back)
        self._end = Questions(hub, "end", self._end_for_another)
        if hub.has_others:
            self._operations.on_change(
                lambda message, undone: hub.tell_others(
                    "undoable", {"message": message, "undone": undone}
                )
            )
            hub.on_others("undoable", self._changed_elsewhere)

    async def undo(self, message_id: str) -> Change | None:
        """Take back what was done last to a message's pictures, at whichever server.

        Raises:
            limner.errors.MessageBusy: The message is being written here.
        """
        return await self._taken_elsewhere(message_id) or await self._operations.undo(message_id)

    async def delete_message(self, message_id: str) -> bool:
        """Delete a message; nobody goes on to write or draw for it."""
        others = await self._library.others_at(message_id=message_id)
        await self._ended({"message": message_id, "chat": None}, others)
        return await self._operations.delete_message(message_id)

    async def end_chat(self, chat_id: str) -> None:
        """Stop what is written or drawn in a conversation that is to be deleted."""
        others = await self._library.others_at(chat_id=chat_id)
        await self._ended({"message": None, "chat": chat_id}, others)
        await self._end_here(chat_id)

    # What others have

    async def _taken_elsewhere(self, message_id: str) -> Change | None:
        """What is taken back at another server, if somebody asked for that last."""
        others = await self._library.others_at(message_id=message_id)
        if not others:
            return None
        said = await self._last.ask(
            {"message": message_id}, enough=lambda told: len(told) >= others, patience=PATIENCE
        )
        asked = [one for one in said if one["at"] is not None]
        last = max(asked, key=lambda one: float(one["at"]), default=None)
        here = self._operations.asked_last(message_id)
        if last is None or (here is not None and here[1].requested_at >= last["at"]):
            return None
        taken = await self._back.ask(last, enough=bool, patience=ENDING)
        if not taken or taken[0]["kind"] is None:
            return None
        slot_id = _slot_id(last)
        message = await self._library.load(message_id, slot_id.variant)
        slots = () if message is None else (message.slot(slot_id),)
        return Change(kind=taken[0]["kind"], before=slots, after=slots)

    async def _ended(self, what: Said, others: int) -> None:
        if others:
            await self._end.ask(what, enough=lambda told: len(told) >= others, patience=ENDING)

    # What others want

    async def _say_last(self, question: Said) -> Said | None:
        message_id = question["message"]
        if not self._sessions.active(message_id=message_id):
            return None
        asked = self._operations.asked_last(message_id)
        if asked is None:
            return {"at": None}
        slot_id, drawing = asked
        return {
            "at": drawing.requested_at,
            "message": message_id,
            "variant": slot_id.variant,
            "ordinal": slot_id.ordinal,
            "attempt": drawing.attempt,
        }

    async def _take_back(self, question: Said) -> Said | None:
        slot_id = _slot_id(question)
        drawing = PendingDrawing(attempt=question["attempt"], requested_at=question["at"])
        if not self._operations.is_under_way(slot_id, drawing):
            return None
        try:
            change = await self._operations.take_back(slot_id, drawing)
        except LimnerError:
            change = None
        return {"kind": None if change is None else change.kind}

    async def _end_for_another(self, what: Said) -> Said | None:
        message, chat = what["message"], what["chat"]
        if not self._sessions.active(chat, message_id=message):
            return None
        if message is not None:
            await self._operations.end(message, DELETED)
        else:
            await self._end_here(chat)
        return {}

    async def _end_here(self, chat_id: str) -> None:
        while sessions := self._sessions.active(chat_id):
            for session in sessions:
                session.cancel("the chat was deleted")
            await asyncio.gather(*(session.wait() for session in sessions))

    def _changed_elsewhere(self, said: Said) -> None:
        self._operations.changed_elsewhere(said["message"], undone=said["undone"])


def _slot_id(said: Said) -> SlotId:
    return SlotId(said["message"], said["variant"], said["ordinal"])
