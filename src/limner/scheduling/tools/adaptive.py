"""Finding out how many jobs a server bears: up by a little after good answers, down by half."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace

from limner.errors import RetryAfter
from limner.scheduling.engine.events import Done, Failed
from limner.scheduling.jobs.job_state import JobOutcome
from limner.scheduling.limiter import Limiter
from limner.scheduling.limits.validation import check_count, check_seconds


@dataclass(frozen=True, slots=True)
class AdaptiveState:
    """Where an adaptive limit stands.

    Attributes:
        limit: The limit, before it is rounded down to whole jobs.
        good: Good answers since it last changed.
        since: When it was last lowered; answers to jobs started before say nothing new.
    """

    limit: float
    good: int = 0
    since: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Additive increase, multiplicative decrease of ``max_concurrent``.

    After as many good answers as the limit allows jobs at once, and only if the limit was used to
    the full, it rises by ``increase``. When a job fails because the server is busy, it shrinks to
    ``decrease`` of itself, at most once for all jobs that ran at that time. Other failures say
    nothing about the load.

    Args:
        minimum: The limit never goes lower; at least the weight of the heaviest job, or that job
            would fail with `Overweight`.
        maximum: Nor higher.
        increase: What is added after a round of good answers.
        decrease: The share that is left after a busy one: more than 0, less than 1.
        on: The exception class, or a tuple of them, that says the server is busy.

    Raises:
        TypeError, ValueError: A number that makes no sense, or ``on`` is no exception class.

    Examples:
        >>> from limner.scheduling import Limiter
        >>> limiter = Limiter()
        >>> stop = Adaptive(minimum=2, maximum=16).steer(limiter)
        >>> limiter.limits.max_concurrent
        2
    """

    _: KW_ONLY
    minimum: int = 1
    maximum: int
    increase: float = 1.0
    decrease: float = 0.5
    on: type[BaseException] | tuple[type[BaseException], ...] = RetryAfter

    def __post_init__(self) -> None:
        check_count("minimum", self.minimum, minimum=1)
        check_count("maximum", self.maximum, minimum=self.minimum)
        for name in ("increase", "decrease"):
            check_seconds(name, getattr(self, name), above_zero=True)
        if self.decrease >= 1:
            raise ValueError(f"decrease must be less than 1, not {self.decrease!r}")
        for kind in self.on if isinstance(self.on, tuple) else (self.on,):
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                raise TypeError(f"on must be exception classes, not {kind!r}")

    def after_good(self, course: AdaptiveState, started_at: float, *, full: bool) -> AdaptiveState:
        """Return the course after a good answer; ``full``: the limit held others back."""
        if started_at < course.since or not full:
            return course
        if course.good + 1 < int(course.limit):
            return replace(course, good=course.good + 1)
        return replace(course, limit=min(course.limit + self.increase, self.maximum), good=0)

    def after_busy(self, course: AdaptiveState, started_at: float, now: float) -> AdaptiveState:
        """Return the course after a busy answer."""
        if started_at < course.since:
            return course
        return AdaptiveState(max(course.limit * self.decrease, float(self.minimum)), 0, now)

    def steer(self, limiter: Limiter) -> Callable[[], None]:
        """Set a limiter's ``max_concurrent`` from now on, beginning at ``minimum``.

        The current limit is ``limiter.limits.max_concurrent``; all other limits stay in force.

        Args:
            limiter: Which; steered by one `Adaptive` at a time.

        Returns:
            A function that ends it; the limit then stays as it is.
        """
        course = AdaptiveState(float(self.minimum))
        limiter.update(max_concurrent=self.minimum)

        def follow(next_course: AdaptiveState) -> None:
            nonlocal course
            course = next_course
            if int(course.limit) != limiter.limits.max_concurrent:
                limiter.update(max_concurrent=int(course.limit))

        def hear_done(event: Done) -> None:
            job = event.job
            if job.outcome is JobOutcome.SUCCEEDED and job.started_at is not None:
                full = not limiter.is_empty
                follow(self.after_good(course, job.started_at, full=full))

        def hear_failed(event: Failed) -> None:
            started_at = event.job.started_at
            if started_at is not None and isinstance(event.error, self.on):
                now = limiter.now
                follow(self.after_busy(course, started_at, now))

        ends = [limiter.on(Done, hear_done), limiter.on(Failed, hear_failed)]

        def stop() -> None:
            for end in ends:
                end()

        return stop
