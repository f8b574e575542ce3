"""The limits of a limiter, checked once and never changed: a change makes new ones."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from limner.scheduling.rate import Rate
from limner.scheduling.reservoir import Reservoir
from limner.scheduling.retry import RetryPolicy
from limner.scheduling.validation import check_count, check_seconds


class Overflow(enum.Enum):
    """Who goes when a job would have to wait and ``high_water`` jobs wait already."""

    LEAK = "leak"
    """The oldest job of the least important level that is not above the newcomer's."""
    OVERFLOW = "overflow"
    """The newcomer."""
    OVERFLOW_PRIORITY = "overflow_priority"
    """As `LEAK`, but only a job strictly less important than the newcomer; else the newcomer."""
    BLOCK = "block"
    """Everybody who waits, the newcomer, and everybody who comes during the penalty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a limiter keeps to. Every option is described at `Limiter`.

    Raises:
        TypeError: An option of the wrong kind.
        ValueError: A number that makes no sense.
    """

    max_concurrent: int | None = None
    min_interval: float = 0.0
    rates: tuple[Rate, ...] = ()
    reservoir: Reservoir | None = None
    high_water: int | None = None
    overflow: Overflow = Overflow.LEAK
    penalty: float | None = None
    retry: RetryPolicy | None = None
    aging: float | None = None
    fair: bool = False

    heaviest: float = field(init=False, repr=False, compare=False)
    """The weight above which no job can ever start."""
    timed: bool = field(init=False, repr=False, compare=False)
    """Whether anything but the concurrency limits a start."""

    def __post_init__(self) -> None:
        if self.max_concurrent is not None:
            check_count("max_concurrent", self.max_concurrent)
        if self.high_water is not None:
            check_count("high_water", self.high_water)
        self._set("min_interval", check_seconds("min_interval", self.min_interval))
        if self.penalty is not None:
            self._set("penalty", check_seconds("penalty", self.penalty))
        if self.aging is not None:
            self._set("aging", check_seconds("aging", self.aging, above_zero=True))
        self._set("rates", _rates(self.rates))
        self._set("reservoir", _reservoir(self.reservoir))
        self._check_kinds()
        ceilings = [self.max_concurrent, self.reservoir.ceiling if self.reservoir else None]
        known = [ceiling for ceiling in ceilings if ceiling is not None]
        self._set("heaviest", min(known, default=float("inf")))
        self._set("timed", bool(self.min_interval or self.rates or self.reservoir))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _check_kinds(self) -> None:
        if not isinstance(self.overflow, Overflow):
            raise TypeError(f"overflow must be one of Overflow, not {self.overflow!r}")
        if self.retry is not None and not callable(self.retry):
            raise TypeError(f"retry must be a Retry or a callable, not {self.retry!r}")
        if type(self.fair) is not bool:
            raise TypeError(f"fair must be True or False, not {self.fair!r}")

    @property
    def block_penalty(self) -> float:
        """Seconds for which `Overflow.BLOCK` blocks: 15 intervals, or 5 s without an interval."""
        if self.penalty is not None:
            return self.penalty
        return 15 * self.min_interval if self.min_interval else 5.0

    def changed(self, changes: dict[str, Any]) -> Limits:
        """Return these limits with some of them changed.

        Raises:
            TypeError: A name that is no limit, or a value of the wrong kind.
            ValueError: A number that makes no sense.
        """
        known = [f.name for f in fields(self) if f.init]
        for name in changes:
            if name not in known:
                raise TypeError(f"{name!r} is not a limit that can change; {', '.join(known)} are")
        return replace(self, **changes)


def _rates(rates: object) -> tuple[Rate, ...]:
    if isinstance(rates, Rate):
        return (rates,)
    if not isinstance(rates, Iterable):
        raise TypeError(f"rates must be Rate objects, not {rates!r}")
    found = tuple(rates)
    for rate in found:
        if not isinstance(rate, Rate):
            raise TypeError(f"rates must be Rate objects, not {rate!r}")
    return found


def _reservoir(reservoir: object) -> Reservoir | None:
    if reservoir is None or isinstance(reservoir, Reservoir):
        return reservoir
    return Reservoir(check_count("reservoir", reservoir))
