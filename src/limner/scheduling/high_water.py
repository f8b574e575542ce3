"""Who goes when too many wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limner.errors import JobDropped
from limner.scheduling import admission
from limner.scheduling.job import DONE, Job, JobOutcome
from limner.scheduling.limits import Overflow

if TYPE_CHECKING:
    from limner.scheduling.dispatcher import Dispatcher


def overflows(dispatcher: Dispatcher, job: Job[Any], now: float) -> bool:
    """Apply the overflow strategy to a newcomer that has to wait.

    Args:
        dispatcher: Whose queue it wants to join.
        job: The newcomer; it is not in line yet.
        now: The instant.

    Returns:
        Whether the newcomer was dropped. If not, somebody else may have been.
    """
    limits, state = dispatcher.limits, dispatcher.state
    blocked = now < state.blocked_until  # also after high_water was taken away
    if not blocked:
        if limits.high_water is None:
            return False
        if dispatcher.line.length + len(dispatcher.delayed) < limits.high_water:
            return False
    if blocked or limits.overflow is Overflow.BLOCK:
        admission.block(state, now + limits.block_penalty)
        dispatcher.drop_waiting("block")
        dispatcher.end_unqueued(job, JobOutcome.DROPPED, JobDropped("block"))
        return True
    victim = _victim(dispatcher, job)
    error = JobDropped(limits.overflow.value)
    if victim is None:
        dispatcher.end_unqueued(job, JobOutcome.DROPPED, error)
        return True
    dispatcher.end_waiting(victim, JobOutcome.DROPPED, error)
    return job._state is DONE  # an event handler may have ended it


def _victim(dispatcher: Dispatcher, job: Job[Any]) -> Job[Any] | None:
    if dispatcher.limits.overflow is Overflow.LEAK:
        return dispatcher.line.victim(job._priority)
    if dispatcher.limits.overflow is Overflow.OVERFLOW_PRIORITY:
        return dispatcher.line.victim(job._priority + 1)
    return None
