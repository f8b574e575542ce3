"""What is told of a picture where there is none to show, or none yet."""

from limner.illustration import Slot, SlotState
from limner.server.proxy.live.stage import DELETED, LOST, NEXT_START, STILL, UNKNOWN, Stage, failed


def placeholder(slot: Slot | None, *, stopping: bool) -> Stage:
    """What becomes of a slot's picture, as far as is known when nobody waits for it any more.

    Args:
        slot: As it is kept; ``None``: there is none.
        stopping: Whether the server stops.

    Examples:
        >>> placeholder(None, stopping=False).detail
        'There is none at this address.'
    """
    if slot is None:
        return UNKNOWN
    if slot.image is not None:
        return LOST
    if slot.state is SlotState.DELETED:
        return DELETED
    if slot.failure is not None and not slot.pending:
        return failed(slot.failure.reason)
    return NEXT_START if stopping else STILL
