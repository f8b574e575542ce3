"""Pictures whose files are gone or damaged: what stands in their places."""

from collections.abc import Iterable, Sequence
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
    return shown, sum(missing_in(message.slots) for message in shown)


def missing_in(slots: Iterable[Slot]) -> int:
    """How many of these slots say that their picture is missing."""
    return sum(slot.failure == MISSING for slot in slots)


def missing_note(count: int) -> str:
    """What stands at the end of a document in which so many pictures are missing.

    Examples:
        >>> missing_note(2)
        '2 pictures are missing: their files are gone or damaged.'
    """
    if count == 1:
        return "1 picture is missing: its file is gone or damaged."
    return f"{count} pictures are missing: their files are gone or damaged."


def _readable(slot: Slot) -> Slot:
    if slot.image is None or is_readable(slot.image):
        return slot
    return replace(slot, state=SlotState.FAILED, selected=None, failure=MISSING)
