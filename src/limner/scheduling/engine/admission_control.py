"""Where it is decided whether a job may start: the rule, and what it has to remember.

Everything that asks "may it start, when, what holds it?" asks an `AdmissionControl`. It adds
nothing to the rule of `limner.scheduling.limits.admission` but its state and the wall clock; its
questions *are* the rule's functions, bound anew when the limits change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from limner.scheduling.limits import admission
from limner.scheduling.limits.admission import Charge, Decision, State
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import UNNAMED
from limner.scheduling.limits.reservoir import refilled


class Decide(Protocol):
    """Says whether a job may start."""

    def __call__(self, weight: int, now: float, named: Mapping[str, int] = UNNAMED, /) -> Decision:
        """Look, and answer."""


class Start(Protocol):
    """Takes what a start takes."""

    def __call__(self, weight: int, now: float, named: Mapping[str, int], since: float, /) -> None:
        """Take it."""


class AdmissionControl:
    """The admission rule with its state.

    Args:
        limits: What is kept to.
        wall: Gives the seconds since 1970 (UTC), for rates aligned to the calendar. It is asked at
            each decision that depends on it: the loop's clock stands still while a machine sleeps.
            ``None``: what the state knows of it stays true.
        state: What is remembered; by default, what a limiter knows that nobody has used yet.
    """

    __slots__ = ("_wall", "decide", "finish", "is_full", "limits", "start", "state")

    limits: Limits
    decide: Decide
    """``(weight, now, named)``: say whether a job of this weight may start."""
    start: Start
    """``(weight, now, named, since)``: take what a start takes, right after such a decision."""
    is_full: Callable[[], bool]
    """Say whether nothing that weighs anything may start."""
    finish: Callable[[int], None]
    """``(weight)``: give a slot back."""

    def __init__(
        self,
        limits: Limits,
        wall: Callable[[], float] | None,
        state: State | None = None,
    ) -> None:
        self._wall = wall
        self.state = state if state is not None else admission.opening(limits, 0.0)
        self._bind(limits)

    def _bind(self, limits: Limits) -> None:
        self.limits = limits
        if limits.calendar and self._wall is not None:
            self.decide = partial(self._decide_by_wall_clock, self._wall)
        else:
            self.decide = partial(admission.decide, limits, self.state)
        self.is_full = partial(admission.is_full, limits, self.state)
        self.start = partial(admission.start, limits, self.state)
        self.finish = partial(admission.finish, self.state)

    def _decide_by_wall_clock(
        self,
        wall: Callable[[], float],
        weight: int,
        now: float,
        named: Mapping[str, int] = UNNAMED,
        /,
    ) -> Decision:
        self.state.wall_offset = wall() - now
        return admission.decide(self.limits, self.state, weight, now, named)

    def begin(self, now: float) -> None:
        """Note the limiter's first use: reservoir phases and the wall clock are tied to it."""
        if self._wall is not None:
            self.state.wall_offset = self._wall() - now
        if self.state.level is not None:
            self.state.level.begin = now

    def move(self, by: float) -> None:
        """Go by a clock that shows ``by`` seconds more."""
        admission.moved(self.limits, self.state, by)

    def change(self, limits: Limits, now: float) -> None:
        """Go on under other limits; what was started stays started."""
        if self._wall is not None:
            self.state.wall_offset = self._wall() - now
        admission.changed(self.limits, limits, self.state, now)
        self._bind(limits)

    def recharge(self, started_at: float, old: Charge, new: Charge, now: float) -> None:
        """Have a start cost something else than it was charged."""
        admission.recharge(self.limits, self.state, started_at, old, new, now)

    def refund(self, amount: int, now: float) -> None:
        """Give something back to the reservoir, or take some more out of it if negative."""
        admission.refund(self.limits, self.state, amount, now)

    def reservoir(self, now: float) -> int | None:
        """Return what the reservoir holds; ``None`` if there is none."""
        if self.limits.reservoir is None or self.state.level is None:
            return None
        return refilled(self.limits.reservoir, self.state.level, now).amount

    def forgettable(self, now: float) -> bool:
        """Whether a fresh limiter would decide exactly as this one does from now on."""
        return admission.forgettable(self.limits, self.state, now)

    def twin(self, now: float) -> AdmissionControl:
        """Return a copy that can be run forward by itself, as if the wall clock went evenly."""
        state = admission.copied(self.state)
        if self.limits.calendar and self._wall is not None:
            state.wall_offset = self._wall() - now
        return AdmissionControl(self.limits, None, state)
