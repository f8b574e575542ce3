"""What waiting for a slot needs: a bound, a delay before a retry, and a look whether it can end."""

from __future__ import annotations

from abc import ABC, abstractmethod
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


class RetryDelays(ABC):
    """The jobs of a scheduler that wait for their retry and are not in its queue yet.

    Attributes:
        delayed: Those jobs.
    """

    _core: LimiterCore
    delayed: set[WorkItem]

    def requeue(self, item: WorkItem, delay: float) -> None:
        """Take a job that wants another slot after so many seconds."""
        now = self._core.now()
        item.state = QUEUED
        item.retry_at = now + delay
        if item.options.queue_timeout is not None:
            item.wait_until = now + item.options.queue_timeout
        if not delay:
            self._enqueue_again(item)
            bound_wait(self._core, item, self._give_up)
            return
        self.delayed.add(item)
        if item.options.queue_timeout is not None and item.wait_until < item.retry_at:
            bound_wait(self._core, item, self._give_up)
        else:
            item.alarm = self._core.timer.set(item.retry_at, partial(self._come_again, item))

    def _come_again(self, item: WorkItem) -> None:
        item.alarm = None
        if item in self.delayed:
            self.delayed.discard(item)
            self._enqueue_again(item)
            bound_wait(self._core, item, self._give_up)
            self.start_waiting(self._core.now())

    def delayed_in_order(self) -> list[WorkItem]:
        """Return the jobs whose delay is not over, in the order they came in."""
        return sorted(self.delayed, key=lambda item: item.number)

    @abstractmethod
    def _enqueue_again(self, item: WorkItem) -> None:
        """Put a job into the queue whose delay is over, before newcomers of its priority."""

    @abstractmethod
    def _give_up(self, item: WorkItem, outcome: JobOutcome, error: BaseException) -> None:
        """Take a waiting job out of the queue and end it."""

    @abstractmethod
    def start_waiting(self, now: float) -> None:
        """Start whoever can start, in order."""


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
