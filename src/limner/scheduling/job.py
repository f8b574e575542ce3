"""One piece of work, from the moment a limiter hears of it to its end."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Generator, Hashable
from contextvars import Context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from limner.scheduling.engine import Engine
    from limner.scheduling.options import Options
    from limner.scheduling.scope import Scope
    from limner.scheduling.timer import Alarm

T_co = TypeVar("T_co", covariant=True)


class JobState(enum.Enum):
    """Where a job is on its way."""

    RECEIVED = "received"
    """Known, but not in the queue yet: never seen from outside an event handler."""
    QUEUED = "queued"
    """Waiting for its turn, or for its retry. It holds no slot."""
    RUNNING = "running"
    """It has its slot and is about to execute."""
    EXECUTING = "executing"
    """Its function runs."""
    DONE = "done"
    """Ended; `Job.outcome` says how."""


class JobOutcome(enum.Enum):
    """How a job ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """Its function raised, and it was not tried again; or it had become too heavy to start."""
    CANCELLED = "cancelled"
    """By its caller, its handle, or through the limiter."""
    DROPPED = "dropped"
    """Shed before it started."""
    EXPIRED = "expired"
    """It ran longer than its ``expiration``."""
    TIMED_OUT = "timed_out"
    """It waited longer than its ``queue_timeout``."""


RECEIVED, QUEUED, RUNNING, EXECUTING, DONE = JobState
# Looked up in the limiter's inner loop, where a module's name is several times cheaper than an
# enum's member.


class Job(Generic[T_co]):
    """A job of a limiter: what it is, how it stands, and, when awaited, its result.

    Made by `Limiter.submit` and the other ways to run something; never by hand. Cancelling
    somebody who awaits a job does not cancel the job (a job joined by ``on_duplicate="join"`` is
    cancelled with its last awaiter); `cancel` does.
    """

    __slots__ = (
        "__weakref__",
        "_alarm",
        "_attempt",
        "_awaiters",
        "_call",
        "_cancelling",
        "_claims",
        "_context",
        "_ended_at",
        "_engine",
        "_error",
        "_interrupt",
        "_number",
        "_options",
        "_outcome",
        "_parent",
        "_plain",
        "_priority",
        "_received_at",
        "_retry_at",
        "_scopes",
        "_settled",
        "_started_at",
        "_state",
        "_task",
        "_ticket",
        "_told",
        "_value",
        "_waiter",
        "_weight",
    )

    # These are set by `new_job`.
    _engine: Engine
    _options: Options
    _number: int
    _call: Any
    _received_at: float
    _priority: int
    _weight: int
    _state: JobState
    _ticket: int
    _attempt: int
    _claims: int
    _scopes: tuple[Scope, ...]
    _interrupt: BaseException | None
    _parent: Job[Any] | None
    _waiter: asyncio.Future[None] | None
    _awaiters: list[asyncio.Future[None]] | None
    _context: Context | None
    _alarm: Alarm | None
    _plain: bool  # whether it took the short cut, and nobody has asked anything of it since

    # And these when they begin to mean something, not before: half of what a job is made of would
    # otherwise be filled in for nothing, once for each.
    _retry_at: float  # when it begins to wait for its retry
    _started_at: float  # when it is granted a slot, as is the next one
    _settled: int | None
    _task: Any  # an asyncio.Task, when it executes, as is the next one
    _cancelling: int
    _told: bool  # when it is interrupted
    _ended_at: float  # at its end, as are the next three
    _outcome: JobOutcome
    _error: Any  # an exception, or None
    _value: Any

    @property
    def id(self) -> str:
        """The id it was given, or ``"#7"`` for the seventh job of its limiter."""
        given = self._options.id
        return given if given is not None else f"#{self._number}"

    @property
    def state(self) -> JobState:
        """Where it is on its way."""
        return self._state

    @property
    def outcome(self) -> JobOutcome | None:
        """How it ended; ``None`` before it has."""
        return self._outcome if self._state is DONE else None

    @property
    def error(self) -> BaseException | None:
        """What it ended with, if it did not succeed."""
        return self._error if self._state is DONE else None

    @property
    def priority(self) -> int:
        """From 0 (first) to 9 (last).

        Set while the job waits, it moves to the back of its new priority; set later, it has no
        effect on this run, but counts for the queue after a retry.

        Raises:
            TypeError: On setting something that is not an int.
            ValueError: On setting something below 0 or above 9.
        """
        return self._priority

    @priority.setter
    def priority(self, priority: int) -> None:
        self._engine.reprioritize(self, priority)

    @property
    def weight(self) -> int:
        """How much of the limiter's concurrency it takes."""
        return self._weight

    @property
    def owner(self) -> Hashable:
        """On whose behalf it runs."""
        return self._options.owner

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags it was given, and those of the scopes it was started in."""
        return self._options.tags + tuple(scope.tag for scope in self._scopes)

    @property
    def attempt(self) -> int:
        """How often it has started: 0 while it waits for the first time."""
        return self._attempt

    @property
    def position(self) -> int | None:
        """How many jobs will start before it as things stand; ``None`` if it is not in the queue.

        Counts the queue: linear in its length.
        """
        return self._engine.position(self)

    def eta(self) -> float | None:
        """Estimate the seconds from now until it starts.

        Runs the limits forward over everybody who is before it, taking each job to last as long
        as jobs of this limiter did so far. 0 if it has started.

        Returns:
            Seconds, or ``None`` if nobody can know: the limiter is paused for good, or the start
            depends on how long jobs take and none has ended yet.
        """
        return self._engine.eta(self)

    @property
    def received_at(self) -> float:
        """When the limiter heard of it, on the loop's clock."""
        return self._received_at

    @property
    def started_at(self) -> float | None:
        """When its latest attempt was granted its slot, on the loop's clock."""
        return self._started_at if self._attempt else None

    @property
    def ended_at(self) -> float | None:
        """When it ended, on the loop's clock."""
        return self._ended_at if self._state is DONE else None

    def cancel(self, reason: str | None = None) -> bool:
        """Cancel the job, waiting or running.

        A waiting job leaves the queue at once. In a running one, `asyncio.CancelledError` is
        raised at its current await; its slot is held until it has really ended. Either way those
        who await it get `JobCancelled`.

        Args:
            reason: Told to everybody concerned.

        Returns:
            Whether there was something to cancel: ``False`` for a job that has ended or has
            already been told to.
        """
        return self._engine.cancel(self, reason)

    def settle(self, weight: int) -> None:
        """Say what the job has really cost, when that is known only afterwards.

        The difference to its weight goes back to the limiter's reservoir, or is taken from it
        (which may make it owe). A job settled at 0 has cost nothing: its start is also taken out
        of the rate windows. The slot itself is not affected. May be called during the job or
        after it, also several times; the last word counts.

        Args:
            weight: The real cost of its latest attempt, at least 0.

        Raises:
            TypeError, ValueError: Not such a number.
            RuntimeError: The job has not started.
        """
        self._engine.settle(self, weight)

    def __await__(self) -> Generator[Any, None, T_co]:
        if self._state is not DONE:
            yield from self._engine.wait_for(self).__await__()
        if self._error is not None:
            self._engine.retrieved(self)
            raise self._error
        return self._value  # type: ignore[no-any-return]  # what its own function returned

    def __repr__(self) -> str:
        state = (self.outcome or self._state).value
        return f"<Job {self.id!r} {state}, priority {self._priority}, weight {self._weight}>"


def new_job(engine: Engine, options: Options, number: int, call: Any, now: float) -> Job[Any]:
    """Make a job that an engine has just received.

    Not ``Job.__init__``: for that, Python 3.11 starts another interpreter loop, which takes as long
    as all the assignments.
    """
    job: Job[Any] = Job()
    job._engine = engine
    job._options = options
    job._number = number
    job._call = call
    job._received_at = now
    job._priority = options.priority
    job._weight = options.weight
    job._state = RECEIVED
    job._ticket = number
    job._attempt = 0
    job._claims = 0
    job._scopes = ()
    job._interrupt = None
    job._parent = None
    job._waiter = None
    job._awaiters = None
    job._context = None
    job._alarm = None
    job._plain = False
    return job
