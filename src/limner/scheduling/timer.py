"""The one timer of a limiter.

Everything that will happen by itself, the next start, time-outs, ends of pauses, is an instant
here, and the event loop is told only about the earliest. A limiter with nothing ahead of it holds
no timer at all.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable

FOREVER = float("inf")


class Alarm:
    """Something to be done at an instant, unless it is called off before."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action


class Timer:
    """Rings at the earliest of many instants.

    Args:
        loop: Whose clock counts.
        ring: Called, with the due alarms still in place, when an instant has come.
    """

    __slots__ = (
        "_alarms",
        "_dead",
        "_handle",
        "_loop",
        "_order",
        "_ring",
        "_rings_at",
        "rung_for",
        "wake",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._order = 0
        self._dead = 0
        self._handle: asyncio.TimerHandle | None = None
        self._rings_at = FOREVER
        self.wake = FOREVER
        self.rung_for = FOREVER
        """While it rings: the next start it rings for, if that is why."""

    def set(self, when: float, action: Callable[[], None]) -> Alarm:
        """Have something done at an instant."""
        alarm = Alarm(action)
        self._order += 1
        heapq.heappush(self._alarms, (when, self._order, alarm))
        self._arm()
        return alarm

    def call_off(self, alarm: Alarm) -> None:
        """Forget an alarm."""
        if alarm.action is not None:
            alarm.action = None
            self._dead += 1
            if self._dead > 64 and self._dead * 2 > len(self._alarms):
                self._alarms = [entry for entry in self._alarms if entry[2].action is not None]
                heapq.heapify(self._alarms)
                self._dead = 0
            self._arm()

    def wake_at(self, when: float) -> None:
        """Say when the next start may be due; infinity if time alone will not bring it."""
        if when != self.wake:
            self.wake = when
            self._arm()

    def pop_due(self, now: float) -> Callable[[], None] | None:
        """Take out the next action that is due, if any."""
        self._drop_dead()
        if not self._alarms or self._alarms[0][0] > now:
            return None
        alarm = heapq.heappop(self._alarms)[2]
        action, alarm.action = alarm.action, None
        return action

    @property
    def is_set(self) -> bool:
        """Whether the event loop holds a timer for this limiter."""
        return self._handle is not None

    def close(self) -> None:
        """Ring no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._alarms.clear()

    def _drop_dead(self) -> None:
        while self._alarms and self._alarms[0][2].action is None:
            heapq.heappop(self._alarms)
            self._dead -= 1

    def _arm(self) -> None:
        self._drop_dead()
        when = min(self.wake, self._alarms[0][0] if self._alarms else FOREVER)
        if self._handle is not None:
            if self._rings_at <= when < FOREVER:
                return  # it rings too early and is set again: cheaper than cancelling each time
            self._handle.cancel()
            self._handle = None
        if when < FOREVER:
            self._rings_at = when
            self._handle = self._loop.call_at(when, self._rung)

    def _rung(self) -> None:
        self._handle = None
        if self.wake <= self._loop.time():
            self.rung_for, self.wake = self.wake, FOREVER
        try:
            self._ring()
        finally:
            self.rung_for = FOREVER
            self._arm()
