"""Taking jobs in: what is refused, what a newcomer belongs to, whose place it takes."""

from __future__ import annotations

from asyncio import current_task, get_running_loop
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from limner.errors import DuplicateJob, JobCancelled, LimiterStopped, Overweight
from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.events import Received
from limner.scheduling.engine.scheduler import Scheduler
from limner.scheduling.jobs.current_job import INSIDE, living
from limner.scheduling.jobs.job import job_of
from limner.scheduling.jobs.job_state import CANCELLED, DONE, QUEUED
from limner.scheduling.jobs.scope import SCOPES
from limner.scheduling.jobs.work_item import Engine, Membership, WorkItem, new_item
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

    def receive(self, options: Options, call: Any, *, detached: bool) -> WorkItem:
        """Take a job in: it comes back running, waiting, or, if it was dropped, done.

        Args:
            options: What was said about it.
            call: Its function, with the arguments if it is detached; ``None`` for a slot.
            detached: Whether it gets a task of its own instead of running in the caller's.

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
            or DEFAULT.weight > self._scheduler.limits.heaviest
        ):
            old = self._refuse(options)
        core.number += 1
        item = new_item(self._engine, options, core.number, call, loop.time())
        if not detached:
            item.task = current_task(loop)
            item.parent = INSIDE.get()
            if item.parent is not None:
                item.parent = living(item.parent)
        scopes = SCOPES.get()
        if options is not DEFAULT or scopes or detached:
            self._place(item, scopes, detached=detached)
        if core.handlers.listening:
            core.handlers.emit(Received(job_of(item)))
            if item.state is DONE:  # an event handler has cancelled it
                return item
        if old is None or not self._take_place(old, item, item.received_at):
            self._scheduler.admit(item, item.received_at)
        return item

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

    def _place(self, item: WorkItem, scopes: tuple[Membership, ...], *, detached: bool) -> None:
        """Note what a new job belongs to, and what bounds it."""
        options = item.options
        if detached:
            item.context = copy_context()
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
