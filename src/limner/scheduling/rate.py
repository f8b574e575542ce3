"""How many jobs may start in any stretch of time: true sliding windows.

A window keeps the instants of its last starts. The next start is free as soon as the one that
lies ``limit`` starts back is ``per`` seconds old, so *every* stretch of ``per`` seconds, wherever
it begins, holds at most ``limit`` starts. A counter reset on the minute would let twice as many
through across the edge.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from limner.scheduling.validation import check_count, check_seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``limit`` starts in any ``per`` seconds.

    It counts starts, whatever their weight; each attempt of a retried job is one. The stretch is
    half open: a start at exactly ``t + per`` no longer sees the one at ``t``.

    Args:
        limit: Starts allowed, at least 1.
        per: Length of the window in seconds, more than 0.

    Raises:
        TypeError, ValueError: A number that makes no sense.

    Example:
        >>> Rate(5, per=60)
        Rate(limit=5, per=60.0)
    """

    limit: int
    per: float

    def __post_init__(self) -> None:
        check_count("limit", self.limit, minimum=1)
        object.__setattr__(self, "per", check_seconds("per", self.per, above_zero=True))


Window = deque[float]
"""The instants of the last ``limit`` starts of one rate, oldest first."""


def opened(rates: Sequence[Rate], known: Iterable[Window] = ()) -> tuple[Window, ...]:
    """Make the windows of some rates, remembering the starts that other windows knew."""
    starts = max(known, key=len, default=deque[float]())
    return tuple(deque(starts, maxlen=rate.limit) for rate in rates)


def free_at(rate: Rate, window: Window) -> float:
    """Return the first instant at which the window has room for one more start."""
    return window[0] + rate.per if len(window) == rate.limit else float("-inf")
