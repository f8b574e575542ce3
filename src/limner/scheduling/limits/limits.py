"""The limits of a limiter, checked once and never changed: a change makes new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from limner.scheduling.limits.overflow import Overflow
from limner.scheduling.limits.rate import Rate
from limner.scheduling.limits.reservoir import Reservoir
from limner.scheduling.limits.retry import RetryPolicy
from limner.scheduling.limits.validation import check_count, check_seconds


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

    capacity: float = field(init=False, repr=False, compare=False)
    """``max_concurrent``, or infinity if there is none."""
    heaviest: float = field(init=False, repr=False, compare=False)
    """The weight above which no job can ever start."""
    ceilings: Mapping[str, int] = field(init=False, repr=False, compare=False)
    """The same for what is charged by name: to each name its lowest limit."""
    timed: bool = field(init=False, repr=False, compare=False)
    """Whether anything but the concurrency limits a start."""
    calendar: bool = field(init=False, repr=False, compare=False)
    """Whether a decision depends on the wall clock."""

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
        unlimited = self.max_concurrent is None
        self._set("capacity", float("inf") if unlimited else self.max_concurrent)
        self._set("heaviest", _heaviest(self.max_concurrent, self.reservoir))
        self._set("ceilings", _ceilings(self.rates, self.reservoir))
        self._set("timed", bool(self.min_interval or self.rates or self.reservoir))
        self._set("calendar", any(rate.align is not None for rate in self.rates))

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


def _heaviest(max_concurrent: int | None, reservoir: Reservoir | None) -> float:
    unnamed = reservoir.ceiling if reservoir is not None and reservoir.name is None else None
    known = [ceiling for ceiling in (max_concurrent, unnamed) if ceiling is not None]
    return min(known, default=float("inf"))


def _ceilings(rates: Iterable[Rate], reservoir: Reservoir | None) -> Mapping[str, int]:
    found: dict[str, int] = {}
    known = [(rate.name, rate.limit) for rate in rates]
    if reservoir is not None and reservoir.ceiling is not None:
        known.append((reservoir.name, reservoir.ceiling))
    for name, ceiling in known:
        if name is not None:
            found[name] = min(ceiling, found.get(name, ceiling))
    return MappingProxyType(found)


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
