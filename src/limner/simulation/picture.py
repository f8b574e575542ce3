"""The record of a simulated picture, from which everything is computed and drawn."""

import enum
from dataclasses import dataclass

from limner.scheduling import JobOutcome


class Outcome(enum.StrEnum):
    """How a picture ended."""

    MADE = "made"
    FAILED = "failed"
    """Its last attempt failed or was stopped because it took too long."""
    DROPPED = "dropped"
    """It was shed, or given up while it waited."""


OUTCOMES = {
    JobOutcome.SUCCEEDED: Outcome.MADE,
    JobOutcome.DROPPED: Outcome.DROPPED,
    JobOutcome.TIMED_OUT: Outcome.DROPPED,
}
"""What becomes of a picture whose job ends so; with any other end it has failed."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One drawing of a picture: a slot was held from ``began`` to ``ended``.

    Attributes:
        began: When, in seconds from the start.
        ended: When, in seconds from the start.
        good: Whether it gave a picture.
        by: Which worker drew it; ``None``: there are none.
    """

    began: float
    ended: float
    good: bool = True
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that somebody wanted.

    Attributes:
        owner: Who, from 0.
        requested: When its tag closed, in seconds from the start.
        ended: When it was there, or given up.
        outcome: How it ended.
        attempts: Its drawings in their order; none if it never started.
    """

    owner: int
    requested: float
    ended: float
    outcome: Outcome
    attempts: tuple[Attempt, ...]

    @property
    def wait(self) -> float | None:
        """Seconds from its tag to its first start; ``None`` if it never started."""
        return self.attempts[0].began - self.requested if self.attempts else None

    @property
    def waits(self) -> list[tuple[float, float]]:
        """When it had no slot: ``(from, to)``, between its tag, its attempts and its end."""
        edges = [self.requested]
        for attempt in self.attempts:
            edges += [attempt.began, attempt.ended]
        edges.append(self.ended)
        return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
