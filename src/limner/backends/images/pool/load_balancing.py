"""Who draws next: whoever has the least to do for its weight."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a member has to do.

    Attributes:
        weight: Its share of the work.
        running: Pictures it draws now.
        taken: Pictures it was ever given.
    """

    weight: float
    running: int
    taken: int


def least_loaded(loads: Sequence[Load]) -> int:
    """The index of the one to draw next; of equals, the one that was given less so far.

    Examples:
        >>> least_loaded([Load(weight=1, running=1, taken=1), Load(weight=3, running=2, taken=9)])
        1
    """

    def order(index: int) -> tuple[float, float, int]:
        load = loads[index]
        return (load.running + 1) / load.weight, load.taken / load.weight, index

    return min(range(len(loads)), key=order)
