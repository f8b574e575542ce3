"""What people do to the pictures of a finished message, one change after the other."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Literal

from limner.errors import MessageBusy, UnknownSlot
from limner.illustration.drawing import MANUAL_PRIORITY, Drawing
from limner.illustration.failure import describe
from limner.illustration.image import Image
from limner.illustration.line import MessageLines
from limner.illustration.ports import MessageStore
from limner.illustration.session_manager import SessionManager
from limner.illustration.slot import Alternative, Failure, Slot, SlotId, SlotState


class WhileWriting(StrEnum):
    """What an operation does on a message that is still being written."""

    REFUSE = "refuse"
    """It raises `limner.errors.MessageBusy`."""
    QUEUE = "queue"
    """It waits until the message is committed."""


class MessageOperations:
    """Changes the pictures of messages. On one message operations never interleave.

    A picture is drawn outside of the message's line and committed inside it, so that ten clicks
    on *regenerate* draw side by side, as far as the limiter allows, and lose nothing. An
    operation on a message that was deleted, before or meanwhile, ends quietly with ``None``.

    Args:
        store: Where the messages are.
        drawing: The way to a picture.
        lines: Whose turn it is to change a message.
        sessions: Tells which messages are being written.
        while_writing: What to do on those.
    """

    def __init__(
        self,
        *,
        store: MessageStore,
        drawing: Drawing,
        lines: MessageLines,
        sessions: SessionManager,
        while_writing: WhileWriting = WhileWriting.REFUSE,
    ) -> None:
        self._store = store
        self._drawing = drawing
        self._lines = lines
        self._sessions = sessions
        self._while_writing = WhileWriting(while_writing)
        self._attempts = itertools.count(1)

    async def regenerate(
        self, slot_id: SlotId, *, mode: Literal["replace", "append"] = "replace"
    ) -> Slot | None:
        """Draw the slot again and show the new picture.

        Args:
            slot_id: Which slot.
            mode: ``"replace"`` puts the new picture in the place of the one shown now,
                ``"append"`` keeps that as an alternative.

        Returns:
            The slot as committed, or ``None`` if its message is gone.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: The message has no such slot.
            limner.errors.BackendError: It could not be drawn; a picture the slot had is kept, and
                a slot without one keeps the reason.
            ValueError: There is no such mode.
        """
        if mode not in ("replace", "append"):
            raise ValueError(f"mode must be 'replace' or 'append', not {mode!r}")
        slot = await self._begin(slot_id)
        if slot is None:
            return None
        replaced = slot.shown if mode == "replace" else None
        try:
            image = await self._drawing.draw(
                slot,
                attempt=next(self._attempts),
                owner=slot_id.message_id,
                tags=(str(slot_id),),
                priority=MANUAL_PRIORITY,
            )
        except BaseException as error:
            reason = describe(error)
            await self._change(slot_id, lambda now: _with_failure(now, reason))
            raise
        return await self._change(
            slot_id, lambda now: _with_image(now, image, slot.prompt, replaced)
        )

    async def retry(self, slot_id: SlotId) -> Slot | None:
        """Draw a slot that failed; one that has its picture is left as it is.

        Raises:
            As `regenerate`.
        """
        slot = await self._begin(slot_id)
        if slot is None or slot.state is SlotState.READY:
            return slot
        return await self.regenerate(slot_id, mode="append")

    async def select(self, slot_id: SlotId, index: int) -> Slot | None:
        """Show another alternative.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: There is no such slot or alternative.
        """

        def show(slot: Slot) -> Slot:
            _check_alternative(slot, index)
            return replace(slot, selected=index)

        await self._begin(slot_id)
        return await self._change(slot_id, show)

    async def delete(self, slot_id: SlotId, index: int | None = None) -> Slot | None:
        """Delete one alternative (the one shown, unless an index is given).

        The next one is shown instead. Without any left the slot shows nothing.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: There is no such slot or alternative.
        """
        await self._begin(slot_id)
        return await self._change(slot_id, lambda slot: _without(slot, index))

    async def edit_prompt(self, slot_id: SlotId, prompt: str) -> Slot | None:
        """Give the slot another prompt, for the next drawing; its pictures stay.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: There is no such slot.
            ValueError: The prompt is blank.
        """
        if not prompt.strip():
            raise ValueError("the prompt is blank")
        await self._begin(slot_id)
        return await self._change(
            slot_id, lambda slot: replace(slot, prompts=slot.prompts.edited(prompt))
        )

    async def delete_message(self, message_id: str) -> bool:
        """Delete a message, stopping it first if it is being written; tells whether it was there.

        What is still drawn for it ends quietly.
        """
        session = self._sessions.current(message_id)
        if session is not None:
            session.cancel("the message was deleted")
            await session.ended.wait()
        return await self._lines.perform(message_id, lambda: self._store.delete(message_id))

    async def _begin(self, slot_id: SlotId) -> Slot | None:
        """The slot now, if it may be changed now; ``None`` if its message is gone."""
        while (session := self._sessions.current(slot_id.message_id)) is not None:
            if self._while_writing is WhileWriting.REFUSE:
                raise MessageBusy(slot_id.message_id)
            await session.ended.wait()
        message = await self._store.load(slot_id.message_id)
        return None if message is None else message.slot(slot_id)

    async def _change(self, slot_id: SlotId, change: Callable[[Slot], Slot]) -> Slot | None:
        async def commit() -> Slot | None:
            message = await self._store.load(slot_id.message_id)
            if message is None:
                return None
            slot = change(message.slot(slot_id))
            return slot if await self._store.save_slots(slot) else None

        return await self._lines.perform(slot_id.message_id, commit)


def _with_image(slot: Slot, image: Image, prompt: str, replaced: Alternative | None) -> Slot:
    made = Alternative(image, prompt)
    # By identity: the alternative may have moved or gone while the new one was drawn.
    at = next((i for i, old in enumerate(slot.alternatives) if old is replaced), None)
    if at is None:
        alternatives = (*slot.alternatives, made)
        at = len(slot.alternatives)
    else:
        alternatives = (*slot.alternatives[:at], made, *slot.alternatives[at + 1 :])
    return replace(
        slot, alternatives=alternatives, selected=at, state=SlotState.READY, failure=None
    )


def _with_failure(slot: Slot, reason: Failure) -> Slot:
    if slot.alternatives:
        return slot
    return replace(slot, state=SlotState.FAILED, failure=reason)


def _check_alternative(slot: Slot, index: int) -> None:
    if not 0 <= index < len(slot.alternatives):
        raise UnknownSlot(f"alternative {index} of slot {slot.id}")


def _without(slot: Slot, index: int | None) -> Slot:
    at = index if index is not None else slot.selected
    if at is None:
        # Nothing to take away but the note that it failed.
        return replace(slot, state=SlotState.DELETED, failure=None)
    _check_alternative(slot, at)
    rest = slot.alternatives[:at] + slot.alternatives[at + 1 :]
    if not rest:
        return replace(slot, alternatives=(), selected=None, state=SlotState.DELETED, failure=None)
    selected = slot.selected or 0
    if selected > at or selected == len(rest):
        selected -= 1
    return replace(slot, alternatives=rest, selected=selected)
