"""What one can ask a limiter whose limits are shared with other processes."""

from __future__ import annotations

from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.forecast import Explanation
from limner.scheduling.engine.shared_limits import SharedLimits
from limner.scheduling.engine.shared_scheduler import SharedScheduler
from limner.scheduling.jobs.job_state import DONE, QUEUED
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.admission import UNKNOWN


class SharedOutlook:
    """What one can ask a limiter whose limits are shared: mostly, the others are asked.

    Args:
        core: The limiter's jobs.
        scheduler: Who keeps those that wait.
        port: Who decides.
    """

    def __init__(self, core: LimiterCore, scheduler: SharedScheduler, port: SharedLimits) -> None:
        self._core = core
        self._scheduler = scheduler
        self._port = port

    @property
    def paused(self) -> bool:
        """Whether a pause keeps jobs from starting: only `check` knows that of the others."""
        return False

    def position(self, item: WorkItem) -> int | None:
        """Count who of this process is before a job in the order."""
        for position, other in enumerate(self._scheduler.waiting()):
            if other is item and item.retry_at <= self._core.now():
                return position
        return None

    def in_turn(self) -> list[WorkItem]:
        """Return this process's jobs that wait for their turn, in its order."""
        now = self._core.now()
        return [item for item in self._scheduler.waiting() if item.retry_at <= now]

    def eta(self, item: WorkItem) -> float | None:
        """Estimate the seconds until a job starts: nobody here can, unless it has started."""
        if item.state is not QUEUED:
            return None if item.state is DONE else 0.0
        left = item.retry_at - self._core.now()
        return left if left > 0 else None

    def explain(self, item: WorkItem) -> Explanation:
        """Say what a job waits for."""
        if item.state is not QUEUED:
            return Explanation(None, None, item.started_at if item.attempt else None)
        if item.retry_at > self._core.now():
            return Explanation("retry", None, item.retry_at)
        return Explanation("shared", self.position(item), None)

    def opens_at(self, weight: int) -> float:
        """Return the earliest instant at which a newcomer could start: nobody here knows."""
        return UNKNOWN

    def forgettable(self, now: float) -> bool:
        """Whether a fresh limiter would decide exactly as this one does: the others remember."""
        return True

    async def running(self) -> int:
        """Return the weight of all jobs of all processes that hold a slot."""
        self._core.bind()  # who only looks opens the port, too
        return (await self._port.look()).running

    async def check(self, weight: int) -> bool:
        """Say whether a job of this weight and default priority would start at once."""
        if self._core.closed:
            return False
        outlook = await self._port.look()
        limit = self._scheduler.limits.max_concurrent
        fits = limit is None or not weight or outlook.running + weight <= limit
        return fits and not outlook.waiting and outlook.opens_at <= self._core.now()

    async def reservoir(self) -> int | None:
        """Return what the reservoir holds; ``None`` if there is none."""
        return (await self._port.look()).reservoir

    async def refill(self, amount: int) -> int | None:
        """Add to the reservoir; return what it holds now, ``None`` if there is none."""
        return await self._port.refill(amount)
