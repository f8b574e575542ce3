"""The pictures of each owner kept within a bound."""

from collections import defaultdict
from dataclasses import dataclass

from limner.errors import SlotOvertaken, UnknownSlot
from limner.illustration import MessageStore, SlotState
from limner.illustration.model.pending import without_alternative
from limner.storage.keeping.surplus import Bound, Surplus
from limner.storage.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """What was removed so that an owner's pictures keep to a bound.

    Attributes:
        owner: Whose; ``""``: nobody's.
        pictures: How many.
        shown: How many of them were shown.
        bytes: How much room that gives back.
    """

    owner: str
    pictures: int
    shown: int
    bytes: int


async def keep_within(
    library: Library, bound: Bound, *, store: MessageStore | None = None, dry_run: bool = False
) -> list[Bounded]:
    """Remove what a bound does not allow, and every way back to it.

    A place that loses its last picture is as one whose picture was deleted.

    Args:
        library: Whose pictures.
        bound: How much is kept.
        store: What the library is changed through, so that others hear of it.
        dry_run: Whether it is only told.

    Returns:
        By owner, what was removed.

    Raises:
        limner.errors.StorageError: It cannot go on; what was removed before is.
    """
    removed: dict[str, list[Surplus]] = defaultdict(list)
    for one in await library.surplus(bound):
        if dry_run or await _dropped(library, store or library, one):
            removed[one.owner].append(one)
    return [
        Bounded(
            owner=owner,
            pictures=len(theirs),
            shown=sum(one.shown for one in theirs),
            bytes=sum(one.size for one in theirs),
        )
        for owner, theirs in sorted(removed.items())
    ]


async def _dropped(library: Library, store: MessageStore, one: Surplus) -> bool:
    """Take a picture out of its place; ``False``: something has happened there meanwhile."""
    message = await store.load(one.slot_id.message_id, one.slot_id.variant)
    if message is None or one.slot_id.ordinal >= len(message.slots):
        return False
    slot = message.slots[one.slot_id.ordinal]
    if slot.pending or slot.state in (SlotState.QUEUED, SlotState.DRAWING):
        return False
    try:
        image = slot.alternatives[slot.alternative(one.alternative_id)].image
        await store.save_slots(without_alternative(slot, one.alternative_id))
    except (SlotOvertaken, UnknownSlot):
        return False
    await library.erase(one.slot_id.message_id, image)
    return True
