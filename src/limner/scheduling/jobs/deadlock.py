"""Finding waits that can never end: a job waits for a slot that is held by whoever waits for it.

Only what is certain is refused. A job that a task starts in its own slot, and awaits, is certain.
A child task is, once the task that holds the slot is seen to wait for it: directly, by
`asyncio.wait` for all of several, or by `asyncio.gather` or at the end of a task group if the other
children are stuck as well. A child that nobody waits for just waits, and starts when the job it was
started in has ended; so does one whose wait has a bound of its own. (A bound around it,
`asyncio.timeout`, cannot be seen.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import FunctionType, MethodType
from typing import Any, Protocol, cast

from limner.errors import WouldDeadlock
from limner.scheduling.jobs.current_job import INSIDE, ancestors, executing_in
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


def all_wait_for(items: Iterable[WorkItem], task: asyncio.Task[Any] | None, engine: Engine) -> bool:
    """Whether each of the tasks that execute these jobs is this one, or waits for it."""
    return all(waits_for(item.task, task, engine) for item in items)


def refusal(held: int, weight: int, limit: int) -> WouldDeadlock:
    """Return the error that says why a job may not wait."""
    return WouldDeadlock(
        f"waiting here can never end: the jobs this code runs inside hold {held} of "
        f"max_concurrent={limit}, and it waits for {weight} more; raise max_concurrent, use "
        "another limiter for the inner work, or submit() it and await it outside"
    )


def refuse_waiting_inside(engine: Engine, what: str) -> None:
    """Raise if the running code belongs to a job that has to end first.

    Raises:
        WouldDeadlock: It does.
    """
    task = asyncio.current_task()
    for item in ancestors(INSIDE.get()):
        if item.engine is engine and item.state is not DONE and waits_for(item.task, task, engine):
            raise WouldDeadlock(f"{what} waits for all jobs to end, also for the one that calls it")


def waits_for(
    task: asyncio.Task[Any] | None, other: asyncio.Task[Any] | None, engine: Engine
) -> bool:
    """Whether a task is another, or cannot go on before the other has ended.

    As far as can be seen: ``False`` may also mean that nobody knows.
    """
    if task is None or other is None:
        return False
    future: asyncio.Future[Any] | None = task
    told = [wake for callback in _callbacks(other) if (wake := _wakes(callback)) is not None]
    while future is not None and future is not other:
        for awaited, siblings in told:
            if future is awaited:
                return all(each is other or _is_stuck(each, engine) for each in siblings)
        future = _awaited(future)
    return future is other


def _awaited(future: asyncio.Future[Any]) -> asyncio.Future[Any] | None:
    """Return what a task awaits."""
    return cast("_Suspended", future)._fut_waiter if isinstance(future, asyncio.Task) else None


def _callbacks(task: asyncio.Task[Any]) -> list[Callable[..., object]]:
    """Return what is called when a task ends."""
    return [callback for callback, _ in cast("_Suspended", task)._callbacks or ()]


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
    if "outer" in held and "children" in held:  # asyncio.gather
        return held["outer"], held["children"]
    if "waiter" in held and "return_when" in held:  # asyncio.wait
        whole = held["return_when"] == asyncio.ALL_COMPLETED and held.get("timeout_handle") is None
        return (held["waiter"], ()) if whole else None
    return None


def _is_stuck(future: asyncio.Future[Any], engine: Engine) -> bool:
    """Whether a task has ended, or waits for a slot of the same limiter."""
    waiter = _awaited(future)
    return future.done() or (
        isinstance(waiter, Waiter) and waiter.item.engine is engine and waiter.item.state is QUEUED
    )
