"""What a limiter has done so far, and how long it took."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from limner.scheduling.jobs.job_state import JobOutcome

RECENT = 1000
"""Percentiles look at so many of the latest jobs."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a duration spreads over the latest thousand jobs, in seconds.

    Attributes:
        count: How many were looked at.
        mean: Their mean; 0 if there are none, as everywhere here.
        p50: Half of them took at most this long.
        p95: 95 of 100 did.
        p99: 99 of 100 did.
        maximum: The longest.
    """

    count: int = 0
    mean: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    maximum: float = 0.0

    @classmethod
    def of(cls, durations: Iterable[float]) -> Spread:
        """Summarise some durations.

        Examples:
            >>> Spread.of([3.0, 1.0, 2.0]).p50
            2.0
        """
        values = sorted(durations)
        count = len(values)
        if not count:
            return cls()

        def rank(share: float) -> float:
            return values[min(int(share * count), count - 1)]

        return cls(count, sum(values) / count, rank(0.50), rank(0.95), rank(0.99), values[-1])


@dataclass(frozen=True, slots=True)
class Statistics:
    """A limiter's record at one instant.

    Attributes:
        received: Jobs that came in.
        succeeded, failed, cancelled, dropped, expired, timed_out: How those that ended did.
        retried: Attempts that were followed by another.
        done_weight: The weight of all jobs that have executed and ended.
        wait: From coming in to the first start.
        run: From the last start to the end, of jobs that executed.
    """

    received: int
    succeeded: int
    failed: int
    cancelled: int
    dropped: int
    expired: int
    timed_out: int
    retried: int
    done_weight: int
    wait: Spread
    run: Spread


class Tally:
    """The running count behind `Statistics`."""

    __slots__ = ("done_weight", "ended", "retried", "runs", "succeeded", "waits")

    def __init__(self) -> None:
        self.succeeded = 0
        self.ended: dict[str, int] = {}
        self.retried = 0
        self.done_weight = 0
        self.waits: deque[float] = deque(maxlen=RECENT)
        self.runs: deque[float] = deque(maxlen=RECENT)

    @property
    def done(self) -> int:
        """How many jobs have ended."""
        return self.succeeded + sum(self.ended.values())

    def count(self, outcome: JobOutcome) -> None:
        """Count a job that did not succeed."""
        self.ended[outcome.value] = self.ended.get(outcome.value, 0) + 1

    def snapshot(self, received: int) -> Statistics:
        """Return the record as it stands."""
        ended = self.ended.get
        return Statistics(
            received=received,
            succeeded=self.succeeded,
            failed=ended("failed", 0),
            cancelled=ended("cancelled", 0),
            dropped=ended("dropped", 0),
            expired=ended("expired", 0),
            timed_out=ended("timed_out", 0),
            retried=self.retried,
            done_weight=self.done_weight,
            wait=Spread.of(self.waits),
            run=Spread.of(self.runs),
        )
