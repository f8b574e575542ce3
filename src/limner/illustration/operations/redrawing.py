"""Drawing pictures again by hand: one, what failed, or all of a message."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from limner.errors import LimnerError, StorageError
from limner.illustration.generation.easel.draw_context import (
    MANUAL_PRIORITY,
    STREAMED_PRIORITY,
    DrawContext,
)
from limner.illustration.model.pending import asked_for
from limner.illustration.model.slot import PendingDrawing, Slot, SlotId, SlotState
from limner.illustration.operations.drawing_handle import DrawingHandle, drawn
from limner.illustration.operations.message_changes import MessageChanges
from limner.illustration.sessions.manual_picture import AskedDrawing

Mode: TypeAlias = Literal["replace", "append"]

Ask: TypeAlias = Callable[[Slot], tuple[Slot, PendingDrawing] | None]
"""Asks for a drawing of a slot, or finds that none is needed."""

Check: TypeAlias = Callable[[SlotId], Awaitable[None]]
"""Raises why a slot among several is not to be drawn."""


async def nothing(slot_id: SlotId) -> None:
    """Refuses none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A picture among several that cannot be drawn.

    Attributes:
        slot_id: Its slot.
        error: Why.
    """

    slot_id: SlotId
    error: LimnerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What became of a request for several pictures. One that is refused keeps no other back.

    Attributes:
        accepted: Those that are drawn, or need not be.
        refused: The others.
    """

    accepted: tuple[DrawingHandle, ...] = ()
    refused: tuple[Refusal, ...] = ()

    async def results(self) -> tuple[Slot, ...]:
        """Wait for all of them; gives the slots, those that failed with their reason.

        Cancelling the wait stops those drawings that nobody else holds.

        Raises:
            limner.errors.StorageError: One of them could not be kept.
        """
        ends = await asyncio.gather(*map(drawn, self.accepted), return_exceptions=True)
        for end in ends:
            if isinstance(end, StorageError):
                raise end
        return tuple(end for end in ends if isinstance(end, Slot))


class Redrawing:
    """The operations that draw. A picture is drawn outside of its message's line.

    What is to be drawn is in the store before it is drawn, with a number of its own among the
    slot's drawings: after a crash the next start redoes it (`limner.illustration.Recovery`), and
    no two drawings of a slot ever have the same seed.

    Each comes in two forms: `request` and its like end when the drawing is accepted, or raise why
    it is not, and give a `DrawingHandle`; `regenerate` and its like wait for the picture as well.

    Args:
        changes: Lets them change messages one after the other.
    """

    def __init__(self, changes: MessageChanges) -> None:
        self._changes = changes

    async def request(
        self,
        slot_id: SlotId,
        *,
        mode: Mode = "replace",
        alternative: int | str | None = None,
        prompt_version: int | None = None,
        reference: str = "",
        size: str = "",
        seed: int | None = None,
    ) -> DrawingHandle:
        """Ask for the slot to be drawn again.

        Args:
            slot_id: Which slot.
            mode: ``"replace"`` puts the new picture in the place of an old one, ``"append"`` adds
                it after all there are.
            alternative: Which picture is drawn again, by index or id, with the prompt that made
                it; by default the one shown, with the prompt as it is now.
            prompt_version: Which version of the prompt is drawn instead.
            reference: Reference pictures in place of those that the tag names, as a tag names them.
            size: Its size in place of the tag's, as a tag says it: ``"768x512"``, ``"portrait"``.
            seed: Its seed, in place of one of its own.

        Returns:
            The drawing. It is in the store, and drawn also if nobody waits for it.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: The message has no such slot, picture or version.
            limner.errors.StorageError: The store cannot be read or written.
            ValueError: There is no such mode.

        Examples:
            >>> from limner import Illustrator
            >>> from limner.testing import ScriptedBackend, run_virtual
            >>> async def main():
            ...     async with Illustrator(backend=ScriptedBackend()) as illustrator:
            ...         result = await illustrator.illustrate('<!--img-prompt="a fox"-->')
            ...         fox = result.slots[0].id
            ...         handle = await illustrator.operations.request(fox, mode="append")
            ...         slot = await handle.result()
            ...         return len(handle.slot.pending), len(slot.alternatives)
            >>> run_virtual(main())
            (1, 2)
        """
        _check(mode)

        def ask(slot: Slot) -> tuple[Slot, PendingDrawing]:
            chosen, version = slot.shown, prompt_version
            if alternative is not None:
                chosen = slot.alternatives[slot.alternative(alternative)]
                version = chosen.version if version is None else version
            replaces = chosen.id if chosen is not None and mode == "replace" else None
            at = self._changes.clock()
            return asked_for(
                slot,
                at=at,
                version=version,
                replaces=replaces,
                reference=reference,
                size=size,
                seed=seed,
            )

        return await self._accepted(slot_id, "regenerate", ask)

    async def regenerate(
        self,
        slot_id: SlotId,
        *,
        mode: Mode = "replace",
        alternative: int | str | None = None,
        prompt_version: int | None = None,
        reference: str = "",
    ) -> Slot | None:
        """Draw the slot again and show the new picture; the arguments are those of `request`.

        Returns:
            The slot as committed, or ``None`` if its message is gone.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: The message has no such slot, picture or version.
            limner.errors.BudgetExceeded: No more may be drawn for now.
            limner.errors.BackendError: It could not be drawn; a picture the slot had is kept, and
                a slot without one keeps the reason.
            limner.errors.JobCancelled: Somebody else stopped it.
            ValueError: There is no such mode.
        """
        return await drawn(
            await self.request(
                slot_id,
                mode=mode,
                alternative=alternative,
                prompt_version=prompt_version,
                reference=reference,
            )
        )

    async def request_retry(self, slot_id: SlotId) -> DrawingHandle:
        """Ask for a slot to be drawn that has no picture; what is drawn for it already will do.

        Returns:
            The drawing, one's own or that of others; one that has ended if there is a picture.

        Raises:
            As `request`.
        """
        return await self._accepted(slot_id, "retry", self._lacking(slot_id))

    async def retry(self, slot_id: SlotId) -> Slot | None:
        """Draw a slot that has no picture; if that is being done already, wait for it.

        One that has its picture is left as it is.

        Raises:
            As `regenerate`.
        """
        return await drawn(await self.request_retry(slot_id))

    async def request_again(self, slot_id: SlotId) -> DrawingHandle:
        """Ask for a picture that was given up, since somebody looks at its place after all.

        It is no change that can be undone, and no more urgent than those of streams.

        Returns:
            As `request_retry`.

        Raises:
            As `request`.
        """
        return await self._accepted(slot_id, None, self._lacking(slot_id))

    def _lacking(self, slot_id: SlotId) -> Ask:
        """Asks for a picture where there is none, and none on its way."""

        def ask(slot: Slot) -> tuple[Slot, PendingDrawing] | None:
            if slot.state is SlotState.READY or self._changes.manual.find(slot_id) is not None:
                return None
            for pending in reversed(slot.pending):
                if not self._changes.manual.is_under_way(slot_id, pending):
                    return slot, pending  # it was left waiting: it is made, and no second one
            return asked_for(slot, at=self._changes.clock())

        return ask

    async def request_failed(self, message_id: str, *, check: Check = nothing) -> Requested:
        """Ask for every failed slot of a message's selected answer.

        Args:
            message_id: The message.
            check: Called with each slot before it is asked for; what it raises refuses that one.

        Raises:
            limner.errors.MessageBusy: The message is being written.
        """
        failed = await self._slots(message_id, SlotState.FAILED)
        return await self._requested(failed, self.request_retry, check)

    async def retry_failed(self, message_id: str) -> tuple[Slot, ...]:
        """Draw every failed slot of a message's selected answer, side by side.

        Returns:
            These slots as they are then; those that failed again keep their new reason.

        Raises:
            limner.errors.MessageBusy: The message is being written.
        """
        return await (await self.request_failed(message_id)).results()

    async def request_failed_chat(self, chat_id: str, *, check: Check = nothing) -> Requested:
        """Ask for every failed slot of a conversation.

        Messages that are being written, or whose operations are held, are left out.

        Args:
            chat_id: The conversation.
            check: As for `request_failed`.
        """
        failed: list[Slot] = []
        for message_id in await self._changes.store.message_ids(chat_id):
            if self._changes.sessions.current(
                message_id
            ) is None and not self._changes.queue.paused(message_id):
                failed += await self._slots(message_id, SlotState.FAILED)
        return await self._requested(failed, self.request_retry, check)

    async def retry_failed_chat(self, chat_id: str) -> tuple[Slot, ...]:
        """Draw every failed slot of a conversation. Messages that are being written are left out.

        Returns:
            These slots as they are then.
        """
        return await (await self.request_failed_chat(chat_id)).results()

    async def request_message(
        self, message_id: str, *, mode: Mode = "replace", check: Check = nothing
    ) -> Requested:
        """Ask for all pictures of a message's selected answer again, but for deleted ones.

        Args:
            message_id: The message.
            mode: As for `request`.
            check: As for `request_failed`.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            ValueError: There is no such mode.
        """
        _check(mode)
        slots = await self._slots(
            message_id, SlotState.READY, SlotState.FAILED, SlotState.QUEUED, SlotState.DRAWING
        )
        return await self._requested(slots, lambda slot_id: self.request(slot_id, mode=mode), check)

    async def regenerate_message(
        self, message_id: str, *, mode: Mode = "replace"
    ) -> tuple[Slot, ...]:
        """Draw all pictures of a message's selected answer again, but for deleted ones.

        Args:
            message_id: The message.
            mode: As for `request`.

        Returns:
            Its slots as they are then; pictures that could not be drawn again are the old ones.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            ValueError: There is no such mode.
        """
        return await (await self.request_message(message_id, mode=mode)).results()

    async def _accepted(self, slot_id: SlotId, kind: str | None, ask: Ask) -> DrawingHandle:
        async def begin() -> DrawingHandle:
            message = await self._changes.load(slot_id)
            if message is None:
                return DrawingHandle(slot_id, None)
            slot = message.slot(slot_id)
            asked = ask(slot)
            if asked is None:
                ready = slot.state is SlotState.READY
                return DrawingHandle(
                    slot_id, slot, None if ready else self._changes.manual.find(slot_id)
                )
            if not await self._changes.store.save_slots(asked[0]):
                return DrawingHandle(slot_id, None)
            context = DrawContext.of(
                message.owner,
                message.chat_id,
                str(slot_id),
                priority=STREAMED_PRIORITY if kind is None else MANUAL_PRIORITY,
                from_cache=kind is None,
            )
            task = self._changes.manual.draw(
                AskedDrawing(
                    slot=asked[0],
                    pending=asked[1],
                    chat_id=message.chat_id,
                    kind=kind,
                    context=context,
                )
            )
            return DrawingHandle(slot_id, asked[0], task)

        changes = self._changes
        return await changes.in_turn(slot_id.message_id, begin, slot_id.variant, slot_id=slot_id)

    async def _slots(self, message_id: str, *states: SlotState) -> list[Slot]:
        await self._changes.wait_for_writer(message_id, None)
        message = await self._changes.store.load(message_id)
        return [slot for slot in message.slots if slot.state in states] if message else []

    async def _requested(
        self,
        slots: Iterable[Slot],
        request: Callable[[SlotId], Awaitable[DrawingHandle]],
        check: Check,
    ) -> Requested:
        accepted: list[DrawingHandle] = []
        refused: list[Refusal] = []
        try:
            for slot in slots:
                try:
                    await check(slot.id)
                    accepted.append(await request(slot.id))
                except StorageError:
                    raise
                except LimnerError as error:
                    refused.append(Refusal(slot_id=slot.id, error=error))
        except BaseException:
            for handle in accepted:  # nobody would ever hold them
                await handle.cancel()
            raise
        return Requested(accepted=tuple(accepted), refused=tuple(refused))


def _check(mode: str) -> None:
    if mode not in ("replace", "append"):
        raise ValueError(f"mode must be 'replace' or 'append', not {mode!r}")
