"""What waiting for a slot needs: something to await, a bound, and a look whether it can end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from limner.errors import QueueTimeout, WouldDeadlock
from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.jobs.deadlock import blockers, refusal, unsettled
from limner.scheduling.jobs.job_state import FAILED, QUEUED, TIMED_OUT, JobOutcome
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.limits import Limits

GiveUp = Callable[[WorkItem, JobOutcome, BaseException], None]
"""Takes a waiting job out of the queue and ends it."""


def begin_wait(core: LimiterCore, item: WorkItem, now: float, give_up: GiveUp) -> None:
    """Bound the wait of a job that may not wait for ever."""
    bound = item.options.queue_timeout
    if bound is not None:
        item.wait_until = now + bound
        bound_wait(core, item, give_up)


def bound_wait(core: LimiterCore, item: WorkItem, give_up: GiveUp) -> None:
    """Have a job that may not wait for ever give up in time."""
    bound = item.options.queue_timeout
    if bound is not None and item.alarm is None:
        item.alarm = core.timer.set(item.wait_until, partial(_time_out, item, bound, give_up))


def _time_out(item: WorkItem, bound: float, give_up: GiveUp) -> None:
    item.alarm = None
    if item.state is QUEUED:
        give_up(item, TIMED_OUT, QueueTimeout(bound))


def deadlock(
    core: LimiterCore, item: WorkItem, limits: Limits, give_up: GiveUp
) -> WouldDeadlock | None:
    """Return why a newcomer may not wait, if its wait can never end.

    Where that cannot be told yet, because the task that holds the slot is only about to await the
    newcomer's, it is looked at again in the loop's next turn; and if another child may still end
    the wait, when that has ended.
    """
    limit = limits.max_concurrent
    bounded = item.options.queue_timeout is not None or item.options.timeout is not None
    if limit is None or not item.weight or item.parent is None or bounded:
        return None
    held = blockers(item.engine, item.weight, item.parent, limit)
    if not held:
        return None
    if unsettled(held, item.task, item.engine) == set():
        return refusal(sum(other.weight for other in held), item.weight, limit)

    def look_again(_: object = None) -> None:
        left = blockers(item.engine, item.weight, item.parent, limit)
        if item.state is not QUEUED or not left:
            return
        others = unsettled(left, item.task, item.engine)
        if others == set():
            held_now = sum(other.weight for other in left)
            give_up(item, FAILED, refusal(held_now, item.weight, limit))
        for other in others or ():
            other.add_done_callback(look_again)

    core.loop.call_soon(look_again)
    return None
