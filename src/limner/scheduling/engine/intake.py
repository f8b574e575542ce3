"""Taking jobs in: what is refused, what a newcomer belongs to, whose place it takes."""

from __future__ import annotations

from asyncio import current_task, get_running_loop
from collections.abc import Callable
from contextvars import Context
from typing import Any

from limner.errors import DuplicateJob, JobCancelled, LimiterStopped, Overweight
from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.events import Queued, Received
from limner.scheduling.engine.scheduler import Scheduler
from limner.scheduling.jobs.current_job import innermost, living
from limner.scheduling.jobs.job import job_of
from limner.scheduling.jobs.job_state import CANCELLED, DONE, FAILED, QUEUED, RECEIVED
from limner.scheduling.jobs.scope import scopes_here
from limner.scheduling.jobs.work_item import NOT_USUAL, Engine, Membership, WorkItem
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import DEFAULT, Options


class Intake:
    """Takes jobs in for a limiter.

    Args:
        engine: What jobs belong to.
        core: The limiter's jobs.
        scheduler: Who gives slots.
        time_up: Called with a job whose ``timeout`` has passed.
    """

    __slots__ = ("_core", "_engine", "_scheduler", "_time_up")

    def __init__(
        self,
        engine: Engine,
        core: LimiterCore,
        scheduler: Scheduler,
        time_up: Callable[[WorkItem], None],
    ) -> None:
        self._engine = engine
        self._core = core
        self._scheduler = scheduler
        self._time_up = time_up

    def receive(self, options: Options, call: Any, context: Context | None) -> WorkItem:
        """Take a job in: it comes back running, waiting, or, if it was dropped, done.

        Args:
            options: What was said about it.
            call: Its function, with the arguments if it gets a task of its own; ``None`` for a
                slot.
            context: What the task that it gets runs in; ``None``: it runs in the caller's task.

        Raises:
            LimiterStopped, Overweight, DuplicateJob: It was not taken.
            WrongLoop, WrongThread: The limiter belongs to another loop, or to another thread's.
            RuntimeError: No event loop is running.
        """
        core = self._core
        try:
            loop = get_running_loop()
        except RuntimeError:
            loop = core.bind()  # which says what is wrong
        if loop is not core.loop:
            core.bind()
        old = None
        if (
            options is not DEFAULT
            or core.closed
            or self._scheduler.limits.heaviest < DEFAULT.weight
        ):
            old = self._refuse(options)
        core.number = number = core.number + 1
        item = WorkItem()  # with no Python constructor: this is the inner loop
        item.engine = self._engine
        item.options = options
        item.number = item.ticket = number
        item.call = call
        item.received_at = now = loop.time()
        item.weight = options.weight
        item.place = options.place
        item.state = RECEIVED
        item.attempt = 0
        item.context = context
        item.waiter = item.handle = item.rare = parent = None
        if context is None:
            item.task = current_task(loop)
            parent = innermost()
            if parent is not None:
                parent = living(parent)
        item.parent = parent
        scopes, listening = scopes_here(), core.handlers.listening
        if (
            scopes
            or listening
            or parent is not None
            or options is not DEFAULT
            or context is not None
        ):
            self._place(item, scopes)
            if listening:
                core.handlers.emit(Received(job_of(item)))
                if self._is_over(item):
                    return item
        if old is None or not self._take_place(old, item, now):
            self._scheduler.admit(item, now)
        return item

    def _is_over(self, item: WorkItem) -> bool:
        """Whether an event handler has cancelled a newcomer, or made it too heavy."""
        error = overweight(item.options, self._scheduler.limits)
        if error is not None and item.state is not DONE:
            self._core.end_waiting(item, FAILED, error)
        return item.state is DONE

    def _refuse(self, options: Options) -> WorkItem | None:
        """Raise if a job may not come in; return the one whose place it takes, if any."""
        if self._core.closed:
            raise LimiterStopped(self._core.name)
        error = overweight(options, self._scheduler.limits)
        if error is not None:
            raise error
        old = self._core.ids.get(options.id) if options.id is not None else None
        if old is not None and options.on_duplicate != "replace":
            raise DuplicateJob(options.id or "")
        return old

    def _place(self, item: WorkItem, scopes: tuple[Membership, ...]) -> None:
        """Note of a job that is not a usual one what it belongs to, and what bounds it."""
        options = item.options
        item.rare = NOT_USUAL
        if scopes:
            item.scopes = tuple(scope for scope in scopes if scope.claims(self._engine))
            for scope in item.scopes:
                scope.add(item)
        if options is not DEFAULT:
            if options.id is not None:
                self._core.ids[options.id] = item
            if options.timeout is not None:
                when = item.received_at + options.timeout
                item.deadline = self._core.timer.set(when, lambda: self._time_up(item))

    def _take_place(self, old: WorkItem, item: WorkItem, now: float) -> bool:
        """Replace a job by another; ``False`` if the newcomer has to queue by itself."""
        if old.state is not QUEUED or not self._scheduler.replace(old, item, now):
            self._engine.cancel(old, "replaced")
            return item.state is DONE
        self._core.end_waiting(old, CANCELLED, JobCancelled("replaced"))
        if self._core.handlers.listening and item.state is QUEUED:
            self._core.handlers.emit(Queued(job_of(item)))
        self._scheduler.start_waiting(now)
        return True


def overweight(options: Options, limits: Limits) -> Overweight | None:
    """Return the error that says that a job can never start, if that is so."""
    if options.weight > limits.heaviest:
        return Overweight(options.weight, int(limits.heaviest))
    for name, ceiling in limits.ceilings.items():
        if options.named.get(name, 0) > ceiling:
            return Overweight(options.named[name], ceiling, name)
    return None
