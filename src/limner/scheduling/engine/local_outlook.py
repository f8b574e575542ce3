"""What one can ask a limiter whose limits are this process's own."""

from __future__ import annotations

from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.forecast import Explanation, start_of
from limner.scheduling.engine.local_scheduler import LocalScheduler
from limner.scheduling.jobs.job_queue import WEIGHTLESS
from limner.scheduling.jobs.job_state import EXECUTING, QUEUED, RUNNING
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.admission import FULL, START, UNKNOWN
from limner.scheduling.limits.options import DEFAULT


class LocalOutlook:
    """Asks the admission rule, and runs it forward over the queue.

    Args:
        core: The limiter's jobs.
        scheduler: Who keeps the queue.
    """

    def __init__(self, core: LimiterCore, scheduler: LocalScheduler) -> None:
        self._core = core
        self._scheduler = scheduler

    @property
    def paused(self) -> bool:
        """Whether a pause keeps jobs from starting."""
        return self._scheduler.control.state.paused_until > self._core.now()

    def position(self, item: WorkItem) -> int | None:
        """Count who is before a job in the queue."""
        if item.state is not QUEUED or item in self._scheduler.delayed:
            return None
        for position, other in enumerate(self._scheduler.queue.in_order(self._core.now())):
            if other is item:
                return position
        return None

    def in_turn(self) -> list[WorkItem]:
        """Return the jobs in the queue in the order of their turns."""
        return list(self._scheduler.queue.in_order(self._core.now()))

    def eta(self, item: WorkItem) -> float | None:
        """Estimate the seconds until a job starts."""
        now = self._core.now()
        if item.state in (RUNNING, EXECUTING):
            return 0.0
        if item.state is not QUEUED:
            return None
        if item in self._scheduler.delayed:
            return max(item.retry_at - now, 0.0)
        runs = self._core.tally.runs
        start = self._start_of(item, now, sum(runs) / len(runs) if runs else None)
        return None if start == UNKNOWN else start - now

    def explain(self, item: WorkItem) -> Explanation:
        """Say what a job waits for."""
        if item.state is not QUEUED:
            return Explanation(None, None, item.started_at if item.attempt else None)
        if item in self._scheduler.delayed:
            return Explanation("retry", None, item.retry_at)
        now = self._core.now()
        head = self._scheduler.queue.first(now)
        control = self._scheduler.control
        decision = control.decide(head.weight, now, head.options.named)
        start = self._start_of(item, now, None)
        if decision is FULL and (closed := control.closed(now)) is not START:
            decision = closed  # it holds everybody for longer than those who run
            start = closed.at if start == UNKNOWN else start
        earliest = None if start == UNKNOWN else start
        return Explanation(decision.limit, self.position(item), earliest)

    def _start_of(self, item: WorkItem, now: float, duration: float | None) -> float:
        scheduler = self._scheduler
        queue = scheduler.queue.in_order(now)
        return start_of(item, queue, scheduler.control, self._core.active, now, duration)

    def opens_at(self, weight: int) -> float:
        """Return the earliest instant at which a newcomer could start."""
        scheduler, now = self._scheduler, self._core.now()
        mask = scheduler.queue.mask if weight else scheduler.queue.mask & WEIGHTLESS
        if self._core.closed or mask or weight > scheduler.limits.heaviest:
            return UNKNOWN
        decision = scheduler.control.decide(weight, now)
        if decision.never:
            return UNKNOWN
        return float("-inf") if decision is START else decision.at

    def forgettable(self, now: float) -> bool:
        """Whether a fresh limiter would decide exactly as this one does from now on."""
        return self._scheduler.control.forgettable(now)

    async def running(self) -> int:
        """Return the weight of all jobs that hold a slot."""
        return self._scheduler.control.state.running

    async def check(self, weight: int) -> bool:
        """Say whether a job of this weight and default priority would start at once."""
        now, queue = self._core.now(), self._scheduler.queue
        if self._core.closed or self._scheduler.control.decide(weight, now) is not START:
            return False
        return not queue.mask or not any(
            item.priority <= DEFAULT.priority and (weight or not item.weight)
            for item in queue.in_order(now)
        )

    async def reservoir(self) -> int | None:
        """Return what the reservoir holds; ``None`` if there is none."""
        return self._scheduler.control.reservoir(self._core.now())

    async def refill(self, amount: int) -> int | None:
        """Add to the reservoir; return what it holds now, ``None`` if there is none."""
        now = self._core.now()
        self._scheduler.control.refund(amount, now)
        held = self._scheduler.control.reservoir(now)
        self._scheduler.start_waiting(now)
        return held
