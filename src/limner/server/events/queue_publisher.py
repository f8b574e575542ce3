"""How the queue stands: told as often as somebody can read it, and to users of their own alone."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from math import isinf
from typing import Any

from limner.illustration import Progress, SlotId
from limner.illustration.generation.waiting import waiting_for
from limner.scheduling import (
    Done,
    Job,
    JobEvent,
    JobOutcome,
    JobState,
    Limiter,
    Paused,
    Received,
    Resumed,
    Retried,
)
from limner.server.events.hub import EventHub
from limner.server.events.wire_event import PROGRESS_OF_ALL, QUEUE, WireEvent

EVERY = 0.2
"""Seconds between two tellings."""
KNOWN = 4096
"""Users whose figures are remembered."""
_ENDS = {
    JobOutcome.SUCCEEDED: "succeeded",
    JobOutcome.CANCELLED: "cancelled",
    JobOutcome.DROPPED: "dropped",
}


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


@dataclass(slots=True)
class OwnTotals:
    """What was done for one user since the server started.

    Attributes:
        received: How many pictures were asked for.
        succeeded: How many were made.
        failed: How many were not, expired ones included.
        cancelled: How many were called off.
        dropped: How many were shed.
        retried: How many attempts were followed by another.
        begun: How many of those that have ended had begun.
        mean_wait: Seconds until one began.
        mean_run: Seconds it took.
    """

    received: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    dropped: int = 0
    retried: int = 0
    begun: int = 0
    mean_wait: float = 0.0
    mean_run: float = 0.0

    def ended(self, job: Job[Any]) -> None:
        """One has ended."""
        name = _ENDS.get(job.outcome, "failed") if job.outcome is not None else "failed"
        setattr(self, name, getattr(self, name) + 1)
        if job.started_at is None or job.ended_at is None:
            return
        self.begun += 1
        self.mean_wait += (job.started_at - job.received_at - self.mean_wait) / self.begun
        self.mean_run += (job.ended_at - job.started_at - self.mean_run) / self.begun


class OwnFigures:
    """Counts for each user what the queue does for them.

    Args:
        limiter: Whose queue.
        slot_of: Gives the slot that a job draws for.
        progress: Gives how far the pictures of a message are.
    """

    def __init__(
        self,
        limiter: Limiter,
        *,
        slot_of: Callable[[str], SlotId | None],
        progress: Callable[[str], Progress],
    ) -> None:
        self._limiter = limiter
        self._slot_of = slot_of
        self._progress = progress
        self._totals: OrderedDict[str, OwnTotals] = OrderedDict()
        self.close = limiter.on(JobEvent, self._heard)

    def counts(self, owner: str) -> dict[str, int]:
        """How many of a user's pictures are drawn, and how many wait."""
        own = self._jobs(owner)
        waiting = sum(job.state is JobState.QUEUED for job in own)
        return {"running": len(own) - waiting, "waiting": waiting}

    def totals(self, owner: str) -> OwnTotals:
        """What was done for a user."""
        return replace(self._totals.get(owner, OwnTotals()))

    def progress(self, owner: str, besides: Iterable[str] = ()) -> Progress:
        """How far all messages are that have a picture of a user's under way.

        Args:
            owner: The user.
            besides: Other messages of theirs.
        """
        slots = [self._slot_of(job.id) for job in self._jobs(owner)]
        messages = dict.fromkeys([*besides, *(slot.message_id for slot in slots if slot)])
        return _together([self._progress(message) for message in messages])

    def shown(self, owner: str, event: WireEvent) -> WireEvent:
        """An event as a user hears it: with figures of all, it has theirs instead."""
        if event.kind == QUEUE:
            return replace(event, data={**event.data, **self.counts(owner)})
        if event.kind == PROGRESS_OF_ALL:
            overall = self.progress(owner, [event.data["message"]])
            return replace(event, data={**event.data, "overall": asdict(overall)})
        return event

    def _jobs(self, owner: str) -> list[Job[Any]]:
        return [job for job in self._limiter.jobs() if job.owner == owner]

    def _heard(self, event: JobEvent) -> None:
        owner = event.job.owner
        if not isinstance(owner, str):
            return
        match event:
            case Received():
                self._of(owner).received += 1
            case Retried():
                self._of(owner).retried += 1
            case Done():
                self._of(owner).ended(event.job)

    def _of(self, owner: str) -> OwnTotals:
        known = self._totals.setdefault(owner, OwnTotals())
        self._totals.move_to_end(owner)
        while len(self._totals) > KNOWN:
            self._totals.popitem(last=False)
        return known


def _together(parts: Iterable[Progress]) -> Progress:
    """How far several messages are, taken as one."""
    sums, eta = Progress.of({}), 0.0
    names = ("total", "ready", "failed", "drawing", "queued")
    known = True
    for part in parts:
        sums = replace(sums, **{name: getattr(sums, name) + getattr(part, name) for name in names})
        known = known and part.eta is not None
        eta = max(eta, part.eta or 0.0)
    return replace(sums, eta=eta if known else None)
