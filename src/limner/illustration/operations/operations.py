"""What people do to the pictures of a finished message, one change after the other."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from limner.errors import JobCancelled
from limner.illustration.generation.drawing_task import DrawingTask, Stop
from limner.illustration.generation.drawing_tasks import stop_tasks
from limner.illustration.generation.failure import describe
from limner.illustration.model.change import Change
from limner.illustration.model.image import Image
from limner.illustration.model.pending import called_off, is_same, without_alternative
from limner.illustration.model.slot import PendingDrawing, Slot, SlotId, SlotState
from limner.illustration.operations.message_changes import MessageChanges
from limner.illustration.operations.prompt_changes import PromptChanges
from limner.illustration.operations.redrawing import Redrawing
from limner.illustration.operations.trial import drawn_apart
from limner.illustration.operations.while_writing import WhileWriting
from limner.illustration.ports import TextModel
from limner.illustration.sessions.manual_sessions import ManualSessions
from limner.illustration.sessions.registry import SessionManager
from limner.illustration.shared_context import SharedContext
from limner.uninterrupted import uninterrupted

NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
TAKEN_BACK = Stop(error=JobCancelled("it was taken back"))


class MessageOperations(Redrawing, PromptChanges):
    """Changes the pictures of messages. On one message operations never interleave.

    A picture is drawn outside of the message's line and committed inside it, so that ten clicks
    on *regenerate* draw side by side, as far as the limiter allows, and lose nothing. An
    operation on a message that was deleted, before or meanwhile, ends quietly with ``None``.
    What changes slots can be undone, also after a restart. The operations on a message can be
    held (`pause`, `resume`), counted (`length`) and dropped (`clear`).

    Args:
        model: Refines prompts; without one they cannot be refined.
        shared: Store, lines, way to a picture.
        sessions: Tells which messages are being written.
        manual: Draws what has to be drawn.
        while_writing: What to do on messages that are being written.
    """

    def __init__(
        self,
        *,
        shared: SharedContext,
        sessions: SessionManager,
        manual: ManualSessions,
        model: TextModel | None = None,
        while_writing: WhileWriting = WhileWriting.REFUSE,
    ) -> None:
        changes = MessageChanges(
            shared=shared, sessions=sessions, manual=manual, while_writing=while_writing
        )
        Redrawing.__init__(self, changes)
        PromptChanges.__init__(self, changes, model=model)
        self._changes = changes
        self._drawing = shared.drawing

    async def try_out(
        self,
        prompt: str,
        *,
        attributes: Mapping[str, str] = NO_ATTRIBUTES,
        owner: str | None = None,
        on_start: Callable[[], None] | None = None,
    ) -> Image:
        """Draw a prompt as a tag would have it drawn, and keep nothing of it.

        Args:
            prompt: What.
            attributes: As a tag has them, such as ``size``.
            owner: For whom, in the sense of limiter and budget.
            on_start: Called when it begins to be drawn: until then it waits for its turn.

        Raises:
            limner.errors.BackendError: It could not be drawn.
            limner.errors.BudgetExceeded: No more may be drawn for now.
            limner.errors.SchedulingError: The limiter dropped or refused it.

        Examples:
            >>> from limner import Illustrator
            >>> from limner.testing import ScriptedBackend, run_virtual
            >>> async def main():
            ...     async with Illustrator(backend=ScriptedBackend()) as illustrator:
            ...         image = await illustrator.operations.try_out("a fox")
            ...         return image.media_type
            >>> run_virtual(main())
            'image/png'
        """
        return await drawn_apart(
            self._drawing, prompt, attributes=attributes, owner=owner, on_start=on_start
        )

    def pause(self, message_id: str) -> None:
        """Let no operation on a message begin until `resume`; those that are asked for wait.

        What has begun goes on: a picture that is being drawn is kept, a session commits.
        """
        self._changes.queue.pause(message_id)

    def resume(self, message_id: str) -> None:
        """Let the operations on a message begin, in the order in which they came."""
        self._changes.queue.resume(message_id)

    def paused(self, message_id: str) -> bool:
        """Whether the operations on a message are held."""
        return self._changes.queue.paused(message_id)

    def length(self, message_id: str) -> int:
        """How many operations on a message wait for their turn; none of them has begun."""
        return self._changes.queue.length(message_id)

    def clear(self, message_id: str, *, reason: str = "the operation was dropped") -> int:
        """Drop the operations on a message that wait for their turn; tells how many.

        Args:
            message_id: The message.
            reason: Why; whoever waits for one of them gets it as `limner.errors.JobCancelled`.
        """
        return self._changes.queue.clear(message_id, reason=reason)

    async def select(self, slot_id: SlotId, which: int | str) -> Slot | None:
        """Show another alternative, given by its index or its id.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: There is no such slot or alternative.
        """

        def show(slot: Slot) -> Slot:
            return replace(
                slot, selected=slot.alternative(which), state=SlotState.READY, failure=None
            )

        return await self._changes.change(slot_id, "select", show)

    async def delete(self, slot_id: SlotId, which: int | str | None = None) -> Slot | None:
        """Delete one alternative (the one shown, unless an index or an id is given).

        The next one is shown instead. Without any left the slot shows nothing.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: There is no such slot or alternative.
        """
        return await self._changes.change(
            slot_id, "delete", lambda slot: without_alternative(slot, which)
        )

    async def undo(self, message_id: str) -> Change | None:
        """Take back what was done to a message's slots last; gives it, or ``None``.

        If that was to ask for a picture which is still being made, it is stopped, and its slot is
        as it was (the change has it as it is, before and after). Nothing does it again but asking
        once more. Other pictures that are being made go on.

        Raises:
            limner.errors.MessageBusy: The message is being written.
        """
        while True:
            last = await self._changes.in_turn(message_id, lambda: self._take_back(message_id))
            if not isinstance(last, DrawingTask):
                return last
            if (change := await self._stopped(last)) is not None:
                return change

    async def take_back(self, slot_id: SlotId, drawing: PendingDrawing) -> Change | None:
        """Take back a picture that was asked for here, if that was done last to its message.

        As `undo` does it; that it was done last, also by others on the same store, was looked at
        by `asked_last`. ``None``: it was not, by now, or the picture is there.

        Raises:
            limner.errors.MessageBusy: The message is being written.
        """

        async def stop() -> DrawingTask | None:
            asked = self._changes.manual.asked_last(slot_id.message_id)
            if asked is None or asked.slot.id != slot_id or not is_same(asked.pending, drawing):
                return None
            return await self._stop(asked)

        asked = await self._changes.in_turn(slot_id.message_id, stop)
        return None if asked is None else await self._stopped(asked)

    def asked_last(self, message_id: str) -> tuple[SlotId, PendingDrawing] | None:
        """What is drawn here for a message, if to ask for it was the last that was done to it."""
        asked = self._changes.manual.asked_last(message_id)
        return None if asked is None else (asked.slot.id, asked.pending)

    def is_under_way(self, slot_id: SlotId, drawing: PendingDrawing) -> bool:
        """Whether a picture that was asked for is being made here, or has not ended yet."""
        return self._changes.manual.is_under_way(slot_id, drawing)

    def on_change(self, watcher: Callable[[str, bool], object]) -> None:
        """Have a function called with each message that is changed here, and whether by an undo."""
        self._changes.manual.on_change(watcher)

    def changed_elsewhere(self, message_id: str, *, undone: bool) -> None:
        """A message was changed by another process on the same store: see `asked_last`."""
        self._changes.manual.changed_elsewhere(message_id, undone=undone)

    async def _stop(self, asked: DrawingTask) -> DrawingTask:
        if not asked.begun:
            await asyncio.sleep(0)  # see `stop_tasks`
        asked.stop(TAKEN_BACK)  # here, so that somebody else's undo finds another one
        return asked

    async def _stopped(self, asked: DrawingTask) -> Change | None:
        """Wait for the end of a picture that is stopped; ``None``: it was there before."""
        # It keeps what becomes of its slot in a turn of its own.
        await uninterrupted(stop_tasks([asked], lambda _: TAKEN_BACK))
        if asked.mark.ready:
            return None
        return Change(kind=asked.kind or "", before=(asked.slot,), after=(asked.slot,))

    async def _take_back(self, message_id: str) -> DrawingTask | Change | None:
        asked = self._changes.manual.asked_last(message_id)
        if asked is not None:
            return await self._stop(asked)
        change = await self._changes.store.undo(message_id)
        if change is not None:
            self._changes.manual.changed(message_id, undone=True)
        return change

    async def redo(self, message_id: str) -> Change | None:
        """Make the change again that was taken back last; gives it, or ``None``.

        Raises:
            limner.errors.MessageBusy: The message is being written.
        """

        async def make_again() -> Change | None:
            change = await self._changes.store.redo(message_id)
            if change is not None:
                self._changes.manual.changed(message_id)
            return change

        return await self._changes.in_turn(message_id, make_again)

    async def delete_message(self, message_id: str) -> bool:
        """Delete a message, stopping it first if it is being written; tells whether it was there.

        What is still drawn for it is stopped and ends quietly, as do operations that wait; a
        pause of them ends. `restore_message` undoes it.
        """
        changes = self._changes

        async def delete() -> bool | None:
            # What was begun while others were stopped could not be taken back in what is deleted.
            busy = changes.sessions.current(message_id) or changes.manual.tasks(message_id)
            return None if busy else await changes.store.delete(message_id)

        deleted = None
        try:
            while deleted is None:
                await self.end(message_id)
                deleted = await changes.lock.perform(message_id, delete)
        finally:
            self.resume(message_id)  # those that wait find it gone, and end
        return deleted

    async def end(self, message_id: str) -> None:
        """Stop what is written and drawn for a message that is to be deleted; wait for its end.

        Who waits for one of its pictures is told of none.
        """
        while (session := self._changes.sessions.current(message_id)) is not None:
            session.cancel("the message was deleted")
            await session.wait()
        stop = Stop(error=JobCancelled("the message was deleted"), quiet=True)
        await self._changes.manual.stop(message_id, stop=stop)

    async def restore_message(self, message_id: str) -> bool:
        """Bring a deleted message back, with all its pictures; tells whether it is there."""
        store = self._changes.store

        async def bring_back() -> tuple[bool, bool]:
            was_there = await store.load(message_id) is not None
            return was_there, await store.restore(message_id)

        was_there, is_there = await self._changes.lock.perform(message_id, bring_back)
        if is_there and not was_there:
            await self.call_off([message_id])
        return is_there

    async def call_off(self, message_ids: Collection[str]) -> None:
        """Give up what slots of messages wait for that were deleted, unless it is drawn here.

        What was asked for at another server while they were being deleted, nobody draws any more.
        """
        for slot_id in await self._changes.store.unfinished():
            if slot_id.message_id in message_ids:
                await self._changes.lock.perform(
                    slot_id.message_id, partial(self._call_off, slot_id)
                )

    async def _call_off(self, slot_id: SlotId) -> None:
        store = self._changes.store
        message = await store.load(slot_id.message_id, slot_id.variant)
        if message is None or self._changes.sessions.current(slot_id.message_id) is not None:
            return
        slot = message.slot(slot_id)
        left = [one for one in slot.pending if not self.is_under_way(slot_id, one)]
        after = called_off(slot, left, describe(JobCancelled("the message was deleted")))
        if after != slot:
            await store.save_slots(after)

    async def select_variant(self, message_id: str, variant: int) -> bool:
        """Show another of the message's answers; tells whether there is such a one.

        Its pictures go before those of the others. It disturbs nobody, so it is done also while one
        of them is being written.
        """
        shown = await self._changes.lock.perform(
            message_id, lambda: self._changes.store.select_variant(message_id, variant)
        )
        if shown:
            self._changes.sessions.put_first(message_id, variant)
        return shown
