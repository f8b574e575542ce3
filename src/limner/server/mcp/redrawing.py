"""The tool that has pictures drawn again."""

import asyncio
from collections.abc import Sequence

from limner.errors import StorageError
from limner.illustration import DrawingHandle, Message, Slot, SlotId
from limner.illustration.generation.failure import describe
from limner.illustration.operations.drawing_handle import drawn
from limner.illustration.operations.redrawing import Mode
from limner.server.api.error_form import MessagePaused
from limner.server.api.found import the_message
from limner.server.mcp.arguments import Redraw, slot_of
from limner.server.mcp.caller import Caller, check_message
from limner.server.mcp.progress_report import ProgressReport
from limner.server.mcp.results import Answer, DrawnPictures, Shown, counted
from limner.server.mcp.shown_pictures import ShownPictures
from limner.server.services import Services


class Redrawing:
    """Has pictures drawn again, one or those of a message.

    Whoever cancels the call stops what is not drawn yet; the old pictures are shown then.

    Args:
        services: What the server works with.
        shown: Tells of pictures.
    """

    def __init__(self, services: Services, shown: ShownPictures) -> None:
        self._services = services
        self._operations = services.illustrator.operations
        self._shown = shown

    async def redraw(self, asked: Redraw, caller: Caller, report: ProgressReport) -> Answer:
        """Draw again what is asked for.

        Raises:
            NotFound: There is no such message, or it is another owner's.
            MessagePaused: Its operations are held.
            limner.errors.LimnerError: It cannot be done.
        """
        one = slot_of(asked.picture) if asked.picture is not None else None
        message_id = one.message_id if one is not None else str(asked.message)
        await check_message(self._services.library, caller, message_id)
        await the_message(self._services, message_id, one.variant if one else None)
        if self._operations.paused(message_id):
            raise MessagePaused(message_id)
        async with report.about(message_id):
            if one is not None:
                return await self._one(one, asked)
            return await self._all(message_id, asked)

    async def _one(self, slot_id: SlotId, asked: Redraw) -> Answer:
        if asked.prompt is not None:
            await self._operations.edit_prompt(slot_id, asked.prompt)
        if asked.feedback is not None:
            await self._operations.refine_prompt(slot_id, asked.feedback)
        handle = await self._operations.request(
            slot_id, mode=self._mode(asked), reference=asked.reference or ""
        )
        failures = await _ended([handle])
        return await self._answer(slot_id.message_id, slot_id.variant, [slot_id], asked, failures)

    async def _all(self, message_id: str, asked: Redraw) -> Answer:
        if asked.only_failed:
            requested = await self._operations.request_failed(message_id)
        else:
            mode = self._mode(asked)
            requested = await self._operations.request_message(message_id, mode=mode)
        failures = await _ended(requested.accepted)
        failures += [str(refusal.error) for refusal in requested.refused]
        wanted = [handle.slot_id for handle in requested.accepted]
        return await self._answer(message_id, None, wanted, asked, failures)

    def _mode(self, asked: Redraw) -> Mode:
        if asked.keep is None:
            return self._services.settings.now.default_mode
        return "append" if asked.keep else "replace"

    async def _answer(
        self,
        message_id: str,
        variant: int | None,
        wanted: Sequence[SlotId],
        asked: Redraw,
        failures: Sequence[str] = (),
    ) -> Answer:
        message = await the_message(self._services, message_id, variant)
        slots = _of(message, wanted)
        facts = [self._shown.of_slot(slot, message.chat_id) for slot in slots]
        lines = [*(one.words() for one in facts), *(f"not drawn: {why}" for why in failures)]
        return Answer(
            told=DrawnPictures(message=message_id, pictures=facts),
            words="\n".join([counted(facts), *lines]),
            pictures=tuple(
                Shown(facts=fact, image=slot.image)
                for fact, slot in zip(facts, slots, strict=True)
                if slot.image is not None
            ),
            side=asked.image_side,
            failed=bool(failures) and len(failures) >= len(wanted),
        )


def _of(message: Message, wanted: Sequence[SlotId]) -> list[Slot]:
    return [slot for slot in message.slots if slot.id in wanted]


async def _ended(handles: Sequence[DrawingHandle]) -> list[str]:
    """Wait for drawings; gives why some came to nothing. Cancelling the wait stops them.

    Raises:
        limner.errors.StorageError: One could not be kept.
    """
    ends = await asyncio.gather(*map(drawn, handles), return_exceptions=True)
    for end in ends:
        if isinstance(end, StorageError):
            raise end
    return [describe(end).reason for end in ends if isinstance(end, BaseException)]
