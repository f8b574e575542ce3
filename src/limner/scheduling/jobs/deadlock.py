"""Finding waits that can never end: a job waits for a slot that is held by whoever waits for it.

Only what is certain is refused. A job that a task starts in its own slot, and awaits, is certain.
A child task is, once the task that holds the slot is seen to wait for it: directly, through
`asyncio.gather` and `asyncio.wait`, or at the end of a task group. A child that nobody waits for
just waits, and starts when the job it was started in has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, cast

from limner.errors import WouldDeadlock
from limner.scheduling.jobs.current_job import INSIDE, ancestors, executing_in
from limner.scheduling.jobs.job_state import DONE
from limner.scheduling.jobs.work_item import Engine, WorkItem


class _Suspended(Protocol):
    """What asyncio's futures and tasks know of one another; neither C nor Python hides it."""

    _fut_waiter: asyncio.Future[Any] | None
    _callbacks: list[tuple[Callable[..., object], object]] | None


def blockers(engine: Engine, weight: int, inside: WorkItem | None, limit: int) -> list[WorkItem]:
    """Return the jobs around the running code that leave no room for another of this weight."""
    held = list(executing_in(engine, inside))
    return held if held and sum(item.weight for item in held) + weight > limit else []


def all_wait_for(items: Iterable[WorkItem], task: asyncio.Task[Any] | None) -> bool:
    """Whether each of the tasks that execute these jobs is this one, or waits for it."""
    return all(waits_for(item.task, task) for item in items)


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
    around = [item for item in ancestors(INSIDE.get()) if item.engine is engine]
    living = [item for item in around if item.state is not DONE]
    if living and not any(waits_for(item.task, task) for item in living):
        await asyncio.sleep(0)  # the job may be only about to await this task
    if any(item.state is not DONE and waits_for(item.task, task) for item in living):
        raise WouldDeadlock(f"{what} waits for all jobs to end, also for the one that calls it")


def waits_for(task: asyncio.Task[Any] | None, other: asyncio.Task[Any] | None) -> bool:
    """Whether a task is another, or cannot go on before the other has ended.

    As far as can be seen: ``False`` may also mean that nobody knows.
    """
    if task is None or other is None:
        return False
    seen: set[int] = set()
    ahead: list[asyncio.Future[Any]] = [task]
    while ahead:
        future = ahead.pop()
        if future is other or _is_told_by(future, other):
            return True
        if id(future) not in seen:
            seen.add(id(future))
            ahead += _awaited_by(future)
    return False


def _awaited_by(future: asyncio.Future[Any]) -> Iterator[asyncio.Future[Any]]:
    """What a future waits for: a task for what it awaits, a gathering for its parts."""
    if isinstance(future, asyncio.Task):
        waiter = cast("_Suspended", future)._fut_waiter
        if waiter is not None:
            yield waiter
    else:
        parts = getattr(future, "_children", ())  # only gatherings have them; `vars` sees none
        yield from (part for part in parts if isinstance(part, asyncio.Future))


def _is_told_by(future: asyncio.Future[Any], other: asyncio.Task[Any]) -> bool:
    """Whether a plain future is what a task will set when it ends, by one of its callbacks."""
    for callback, _ in cast("_Suspended", other)._callbacks or ():
        held = [cell.cell_contents for cell in getattr(callback, "__closure__", None) or ()]
        held += [getattr(callback, "__self__", None), *getattr(callback, "args", ())]
        for each in held:
            if each is future or (
                hasattr(each, "__dict__") and any(part is future for part in vars(each).values())
            ):
                return True
    return False
