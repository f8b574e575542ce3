"""How many jobs may start in a stretch of time: true sliding windows, or calendar periods.

A window keeps the instants of its last starts. The next start is free as soon as the one that
lies ``limit`` starts back is ``per`` seconds old, so *every* stretch of ``per`` seconds, wherever
it begins, holds at most ``limit`` starts. A counter reset on the minute would let twice as many
through across the edge. Where somebody else counts that way, with a quota that is full again at
midnight, a rate can be aligned to the calendar instead.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, time, tzinfo

from limner.scheduling.limits.calendar_edge import DAY, clock_time, next_edge, time_zone
from limner.scheduling.limits.validation import check_count, check_name, check_seconds


@dataclass(frozen=True, slots=True, repr=False)
class Rate:
    """At most ``limit`` starts in any ``per`` seconds, or in each period of the calendar.

    It counts starts, whatever their weight; each attempt of a retried job is one. With a ``name``
    it adds up what each job weighs under that name instead, ``weight={"tokens": 1500}``, and a job
    that does not mention it costs nothing here. The stretch is half open: a start at exactly
    ``t + per`` no longer sees the one at ``t``.

    With ``align`` the count begins anew at clock times: ``Rate(100, per=86400, align="00:00")``
    is a hundred starts a day, ``per=3600`` a count that begins anew each hour. Such a window lets
    **twice** the limit through across an edge (all at the end of one period, all at the beginning
    of the next), as a sliding one never does: use it where a server counts like that, and a
    sliding one beside it where bursts do harm. Days have 23 or 25 hours when the clocks change.
    The wall clock is read at each decision, so a machine that slept, or whose clock was set, goes
    by the new time (see ``wall`` of `limner.scheduling.Limiter`).

    Args:
        limit: Starts allowed, or the weight if it has a name; at least 1.
        per: Length of the window in seconds, more than 0; if aligned, a day is a whole number of
            them.
        align: The clock time at which a day begins, such as ``"00:00"``; a shorter period is a
            slice of the day. ``None``: the window slides.
        tz: Whose clock: a name such as ``"Europe/Berlin"``, or a `datetime.tzinfo`. ``None``: UTC.
        name: What the weights of jobs call it.

    Raises:
        TypeError, ValueError: A number that makes no sense, a period that does not divide a day,
            a clock time or zone that does not exist.

    Examples:
        >>> Rate(5, per=60)
        Rate(limit=5, per=60.0)
        >>> Rate(500, per=86400, align="09:00", tz="America/Los_Angeles")
        Rate(limit=500, per=86400.0, align='09:00', tz='America/Los_Angeles')
    """

    limit: int
    per: float
    align: str | None = field(default=None, kw_only=True)
    tz: str | tzinfo | None = field(default=None, kw_only=True)
    name: str | None = field(default=None, kw_only=True)
    _begin: time = field(default=time(0), init=False, compare=False)
    _zone: tzinfo = field(default=UTC, init=False, compare=False)

    def __post_init__(self) -> None:
        check_count("limit", self.limit, minimum=1)
        check_name("name", self.name)
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
        named = f", name={self.name!r}" if self.name is not None else ""
        return f"Rate(limit={self.limit!r}, per={self.per!r}{aligned}{named})"

    def cost(self, named: Mapping[str, int]) -> int:
        """Return what a start costs here.

        Args:
            named: What the job weighs, by name.
        """
        return 1 if self.name is None else named.get(self.name, 0)

    def stamp(self, now: float, wall_offset: float) -> float:
        """Return how an instant is written down: by the clock that the window goes by.

        Args:
            now: The instant on the limiter's clock.
            wall_offset: What that clock lacks to seconds since 1970 (UTC) at present.
        """
        return now if self.align is None else now + wall_offset

    def spent_until(self, stamp: float, wall_offset: float) -> float:
        """Return the instant, on the limiter's clock, from which a start no longer counts.

        Args:
            stamp: When it was, as `stamp` wrote it down.
            wall_offset: What the limiter's clock lacks to seconds since 1970 (UTC) at present.
        """
        if self.align is None:
            return stamp + self.per
        return next_edge(stamp, per=self.per, align=self._begin, zone=self._zone) - wall_offset


KEPT = 1000
"""A window remembers as many starts as its rate has room for, in case the rate changes, but of
those that no longer count no more than so many."""


DRIFT = 5.0
"""Seconds by which the wall clock may have been adjusted since a start that is corrected."""


class Window:
    """What was started lately, oldest first."""

    __slots__ = ("charges", "used")

    def __init__(self, charges: Iterable[tuple[float, int]] = ()) -> None:
        self.charges = deque(charges)
        """When each start was, as `Rate.stamp` wrote it down, and what it cost."""
        self.used = sum(cost for _, cost in self.charges)
        """What they cost together."""

    def copy(self) -> Window:
        """Return a twin that can be changed by itself."""
        return Window(self.charges)

    def free_at(self, rate: Rate, cost: int, wall_offset: float) -> float:
        """Return the first instant at which there is room; minus infinity if there is now."""
        over = self.used + cost - rate.limit
        if over <= 0 or not cost:
            return float("-inf")
        for stamp, freed in self.charges:
            over -= freed
            if over <= 0:
                return rate.spent_until(stamp, wall_offset)
        return float("inf")  # more than the rate ever lets through

    def add(self, rate: Rate, cost: int, now: float, wall_offset: float) -> None:
        """Write a start down, and forget those that will not be asked for again."""
        charges = self.charges
        while charges and (len(charges) > KEPT or self.used - charges[0][1] >= rate.limit):
            if rate.spent_until(charges[0][0], wall_offset) > now:
                break
            self.used -= charges.popleft()[1]
        if cost:
            charge = (rate.stamp(now, wall_offset), cost)
            if charges and charge < charges[-1]:  # a wall clock was set back
                insort(charges, charge)
            else:
                charges.append(charge)
            self.used += cost

    def move(self, by: float) -> None:
        """Go by a clock that shows so much more."""
        self.charges = deque((stamp + by, cost) for stamp, cost in self.charges)

    def correct(self, stamp: float, old: int, new: int) -> None:
        """Have a start cost something else than was written down; nothing takes it out.

        One that does not count any more is left alone.
        """
        if old:
            near = min(
                (charge for charge in self.charges if charge[1] == old),
                key=lambda charge: abs(charge[0] - stamp),
                default=None,
            )
            if near is None or abs(near[0] - stamp) > DRIFT:
                return
            self.charges.remove(near)
        if new:
            insort(self.charges, (stamp, new))
        self.used += new - old


def opened(
    rates: Sequence[Rate], known: Iterable[tuple[Rate, Window]] = (), wall_offset: float = 0.0
) -> tuple[Window, ...]:
    """Make the windows of some rates, remembering what windows that count the same knew.

    Args:
        rates: The rates.
        known: Other rates, with their windows.
        wall_offset: What the limiter's clock lacks to seconds since 1970 (UTC) at present.
    """
    before = list(known)

    def remembered(rate: Rate) -> Window:
        alike = [(old, window) for old, window in before if old.name == rate.name]
        if not alike:
            return Window()
        old, window = max(alike, key=lambda pair: len(pair[1].charges))
        shift = rate.stamp(0.0, wall_offset) - old.stamp(0.0, wall_offset)
        return Window((stamp + shift, cost) for stamp, cost in window.charges)

    return tuple(remembered(rate) for rate in rates)
