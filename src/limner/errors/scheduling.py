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


class JobTimeout(SchedulingError):
    """The job took longer in all, waits and attempts together, than its ``timeout``.

    Attributes:
        timeout: The bound, in seconds.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        super().__init__(f"the job was given up after {timeout:g} s in all")


class WrongThread(SchedulingError, RuntimeError):
    """The limiter was used from another thread than the one its event loop runs in.

    Attributes:
        name: The limiter's name, or ``None``.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        super().__init__(
            f"the limiter{f' {name!r}' if name else ''} belongs to another thread; from here, use "
            "submit_threadsafe() or run_threadsafe(), or loop.call_soon_threadsafe()"
        )


class WrongLoop(SchedulingError, RuntimeError):
    """The limiter still has jobs in another event loop.

    Attributes:
        name: The limiter's name, or ``None``.
        jobs: How many.
    """

    def __init__(self, name: str | None, jobs: int) -> None:
        self.name = name
        self.jobs = jobs
        super().__init__(
            f"the limiter{f' {name!r}' if name else ''} has {jobs} unfinished "
            f"job{'s' if jobs != 1 else ''} in another event loop; let them end there, stop() it "
            "there, or make one limiter for each loop"
        )


class LeaseLost(SchedulingError):
    """The job was stopped because its slot, of limits shared with others, is not its own any more.

    Its process was silent, or cut off, for longer than the others wait.

    Attributes:
        fence: The number of the lease.
    """

    def __init__(self, fence: int) -> None:
        self.fence = fence
        super().__init__(
            "the job was stopped: this process was cut off from the shared limits for so long that "
            f"its slot went to others (lease {fence})"
        )


class SharedLimitsUnavailable(SchedulingError):
    """The shared limits cannot be asked at present.

    Attributes:
        reason: Why, in words.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the shared limits cannot be reached: {reason}")


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
        name: The limit's name if it has one.
    """

    def __init__(self, weight: int, limit: int, name: str | None = None) -> None:
        self.weight = weight
        self.limit = limit
        self.name = name
        of = f" of {name}" if name is not None else ""
        super().__init__(f"a job of weight {weight}{of} can never start: the limit is {limit}")


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
