"""The seam: who decides which job has its slot when, and who answers questions about it."""

from __future__ import annotations

from typing import Protocol

from limner.scheduling.engine.forecast import Explanation
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import Weight


class Launch(Protocol):
    """Lets a job that has its slot go on: wakes its caller, or makes its task."""

    def __call__(self, item: WorkItem) -> None:
        """Let a job go on."""


class Scheduler(Protocol):
    """Keeps those who wait, and gives slots.

    Each method leaves it settled: whoever can start has been granted a slot, whoever cannot waits,
    and somebody will wake it when that may change.
    """

    @property
    def limits(self) -> Limits:
        """What it keeps to at present."""

    def bound(self, now: float, shift: float | None) -> None:
        """Note that the limiter has a loop; ``shift`` is to be added to instants of the former."""

    def ring(self) -> None:
        """Do what is due: called by the timer."""

    # Jobs

    def admit(self, item: WorkItem, now: float) -> None:
        """Take a newcomer: it comes back running, waiting, or, if it was dropped, done."""

    def replace(self, old: WorkItem, new: WorkItem, now: float) -> bool:
        """Put a newcomer where another job waits, which is ended by the caller.

        Returns:
            ``False`` if the newcomer has to queue by itself; nothing was done then.
        """

    def requeue(self, item: WorkItem, delay: float) -> None:
        """Take a job that has given its slot back and wants another after so many seconds."""

    def leave(self, item: WorkItem) -> None:
        """Let a job go that waits. The caller ends it, and then has the rest started."""

    def release(self, item: WorkItem, error: BaseException | None) -> None:
        """Take a slot back. The caller ends the job, and then has the rest started.

        Args:
            item: The job.
            error: What its attempt ended with; ``None`` if it ended well.
        """

    def forget_all(self) -> None:
        """Forget every job, waiting or not: they were lost with their loop."""

    def start_waiting(self, now: float) -> None:
        """Start whoever can start, in order."""

    def reprioritize(self, item: WorkItem, priority: int) -> None:
        """Change a job's priority; if it waits in the queue, it goes to the back of the new one."""

    def settle(self, item: WorkItem, weight: Weight) -> None:
        """Correct what a job's latest attempt was charged."""

    # Everything

    def change(self, limits: Limits) -> None:
        """Go on under other limits, for those who wait as well."""

    def pause(self, seconds: float | None) -> None:
        """Start nothing for a while, or until `resume`; of several pauses the longest counts."""

    def resume(self) -> None:
        """End every pause."""

    def cool_down(self, seconds: float) -> None:
        """Start nothing for a while, and then one job alone."""

    def drop_waiting(self, strategy: str) -> None:
        """Drop every waiting job."""

    # Looking

    def waiting(self) -> list[WorkItem]:
        """Return all waiting jobs, those in the queue in their order first."""

    def queued(self, priority: int | None) -> int:
        """Count the jobs that wait, all or of one priority."""


class Outlook(Protocol):
    """Answers what one can ask about the limits and the queue. Nothing is changed by it."""

    @property
    def paused(self) -> bool:
        """Whether a pause keeps jobs from starting."""

    def position(self, item: WorkItem) -> int | None:
        """Count who is before a job in the queue."""

    def in_turn(self) -> list[WorkItem]:
        """Return the jobs in the queue in the order of their turns."""

    def eta(self, item: WorkItem) -> float | None:
        """Estimate the seconds until a job starts."""

    def explain(self, item: WorkItem) -> Explanation:
        """Say what a job waits for."""

    def opens_at(self, weight: int) -> float:
        """Return the earliest instant at which a newcomer could start."""

    def forgettable(self, now: float) -> bool:
        """Whether a fresh limiter would decide exactly as this one does from now on."""

    async def running(self) -> int:
        """Return the weight of all jobs that hold a slot."""

    async def check(self, weight: int) -> bool:
        """Say whether a job of this weight and default priority would start at once."""

    async def reservoir(self) -> int | None:
        """Return what the reservoir holds; ``None`` if there is none."""

    async def refill(self, amount: int) -> int | None:
        """Add to the reservoir; return what it holds now, ``None`` if there is none."""
