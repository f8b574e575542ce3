"""What a limiter knows of one job: the record that its parts pass round.

Callers never see it; they hold a `limner.scheduling.jobs.job.Job`, which is made when somebody asks
for one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any, Generic, Protocol, TypeVar, overload

from limner.scheduling.jobs.job_state import JobOutcome, JobState
from limner.scheduling.limits.admission import Charge
from limner.scheduling.limits.options import PLACES, Options, Weight
from limner.scheduling.timer import Alarm


class Membership(Protocol):
    """A group that a job belongs to."""

    tag: str

    def claims(self, engine: Engine) -> bool:
        """Whether a job this engine receives now belongs to it."""

    def add(self, item: WorkItem) -> None:
        """Take a job in."""

    def discard(self, item: WorkItem) -> None:
        """Let go of a job that has ended."""


class Engine(Protocol):
    """What a job, or its handle, asks of the limiter it belongs to."""

    def check_thread(self) -> None:
        """Refuse to be called from another thread than the limiter's loop runs in."""

    def caller_left(self, item: WorkItem) -> None:
        """Note that whoever waited for the slot was cancelled."""

    def cancel(self, item: WorkItem, reason: str | None) -> bool:
        """Cancel a job, wherever it is."""

    def reprioritize(self, item: WorkItem, priority: int) -> None:
        """Change a job's priority."""

    def settle(self, item: WorkItem, weight: Weight) -> None:
        """Correct what a job's latest attempt was charged."""

    def position(self, item: WorkItem) -> int | None:
        """Count who is before a job in the queue."""

    def eta(self, item: WorkItem) -> float | None:
        """Estimate the seconds until a job starts."""

    async def wait_for(self, item: WorkItem) -> None:
        """Wait until a job has ended."""

    def when_done(self, item: WorkItem, call: Callable[[], object], context: Context) -> None:
        """Have something called soon after a job has ended; at once if it has."""


T = TypeVar("T")


class RareAttribute(Generic[T]):
    """An attribute that few jobs have: it is kept aside, and costs the others nothing.

    Args:
        default: What those have who were never given another.
    """

    def __init__(self, default: T) -> None:
        self._default = default

    def __set_name__(self, owner: type[WorkItem], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, item: None, owner: type[WorkItem]) -> RareAttribute[T]: ...

    @overload
    def __get__(self, item: WorkItem, owner: type[WorkItem]) -> T: ...

    def __get__(self, item: WorkItem | None, owner: type[WorkItem]) -> RareAttribute[T] | T:
        if item is None:
            return self
        return item.rare.get(self._name, self._default) if item.rare else self._default

    def __set__(self, item: WorkItem, value: T) -> None:
        if item.rare:
            item.rare[self._name] = value
        elif value is not self._default:
            item.rare = {self._name: value}


NOT_USUAL: dict[str, Any] = {}
"""Stands for the rare attributes of a job that has none yet, but is not a usual one: something was
said about it, say, or somebody listens. It stays empty: the first one makes another."""


Awaiter = asyncio.Future[None] | tuple[Callable[[], object], Context]
"""Who is told of a job's end: the future of somebody who awaits it, or a callback."""


class WorkItem:
    """The record of one job.

    What `Intake.receive` does not set has no value before it begins to mean something, or is
    `RareAttribute`: half of a record would otherwise be filled in for nothing.
    """

    __slots__ = (
        "attempt",
        "call",
        "cancelling",
        "context",
        "ended_at",
        "engine",
        "error",
        "handle",
        "number",
        "options",
        "outcome",
        "parent",
        "place",
        "rare",
        "received_at",
        "started_at",
        "state",
        "task",
        "ticket",
        "value",
        "waiter",
        "weight",
    )

    engine: Engine
    options: Options
    number: int
    """How many jobs its limiter has received, this one included."""
    call: Any
    """Its function, with the arguments if it is detached; ``None`` for a slot."""
    received_at: float
    weight: int
    state: JobState
    place: int
    """Where it stands, or would stand, in a `JobQueue`."""
    ticket: int
    """Its place among those who wait there: lower goes first. 0: it does not wait."""
    attempt: int
    parent: WorkItem | None
    """The job inside which it was started."""
    waiter: Waiter | None
    """What its caller awaits while it is queued."""
    context: Context | None
    """For a job that gets a task of its own: what that runs in."""
    handle: Any
    """Its `Job`, once somebody has asked for it. Typed where jobs are made."""
    rare: dict[str, Any] | None
    """``None``: nothing was said about it, it runs in its caller's task, which is in no other job
    and no scope, nobody listens to its limiter, and nothing happened to it yet but the usual."""

    started_at: float  # when it is granted a slot
    task: Any  # an asyncio.Task, when it executes, as is the next one
    cancelling: int
    ended_at: float  # at its end, if anybody can ask, as are the next three
    outcome: JobOutcome
    error: Any  # an exception, or None
    value: Any

    alarm = RareAttribute[Alarm | None](None)
    """The bound of its wait, or of its attempt."""
    deadline = RareAttribute[Alarm | None](None)
    """The bound of everything together."""
    interrupt = RareAttribute[BaseException | None](None)
    """What it was told to stop with."""
    told_failure = RareAttribute[BaseException | None](None)
    """The last error of an attempt that those who listen were told of."""
    told = RareAttribute[bool](False)
    """Whether its task has been told."""
    scopes = RareAttribute[tuple[Membership, ...]](())
    awaiters = RareAttribute[list[Awaiter] | None](None)
    claims = RareAttribute[int](0)
    """How many joined it: cancelled all together, they cancel it."""
    wait_until = RareAttribute[float](float("inf"))
    """If it waits with a bound: the instant on the loop's clock."""
    retry_at = RareAttribute[float](float("-inf"))
    """When it comes again after a failure."""
    lease = RareAttribute[Any](None)
    """If limits are shared: what it holds its slot by, a `Lease`."""
    charged = RareAttribute[Charge | None](None)
    """What its attempt was charged, if that was settled."""
    block = RareAttribute[Any](None)
    """The slot that holds it for `async with limiter`, where limiters are chained."""

    @property
    def priority(self) -> int:
        """From 0 (first) to 9 (last)."""
        return self.place // PLACES


class Waiter(asyncio.Future[None]):
    """Wakes a caller who waits for a slot; if the caller is cancelled, the limiter hears at once.

    Otherwise a caller who has gone would stand in the queue, and count there, until his task runs.
    """

    __slots__ = ("item",)

    item: WorkItem

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel the wait."""
        left = super().cancel(msg)
        if left:
            self.item.engine.caller_left(self.item)
        return left


def new_waiter(item: WorkItem, loop: asyncio.AbstractEventLoop) -> Waiter:
    """Make what the caller of a job awaits while it is queued."""
    item.waiter = waiter = Waiter(loop=loop)  # with no Python constructor: this is the inner loop
    waiter.item = item
    return waiter
