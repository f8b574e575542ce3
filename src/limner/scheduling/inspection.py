"""What one can ask a limiter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limner.scheduling.admission import START
from limner.scheduling.forecast import Explanation
from limner.scheduling.job import DONE, JobState
from limner.scheduling.limits import Limits
from limner.scheduling.options import check_priority
from limner.scheduling.reservoir import refilled
from limner.scheduling.statistics import Statistics
from limner.scheduling.validation import check_count

if TYPE_CHECKING:
    from limner.scheduling.engine import Engine
    from limner.scheduling.job import Job


class Inspection:
    """The questions a `limner.scheduling.Limiter` answers. None of them changes anything."""

    _engine: Engine

    @property
    def name(self) -> str | None:
        """What the limiter is called in messages."""
        return self._engine.name

    @property
    def limits(self) -> Limits:
        """What it keeps to at present."""
        return self._engine.limits

    @property
    def now(self) -> float:
        """The instant on the limiter's clock, in seconds; 0 before its first use."""
        return self._engine.now()

    @property
    def paused(self) -> bool:
        """Whether a pause keeps jobs from starting."""
        engine = self._engine
        return engine.state.paused_until > engine.now()

    @property
    def is_empty(self) -> bool:
        """Whether no job waits."""
        return not (self._engine.line.length or self._engine.delayed)

    def counts(self) -> dict[JobState, int]:
        """Count the jobs in each state; `JobState.DONE` counts all that ever ended.

        Example:
            >>> from limner.scheduling import JobState, Limiter
            >>> Limiter().counts()[JobState.DONE]
            0
        """
        found = dict.fromkeys(JobState, 0)
        found[JobState.QUEUED] = self.queued()
        for job in self._engine.active:
            found[job._state] += 1
        found[DONE] = self._engine.tally.done
        return found

    def jobs(self, state: JobState | None = None) -> list[Job[Any]]:
        """Return the jobs that have not ended, in the order they came.

        Args:
            state: Only those in this state. Ended jobs are not kept.
        """
        if state is not None and not isinstance(state, JobState):
            raise TypeError(f"state must be a JobState, not {state!r}")
        return [job for job in self._engine.living() if state is None or job._state is state]

    def job(self, id: str) -> Job[Any] | None:  # noqa: A002 - the option's own name
        """Return the job with this id, or ``None`` if there is none that has not ended."""
        return self._engine.find(id)

    def queued(self, priority: int | None = None) -> int:
        """Count the jobs that wait, all or of one priority; those between two attempts as well."""
        engine = self._engine
        if priority is None:
            return engine.line.length + len(engine.delayed)
        check_priority(priority)
        delayed = sum(job._priority == priority for job in engine.delayed)
        return engine.line.count(priority) + delayed

    def statistics(self) -> Statistics:
        """Return what the limiter has done so far: a snapshot that does not change.

        Example:
            >>> from limner.scheduling import Limiter
            >>> Limiter().statistics().received
            0
        """
        return self._engine.tally.snapshot(self._engine.number - self._engine.renumbered)

    def explain(self, job: Job[Any]) -> Explanation:
        """Say what keeps a job from starting, its position, and when it can start at the earliest.

        Linear in the length of the queue.

        Raises:
            ValueError: The job belongs to another limiter.
        """
        if job._engine is not self._engine:
            raise ValueError(f"{job!r} belongs to another limiter")
        return self._engine.explain(job)

    async def running(self) -> int:
        """Return the weight of all jobs that hold a slot."""
        return self._engine.state.running

    async def done(self) -> int:
        """Return the weight of all jobs that executed and have ended, however they did."""
        return self._engine.tally.done_weight

    async def check(self, weight: int = 1) -> bool:
        """Say whether a job of this weight and default priority would start at once.

        Raises:
            TypeError, ValueError: Not a weight.
        """
        check_count("weight", weight)
        engine = self._engine
        engine.bind()
        now = engine.now()
        if engine.closed or engine.store.decide(weight, now) is not START:
            return False
        return not engine.line.length or not any(
            job._priority <= 5 and (weight or not job._weight) for job in engine.line.in_order(now)
        )

    def opens_at(self, weight: int = 1) -> float:
        """Return the earliest instant at which a newcomer of this weight could start.

        Minus infinity: it would start at once. Infinity: that depends on something else than time,
        such as the end of a job, of a pause without an end, or those who wait already.

        Raises:
            TypeError, ValueError: Not a weight.
            RuntimeError: No event loop is running, or another than the limiter's.

        Example:
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
        engine = self._engine
        engine.bind()
        if engine.closed or engine.line.length or weight > engine.limits.heaviest:
            return float("inf")
        decision = engine.store.decide(weight, engine.now())
        return float("-inf") if decision is START else decision.at

    async def current_reservoir(self) -> int | None:
        """Return what the reservoir holds; ``None`` if there is none."""
        engine = self._engine
        engine.bind()
        if engine.limits.reservoir is None or engine.state.level is None:
            return None
        return refilled(engine.limits.reservoir, engine.state.level, engine.now()).amount
