"""Who may run now: takes jobs in, keeps them in line, grants them slots.

Everything here is synchronous. Each method leaves the limiter settled: whoever can start has been
granted a slot, whoever cannot is in line, and the timer knows the next instant at which that may
change. The job to start is picked at the moment something can start, never before.
"""

from __future__ import annotations

import abc
import asyncio
from asyncio import Future, current_task
from collections.abc import Iterator
from contextvars import copy_context
from functools import partial
from typing import Any

from limner.errors import (
    DuplicateJob,
    JobCancelled,
    JobDropped,
    LimiterStopped,
    Overweight,
    QueueTimeout,
    WouldDeadlock,
)
from limner.scheduling.admission import NEVER, START, UNKNOWN
from limner.scheduling.ancestry import INSIDE, ended_alone, living, refuse_deadlock
from limner.scheduling.events import (
    Cancelled,
    Depleted,
    Done,
    Dropped,
    Empty,
    Failed,
    Handlers,
    Idle,
    Queued,
    Received,
    Scheduled,
)
from limner.scheduling.high_water import overflows
from limner.scheduling.job import DONE, QUEUED, Job, JobOutcome, new_job
from limner.scheduling.limits import Limits
from limner.scheduling.line import WEIGHTLESS, Line
from limner.scheduling.options import DEFAULT, Options
from limner.scheduling.scope import SCOPES, Scope
from limner.scheduling.statistics import Tally
from limner.scheduling.store import Store
from limner.scheduling.timer import Timer


class Dispatcher(abc.ABC):
    """The queueing half of a limiter's engine; `Engine` adds the executing half."""

    loop: asyncio.AbstractEventLoop  # from the first use on, as is the timer
    timer: Timer

    def __init__(self, limits: Limits, name: str | None, store: Store) -> None:
        self.bound = False
        self.loop = None  # type: ignore[assignment]  # bound at the first use
        self.limits = limits
        self.name = name
        self.store = store
        store.open(limits)
        self.state = store.state
        self.line = Line(aging=limits.aging, fair=limits.fair)
        self.active: set[Job[Any]] = set()
        self.delayed: set[Job[Any]] = set()  # waiting for their retry, not in line yet
        self.ids: dict[str, Job[Any]] = {}
        self.handlers = Handlers(self.judge)
        self.tally = Tally()
        self.number = 0
        self.renumbered = 0  # how many numbers went to jobs that changed their priority
        self.sheds = limits.high_water is not None  # or was: a penalty outlives it
        self.closed = False
        self.scoped = 0  # how many of its scopes are open
        self.probe: Job[Any] | None = None
        self.joiners: list[asyncio.Future[None]] = []
        self.idle_since = NEVER

    def bind(self) -> asyncio.AbstractEventLoop:
        """Return the running loop, which from the first use on is the limiter's only one."""
        loop = asyncio.get_running_loop()
        if not self.bound:
            self.bound = True
            self.loop = loop
            self.timer = Timer(loop, self.tick)
            self.store.begin(loop.time())
            self.idle_since = loop.time()
        elif loop is not self.loop:
            raise RuntimeError(
                f"the limiter{f' {self.name!r}' if self.name else ''} belongs to another event "
                "loop; make one limiter for each loop"
            )
        return loop

    @abc.abstractmethod
    def judge(self) -> None:
        """Note that what the limiter has to look at may have changed."""

    def now(self) -> float:
        """The instant on the limiter's clock; 0 before its first use."""
        return self.loop.time() if self.bound else 0.0

    # Taking in

    def receive(self, options: Options, call: object, *, detached: bool) -> Job[Any]:
        """Take a job in: it comes back running, waiting, or, if it was dropped, done.

        Args:
            options: What was said about it.
            call: Its function, with the arguments if it is detached; ``None`` for a slot.
            detached: Whether it gets a task of its own instead of running in the caller's.
        """
        task = current_task(self.loop)
        if task is None or not self.bound:  # no task of this loop is running: which loop is?
            self.bind()
        if self.closed:
            raise LimiterStopped(self.name)
        if options.weight > self.limits.heaviest:
            raise Overweight(options.weight, int(self.limits.heaviest))
        old = self.ids.get(options.id) if options.id is not None else None
        if old is not None and options.on_duplicate != "replace":
            raise DuplicateJob(old.id)
        now = self.loop.time()
        self.number = number = self.number + 1
        job: Job[Any] = new_job(self, options, number, call, now)  # type: ignore[arg-type]  # an Engine
        job._task = task
        inside, scopes = INSIDE.get(), SCOPES.get()
        if detached or scopes or options.id is not None or not ended_alone(inside):
            self._place(job, inside, scopes, detached=detached)
        if self.handlers.listening:
            self.handlers.emit(Received(job))
        if old is None or not self._take_place(old, job, now):
            self._enqueue(job, now)
        return job

    def _place(
        self,
        job: Job[Any],
        inside: Job[Any] | None,
        scopes: tuple[Scope, ...],
        *,
        detached: bool,
    ) -> None:
        """Note what a new job belongs to."""
        if detached:
            job._context = copy_context()
        elif inside is not None:
            job._parent = living(inside)
        if scopes:
            job._scopes = tuple(scope for scope in scopes if scope.claims(self))
            for scope in job._scopes:
                scope.add(job)
        if job._options.id is not None:
            self.ids[job._options.id] = job

    def _take_place(self, old: Job[Any], job: Job[Any], now: float) -> bool:
        """Replace a job by another; ``False`` if the newcomer has to queue by itself."""
        waiting = old._state is QUEUED and old not in self.delayed
        if job._state is DONE or not (waiting and self.line.replace(old, job)):
            self.cancel(old, "replaced")
            return False
        job._state = QUEUED
        self.end_unqueued(old, JobOutcome.CANCELLED, JobCancelled("replaced"))
        if self.handlers.listening:
            self.handlers.emit(Queued(job))
        self.drain(now)
        if job._state is QUEUED:
            self.begin_wait(job, now)
        return True

    def _enqueue(self, job: Job[Any], now: float) -> None:
        if job._state is DONE:  # an event handler has cancelled it
            return
        line, listening = self.line, self.handlers.listening
        leads = not line.mask or line.leads(job, now)
        if leads and self.store.decide(job._weight, now) is START:
            if not listening:
                self.grant(job, now)
                return
        elif (job._parent is not None or self.sheds) and not self._may_wait(job, now):
            return
        job._state = QUEUED
        line.push(job)
        if listening:
            self.handlers.emit(Queued(job))
        if leads or listening or self.sheds:
            self.drain(now)
        if job._state is QUEUED:
            self.begin_wait(job, now)

    def _may_wait(self, job: Job[Any], now: float) -> bool:
        """Whether a newcomer may join the queue; if not, it has been ended."""
        try:
            refuse_deadlock(self, job._weight, job._parent)
        except WouldDeadlock as error:
            self.end_unqueued(job, JobOutcome.FAILED, error)
            return False
        return not overflows(self, job, now)

    def begin_wait(self, job: Job[Any], now: float) -> None:
        """Give a waiting job what its wait needs: something to await, and its bound."""
        if job._context is None and job._waiter is None:
            job._waiter = Future(loop=self.loop)
        if job._options.queue_timeout is not None:
            bound = job._options.queue_timeout
            job._alarm = self.timer.set(now + bound, partial(self._time_out, job, bound))

    # Granting

    def drain(self, now: float) -> None:
        """Start whoever can start, in order."""
        line, store, state = self.line, self.store, self.state
        limit = self.limits.max_concurrent
        wake = UNKNOWN
        while line.length:
            if limit is not None and state.running >= limit and not line.mask & WEIGHTLESS:
                break  # whatever is next weighs something: no need to ask
            job = line.first(now)
            decision = store.decide(job._weight, now)
            if decision is not START:
                wake = decision.at
                light = line.first_weightless(now) if line.mask & WEIGHTLESS else None
                if light is None or not job._weight:
                    break
                decision = store.decide(0, now)
                if decision is not START:
                    wake = min(wake, decision.at)
                    break
                job = light
            line.remove(job)
            if job._waiter is not None and job._waiter.cancelled():
                error = JobCancelled("its caller was cancelled")
                self.end_unqueued(job, JobOutcome.CANCELLED, error)
                continue
            self.grant(job, now)
            wake = UNKNOWN
        if wake != self.timer.wake:
            self.timer.wake_at(wake)

    @abc.abstractmethod
    def grant(self, job: Job[Any], now: float) -> None:
        """Give a job its slot. It must not be in line, and the store must have agreed."""

    def note_grant(self, job: Job[Any]) -> None:
        """Tell those who listen."""
        emit = self.handlers.emit
        if not self.line.length:
            emit(Empty())
        emit(Scheduled(job))
        level = self.state.level
        if level is not None and job._weight and level.amount <= 0:
            emit(Depleted(not self.line.length))

    def tick(self) -> None:
        """Do what is due: called by the timer."""
        now = self.loop.time()
        if NEVER < self.state.paused_until <= now:
            self.resume()
        self.drain(now)
        while (action := self.timer.pop_due(now)) is not None:
            action()

    @abc.abstractmethod
    def resume(self) -> None:
        """End a pause."""

    @abc.abstractmethod
    def cancel(self, job: Job[Any], reason: str | None) -> bool:
        """Cancel a job, wherever it is."""

    # Leaving

    def drop_waiting(self, strategy: str) -> None:
        """Drop every waiting job."""
        for job in self.waiting():
            if job._state is QUEUED:  # an event handler may have ended it meanwhile
                self.end_waiting(job, JobOutcome.DROPPED, JobDropped(strategy))

    def end_waiting(self, job: Job[Any], outcome: JobOutcome, error: BaseException) -> None:
        """End a job that waits, in line or for its retry."""
        if job in self.delayed:
            self.delayed.discard(job)
        else:
            self.line.remove(job)
        self.end_unqueued(job, outcome, error)

    def end_unqueued(self, job: Job[Any], outcome: JobOutcome, error: BaseException) -> None:
        """End a job that holds no slot and stands in no line."""
        self.mark_done(job, outcome, error)
        if job._waiter is not None and not job._waiter.done():
            job._waiter.set_result(None)
        self.note_idle(self.loop.time())

    def mark_done(self, job: Job[Any], outcome: JobOutcome, error: BaseException | None) -> None:
        """Note the end of a job that holds no slot any more, and tell everybody."""
        job._state = DONE
        job._outcome = outcome
        job._error = error
        job._ended_at = self.loop.time()
        if error is None:
            self.tally.succeeded += 1
        else:
            job._value = None
            ended = self.tally.ended
            ended[outcome.value] = ended.get(outcome.value, 0) + 1
        job._call = job._context = job._task = None
        if (
            job._options is not DEFAULT
            or job._parent is not None
            or job._awaiters is not None
            or job._alarm is not None
            or job._scopes
        ):
            self._let_go(job)
        if self.handlers.listening:
            self._note_end(job, outcome, error)

    def _let_go(self, job: Job[Any]) -> None:
        """Let go of everything that leads to an ended job, and wake those who await it."""
        if job._parent is not None:
            job._parent = living(job._parent)
        if job._alarm is not None:
            self.timer.call_off(job._alarm)
            job._alarm = None
        if job._options.id is not None and self.ids.get(job._options.id) is job:
            del self.ids[job._options.id]
        for scope in job._scopes:
            scope.discard(job)
        if job._awaiters is not None:
            for awaiter in job._awaiters:
                if not awaiter.done():
                    awaiter.set_result(None)
            job._awaiters = None

    def _note_end(self, job: Job[Any], outcome: JobOutcome, error: BaseException | None) -> None:
        emit = self.handlers.emit
        if isinstance(error, JobDropped):
            emit(Dropped(job, error.strategy))
        elif outcome is JobOutcome.CANCELLED:
            emit(Cancelled(job, error.reason if isinstance(error, JobCancelled) else None))
        elif error is not None and job._attempt == 0:
            emit(Failed(job, error))  # it never executed; failed attempts were told already
        emit(Done(job))

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        return not (self.line.length or self.active or self.delayed)

    def note_idle(self, now: float) -> None:
        """If nothing is left to do, say so."""
        if self.line.length or self.active or self.delayed:
            return
        self.idle_since = now
        if self.joiners:
            for joiner in self.joiners:
                if not joiner.done():
                    joiner.set_result(None)
            self.joiners.clear()
        if self.handlers.listening:
            self.handlers.emit(Idle())

    def _time_out(self, job: Job[Any], bound: float) -> None:
        job._alarm = None
        if job._state is QUEUED:
            self.end_waiting(job, JobOutcome.TIMED_OUT, QueueTimeout(bound))
            self.drain(self.now())

    # Looking

    def waiting(self) -> list[Job[Any]]:
        """All waiting jobs, those in line in their order first."""
        return [*self.line.in_order(self.now()), *sorted(self.delayed, key=lambda job: job._number)]

    def living(self) -> Iterator[Job[Any]]:
        """All jobs that have not ended, in the order they came."""
        jobs = [*self.line, *self.delayed, *self.active]
        return iter(sorted(jobs, key=lambda job: job._number))
