"""How many jobs may start in a stretch of time: true sliding windows, or calendar periods.

A window keeps the instants of its last starts. The next start is free as soon as the one that
lies ``limit`` starts back is ``per`` seconds old, so *every* stretch of ``per`` seconds, wherever
it begins, holds at most ``limit`` starts. A counter reset on the minute would let twice as many
through across the edge. Where somebody else counts that way, with a quota that is full again at
midnight, a rate can be aligned to the calendar instead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, time, tzinfo

from limner.scheduling.calendar_edge import DAY, clock_time, next_edge, time_zone
from limner.scheduling.validation import check_count, check_seconds


@dataclass(frozen=True, slots=True, repr=False)
class Rate:
    """At most ``limit`` starts in any ``per`` seconds, or in each period of the calendar.

    It counts starts, whatever their weight; each attempt of a retried job is one. The stretch is
    half open: a start at exactly ``t + per`` no longer sees the one at ``t``.

    With ``align`` the count begins anew at clock times: ``Rate(100, per=86400, align="00:00")``
    is a hundred starts a day, ``per=3600`` a count that begins anew each hour. Such a window lets
    **twice** the limit through across an edge (all at the end of one period, all at the beginning
    of the next), as a sliding one never does: use it where a server counts like that, and a
    sliding one beside it where bursts do harm. Days have 23 or 25 hours when the clocks change.
    The wall clock is read once, at the limiter's first use; from then on the loop's clock counts,
    so a wall clock that is set later moves no edge.

    Args:
        limit: Starts allowed, at least 1.
        per: Length of the window in seconds, more than 0; if aligned, a day is a whole number of
            them.
        align: The clock time at which a day begins, such as ``"00:00"``; a shorter period is a
            slice of the day. ``None``: the window slides.
        tz: Whose clock: a name such as ``"Europe/Berlin"``, or a `datetime.tzinfo`. ``None``: UTC.

    Raises:
        TypeError, ValueError: A number that makes no sense, a period that does not divide a day,
            a clock time or zone that does not exist.

    Example:
        >>> Rate(5, per=60)
        Rate(limit=5, per=60.0)
        >>> Rate(500, per=86400, align="09:00", tz="America/Los_Angeles")
        Rate(limit=500, per=86400.0, align='09:00', tz='America/Los_Angeles')
    """

    limit: int
    per: float
    align: str | None = field(default=None, kw_only=True)
    tz: str | tzinfo | None = field(default=None, kw_only=True)
    _begin: time = field(default=time(0), init=False, compare=False)
    _zone: tzinfo = field(default=UTC, init=False, compare=False)

    def __post_init__(self) -> None:
        check_count("limit", self.limit, minimum=1)
        object.__setattr__(self, "per", check_seconds("per", self.per, above_zero=True))
        if self.align is not None:
            object.__setattr__(self, "_begin", clock_time(self.align))
            object.__setattr__(self, "_zone", time_zone(self.tz))
            if DAY % self.per:
                raise ValueError(f"per must divide a day of 86400 s if aligned, not {self.per!r}")
        elif self.tz is not None:
            raise ValueError('tz means nothing without align=, such as align="00:00"')

    def __repr__(self) -> str:
        aligned = f", align={self.align!r}, tz={self.tz!r}" if self.align is not None else ""
        return f"Rate(limit={self.limit!r}, per={self.per!r}{aligned})"

    def spent_until(self, started_at: float, wall_offset: float) -> float:
        """Return the instant from which a start no longer counts.

        Args:
            started_at: When it was, on the limiter's clock.
            wall_offset: What that clock lacks to seconds since 1970 (UTC).
        """
        if self.align is None:
            return started_at + self.per
        wall = started_at + wall_offset
        edge = next_edge(wall, per=self.per, align=self._begin, zone=self._zone)
        return edge - wall_offset


Window = deque[float]
"""The instants of the last ``limit`` starts of one rate, oldest first."""


def opened(rates: Sequence[Rate], known: Iterable[Window] = ()) -> tuple[Window, ...]:
    """Make the windows of some rates, remembering the starts that other windows knew."""
    starts = max(known, key=len, default=deque[float]())
    return tuple(deque(starts, maxlen=rate.limit) for rate in rates)


def free_at(rate: Rate, window: Window, wall_offset: float = 0.0) -> float:
    """Return the first instant at which the window has room for one more start."""
    if len(window) < rate.limit:
        return float("-inf")
    return rate.spent_until(window[0], wall_offset)
