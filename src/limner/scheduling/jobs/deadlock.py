"""Finding waits that can never end: a job waits for a slot that is held by whoever waits for it.

Only what is certain is refused. A job that a task starts in its own slot, and awaits, is certain.
A child task is, once the task that holds the slot is seen to wait for it: directly, by
`asyncio.wait` for all of several, or by `asyncio.gather` or at the end of a task group, once none
of the other children can end that by failing. A child that nobody waits for just waits, and starts
when the job it was started in has ended; so does one whose wait has a bound: its own, or that of
`asyncio.wait`. (A bound around it, `asyncio.timeout`, cannot be seen.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import FunctionType, MethodType
from typing import Any, Protocol, cast

from limner.errors import WouldDeadlock
from limner.scheduling.jobs.current_job import ancestors, executing_in, innermost
from limner.scheduling.jobs.job_state import DONE, QUEUED
from limner.scheduling.jobs.work_item import Engine, Waiter, WorkItem


class _Suspended(Protocol):
    """What asyncio's futures and tasks know of one another; neither C nor Python hides it."""

    _fut_waiter: asyncio.Future[Any] | None
    _callbacks: list[tuple[Callable[..., object], object]] | None


class _Group(Protocol):
    """What a task group knows of its children."""

    _tasks: set[asyncio.Task[Any]]
    _on_completed_fut: asyncio.Future[Any] | None


def blockers(engine: Engine, weight: int, inside: WorkItem | None, limit: int) -> list[WorkItem]:
    """Return the jobs around the running code that leave no room for another of this weight."""
    held = list(executing_in(engine, inside))
    return held if held and sum(item.weight for item in held) + weight > limit else []


def unsettled(
    items: Iterable[WorkItem], task: asyncio.Task[Any] | None, engine: Engine
) -> set[asyncio.Future[Any]] | None:
    """Say whether all the tasks that execute these jobs are this one, or wait for it.

    Returns:
        ``None`` if one does not, as far as can be seen. Otherwise what else they wait for and that
        could still let them go on, by failing: empty if nothing can.
    """
    found: set[asyncio.Future[Any]] = set()
    for item in items:
        waits = _waits_for(item.task, task, engine)
        if waits is None:
            return None
        found |= waits
    return found


def refusal(held: int, weight: int, limit: int) -> WouldDeadlock:
    """Return the error that says why a job may not wait."""
    return WouldDeadlock(
        f"waiting here can never end: the jobs this code runs inside hold {held} of "
        f"max_concurrent={limit}, and it waits for {weight} more; raise max_concurrent, use "
        "another limiter for the inner work, or submit() it and await it outside"
    )


async def refuse_waiting_inside(engine: Engine, what: str) -> None:
    """Raise if the running code belongs to a job that has to end first.

    Raises:
        WouldDeadlock: It does.
    """
    task = asyncio.current_task()
    around = [item for item in ancestors(innermost()) if item.engine is engine]

    def stuck() -> bool:
        return any(
            item.state is not DONE and _waits_for(item.task, task, engine) == set()
            for item in around
        )

    if any(item.state is not DONE for item in around) and not stuck():
        await asyncio.sleep(0)  # the job may be only about to await this task
    if stuck():
        raise WouldDeadlock(f"{what} waits for all jobs to end, also for the one that calls it")


def _waits_for(
    task: asyncio.Task[Any] | None, other: asyncio.Task[Any] | None, engine: Engine
) -> set[asyncio.Future[Any]] | None:
    """As `unsettled`, for one task."""
    if task is None or other is None:
        return None
    told = _told_by(other)
    future: asyncio.Future[Any] | None = task
    while future is not None:
        if future in told:
            return {each for each in told[future] if not _is_stuck(each, other, engine)}
        future = _awaited(future)
    return None


def _told_by(task: asyncio.Task[Any]) -> dict[asyncio.Future[Any], set[asyncio.Future[Any]]]:
    """Return what cannot be set before a task ends; to each what else it needs for that."""
    found: dict[asyncio.Future[Any], set[asyncio.Future[Any]]] = {task: set()}
    ahead: list[asyncio.Future[Any]] = [task]
    while ahead:
        future = ahead.pop()
        for callback in _callbacks(future):
            wake = _wakes(callback)
            if wake is not None and wake[0] not in found:
                found[wake[0]] = found[future] | (set(wake[1]) - {future})
                ahead.append(wake[0])
    return found


def _awaited(future: asyncio.Future[Any]) -> asyncio.Future[Any] | None:
    """Return what a task awaits."""
    return cast("_Suspended", future)._fut_waiter if isinstance(future, asyncio.Task) else None


def _callbacks(future: asyncio.Future[Any]) -> list[Callable[..., object]]:
    """Return what is called when a future is set."""
    return [callback for callback, _ in cast("_Suspended", future)._callbacks or ()]


def _wakes(
    callback: Callable[..., object],
) -> tuple[asyncio.Future[Any], Iterable[asyncio.Future[Any]]] | None:
    """Return the future that a task's callback will set, and whose ends it needs for that.

    ``None`` if it needs less than all, or something else may set it.
    """
    if isinstance(callback, MethodType) and isinstance(callback.__self__, asyncio.TaskGroup):
        group = cast("_Group", callback.__self__)
        return None if group._on_completed_fut is None else (group._on_completed_fut, group._tasks)
    if not isinstance(callback, FunctionType) or callback.__closure__ is None:
        return None
    names = callback.__code__.co_freevars
    held = {
        name: cell.cell_contents for name, cell in zip(names, callback.__closure__, strict=True)
    }
    if "outer" in held:  # asyncio.gather, or asyncio.shield, which has one child
        return held["outer"], held.get("children", ())
    if "waiter" in held and "return_when" in held:  # asyncio.wait
        whole = held["return_when"] == asyncio.ALL_COMPLETED and held.get("timeout_handle") is None
        return (held["waiter"], ()) if whole else None
    return None


def _is_stuck(future: asyncio.Future[Any], other: asyncio.Future[Any], engine: Engine) -> bool:
    """Whether a future is set, is another, or belongs to a task that waits for the same limiter."""
    waiter = _awaited(future)
    return (
        future is other
        or future.done()
        or (
            isinstance(waiter, Waiter)
            and waiter.item.engine is engine
            and waiter.item.state is QUEUED
        )
    )
