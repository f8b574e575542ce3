"""Drawing pictures again by hand: one, what failed, or all of a message."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Literal, TypeAlias

from limner.errors import MessageBusy, StorageError
from limner.illustration.generation.drawing import MANUAL_PRIORITY, DrawContext
from limner.illustration.model.pending import asked_for
from limner.illustration.model.slot import PendingDrawing, Slot, SlotId, SlotState
from limner.illustration.operations.commission import Commission, UnderWay
from limner.illustration.operations.turns import Turns

Mode: TypeAlias = Literal["replace", "append"]

Ask: TypeAlias = Callable[[Slot], tuple[Slot, PendingDrawing] | None]
"""Asks for a drawing of a slot, or finds that none is needed."""


class Redrawing(Turns):
    """The operations that draw. A picture is drawn outside of its message's line.

    What is to be drawn is in the store before it is drawn, with a number of its own among the
    slot's drawings: after a crash the next start redoes it (`limner.illustration.Recovery`), and
    no two drawings of a slot ever have the same seed.
    """

    async def regenerate(
        self,
        slot_id: SlotId,
        *,
        mode: Mode = "replace",
        alternative: int | str | None = None,
        prompt_version: int | None = None,
    ) -> Slot | None:
        """Draw the slot again and show the new picture.

        Args:
            slot_id: Which slot.
            mode: ``"replace"`` puts the new picture in the place of an old one, ``"append"`` adds
                it after all there are.
            alternative: Which picture is drawn again, by index or id, with the prompt that made
                it; by default the one shown, with the prompt as it is now.
            prompt_version: Which version of the prompt is drawn instead.

        Returns:
            The slot as committed, or ``None`` if its message is gone.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: The message has no such slot, picture or version.
            limner.errors.BudgetExceeded: No more may be drawn for now.
            limner.errors.BackendError: It could not be drawn; a picture the slot had is kept, and
                a slot without one keeps the reason.
            ValueError: There is no such mode.
        """
        _check(mode)

        def ask(slot: Slot) -> tuple[Slot, PendingDrawing]:
            chosen, version = slot.shown, prompt_version
            if alternative is not None:
                chosen = slot.alternatives[slot.alternative(alternative)]
                version = chosen.version if version is None else version
            replaces = chosen.id if chosen is not None and mode == "replace" else None
            at = self._shared.clock()
            return asked_for(slot, at=at, version=version, replaces=replaces)

        return await self._draw(slot_id, "regenerate", ask)

    async def retry(self, slot_id: SlotId) -> Slot | None:
        """Draw a slot that has no picture; if that is being done already, wait for it.

        One that has its picture is left as it is.

        Raises:
            As `regenerate`.
        """

        def ask(slot: Slot) -> tuple[Slot, PendingDrawing] | None:
            if slot.state is SlotState.READY or self._commissions.drawing(slot_id) is not None:
                return None
            if slot.pending:  # it was left waiting: that drawing is made, and no second one
                return slot, slot.pending[-1]
            return asked_for(slot, at=self._shared.clock())

        return await self._draw(slot_id, "retry", ask)

    async def retry_failed(self, message_id: str) -> tuple[Slot, ...]:
        """Draw every failed slot of a message's selected answer, side by side.

        Returns:
            These slots as they are then; those that failed again keep their new reason.

        Raises:
            limner.errors.MessageBusy: The message is being written.
        """
        failed = await self._slots(message_id, SlotState.FAILED)
        return await self._all(self.retry(slot.id) for slot in failed)

    async def retry_failed_chat(self, chat_id: str) -> tuple[Slot, ...]:
        """Draw every failed slot of a conversation. Messages that are being written are left out.

        Returns:
            These slots as they are then.
        """
        failed: list[Slot] = []
        for message_id in await self._store.message_ids(chat_id):
            if self._sessions.current(message_id) is None:
                failed += await self._slots(message_id, SlotState.FAILED)
        return await self._all(self.retry(slot.id) for slot in failed)

    async def regenerate_message(
        self, message_id: str, *, mode: Mode = "replace"
    ) -> tuple[Slot, ...]:
        """Draw all pictures of a message's selected answer again, but for deleted ones.

        Args:
            message_id: The message.
            mode: As for `regenerate`.

        Returns:
            Its slots as they are then; pictures that could not be drawn again are the old ones.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            ValueError: There is no such mode.
        """
        _check(mode)
        drawn = await self._slots(
            message_id, SlotState.READY, SlotState.FAILED, SlotState.QUEUED, SlotState.DRAWING
        )
        return await self._all(self.regenerate(slot.id, mode=mode) for slot in drawn)

    async def _draw(self, slot_id: SlotId, kind: str, ask: Ask) -> Slot | None:
        async def begin() -> UnderWay | Slot | None:
            message = await self._load(slot_id)
            if message is None:
                return None
            slot = message.slot(slot_id)
            asked = ask(slot)
            if asked is None:
                return slot
            if not await self._store.save_slots(asked[0]):
                return None
            context = DrawContext(
                owner=message.owner or message.chat_id,
                tags=(str(slot_id),),
                priority=MANUAL_PRIORITY,
                from_cache=False,
            )
            return self._commissions.begin(
                Commission(slot=asked[0], drawing=asked[1], kind=kind, context=context)
            )

        begun = await self._in_turn(slot_id.message_id, begin, slot_id.variant)
        if isinstance(begun, UnderWay):
            return await self._commissions.result(begun)
        if begun is not None and begun.state is not SlotState.READY:
            running = self._commissions.drawing(slot_id)
            return begun if running is None else await asyncio.shield(running.task)
        return begun

    async def _slots(self, message_id: str, *states: SlotState) -> list[Slot]:
        await self._wait_for_writer(message_id, None)
        message = await self._store.load(message_id)
        return [slot for slot in message.slots if slot.state in states] if message else []

    async def _all(self, drawings: Iterable[Coroutine[Any, Any, Slot | None]]) -> tuple[Slot, ...]:
        """The slots after all these drawings; why a picture was not made is in its slot."""
        ends = await asyncio.gather(*drawings, return_exceptions=True)
        for end in ends:
            if isinstance(end, MessageBusy | StorageError):
                raise end
        return tuple(end for end in ends if isinstance(end, Slot))


def _check(mode: str) -> None:
    if mode not in ("replace", "append"):
        raise ValueError(f"mode must be 'replace' or 'append', not {mode!r}")
