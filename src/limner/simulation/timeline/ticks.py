"""Where a scale is marked, and how an instant becomes a place on it."""

import math
from dataclasses import dataclass

STEPS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400),
)
"""Seconds between ticks that read well on a clock; above them, whole days."""


def tick_step(span: float, most: int) -> float:
    """Return the least step that makes at most ``most`` ticks over ``span`` seconds.

    Examples:
        >>> tick_step(180, 12), tick_step(86400, 12), tick_step(10 * 86400, 5)
        (15, 7200, 172800)
    """
    for step in STEPS:
        if span / step <= most:
            return step
    return 86400 * math.ceil(span / 86400 / most)


def nice_ceiling(value: float) -> int:
    """Return a round number that is not below ``value``, and even, so that half of it is whole.

    Examples:
        >>> [nice_ceiling(value) for value in (0, 1, 7, 23, 450, 9111)]
        [2, 2, 8, 24, 500, 10000]
    """
    if value <= 2:
        return 2
    power: int = 10 ** math.floor(math.log10(value))
    for tenths in (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100):
        found = tenths * power
        if found >= 10 * value and found % 20 == 0:
            return found // 10
    raise AssertionError("ten times the power of ten below a number is above it")


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of time on a stretch of paper.

    Attributes:
        begin, end: The instants at its ends, in seconds.
        left, right: Where those are, in units of the drawing.
    """

    begin: float
    end: float
    left: float
    right: float

    def place(self, instant: float) -> float:
        """Return where an instant is; those outside are at the nearer end."""
        share = (min(max(instant, self.begin), self.end) - self.begin) / (self.end - self.begin)
        return self.left + share * (self.right - self.left)

    @property
    def second(self) -> float:
        """The length of a second."""
        return (self.right - self.left) / (self.end - self.begin)

    def ticks(self, most: int = 12) -> tuple[float, list[float]]:
        """Return the step between ticks and the instants of the ticks."""
        step = tick_step(self.end - self.begin, most)
        first = math.ceil(self.begin / step - 1e-9)
        last = math.floor(self.end / step + 1e-9)
        return step, [count * step for count in range(first, last + 1)]
