"""Where the state of a limiter is kept, and who applies the admission rule to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from limner.scheduling import admission
from limner.scheduling.admission import Decision, State
from limner.scheduling.limits import Limits


class Store(Protocol):
    """What a limiter asks of the place its state is kept in."""

    @property
    def state(self) -> State:
        """What is remembered: one object for as long as the store lives."""

    @property
    def decide(self) -> Callable[[int, float], Decision]:
        """``(weight, now)``: say whether a job of this weight may start."""

    @property
    def start(self) -> Callable[[int, float], None]:
        """``(weight, now)``: take what a start takes, right after a `decide` that allowed it."""

    @property
    def finish(self) -> Callable[[int], None]:
        """``(weight)``: give a slot back."""

    def open(self, limits: Limits) -> None:
        """Get ready, without any I/O."""

    def begin(self, now: float) -> None:
        """Note the limiter's first use: reservoir phases and the wall clock are tied to it."""

    def change(self, limits: Limits, now: float) -> None:
        """Go on under other limits; what was started stays started."""


class LocalStore:
    """Keeps the state in this process: its questions *are* the admission rule's functions.

    Args:
        wall: Gives the seconds since 1970 (UTC), for rates aligned to the calendar. It is asked
            once, at the limiter's first use.
    """

    __slots__ = ("decide", "finish", "limits", "start", "state", "wall")

    limits: Limits
    state: State
    decide: Callable[[int, float], Decision]
    start: Callable[[int, float], None]
    finish: Callable[[int], None]

    def __init__(self, *, wall: Callable[[], float] = time.time) -> None:
        self.wall = wall

    def open(self, limits: Limits) -> None:
        """Get ready."""
        self.state = admission.opening(limits, 0.0)
        self._apply(limits)

    def begin(self, now: float) -> None:
        """Note the limiter's first use: reservoir phases and the wall clock are tied to it."""
        self.state.wall_offset = self.wall() - now
        if self.state.level is not None:
            self.state.level.begin = now

    def change(self, limits: Limits, now: float) -> None:
        """Go on under other limits; what was started stays started."""
        admission.changed(self.limits, limits, self.state, now)
        self._apply(limits)

    def _apply(self, limits: Limits) -> None:
        self.limits = limits
        self.decide = partial(admission.decide, limits, self.state)
        self.start = partial(admission.start, limits, self.state)
        self.finish = partial(admission.finish, self.state)
