"""The questions that a limiter answers: counts, jobs, statistics, reasons."""

from __future__ import annotations

from typing import Any

from limner.scheduling.engine.engine import Engine
from limner.scheduling.engine.forecast import Explanation
from limner.scheduling.engine.statistics import Statistics
from limner.scheduling.jobs.current_job import executing_in, innermost
from limner.scheduling.jobs.job import Job, item_of, job_of
from limner.scheduling.jobs.job_state import DONE, QUEUED, JobState
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import check_priority
from limner.scheduling.limits.validation import check_count


class Inspection:
    """The questions a `limner.scheduling.Limiter` answers. None of them changes anything.

    Each raises `WrongThread` when it is asked from another thread while the limiter's loop runs.
    """

    _engine: Engine

    def _look(self) -> Engine:
        self._engine.check_thread()
        return self._engine

    @property
    def name(self) -> str | None:
        """What the limiter is called in messages."""
        return self._engine.core.name

    @property
    def limits(self) -> Limits:
        """What it keeps to at present."""
        return self._engine.scheduler.limits

    @property
    def now(self) -> float:
        """The instant on the limiter's clock, in seconds; 0 before its first use."""
        return self._engine.core.now()

    @property
    def paused(self) -> bool:
        """Whether a pause keeps jobs from starting."""
        return self._look().outlook.paused

    @property
    def is_inside(self) -> bool:
        """Whether the running code belongs to a job of this limiter that executes."""
        return next(executing_in(self._engine, innermost()), None) is not None

    @property
    def is_empty(self) -> bool:
        """Whether no job waits."""
        return not self._look().scheduler.queued(None)

    def counts(self) -> dict[JobState, int]:
        """Count the jobs in each state; `JobState.DONE` counts all that ever ended.

        Examples:
            >>> from limner.scheduling import JobState, Limiter
            >>> Limiter().counts()[JobState.DONE]
            0
        """
        found = dict.fromkeys(JobState, 0)
        engine = self._look()
        found[QUEUED] = engine.scheduler.queued(None)
        for item in engine.core.active:
            found[item.state] += 1
        found[DONE] = engine.core.tally.done
        return found

    def jobs(self, state: JobState | None = None) -> list[Job[Any]]:
        """Return the jobs that have not ended, in the order they came.

        Args:
            state: Only those in this state. Ended jobs are not kept.
        """
        if state is not None and not isinstance(state, JobState):
            raise TypeError(f"state must be a JobState, not {state!r}")
        living = self._look().living()
        return [job_of(item) for item in living if state is None or item.state is state]

    def in_turn(self) -> list[Job[Any]]:
        """Return the jobs that wait for their turn, in the order in which they will start.

        As things stand: a newcomer of a higher priority goes before others. Those between two
        attempts are not in it. Linear in the length of the queue.

        Examples:
            >>> from limner.scheduling import Limiter
            >>> Limiter().in_turn()
            []
        """
        return [job_of(item) for item in self._look().outlook.in_turn()]

    def job(self, id: str) -> Job[Any] | None:  # noqa: A002 - the option's own name
        """Return the job with this id, or ``None`` if there is none that has not ended."""
        found = self._look().find(id)
        return None if found is None else job_of(found)

    def queued(self, priority: int | None = None) -> int:
        """Count the jobs that wait, all or of one priority; those between two attempts as well."""
        if priority is not None:
            check_priority(priority)
        return self._look().scheduler.queued(priority)

    def statistics(self) -> Statistics:
        """Return what the limiter has done so far: a snapshot that does not change.

        Examples:
            >>> from limner.scheduling import Limiter
            >>> Limiter().statistics().received
            0
        """
        core = self._look().core
        return core.tally.snapshot(core.number - core.renumbered)

    def explain(self, job: Job[Any]) -> Explanation:
        """Say what keeps a job from starting, its position, and when it can start at the earliest.

        Linear in the length of the queue.

        Raises:
            ValueError: The job belongs to another limiter.
        """
        item = item_of(job)
        if item.engine is not self._engine:
            raise ValueError(f"{job!r} belongs to another limiter")
        return self._look().outlook.explain(item)

    async def running(self) -> int:
        """Return the weight of all jobs that hold a slot."""
        return await self._look().outlook.running()

    async def done(self) -> int:
        """Return the weight of all jobs that executed and have ended, however they did."""
        return self._look().core.tally.done_weight

    async def check(self, weight: int = 1) -> bool:
        """Say whether a job of this weight and default priority would start at once.

        Raises:
            TypeError, ValueError: Not a weight.
        """
        check_count("weight", weight)
        engine = self._look()
        engine.core.bind()
        return await engine.outlook.check(weight)

    def opens_at(self, weight: int = 1) -> float:
        """Return the earliest instant at which a newcomer of this weight could start.

        Minus infinity: it would start at once. Infinity: that depends on something else than time,
        such as the end of a job, of a pause without an end, or those who wait already.

        Raises:
            TypeError, ValueError: Not a weight.
            RuntimeError: No event loop is running, or another than the limiter's.

        Examples:
            >>> import asyncio
            >>> from limner.scheduling import Limiter
            >>> async def main():
            ...     limiter = Limiter(min_interval=5)
            ...     await limiter.run(int)
            ...     return round(limiter.opens_at() - limiter.now)
            >>> asyncio.run(main())
            5
        """
        check_count("weight", weight)
        engine = self._look()
        engine.core.bind()
        return engine.outlook.opens_at(weight)

    async def current_reservoir(self) -> int | None:
        """Return what the reservoir holds; ``None`` if there is none."""
        engine = self._look()
        engine.core.bind()
        return await engine.outlook.reservoir()
