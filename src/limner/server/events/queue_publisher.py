"""Tells how long the queue is, as often as somebody can read it and not more."""

import asyncio
from collections.abc import Callable
from math import isinf
from typing import Any

from limner.illustration.generation.waiting import waiting_for
from limner.scheduling import JobEvent, JobState, Limiter, Paused, Resumed
from limner.server.events.hub import EventHub

EVERY = 0.2
"""Seconds between two tellings."""


class QueuePublisher:
    """Feeds a ``queue`` event after every change of a limiter's queue.

    Many changes in a short time are told once, at the end of that time.

    Args:
        limiter: Whose queue.
        hub: Who is told.
        clock: Seconds since the epoch.
    """

    def __init__(self, limiter: Limiter, hub: EventHub, clock: Callable[[], float]) -> None:
        self._limiter = limiter
        self._hub = hub
        self._clock = clock
        self._until: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unsubscribe = [
            limiter.on(JobEvent, lambda _: self.changed()),
            limiter.on(Paused, self._paused),
            limiter.on(Resumed, lambda _: self.changed()),
        ]

    def close(self) -> None:
        """Listen no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def paused_until(self) -> float | None:
        """When a pause ends, in seconds since the epoch; ``None``: none does by itself."""
        if not self._limiter.paused or self._until is None or isinf(self._until):
            return None
        return self._clock() + self._until - self._limiter.now

    def summary(self) -> dict[str, Any]:
        """The queue in a few figures."""
        counts = self._limiter.counts()
        return {
            "running": counts[JobState.RUNNING] + counts[JobState.EXECUTING],
            "waiting": counts[JobState.QUEUED],
            "paused": self._limiter.paused,
            "paused_until": self.paused_until(),
            "waiting_for": self.waiting_for(),
        }

    def waiting_for(self) -> dict[str, Any] | None:
        """What keeps pictures from being begun, but that others are drawn."""
        wait, now = waiting_for(self._limiter), self._limiter.now
        if wait is None:
            return None
        left = wait.left(now)
        return {
            "reason": wait.reason,
            "words": wait.words,
            "until": None if left is None else self._clock() + left,
            "times": wait.times,
            "told": wait.told(now),
        }

    def changed(self) -> None:
        """Something is different: tell it soon."""
        if self._timer is None and self._unsubscribe:
            self._timer = asyncio.get_running_loop().call_later(EVERY, self._tell)

    def _paused(self, event: Paused) -> None:
        self._until = event.until
        self.changed()

    def _tell(self) -> None:
        self._timer = None
        self._hub.publish("queue", self.summary())
