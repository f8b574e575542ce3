"""What happens to a job once it has its slot: attempts, expiration, retries, its end."""

from __future__ import annotations

import asyncio
import logging
from asyncio import current_task
from collections.abc import Callable
from functools import partial
from inspect import isawaitable
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from limner.errors import JobCancelled, JobExpired, RetryAfter
from limner.scheduling import admission
from limner.scheduling.ancestry import INSIDE
from limner.scheduling.dispatcher import Dispatcher
from limner.scheduling.events import Executing, Failed, Retried
from limner.scheduling.job import DONE, EXECUTING, QUEUED, RUNNING, Job, JobOutcome
from limner.scheduling.limits import Limits
from limner.scheduling.options import Options
from limner.scheduling.slot import Slot
from limner.scheduling.store import Store
from limner.scheduling.unheard import Unheard
from limner.scheduling.validation import check_seconds

if TYPE_CHECKING:
    from limner.scheduling.engine import Engine

logger = logging.getLogger("limner.scheduling")

SUCCEEDED, FAILED = JobOutcome.SUCCEEDED, JobOutcome.FAILED
CANCELLED, EXPIRED = JobOutcome.CANCELLED, JobOutcome.EXPIRED


class Execution(Dispatcher):
    """The executing half of a limiter's engine."""

    def __init__(self, limits: Limits, name: str | None, store: Store) -> None:
        super().__init__(limits, name, store)
        self.chained: Engine | None = None

    # Running

    def grant(self, job: Job[Any], now: float) -> None:
        """Give a job its slot: wake its caller, or start its task."""
        state = self.state
        self.store.start(job._weight, now)
        if state.probing and self.probe is None:
            self.probe = job
        if self.limits.fair:
            self.line.charge(job)
        job._state = RUNNING
        job._started_at = now
        job._settled = None
        job._attempt += 1
        if job._attempt == 1:
            self.tally.waits.append(now - job._received_at)
        self.active.add(job)
        if job._alarm is not None:
            self.timer.call_off(job._alarm)
            job._alarm = None
        if job._waiter is not None:
            job._waiter.set_result(None)
        elif job._context is not None:
            job._task = self.loop.create_task(self._perform_alone(job), context=job._context)
            job._task.add_done_callback(partial(self._task_ended, job))
        if self.handlers.listening:
            self.note_grant(job)

    async def admitted(self, job: Job[Any]) -> None:
        """Wait until a job has its slot; if the caller is cancelled meanwhile, so is the job."""
        if job._waiter is not None:
            try:
                await job._waiter
            except BaseException as error:
                self.abandon(job, error)
                raise
            job._waiter = None

    async def perform(
        self,
        options: Options,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        job: Job[Any] | None = None,
    ) -> Any:
        """Run a job to its end, all attempts, in the calling task.

        Args:
            options: What was said about it.
            function: What to call.
            arguments: Its positional arguments.
            job: The job, if it was received before.
        """
        if job is None:
            job = self.receive(options, function, detached=False)
        while True:
            waiter = job._waiter
            if waiter is not None:
                try:
                    await waiter
                except BaseException as error:
                    self.abandon(job, error)
                    raise
                job._waiter = None
            self.begin(job)
            try:
                if self.chained is None:
                    value = function(*arguments)
                    if type(value) is CoroutineType or isawaitable(value):
                        value = await value
                else:
                    value = await self._through_chain(self.chained, job, function, arguments)
            except BaseException as error:
                if self.fail(job, error):
                    continue
                raise
            self.succeed(job, value)
            return value

    async def _perform_alone(self, job: Job[Any]) -> None:
        """Run a submitted job; how it ends is kept in the job for those who await it."""
        try:
            function, arguments = job._call
            await self.perform(job._options, function, arguments, job)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: S110 - kept in job.error
            pass

    def _task_ended(self, job: Job[Any], task: asyncio.Task[Any]) -> None:
        if job._state is not DONE:  # the task was cancelled before its first step
            self.abandon(job, asyncio.CancelledError())

    async def _through_chain(
        self,
        chained: Engine,
        job: Job[Any],
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
    ) -> Any:
        async with Slot.chained(chained, job):
            value = function(*arguments)
            return await value if isawaitable(value) else value

    def begin(self, job: Job[Any]) -> None:
        """Let a granted job execute in the current task; raise if it ended while it waited."""
        if job._state is not RUNNING:
            raise job._error
        if job._interrupt is not None:
            error = job._interrupt
            self._conclude(job, CANCELLED, error)
            raise error
        job._state = EXECUTING
        if job._context is not None:
            job._task = current_task(self.loop)
        job._cancelling = job._task.cancelling()
        INSIDE.set(job)
        bound = job._options.expiration
        if bound is not None:
            job._alarm = self.timer.set(self.now() + bound, partial(self._expire, job, bound))
        if self.handlers.listening:
            self.handlers.emit(Executing(job))

    def succeed(self, job: Job[Any], value: Any) -> None:
        """Note that a job has ended well."""
        if job._interrupt is not None and job._told:
            job._task.uncancel()  # it was told to stop, and ended well all the same
        if value is not None or job._parent is not None:
            INSIDE.set(job._parent)  # an ended job left there would keep its result alive
        job._value = value
        self._conclude(job, SUCCEEDED, None)

    # Ending

    def _release(self, job: Job[Any]) -> None:
        """Take the slot back. The caller then starts whoever is next."""
        self.active.discard(job)
        self.store.finish(job._weight)

    def _conclude(self, job: Job[Any], outcome: JobOutcome, error: BaseException | None) -> None:
        """Take a job's slot back, end it, and start whoever is next."""
        self.active.discard(job)
        self.store.finish(job._weight)
        if self.state.gated and self.probe is job:
            self.probe = None
            admission.probed(self.state, well=outcome is SUCCEEDED)
        alone = job._context is not None and not job._awaiters
        self.mark_done(job, outcome, error)
        if error is not None and alone and outcome is FAILED:
            job._value = Unheard(self.loop, job, error)
        tally = self.tally
        tally.runs.append(job._ended_at - job._started_at)
        tally.done_weight += job._weight
        if self.line.length:
            self.drain(job._ended_at)
        elif not self.active and not self.delayed:
            self.idle_since = job._ended_at
            if self.joiners or self.handlers.listening:
                self.note_idle(job._ended_at)

    def abandon(self, job: Job[Any], error: BaseException) -> None:
        """Note that a job's caller went away before it executed."""
        INSIDE.set(job._parent)
        cancelled = JobCancelled("its caller was cancelled")
        cancelled.__cause__ = error
        if job._state is QUEUED:
            self.end_waiting(job, CANCELLED, cancelled)
            self.drain(self.now())
        elif job._state is not DONE:
            self._conclude(job, CANCELLED, cancelled)

    def fail(self, job: Job[Any], error: BaseException) -> bool:
        """Note that an attempt ended with an error.

        Returns:
            Whether the job is to be tried again. If not, the caller re-raises the error.

        Raises:
            JobCancelled, JobExpired: It ended because it had been told to.
        """
        INSIDE.set(job._parent)
        if job._alarm is not None:
            self.timer.call_off(job._alarm)
            job._alarm = None
        cancelled = isinstance(job._interrupt, JobCancelled)
        verdict = self._verdict(job, error)
        told = verdict is not error
        if told and cancelled:
            self._conclude(job, CANCELLED, verdict)
        elif not isinstance(verdict, Exception):
            fatal = isinstance(verdict, (KeyboardInterrupt, SystemExit))
            self._conclude(job, FAILED if fatal else CANCELLED, self._for_awaiters(verdict))
        elif self._tries_again(job, verdict, cancelled=cancelled):
            return True
        else:
            self._conclude(job, EXPIRED if told else FAILED, verdict)
        if told:
            raise verdict from error
        return False

    def _verdict(self, job: Job[Any], error: BaseException) -> BaseException:
        """Return the error the attempt really ended with."""
        interrupt, job._interrupt = job._interrupt, None
        if interrupt is None or not job._told:
            return error
        others = job._task.uncancel() > job._cancelling
        if others or not isinstance(error, asyncio.CancelledError):
            return error
        return interrupt

    @staticmethod
    def _for_awaiters(error: BaseException) -> BaseException:
        """Return what those get who await a job whose own task was cancelled."""
        if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
            cancelled = JobCancelled("its caller was cancelled")
            cancelled.__cause__ = error
            return cancelled
        return error

    # Trying again

    def _tries_again(self, job: Job[Any], error: Exception, *, cancelled: bool) -> bool:
        if self.handlers.listening:
            self.handlers.emit(Failed(job, error))
        if isinstance(error, RetryAfter):
            self.cool_down(error.seconds)
        delay = None if cancelled else self._retry_delay(job, error)
        if delay is None:
            return False
        self.tally.retried += 1
        self._release(job)
        if self.probe is job:
            self.probe = None
            admission.probed(self.state, well=False)
        job._state = QUEUED
        job._waiter = self.loop.create_future()
        job._retry_at = self.now() + delay
        self.delayed.add(job)
        if self.handlers.listening:
            self.handlers.emit(Retried(job, error, delay))
        if job._state is QUEUED:  # no event handler has ended it
            job._alarm = self.timer.set(job._retry_at, partial(self._come_again, job))
        if delay == 0:
            self._come_again(job)
        else:
            self.drain(self.now())
        return True

    def _retry_delay(self, job: Job[Any], error: Exception) -> float | None:
        if self.limits.retry is None or job._call is None:
            return None  # a slot's block cannot be run again
        try:
            delay = self.limits.retry(error, job._attempt)
            return None if delay is None else check_seconds("the retry's delay", delay)
        except Exception:
            logger.exception("the retry policy raised; the job is not tried again")
            return None

    def _come_again(self, job: Job[Any]) -> None:
        if job not in self.delayed:
            return
        if job._alarm is not None:
            self.timer.call_off(job._alarm)
            job._alarm = None
        self.delayed.discard(job)
        self.line.push_front(job)
        now = self.now()
        self.drain(now)
        if job._state is QUEUED:
            self.begin_wait(job, now)

    # Stopping one job

    def cancel(self, job: Job[Any], reason: str | None) -> bool:
        """Cancel a job, wherever it is; ``False`` if it has ended or was told already."""
        if job._state is DONE or job._interrupt is not None:
            return False
        job._plain = False
        error = JobCancelled(reason)
        if job._state is EXECUTING:
            self._interrupt(job, error)
        elif job._state is RUNNING:
            job._interrupt = error  # `begin` will see it
        elif job._state is QUEUED:
            self.end_waiting(job, CANCELLED, error)
            self.drain(self.now())
        else:
            self.end_unqueued(job, CANCELLED, error)
        return True

    def _expire(self, job: Job[Any], bound: float) -> None:
        job._alarm = None
        if job._state is EXECUTING and job._interrupt is None:
            self._interrupt(job, JobExpired(bound))

    def _interrupt(self, job: Job[Any], error: BaseException) -> None:
        job._interrupt = error
        job._told = False
        if job._task is current_task(self.loop):
            # A task that cancels itself would carry the cancellation out of the job.
            self.loop.call_soon(self._tell, job)
        else:
            self._tell(job)

    def _tell(self, job: Job[Any]) -> None:
        if job._state is EXECUTING and job._interrupt is not None and not job._told:
            job._told = True
            job._task.cancel()

    # Holding everything

    def cool_down(self, seconds: float) -> None:
        """Start nothing for a while, and then one job alone."""
        admission.cool_down(self.state, self.now() + seconds)
        self.probe = None
