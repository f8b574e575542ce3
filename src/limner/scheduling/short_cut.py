"""The short cut: what happens to most jobs of most limiters, straight on.

Most limiters only count who runs, and most jobs come without options, from code that is inside no
other job. For them nearly every question of `Dispatcher` and `Execution` has a known answer. This
class asks one question instead, and then does what they would do, without calls where a call costs
as much as the work. Everything else goes the long way, which is what is meant; a test sends the
same jobs both ways and compares.
"""

from __future__ import annotations

import asyncio
from asyncio import Future, current_task
from typing import Any

from limner.errors import JobCancelled
from limner.scheduling.admission import UNKNOWN
from limner.scheduling.ancestry import INSIDE
from limner.scheduling.execution import SUCCEEDED, Execution
from limner.scheduling.job import DONE, QUEUED, RUNNING, Job, JobOutcome, new_job
from limner.scheduling.limits import Limits
from limner.scheduling.line import WEIGHTLESS
from limner.scheduling.options import DEFAULT, Options
from limner.scheduling.store import LocalStore, Store

LANE = 2 * DEFAULT.priority
"""The index of the lane in which jobs without options wait."""
LANE_BIT = 1 << LANE
LANES_BEFORE = (1 << LANE + 2) - 1
"""In a mask of lanes, those whose jobs a newcomer without options does not pass."""


class ShortCut(Execution):
    """Takes jobs in, grants and ends them faster where nothing special was asked for."""

    def __init__(self, limits: Limits, name: str | None, store: Store) -> None:
        super().__init__(limits, name, store)
        self.plain = False
        """Whether the limiter is in use, only counts, and nobody listens."""
        self.width = 0.0
        """``max_concurrent``, or infinity."""

    def judge(self) -> None:
        """Find out whether the short cut may be taken: after each change of what it depends on."""
        limits = self.limits
        self.width = float("inf") if limits.max_concurrent is None else limits.max_concurrent
        self.plain = (
            self.bound
            and not self.closed
            and not self.handlers.listening
            and type(self.store) is LocalStore  # another one must be asked each time
            and not (limits.timed or limits.fair or limits.aging or self.sheds)
            and limits.heaviest >= DEFAULT.weight
        )

    def bind(self) -> asyncio.AbstractEventLoop:
        """Return the running loop, which from the first use on is the limiter's only one."""
        loop = super().bind()
        self.judge()
        return loop

    def receive(self, options: Options, call: object, *, detached: bool) -> Job[Any]:
        """Take a job in, as `Dispatcher.receive`."""
        if options is not DEFAULT or detached or not self.plain:
            return super().receive(options, call, detached=detached)
        state, inside, task = self.state, INSIDE.get(), current_task(self.loop)
        if (
            state.gated
            or self.scoped
            or task is None
            # `ended_alone`, written out:
            or not (inside is None or (inside._state is DONE and inside._parent is None))
        ):
            return super().receive(options, call, detached=detached)
        now = self.loop.time()
        self.number = number = self.number + 1
        job = new_job(self, options, number, call, now)  # type: ignore[arg-type]  # an Engine
        job._task = task
        job._plain = True
        line = self.line
        if state.running < self.width and not line.mask & LANES_BEFORE:
            self._start(job, now)
        else:
            # `Line.push`, written out:
            job._state = QUEUED
            line.lanes[LANE][number] = job
            line.mask |= LANE_BIT
            line.length += 1
            job._waiter = Future(loop=self.loop)
        return job

    def drain(self, now: float) -> None:
        """Start whoever can start, in order, as `Dispatcher.drain`."""
        if self.plain and not self.state.gated:
            self._drain(now)
        else:
            super().drain(now)

    def _drain(self, now: float) -> None:
        line, state, width = self.line, self.state, self.width
        if line.mask & WEIGHTLESS:
            super().drain(now)
            return
        while (mask := line.mask) and state.running < width:
            lane = line.lanes[(mask & -mask).bit_length() - 1]
            ticket, job = next(iter(lane.items()))
            if state.running + job._weight > width:
                break
            # `Line.remove`, written out:
            del lane[ticket]
            if not lane:
                line.mask = mask & (mask - 1)
            line.length -= 1
            waiter = job._waiter
            if waiter is not None and waiter.cancelled():
                error = JobCancelled("its caller was cancelled")
                self.end_unqueued(job, JobOutcome.CANCELLED, error)
            elif job._plain and waiter is not None:
                self._start(job, now)
                waiter.set_result(None)
            else:
                self.grant(job, now)
        if self.timer.wake != UNKNOWN:
            self.timer.wake_at(UNKNOWN)

    def _start(self, job: Job[Any], now: float) -> None:
        """Give a job its slot, as `Execution.grant`; its caller has to be woken, if he waits."""
        state = self.state
        state.running += job._weight
        state.last_start = now
        job._state = RUNNING
        job._started_at = now
        job._settled = None
        attempt = job._attempt = job._attempt + 1
        if attempt == 1:
            self.tally.waits.append(now - job._received_at)
        self.active.add(job)

    def succeed(self, job: Job[Any], value: Any) -> None:
        """Note that a job has ended well, as `Execution.succeed`."""
        if not (job._plain and self.plain) or self.state.gated:
            super().succeed(job, value)
            return
        if value is not None:
            INSIDE.set(None)
        self.state.running -= job._weight
        active, tally, now = self.active, self.tally, self.loop.time()
        active.discard(job)
        job._value = value
        job._state = DONE
        job._outcome = SUCCEEDED
        job._error = None
        job._ended_at = now
        job._call = job._task = None
        tally.succeeded += 1
        tally.done_weight += job._weight
        tally.runs.append(now - job._started_at)
        if self.line.length:
            self._drain(now)
        elif not active and not self.delayed:
            self.idle_since = now
            if self.joiners:
                self.note_idle(now)
