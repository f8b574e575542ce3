"""A stock that jobs draw from when they start, and that is filled up in time.

No timer ticks. What the stock holds at an instant is computed from the instant alone: the k-th
refill is due at ``begin + k * every``, exactly, and those that nobody was there to see are caught
up the next time somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from limner.scheduling.limits.validation import check_count, check_name, check_seconds


@dataclass(frozen=True, slots=True)
class Reservoir:
    """A stock of weight: each start takes its job's weight out, and waits while there is less.

    Args:
        amount: What it holds at first.
        refresh_amount: What it is *set to* every ``refresh_every`` seconds.
        refresh_every: Seconds between two refreshes.
        increase_amount: What is *added* every ``increase_every`` seconds.
        increase_every: Seconds between two increases.
        maximum: Increases stop here. (It never lowers what is already there.)
        name: What the weights of jobs call it: a start takes what its job weighs under that name,
            ``weight={"tokens": 1500}``, and one that does not mention it takes nothing.

    Both refills are counted from the limiter's first use. Where a refresh and an increase fall on
    the same instant, the refresh comes first.

    Raises:
        TypeError, ValueError: A number that makes no sense, or half of a pair.

    Examples:
        >>> Reservoir(100, refresh_amount=100, refresh_every=3600).amount
        100
        >>> Reservoir(100, refresh_every=3600)
        Traceback (most recent call last):
        ValueError: refresh_amount and refresh_every need each other
    """

    amount: int
    _: KW_ONLY
    refresh_amount: int | None = None
    refresh_every: float | None = None
    increase_amount: int | None = None
    increase_every: float | None = None
    maximum: int | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        check_count("amount", self.amount)
        check_name("name", self.name)
        for kind in ("refresh", "increase"):
            amount, every = getattr(self, f"{kind}_amount"), getattr(self, f"{kind}_every")
            if (amount is None) != (every is None):
                raise ValueError(f"{kind}_amount and {kind}_every need each other")
            if amount is not None:
                check_count(f"{kind}_amount", amount, minimum=1)
                every = check_seconds(f"{kind}_every", every, above_zero=True)
                object.__setattr__(self, f"{kind}_every", every)
        if self.maximum is not None:
            check_count("maximum", self.maximum, minimum=1)
            if self.increase_amount is None:
                raise ValueError("maximum caps increases: it needs increase_amount")

    def cost(self, weight: int, named: Mapping[str, int]) -> int:
        """Return what a start takes.

        Args:
            weight: What the job weighs.
            named: And what it weighs by name.
        """
        return weight if self.name is None else named.get(self.name, 0)

    @property
    def ceiling(self) -> int | None:
        """The most it can ever hold by itself; ``None`` if there is no end to it, or no refill."""
        if self.increase_every is not None and self.maximum is None:
            return None
        if self.increase_every is None and self.refresh_every is None:
            return None  # only the caller fills it, and nobody knows with how much
        return max(self.amount, self.refresh_amount or 0, self.maximum or 0)


@dataclass(slots=True)
class Level:
    """What a reservoir holds, as of the refills counted so far."""

    amount: int
    begin: float
    refreshes: int = 0
    increases: int = 0


def ticks(begin: float, every: float, now: float) -> int:
    """Count the instants ``begin + k * every``, k = 1, 2, …, that are not after ``now``.

    Examples:
        >>> ticks(0.0, 0.1, 0.3), 3 * 0.1 <= 0.3
        (2, False)
    """
    count = max(int((now - begin) / every), 0)
    while begin + (count + 1) * every <= now:
        count += 1
    while count and begin + count * every > now:
        count -= 1
    return count


def refilled(reservoir: Reservoir, level: Level, now: float) -> Level:
    """Return the level at ``now``, every refill until then counted in. ``level`` stays as it is."""
    amount, refreshes, increases = level.amount, level.refreshes, level.increases
    if reservoir.refresh_every is not None and reservoir.refresh_amount is not None:
        refreshes = ticks(level.begin, reservoir.refresh_every, now)
        if refreshes > level.refreshes:
            amount = reservoir.refresh_amount
            if reservoir.increase_every is not None:
                since = level.begin + refreshes * reservoir.refresh_every
                seen = ticks(level.begin, reservoir.increase_every, since)
                if level.begin + seen * reservoir.increase_every == since:
                    seen -= 1  # on the same instant the refresh comes first
                increases = max(increases, seen)
    if reservoir.increase_every is not None and reservoir.increase_amount is not None:
        count = ticks(level.begin, reservoir.increase_every, now)
        full = amount + (count - increases) * reservoir.increase_amount
        if reservoir.maximum is not None:
            full = max(amount, min(full, reservoir.maximum))
        amount, increases = full, count
    return Level(amount, level.begin, refreshes, increases)


def filled_at(reservoir: Reservoir, level: Level, wanted: int, now: float) -> float | None:
    """Return when a stock may hold so much, if nobody takes from it; ``None``: never again.

    Args:
        reservoir: The stock.
        level: What it holds now; less than is wanted.
        wanted: How much it has to hold.
        now: The instant.

    Returns:
        The instant of the refill that may bring it; infinity if only the caller fills it.

    Examples:
        >>> stock = Reservoir(10, refresh_amount=2, refresh_every=1)
        >>> filled_at(stock, Level(0, 0.0), 2, 0.5), filled_at(stock, Level(0, 0.0), 5, 0.5)
        (1.0, None)
    """
    refresh, increase = reservoir.refresh_amount, reservoir.increase_amount
    if refresh is None and increase is None:
        return float("inf")
    if wanted > _highest(reservoir, level):
        return None
    if refresh is None and increase is not None and reservoir.increase_every is not None:
        steps = -((level.amount - wanted) // increase)
        return level.begin + (level.increases + steps) * reservoir.increase_every
    return next_refill(reservoir, level, now)


def _highest(reservoir: Reservoir, level: Level) -> float:
    """Return what a stock can come to hold by itself."""
    base, top = level.amount, reservoir.maximum
    if reservoir.refresh_amount is not None and reservoir.refresh_every is not None:
        base = max(base, reservoir.refresh_amount)
        if reservoir.increase_amount is None or reservoir.increase_every is None:
            return base
        full: float = base + reservoir.increase_amount * int(
            reservoir.refresh_every / reservoir.increase_every
        )
    else:
        full = float("inf")
    return full if top is None else max(base, min(full, top))


def next_refill(reservoir: Reservoir, level: Level, now: float) -> float:
    """Return the instant of the first refill after ``now``, or infinity if there is none."""
    return min(
        (
            level.begin + (ticks(level.begin, every, now) + 1) * every
            for every in (reservoir.refresh_every, reservoir.increase_every)
            if every is not None
        ),
        default=float("inf"),
    )
