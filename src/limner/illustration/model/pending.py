"""What becomes of a slot when a picture is asked for, made or given up. Pure."""

from collections.abc import Collection
from dataclasses import replace

from limner.errors import PictureMissing
from limner.illustration.model.image import Image
from limner.illustration.model.slot import (
    Alternative,
    Failure,
    PendingDrawing,
    Slot,
    SlotState,
)

UNFINISHED = frozenset({SlotState.QUEUED, SlotState.DRAWING})
CANCELLED = Failure("JobCancelled", "cancelled")


def asked_for(
    slot: Slot,
    *,
    at: float,
    version: int | None = None,
    replaces: str | None = None,
    reference: str = "",
    size: str = "",
    seed: int | None = None,
) -> tuple[Slot, PendingDrawing]:
    """The slot with one more drawing to be made, and that drawing.

    Args:
        slot: The slot as it is.
        at: When it was asked for, in seconds since the epoch.
        version: Which version of the prompt is to be drawn; the current one if not given.
        replaces: The id of the alternative whose place the picture takes.
        reference: Reference pictures in place of those that the tag names.
        size: Its size as a tag would say it, in place of what the tag says.
        seed: Its seed, in place of one of its own.

    Raises:
        UnknownSlot: The prompt has no such version.
    """
    drawing = PendingDrawing(
        attempt=slot.attempts,
        version=slot.prompts.restored(slot.prompts.current if version is None else version).current,
        replaces=replaces,
        requested_at=at,
        reference=reference,
        size=size,
        seed=seed,
    )
    asked = replace(slot, attempts=slot.attempts + 1, pending=(*slot.pending, drawing))
    return asked, drawing


def is_same(one: PendingDrawing, other: PendingDrawing) -> bool:
    """Whether these, of slots with the same id, are the same drawing.

    If not, one may be of a slot of an earlier text, whose drawings were counted from 0 as well.
    """
    return (one.attempt, one.requested_at) == (other.attempt, other.requested_at)


def awaits(slot: Slot, drawing: PendingDrawing) -> bool:
    """Whether the slot still waits for this drawing; if not, its message was written anew."""
    return any(is_same(waiting, drawing) for waiting in slot.pending)


def is_readable(image: Image) -> bool:
    """Whether a picture can be read and is what was kept; reads it."""
    try:
        return bool(image.data)
    except PictureMissing:
        return False


def lost_picture(slot: Slot, drawing: PendingDrawing) -> Image | None:
    """The picture whose place a drawing takes, if it can be read no more."""
    for old in slot.alternatives:
        if old.id == drawing.replaces and not is_readable(old.image):
            return old.image
    return None


def made(slot: Slot, drawing: PendingDrawing, picture: Alternative) -> Slot:
    """The slot with a picture that was made, in its place, and shown."""
    at = next((i for i, old in enumerate(slot.alternatives) if old.id == drawing.replaces), None)
    if at is None:
        at = len(slot.alternatives)
        alternatives = (*slot.alternatives, picture)
    else:
        alternatives = (*slot.alternatives[:at], picture, *slot.alternatives[at + 1 :])
    return replace(
        _without(slot, drawing),
        alternatives=alternatives,
        selected=at,
        state=SlotState.READY,
        failure=None,
    )


def given_up(slot: Slot, drawing: PendingDrawing, failure: Failure | None) -> Slot:
    """The slot after a drawing failed, or was given up for no reason worth keeping.

    A picture it has is kept and shown. A slot without one keeps the reason; without a reason it
    is as it was before the drawing was asked for.
    """
    left = _without(slot, drawing)
    waits = slot.state in UNFINISHED
    if slot.shown is not None or (waits and left.pending) or (failure is None and not waits):
        return left
    return replace(left, state=SlotState.FAILED, failure=failure or CANCELLED)


def called_off(slot: Slot, drawings: Collection[PendingDrawing], failure: Failure) -> Slot:
    """The slot if none of these drawings comes any more; one that never had a picture has failed.

    Examples:
        >>> from limner.illustration.model.slot import SlotId
        >>> from limner.prompts import find_prompts
        >>> [tag] = find_prompts('<!--img-prompt="a fox"-->')
        >>> slot, drawing = asked_for(Slot.of(SlotId("m", 0, 0), tag), at=1.0)
        >>> called_off(slot, [drawing], CANCELLED).state
        <SlotState.FAILED: 'failed'>
    """
    left = replace(slot, pending=tuple(one for one in slot.pending if one not in drawings))
    left = settled(left)
    if left.pending or left.state not in UNFINISHED:
        return left
    return replace(left, state=SlotState.FAILED, failure=failure)


def settled(slot: Slot) -> Slot:
    """The slot if nothing more comes for it: one that has pictures shows the last of them."""
    if slot.state not in UNFINISHED or slot.pending or not slot.alternatives:
        return slot
    return replace(slot, state=SlotState.READY, selected=len(slot.alternatives) - 1, failure=None)


def hidden(slot: Slot) -> Slot:
    """How a slot is kept while its picture is made, but not to be shown before all others are."""
    if slot.state is SlotState.READY:
        return replace(slot, state=SlotState.DRAWING, selected=None)
    return slot


def without_alternative(slot: Slot, which: int | str | None) -> Slot:
    """The slot without one of its pictures (the one shown); the next one is shown instead.

    Raises:
        UnknownSlot: There is no such picture.
    """
    if which is None and slot.selected is None:
        # Nothing to take away but the note that it failed.
        return replace(slot, state=SlotState.DELETED, failure=None)
    at = slot.alternative(slot.selected if which is None else which)  # type: ignore[arg-type]  # seen above
    rest = slot.alternatives[:at] + slot.alternatives[at + 1 :]
    if not rest:
        return replace(slot, alternatives=(), selected=None, state=SlotState.DELETED, failure=None)
    if slot.selected is None:
        return replace(slot, alternatives=rest)
    moved = slot.selected > at or slot.selected == len(rest)
    return replace(slot, alternatives=rest, selected=slot.selected - moved)


def _without(slot: Slot, drawing: PendingDrawing) -> Slot:
    left = tuple(waiting for waiting in slot.pending if waiting.attempt != drawing.attempt)
    return replace(slot, pending=left)
