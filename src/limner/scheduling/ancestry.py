"""Inside which jobs does the running code run?

The answer travels in a context variable, so child tasks inherit it. It finds the one deadlock a
limiter can know about: somebody waits for a slot that is held by the very job he works for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from limner.errors import WouldDeadlock
from limner.scheduling.job import DONE, EXECUTING

if TYPE_CHECKING:
    from limner.scheduling.dispatcher import Dispatcher
    from limner.scheduling.job import Job

INSIDE: ContextVar[Job[Any] | None] = ContextVar("limner_inside", default=None)
"""The innermost job the running code belongs to, of whatever limiter, or the last one it did.

An ended job may be left standing here, since taking it out costs as much as putting it in: read
it through `living`.
"""


def ended_alone(job: Job[Any] | None) -> bool:
    """Whether there is nothing around the running code: no job, or one that is over."""
    return job is None or (job._state is DONE and job._parent is None)


def living(job: Job[Any] | None) -> Job[Any] | None:
    """Return the job, or if it has ended the nearest of its ancestors that has not."""
    while job is not None and job._state is DONE:
        job = job._parent
    return job


def nearest(engine: Dispatcher, job: Job[Any] | None) -> Job[Any] | None:
    """Return the innermost job of one limiter that executes, from a job outwards."""
    while job is not None and (job._engine is not engine or job._state is not EXECUTING):
        job = job._parent
    return job


def ancestors(job: Job[Any] | None) -> Iterator[Job[Any]]:
    """Go outwards from a job, itself included."""
    while job is not None:
        yield job
        job = job._parent


def held_around(engine: Dispatcher, inside: Job[Any] | None) -> int:
    """Return the weight a limiter has granted to a job and those around it."""
    return sum(
        job._weight
        for job in ancestors(inside)
        if job._engine is engine and job._state is EXECUTING
    )


def refuse_deadlock(engine: Dispatcher, weight: int, inside: Job[Any] | None) -> None:
    """Raise if a job of this weight would wait for slots that its own ancestors hold.

    Raises:
        WouldDeadlock: It would.
    """
    limit = engine.limits.max_concurrent
    if limit is None or not weight:
        return
    held = held_around(engine, inside)
    if held and held + weight > limit:
        raise WouldDeadlock(
            f"waiting here can never end: the jobs this code runs inside hold {held} of "
            f"max_concurrent={limit}, and it waits for {weight} more; raise max_concurrent, use "
            "another limiter for the inner work, or submit() it and await it outside"
        )


def refuse_waiting_inside(engine: Dispatcher, what: str) -> None:
    """Raise if the running code belongs to a job that has to end first.

    Raises:
        WouldDeadlock: It does.
    """
    if any(job._engine is engine and job._state is not DONE for job in ancestors(INSIDE.get())):
        raise WouldDeadlock(f"{what} waits for all jobs to end, also for the one that calls it")
