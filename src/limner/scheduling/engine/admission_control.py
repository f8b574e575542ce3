"""Admission: the rule that decides whether a job may start, with its state.

An `AdmissionControl` is what the functions of `limner.scheduling.limits.admission` are asked with:
limits and state. It adds nothing to that rule but the wall clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from limner.scheduling.limits import admission
from limner.scheduling.limits.admission import Charge, Decision, State
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import UNNAMED
from limner.scheduling.limits.reservoir import refilled


class AdmissionControl:
    """The limits and the state that the admission rule is asked with.

    Args:
        limits: What is kept to.
        wall: Gives the seconds since 1970 (UTC), for rates aligned to the calendar. It is asked at
            each decision that depends on it: the loop's clock stands still while a machine sleeps.
            ``None``: what the state knows of it stays true.
        state: What is remembered; by default, what a limiter knows that nobody has used yet.
    """

    __slots__ = ("_wall", "limits", "state")

    def __init__(
        self,
        limits: Limits,
        wall: Callable[[], float] | None,
        state: State | None = None,
    ) -> None:
        self._wall = wall
        self.limits = limits
        self.state = state if state is not None else admission.opening(limits, 0.0)

    def look_at_wall_clock(self, now: float) -> None:
        """Note what the wall clock shows. To be done before a decision that depends on it."""
        if self._wall is not None:
            self.state.wall_offset = self._wall() - now

    def decide(self, weight: int, now: float, named: Mapping[str, int] = UNNAMED) -> Decision:
        """Say whether a job of this weight may start."""
        if self.limits.calendar:
            self.look_at_wall_clock(now)
        return admission.decide(self.limits, self.state, weight, now, named)

    def closed(self, now: float) -> Decision:
        """Say what keeps every job from starting, also while all slots are taken."""
        return admission.closed(self.limits, self.state, now)

    def begin(self, now: float) -> None:
        """Note the limiter's first use: reservoir phases and the wall clock are tied to it."""
        self.look_at_wall_clock(now)
        if self.state.level is not None:
            self.state.level.begin = now

    def move(self, by: float) -> None:
        """Go by a clock that shows ``by`` seconds more."""
        admission.moved(self.limits, self.state, by)

    def change(self, limits: Limits, now: float) -> None:
        """Go on under other limits; what was started stays started."""
        self.look_at_wall_clock(now)
        admission.changed(self.limits, limits, self.state, now)
        self.limits = limits

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
