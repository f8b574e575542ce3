"""Pictures whose files are gone or damaged: what stands in their places."""

from collections.abc import Sequence
from dataclasses import replace

from limner.illustration.model.message import Message
from limner.illustration.model.pending import is_readable
from limner.illustration.model.slot import Failure, Slot, SlotState

MISSING = Failure("PictureMissing", "picture missing: its file is gone or damaged.")


def without_missing(messages: Sequence[Message]) -> tuple[list[Message], int]:
    """The messages as they can be shown, and how many of their pictures cannot.

    Reads the file of every picture that is shown.

    Args:
        messages: With the pictures they should have.

    Returns:
        The messages, in which a slot whose picture cannot be read says so; and how many do.
    """
    shown = [
        replace(message, slots=tuple(_readable(slot) for slot in message.slots))
        for message in messages
    ]
    missing = sum(slot.failure is MISSING for message in shown for slot in message.slots)
    return shown, missing


def _readable(slot: Slot) -> Slot:
    if slot.image is None or is_readable(slot.image):
        return slot
    return replace(slot, state=SlotState.FAILED, selected=None, failure=MISSING)
