"""The daily curve of traffic.

Arrivals are made on a clock on which every hour is equally busy, and then moved to where they
belong: an instant of that clock is the share of the day's traffic that has come by then. (This is
the inversion method for Poisson processes whose rate changes; it serves regular arrivals as well.)
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

DAY = 86400.0
MINUTES = 1440
"""A day is not cut finer."""

# fmt: off
EVENING = (
    5, 3, 2, 1.5, 1, 1, 1.5, 2, 3, 3.5, 4, 4.5, 5, 5, 5, 5.5, 6, 7, 8.5, 10.5, 12, 12, 10, 7.5,
)
# fmt: on
"""Weights of the 24 hours of people's spare time: quiet at five, busiest from eight to ten."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day in equal parts, each with the weight of its traffic; every day is the same.

    Args:
        parts: Weights, at least 0 and not all 0. One part: all hours are alike.

    Raises:
        ValueError: They are not.

    Examples:
        >>> day = Day((1, 3))              # three quarters of the traffic after noon
        >>> day.instant(86400 / 4) / 3600  # when is the first quarter through?
        12.0
    """

    parts: tuple[float, ...]
    _before: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.parts) <= MINUTES:
            raise ValueError(f"a day has 1 to {MINUTES} parts")
        if not all(0 <= part < float("inf") for part in self.parts) or not sum(self.parts):
            raise ValueError("the parts of a day are weights of at least 0, not all of them 0")
        total = sum(self.parts)
        sums = (0.0, *accumulate(part / total * DAY for part in self.parts))
        object.__setattr__(self, "_before", sums)

    @property
    def busiest(self) -> float:
        """How many times the mean rate the busiest part has."""
        return max(self.parts) * len(self.parts) / sum(self.parts)

    def instant(self, even: float) -> float:
        """Return when comes what would come at ``even`` seconds if all hours were alike."""
        if len(self.parts) == 1:
            return even
        days, rest = divmod(even, DAY)
        index = min(bisect_right(self._before, rest), len(self.parts)) - 1
        while not self.parts[index]:  # only where rounding left the last sum a little short
            index -= 1
        share = (rest - self._before[index]) / (self._before[index + 1] - self._before[index])
        return days * DAY + (index + min(share, 1.0)) * DAY / len(self.parts)


FLAT = Day((1.0,))
NAMED = {"flat": FLAT, "evening": Day(EVENING)}


def day_from(value: object) -> Day:
    """Read a daily curve: ``"flat"``, ``"evening"``, or the weights of equal parts of a day.

    Args:
        value: A name, a list of numbers, or numbers with commas between them.

    Raises:
        ValueError: It is nothing of that kind.

    Examples:
        >>> day_from("1,1,2,4").busiest
        2.0
    """
    if isinstance(value, Day):
        return value
    if isinstance(value, str) and value in NAMED:
        return NAMED[value]
    weights = value.split(",") if isinstance(value, str) else value
    if not isinstance(weights, Iterable):
        raise ValueError(
            f"{value!r} is no daily curve: write {', '.join(NAMED)} or a list of weights"
        )
    try:
        return Day(tuple(float(weight) for weight in weights))
    except (TypeError, ValueError) as error:
        known = ", ".join(NAMED)
        raise ValueError(f"no daily curve ({known}, or a list of weights): {error}") from None
