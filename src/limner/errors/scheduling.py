"""Errors of limiters, groups and barriers."""

from collections.abc import Iterable

from limner.errors.root import LimnerError


class SchedulingError(LimnerError):
    """Base of the errors of limiters, groups and barriers."""


class JobDropped(SchedulingError):
    """The job was shed before it started.

    Attributes:
        strategy: What shed it: ``"leak"``, ``"overflow"``, ``"overflow_priority"``, ``"block"``,
            ``"stop"`` or ``"delete"``.
    """

    def __init__(self, strategy: str) -> None:
        self.strategy = strategy
        super().__init__(f"the job was dropped before it started (strategy: {strategy})")


class JobCancelled(SchedulingError):
    """The job was cancelled through its limiter or its handle.

    Attributes:
        reason: What the canceller said, or ``None``.
    """

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason
        super().__init__(f"the job was cancelled{f': {reason}' if reason else ''}")


class JobExpired(SchedulingError):
    """The job ran longer than its ``expiration`` and was stopped.

    Attributes:
        expiration: The bound, in seconds.
    """

    def __init__(self, expiration: float) -> None:
        self.expiration = expiration
        super().__init__(f"the job was stopped because it ran longer than {expiration:g} s")


class QueueTimeout(SchedulingError):
    """The job waited longer than its ``queue_timeout`` and left the queue.

    Attributes:
        queue_timeout: The bound, in seconds.
    """

    def __init__(self, queue_timeout: float) -> None:
        self.queue_timeout = queue_timeout
        super().__init__(f"the job left the queue after waiting {queue_timeout:g} s")


class LimiterStopped(SchedulingError):
    """The limiter was stopped and takes no more jobs."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        super().__init__(f"the limiter{f' {name!r}' if name else ''} has been stopped")


class DuplicateJob(SchedulingError):
    """A job with this id is still waiting or running.

    Attributes:
        id: The id in use.
    """

    def __init__(self, id: str) -> None:  # noqa: A002 - the field's own name
        self.id = id
        super().__init__(f"a job with id {id!r} is still waiting or running")


class Overweight(SchedulingError, ValueError):
    """The job is heavier than the limiter can ever carry.

    Attributes:
        weight: The job's weight.
        limit: What the limiter carries at most.
    """

    def __init__(self, weight: int, limit: int) -> None:
        self.weight = weight
        self.limit = limit
        super().__init__(f"a job of weight {weight} can never start: the limit is {limit}")


class WouldDeadlock(SchedulingError):
    """The job would wait for a slot that only its own caller could free."""


class RetryAfter(SchedulingError):
    """Raised *by a job*: what it talks to wants to be left alone for a while.

    The limiter the job runs in then starts nothing for that long, and lets one job through alone
    before it lets the others.

    Attributes:
        seconds: How long.
    """

    def __init__(self, seconds: float) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise TypeError(f"seconds must be a number, not {seconds!r}")
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"seconds must be finite and at least 0, not {seconds!r}")
        self.seconds = seconds
        super().__init__(f"asked to come back after {seconds:g} s")


class BarrierTimeout(SchedulingError):
    """Some of a barrier's named parts did not arrive in time.

    Attributes:
        missing: The parts that never arrived, in the barrier's order.
        timeout: The bound, in seconds.
    """

    def __init__(self, missing: Iterable[str], timeout: float) -> None:
        self.missing = tuple(missing)
        self.timeout = timeout
        super().__init__(f"still missing after {timeout:g} s: {', '.join(self.missing)}")
