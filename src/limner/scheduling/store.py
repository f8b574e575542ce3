"""Where the state of a limiter is kept, and who applies the admission rule to it."""

from __future__ import annotations

from typing import Protocol

from limner.scheduling import admission
from limner.scheduling.admission import Decision, State
from limner.scheduling.limits import Limits


class Store(Protocol):
    """What a limiter asks of the place its state is kept in."""

    limits: Limits
    state: State

    def open(self, limits: Limits) -> None:
        """Get ready, without any I/O."""

    def begin(self, now: float) -> None:
        """Note the limiter's first use: reservoir phases count from it."""

    def decide(self, weight: int, now: float) -> Decision:
        """Say whether a job of this weight may start."""

    def start(self, weight: int, now: float) -> None:
        """Take what a start takes. Only right after a `decide` that allowed it."""

    def finish(self, weight: int) -> None:
        """Give a slot back."""

    def change(self, limits: Limits, now: float) -> None:
        """Go on under other limits."""


class LocalStore:
    """Keeps the state in this process: calls the admission rule directly."""

    __slots__ = ("limits", "state")

    limits: Limits
    state: State

    def open(self, limits: Limits) -> None:
        """Get ready."""
        self.limits = limits
        self.state = admission.opening(limits, 0.0)

    def begin(self, now: float) -> None:
        """Note the limiter's first use: reservoir phases count from it."""
        if self.state.level is not None:
            self.state.level.begin = now

    def decide(self, weight: int, now: float) -> Decision:
        """Say whether a job of this weight may start."""
        return admission.decide(self.limits, self.state, weight, now)

    def start(self, weight: int, now: float) -> None:
        """Take what a start takes."""
        admission.start(self.limits, self.state, weight, now)

    def finish(self, weight: int) -> None:
        """Give a slot back."""
        admission.finish(self.state, weight)

    def change(self, limits: Limits, now: float) -> None:
        """Go on under other limits; what was started stays started."""
        admission.changed(self.limits, limits, self.state, now)
        self.limits = limits
