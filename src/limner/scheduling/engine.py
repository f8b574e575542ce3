"""Everything a limiter does, without the words for it: see `limner.scheduling.Limiter`."""

from __future__ import annotations

import asyncio
from typing import Any

from limner.errors import Overweight
from limner.scheduling import admission
from limner.scheduling.admission import NEVER, UNKNOWN
from limner.scheduling.ancestry import INSIDE, living, refuse_deadlock, refuse_waiting_inside
from limner.scheduling.events import Paused, Resumed
from limner.scheduling.forecast import Explanation, eta, explain
from limner.scheduling.job import DONE, QUEUED, Job, JobOutcome
from limner.scheduling.options import check_priority
from limner.scheduling.short_cut import ShortCut
from limner.scheduling.timer import Alarm
from limner.scheduling.unheard import Unheard
from limner.scheduling.validation import check_count, check_seconds


class Engine(ShortCut):
    """A limiter's engine: takes in, grants, executes, holds, and answers."""

    _pause_alarm: Alarm | None = None

    # Holding everything

    def pause(self, seconds: float | None) -> None:
        """Start nothing for a while, or until `resume`; of several pauses the longest counts."""
        if seconds is None:
            admission.pause(self.state, UNKNOWN)
        else:
            loop = self.bind()
            admission.pause(self.state, loop.time() + check_seconds("seconds", seconds))
        self._call_off_pause()
        until = self.state.paused_until
        if until < UNKNOWN:
            self._pause_alarm = self.timer.set(until, lambda: None)  # `tick` ends the pause
        if self.handlers.listening:
            self.handlers.emit(Paused(until))

    def resume(self) -> None:
        """End every pause."""
        if self.state.paused_until == NEVER:
            return
        admission.resume(self.state)
        self._call_off_pause()
        if self.handlers.listening:
            self.handlers.emit(Resumed())
        if self.bound:
            self.drain(self.now())

    def _call_off_pause(self) -> None:
        if self._pause_alarm is not None:
            self.timer.call_off(self._pause_alarm)
            self._pause_alarm = None

    # Changing

    def reprioritize(self, job: Job[Any], priority: int) -> None:
        """Change a job's priority; if it waits in line, it goes to the back of the new one."""
        check_priority(priority)
        if priority == job._priority:
            return
        if job._state is QUEUED and job not in self.delayed:
            self.line.remove(job)
            job._priority = priority
            self.number += 1
            self.renumbered += 1
            job._ticket = self.number
            self.line.push(job)
            self.drain(self.now())
        else:
            job._priority = priority

    def update(self, changes: dict[str, Any]) -> None:
        """Go on under other limits, for those who wait as well."""
        limits = self.limits.changed(changes)
        now = self.now()
        if limits.aging != self.limits.aging or limits.fair != self.limits.fair:
            self.line = self.line.rebuilt(aging=limits.aging, fair=limits.fair)
        self.limits = limits
        self.sheds = self.sheds or limits.high_water is not None
        self.store.change(limits, now)
        self.judge()
        if not self.bound:
            return
        for job in self.waiting():
            if job._weight > limits.heaviest and job._state is QUEUED:
                error = Overweight(job._weight, int(limits.heaviest))
                self.end_waiting(job, JobOutcome.FAILED, error)
        self.drain(now)

    # Ending

    async def join(self) -> None:
        """Wait until nothing waits and nothing runs."""
        loop = self.bind()
        refuse_waiting_inside(self, "join()")
        while not self.is_idle:
            joiner: asyncio.Future[None] = loop.create_future()
            self.joiners.append(joiner)
            await joiner

    async def stop(self, *, drop_waiting: bool, timeout: float | None, strategy: str) -> None:  # noqa: ASYNC109 - it cancels the jobs, not this call
        """Take nothing more, and wait for the end of what is there."""
        loop = self.bind()
        if timeout is not None:
            check_seconds("timeout", timeout)
        refuse_waiting_inside(self, "stop()")
        if not self.closed:
            self.closed = True
            self.judge()
            if drop_waiting:
                self.drop_waiting(strategy)
            if timeout is not None:
                deadline = self.timer.set(loop.time() + timeout, lambda: self._stop_now(strategy))
                try:
                    await self.join()
                finally:
                    self.timer.call_off(deadline)
                return
        await self.join()

    def _stop_now(self, strategy: str) -> None:
        self.drop_waiting(strategy)
        for job in list(self.living()):
            self.cancel(job, "the limiter was stopped")

    # Awaiting a job

    async def wait_for(self, job: Job[Any]) -> None:
        """Wait until a job has ended. Cancelling this cancels the job only if it is shared."""
        inside = living(INSIDE.get())
        if inside is not None and job._state is QUEUED:
            refuse_deadlock(self, job._weight, inside)
        adopted = inside is not None and job._context is not None and job._parent is None
        if adopted:
            job._parent = inside
        awaiter: asyncio.Future[None] = self.bind().create_future()
        job._plain = False
        if job._awaiters is None:
            job._awaiters = []
        job._awaiters.append(awaiter)
        try:
            await awaiter
        except asyncio.CancelledError:
            if job._awaiters is not None:
                job._awaiters.remove(awaiter)
            self._unclaim(job)
            raise
        finally:
            if adopted:
                job._parent = None

    def _unclaim(self, job: Job[Any]) -> None:
        if job._claims:
            job._claims -= 1
            if not job._claims and not job._awaiters:
                self.cancel(job, "everybody who awaited it was cancelled")

    def retrieved(self, job: Job[Any]) -> None:
        """Note that somebody has seen a job's error."""
        if isinstance(job._value, Unheard):
            job._value.loop = None
            job._value = None

    async def ended(self, job: Job[Any]) -> None:
        """Wait until a job has ended, however, without looking at how."""
        if job._state is not DONE:
            await self.wait_for(job)
        self.retrieved(job)

    # Answering

    def find(self, id: str) -> Job[Any] | None:  # noqa: A002 - the option's own name
        """Return the job with an id, if it has not ended."""
        job = self.ids.get(id)
        if job is None and id.startswith("#"):
            return next((job for job in self.living() if job.id == id), None)
        return job

    def position(self, job: Job[Any]) -> int | None:
        """Count who is before a job in line."""
        if job._state is not QUEUED or job in self.delayed:
            return None
        for position, other in enumerate(self.line.in_order(self.now())):
            if other is job:
                return position
        return None

    def settle(self, job: Job[Any], weight: int) -> None:
        """Correct what a job's latest attempt was charged."""
        check_count("weight", weight)
        if not job._attempt:
            raise RuntimeError("a job that has not started has cost nothing yet")
        charged = job._weight if job._settled is None else job._settled
        was_free, is_free = job._settled == 0, weight == 0
        job._settled = weight
        admission.settle(self.limits, self.state, charged - weight, self.now())
        if was_free != is_free:
            admission.forgive(self.state, job._started_at, free=is_free)
        self.drain(self.now())

    def eta(self, job: Job[Any]) -> float | None:
        """Estimate the seconds until a job starts."""
        return eta(self, job)

    def explain(self, job: Job[Any]) -> Explanation:
        """Say what a job waits for."""
        return explain(self, job)
