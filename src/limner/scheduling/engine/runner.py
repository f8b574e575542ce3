"""What happens to a job once it has its slot: attempts, expiration, retries, its end."""

from __future__ import annotations

import asyncio
import logging
from asyncio import current_task
from collections.abc import Callable
from functools import partial
from inspect import isawaitable
from types import CoroutineType
from typing import Any

from limner.errors import (
    JobCancelled,
    JobDropped,
    JobExpired,
    JobTimeout,
    LeaseLost,
    LimiterStopped,
    RetryAfter,
)
from limner.scheduling.engine.chain import Chained
from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.events import Executing, Failed, Retried
from limner.scheduling.engine.intake import Intake
from limner.scheduling.engine.scheduler import Scheduler
from limner.scheduling.jobs.current_job import step_into
from limner.scheduling.jobs.generators import refuse_unstarted_generator
from limner.scheduling.jobs.job import job_of, name_of
from limner.scheduling.jobs.job_state import (
    CANCELLED,
    DONE,
    EXECUTING,
    EXPIRED,
    FAILED,
    QUEUED,
    RUNNING,
    SUCCEEDED,
    JobOutcome,
)
from limner.scheduling.jobs.unretrieved import UnretrievedError
from limner.scheduling.jobs.work_item import WorkItem, new_waiter
from limner.scheduling.limits.options import Options
from limner.scheduling.limits.validation import check_seconds

logger = logging.getLogger("limner.scheduling")


class Runner:
    """Runs the jobs of a limiter.

    Args:
        core: The limiter's jobs.
        scheduler: Who gives slots.
        intake: Takes jobs in.
    """

    __slots__ = ("_core", "_scheduler", "chained", "intake")

    def __init__(self, core: LimiterCore, scheduler: Scheduler, intake: Intake) -> None:
        self._core = core
        self._scheduler = scheduler
        self.intake = intake
        self.chained: Chained | None = None
        """Where jobs need a second slot."""

    # Running

    async def perform(
        self,
        options: Options,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        item: WorkItem | None = None,
    ) -> Any:
        """Run a job to its end, all attempts, in the calling task.

        Args:
            options: What was said about it.
            function: What to call.
            arguments: Its positional arguments.
            item: The job, if it was received before.
        """
        if item is None:
            item = self.intake.receive(options, function, None)
        while True:
            try:
                if item.state is QUEUED:
                    await new_waiter(item, self._core.loop)
                self.begin(item)
                if self.chained is None:
                    value = function(*arguments)
                    if type(value) is CoroutineType or isawaitable(value):
                        value = await value
                    else:
                        refuse_unstarted_generator(value)
                else:
                    value = await self._through_chain(self.chained, item, function, arguments)
            except BaseException as error:
                if self.fail(item, error):
                    continue
                raise
            self.conclude(item, SUCCEEDED, None, value)
            return value

    async def _through_chain(
        self,
        chained: Chained,
        item: WorkItem,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
    ) -> Any:
        async with chained.inner_slot(item):
            value = function(*arguments)
            if isawaitable(value):
                return await value
            refuse_unstarted_generator(value)
            return value

    async def enter(self, item: WorkItem) -> None:
        """Wait until a job has its slot, and let it execute in the current task.

        If the caller is cancelled meanwhile, so is the job.
        """
        try:
            if item.state is QUEUED:
                await new_waiter(item, self._core.loop)
            self.begin(item)
        except BaseException as error:
            self.fail(item, error)
            raise

    def begin(self, item: WorkItem) -> None:
        """Let a granted job execute in the current task; raise if it ended while it waited."""
        if item.state is not RUNNING:
            raise item.error
        if item.rare is not None:
            self._prepare(item)
        item.state = EXECUTING
        item.cancelling = item.task.cancelling()
        step_into(item)
        if item.rare is not None and self._core.handlers.listening:
            self._core.handlers.emit(Executing(job_of(item)))

    def _prepare(self, item: WorkItem) -> None:
        """See to what few jobs have before they execute."""
        if item.interrupt is not None:
            error = item.interrupt
            self.fail_early(item, error)
            raise error
        if item.context is not None:
            item.task = current_task(self._core.loop)
        bound = item.options.expiration
        if bound is not None:
            when = self._core.now() + bound
            item.alarm = self._core.timer.set(when, partial(self._expire, item, bound))

    # Ending

    def conclude(
        self,
        item: WorkItem,
        outcome: JobOutcome,
        error: BaseException | None,
        value: Any = None,
    ) -> None:
        """Take a job's slot back, end it, and start whoever is next.

        Args:
            item: The job.
            outcome: How it ended.
            error: What with, if not well.
            value: What its function returned.
        """
        core, scheduler = self._core, self._scheduler
        if item.rare is not None:
            value = self._last_words(item, outcome, error, value)
        scheduler.release(item, error)
        now = core.end(item, outcome, error, value)
        tally = core.tally
        tally.runs.append(now - item.started_at)
        tally.done_weight += item.weight
        scheduler.start_waiting(now)
        if core.joiners or (item.rare is not None and core.handlers.listening):
            core.tell_if_idle()

    def _last_words(
        self, item: WorkItem, outcome: JobOutcome, error: BaseException | None, value: Any
    ) -> Any:
        """See to what few jobs leave behind; return what is kept as the job's value."""
        if error is None:
            if item.told:
                item.task.uncancel()  # it was told to stop, and ended well all the same
            return value
        awaited = any(isinstance(entry, asyncio.Future) for entry in item.awaiters or ())
        if outcome is not FAILED or item.context is None or awaited:
            return None
        return UnretrievedError(self._core.loop, name_of(item, outcome), error)

    def _end_waiting(self, item: WorkItem, outcome: JobOutcome, error: BaseException) -> None:
        self._scheduler.leave(item)
        self._scheduler.start_waiting(self._core.end_waiting(item, outcome, error))

    def caller_left(self, item: WorkItem) -> None:
        """Note that whoever waited for the slot was cancelled."""
        if item.state is QUEUED:
            self._end_waiting(item, CANCELLED, JobCancelled("its caller was cancelled"))

    def fail(self, item: WorkItem, error: BaseException) -> bool:
        """Note that an attempt ended with an error.

        Returns:
            Whether the job is to be tried again. If not, the caller re-raises the error.

        Raises:
            JobCancelled, JobExpired, JobTimeout: It ended because it had been told to.
        """
        if item.state is not EXECUTING:
            self.fail_early(item, error)
            return False
        self._core.call_off(item)
        interrupt = item.interrupt
        final = _is_final(interrupt)
        verdict = self._verdict(item, error)
        told = verdict is interrupt
        if told and final:
            self.conclude(item, self._outcome_of(verdict), verdict)
        elif not isinstance(verdict, Exception):
            gone = isinstance(verdict, (asyncio.CancelledError, GeneratorExit))
            self.conclude(item, CANCELLED if gone else FAILED, _for_awaiters(verdict))
        elif self._tries_again(item, verdict, final=final):
            return True
        else:
            self.conclude(item, EXPIRED if told else FAILED, verdict)
        if told and verdict is not error:
            raise verdict from error
        return False

    def fail_early(self, item: WorkItem, error: BaseException) -> None:
        """Note that a job ended before it executed: told to, or because its caller went away."""
        if error is item.interrupt:
            outcome = self._outcome_of(error)
        else:
            outcome, error = CANCELLED, _for_awaiters(error)
        if item.state is QUEUED:
            self._end_waiting(item, outcome, error)
        elif item.state is RUNNING:
            self.conclude(item, outcome, error)

    def _verdict(self, item: WorkItem, error: BaseException) -> BaseException:
        """Return the error the attempt really ended with."""
        interrupt, item.interrupt = item.interrupt, None
        if interrupt is None or not item.told:
            return error
        item.told = False
        others = item.task.uncancel() > item.cancelling
        if others or not isinstance(error, asyncio.CancelledError):
            return error
        return interrupt

    @staticmethod
    def _outcome_of(told: BaseException) -> JobOutcome:
        return CANCELLED if isinstance(told, JobCancelled) else EXPIRED

    # Trying again

    def _tries_again(self, item: WorkItem, error: Exception, *, final: bool) -> bool:
        core = self._core
        if core.handlers.listening:
            item.told_failure = error
            core.handlers.emit(Failed(job_of(item), error))
        if isinstance(error, RetryAfter):
            self._scheduler.cool_down(error.seconds)
        delay = None if final else self._retry_delay(item, error)
        if item.interrupt is not None:  # an event handler, or the policy, has stopped it
            stopped, item.interrupt = item.interrupt, None
            self.conclude(item, self._outcome_of(stopped), stopped)
            raise stopped from error
        if delay is None:
            return False
        core.tally.retried += 1
        self._scheduler.release(item, error)
        self._scheduler.requeue(item, delay)
        if core.handlers.listening:
            core.handlers.emit(Retried(job_of(item), error, delay))
        self._scheduler.start_waiting(core.now())
        return True

    def _retry_delay(self, item: WorkItem, error: Exception) -> float | None:
        policy = self._scheduler.limits.retry
        if policy is None or item.call is None or self._core.drops:
            return None  # a slot's block cannot be run again, and nobody waits after a stop
        if isinstance(error, (JobCancelled, JobDropped, LimiterStopped)):
            return None  # by a limiter further on: somebody wanted it so
        try:
            delay = policy(error, item.attempt)
            return None if delay is None else check_seconds("the retry's delay", delay)
        except Exception:
            logger.exception("the retry policy raised; the job is not tried again")
            return None

    # Stopping one job

    def cancel(self, item: WorkItem, reason: str | None) -> bool:
        """Cancel a job, wherever it is; ``False`` if it has ended or was told already."""
        return self._stop(item, JobCancelled(reason))

    def time_up(self, item: WorkItem) -> None:
        """End a job whose ``timeout`` has passed, wherever it is."""
        item.deadline = None
        self._stop(item, JobTimeout(item.options.timeout or 0.0))

    def lease_lost(self, item: WorkItem, fence: int) -> None:
        """Stop a job whose slot is not its own any more."""
        self._stop(item, LeaseLost(fence))

    def _stop(self, item: WorkItem, error: BaseException) -> bool:
        if item.state is DONE or _is_final(item.interrupt):
            return False
        if item.state is EXECUTING and item.interrupt is not None:
            item.interrupt = error  # it stops already, and now it will not be tried again
        elif item.state is EXECUTING:
            self._interrupt(item, error)
        elif item.state is RUNNING:
            item.interrupt = error  # `begin` will see it
        elif item.state is QUEUED:
            self._end_waiting(item, self._outcome_of(error), error)
        else:
            self._core.end_waiting(item, self._outcome_of(error), error)
        return True

    def _expire(self, item: WorkItem, bound: float) -> None:
        item.alarm = None
        if item.state is EXECUTING and item.interrupt is None:
            self._interrupt(item, JobExpired(bound))

    def _interrupt(self, item: WorkItem, error: BaseException) -> None:
        item.interrupt = error
        item.told = False
        if item.task is None:
            return  # a stream between two items: it is told when it goes on
        if item.task is current_task(self._core.loop):
            # A task that cancels itself would carry the cancellation out of the job.
            self._core.loop.call_soon(self._tell, item)
        else:
            self._tell(item)

    def _tell(self, item: WorkItem) -> None:
        if item.state is not EXECUTING or item.interrupt is None or item.told:
            return
        if item.task is not None:
            item.told = True
            item.task.cancel()


def _is_final(told: BaseException | None) -> bool:
    """Whether a job that was told to stop with this is not tried again."""
    return isinstance(told, (JobCancelled, JobTimeout))


def _for_awaiters(verdict: BaseException) -> BaseException:
    """Return what those get who await a job whose own task was cancelled."""
    if isinstance(verdict, (asyncio.CancelledError, GeneratorExit)):
        cancelled = JobCancelled("its caller was cancelled")
        cancelled.__cause__ = verdict
        return cancelled
    return verdict
