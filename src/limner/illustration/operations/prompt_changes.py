"""Changing what a slot asks for: by hand, through a model, and back to an earlier version."""

from dataclasses import replace

from limner.errors import ConfigError
from limner.illustration.model.slot import Slot, SlotId
from limner.illustration.operations.message_changes import MessageChanges
from limner.illustration.ports import TextModel
from limner.prompts import parse_refined, refine_messages


class PromptChanges:
    """The operations on prompts. Pictures stay; the next drawing has the new prompt.

    Args:
        changes: Lets them change messages one after the other.
        model: Refines prompts; without one they cannot be refined.
    """

    def __init__(self, changes: MessageChanges, *, model: TextModel | None = None) -> None:
        self._changes = changes
        self._model = model

    async def edit_prompt(self, slot_id: SlotId, prompt: str) -> Slot | None:
        """Give the slot another prompt, for the next drawing.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: There is no such slot.
            ValueError: The prompt is blank.
        """
        if not prompt.strip():
            raise ValueError("the prompt is blank")
        return await self._changes.change(
            slot_id,
            "edit_prompt",
            lambda slot: replace(slot, prompts=slot.prompts.edited(prompt)),
        )

    async def refine_prompt(self, slot_id: SlotId, feedback: str) -> Slot | None:
        """Let a model change the slot's prompt as somebody wishes, for the next drawing.

        The model is told the prompt and the wish, and nothing of the story. If the prompt is
        changed by somebody else meanwhile, both versions are kept and the refined one counts.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: There is no such slot.
            limner.errors.BackendError: The model did not answer.
            limner.errors.RefineError: Its answer holds no prompt. Nothing has changed.
            limner.errors.ConfigError: There is no model.
            ValueError: The feedback is blank.
        """
        if self._model is None:
            raise ConfigError("a prompt can only be refined by a model, and none is given")
        await self._changes.wait_for_writer(slot_id.message_id, slot_id.variant, slot_id)
        message = await self._changes.load(slot_id)
        if message is None:
            return None
        version = message.slot(slot_id).prompts.current
        prompt = message.slot(slot_id).prompts.text
        refined = parse_refined(await self._model.complete(refine_messages(prompt, feedback)))

        def change(slot: Slot) -> Slot:
            prompts = slot.prompts.restored(version).refined(refined, feedback.strip())
            return replace(slot, prompts=prompts)

        return await self._changes.change(slot_id, "refine_prompt", change)

    async def restore_prompt(self, slot_id: SlotId, version: int) -> Slot | None:
        """Make an earlier version of the slot's prompt the current one.

        Raises:
            limner.errors.MessageBusy: The message is being written.
            limner.errors.UnknownSlot: There is no such slot or version.
        """
        return await self._changes.change(
            slot_id,
            "restore_prompt",
            lambda slot: replace(slot, prompts=slot.prompts.restored(version)),
        )
