"""What the parts of one limiter share: its loop and clock, its jobs, its record, who listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from threading import get_ident
from typing import Any

from limner.errors import JobCancelled, JobDropped, WrongLoop, WrongThread
from limner.scheduling.engine.events import (
    Cancelled,
    Done,
    Dropped,
    Empty,
    Failed,
    Handlers,
    Idle,
    Scheduled,
)
from limner.scheduling.engine.statistics import Tally
from limner.scheduling.jobs.current_job import living
from limner.scheduling.jobs.job import job_of
from limner.scheduling.jobs.job_state import CANCELLED, DONE, RUNNING, JobOutcome
from limner.scheduling.jobs.work_item import Awaiter, WorkItem
from limner.scheduling.limits.admission import NEVER
from limner.scheduling.timer import Timer

logger = logging.getLogger("limner.scheduling")


class LimiterCore:
    """The loop a limiter runs in, and its jobs from the moment they come to the moment they end.

    Args:
        name: What the limiter is called in messages.
        bound: Called with the instant when the limiter has a loop; the second argument is what
            must be added to instants of the loop before, or ``None`` if there was none.
        ring: Called by the timer.
        waiting: Counts the jobs that wait.
        lose_all: Forgets every job, as their loop was closed; see `lose`.
    """

    loop: asyncio.AbstractEventLoop  # from the first use on, as are the next two
    timer: Timer
    thread: int

    def __init__(
        self,
        name: str | None,
        *,
        bound: Callable[[float, float | None], None],
        ring: Callable[[], None],
        waiting: Callable[[], int],
        lose_all: Callable[[], None],
    ) -> None:
        self.name = name
        self._lose_all = lose_all
        self._waiting = waiting
        self._bound = bound
        self._ring = ring
        self.loop = None  # type: ignore[assignment]  # bound at the first use
        self.closed = False
        self.drops = False
        """Whether nobody may wait any more, not even for another attempt."""
        self.number = 0
        """How many jobs, and changes of priority, there were: tickets are counted by it."""
        self.renumbered = 0
        """How many of them were changes of priority."""
        self.ids: dict[str, WorkItem] = {}
        self.active: set[WorkItem] = set()
        """The jobs that hold a slot."""
        self.generators: dict[object, list[WorkItem]] = {}
        """Those that `async with limiter` holds in an async generator, by the generator's frame."""
        self.handlers = Handlers()
        self.tally = Tally()
        self.joiners: list[asyncio.Future[None]] = []
        self.idle_since = NEVER
        """When the last job ended: if none is left, since when."""

    # Where and when

    def bind(self) -> asyncio.AbstractEventLoop:
        """Return the running loop, which is the limiter's as long as it has jobs there.

        Raises:
            WrongLoop: It has jobs in another.
            WrongThread: That one runs, in another thread.
            RuntimeError: No event loop is running.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.check_thread()  # it runs elsewhere: that is the better answer
            raise
        if loop is not self.loop:
            self._move_to(loop)
        return loop

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        self.check_thread()
        if alive := self.alive:
            if self.loop is None or not self.loop.is_closed():
                raise WrongLoop(self.name, alive)
            logger.warning("%d jobs of a limiter were lost with their event loop", alive)
            self._lose_all()
        now, shift = loop.time(), None
        if self.loop is not None:
            # Two loops in a row mostly show the same clock. If this one shows less than the other
            # did, it is another clock, and no time has passed as far as anybody knows.
            shift = max(self.idle_since - now, 0.0) and now - self.idle_since
            self.timer.close()
        self.loop = loop
        self.thread = get_ident()
        self.timer = Timer(loop, self._ring)
        self.idle_since = now
        self._bound(now, shift)

    def check_thread(self) -> None:
        """Refuse to be used from outside the loop's thread while that loop runs.

        Raises:
            WrongThread: It is.
        """
        if self.loop is not None and get_ident() != self.thread and self.loop.is_running():
            raise WrongThread(self.name)

    def loop_elsewhere(self) -> asyncio.AbstractEventLoop:
        """Return the limiter's loop, for a caller in another thread.

        Raises:
            RuntimeError: There is none that runs, or the caller would wait for itself.
        """
        if self.loop is None or not self.loop.is_running():
            raise RuntimeError("the limiter has no running event loop yet: use it there first")
        if get_ident() == self.thread:
            raise RuntimeError("this is the limiter's own thread: await run() or submit() instead")
        return self.loop

    def now(self) -> float:
        """The instant on the limiter's clock; 0 before its first use."""
        return self.loop.time() if self.loop is not None else 0.0

    @property
    def alive(self) -> int:
        """How many jobs have not ended."""
        return len(self.active) + self._waiting()

    # A job's way

    def take_slot(self, item: WorkItem, now: float) -> None:
        """Note that a job has its slot."""
        item.state = RUNNING
        item.started_at = now
        item.attempt = attempt = item.attempt + 1
        if attempt == 1:
            self.tally.waits.append(now - item.received_at)
        self.active.add(item)
        if item.rare is not None:
            item.charged = None
            self.call_off(item)

    def tell_grant(self, item: WorkItem, *, left: int) -> None:
        """Tell those who listen that a job has its slot.

        Args:
            item: The job.
            left: Whether anybody waits: 0 if nobody does.
        """
        if not left:
            self.handlers.emit(Empty())
        self.handlers.emit(Scheduled(job_of(item)))

    def call_off(self, item: WorkItem) -> None:
        """Forget the bound of a job's wait, or of its attempt."""
        if item.alarm is not None:
            self.timer.call_off(item.alarm)
            item.alarm = None

    def end_waiting(self, item: WorkItem, outcome: JobOutcome, error: BaseException) -> float:
        """End a job that holds no slot and stands in no queue any more; return the instant."""
        now = self.end(item, outcome, error)
        waiter, item.waiter = item.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        self.tell_if_idle()
        return now

    def end(
        self, item: WorkItem, outcome: JobOutcome, error: BaseException | None, value: Any = None
    ) -> float:
        """Note the end of a job that holds no slot any more, and tell everybody.

        Args:
            item: The job.
            outcome: How it ended.
            error: What with, if not well.
            value: What its function returned.

        Returns:
            The instant.
        """
        self.idle_since = now = self.loop.time()
        item.state = DONE
        item.task = None
        if error is None:
            self.tally.succeeded += 1
        else:
            self.tally.count(outcome)
        if error is not None or item.handle is not None or item.rare is not None:
            item.outcome = outcome
            item.error = error
            item.value = value
            item.ended_at = now
            if item.rare is not None:
                self._let_go(item)
                if self.handlers.listening:
                    self._tell_end(item, outcome, error)
            if item.handle is not None:  # whoever has it keeps it; they must not keep each other
                item.handle = item.call = item.context = None
        return now

    def lose(self, item: WorkItem) -> None:
        """Note the end of a job whose loop was closed: nobody can be told of it."""
        item.state = DONE
        item.outcome = CANCELLED
        item.error = JobCancelled("its event loop was closed")
        item.ended_at = self.loop.time()
        item.value = item.call = item.context = item.task = item.handle = item.rare = None
        self.active.discard(item)
        self.ids.clear()
        self.generators.clear()
        self.joiners.clear()
        self.tally.count(CANCELLED)

    def _let_go(self, item: WorkItem) -> None:
        """Let go of everything that leads to an ended job, and wake those who await it."""
        item.parent = living(item.parent)
        self.call_off(item)
        if item.deadline is not None:
            self.timer.call_off(item.deadline)
            item.deadline = None
        if item.options.id is not None and self.ids.get(item.options.id) is item:
            del self.ids[item.options.id]
        for scope in item.scopes:
            scope.discard(item)
        for entry in item.awaiters or ():
            self._wake(entry)
        item.awaiters = None

    def _wake(self, entry: Awaiter) -> None:
        if isinstance(entry, tuple):
            self.loop.call_soon(entry[0], context=entry[1])
        elif not entry.done():
            entry.set_result(None)

    def _tell_end(self, item: WorkItem, outcome: JobOutcome, error: BaseException | None) -> None:
        emit, job = self.handlers.emit, job_of(item)
        if isinstance(error, JobDropped):
            emit(Dropped(job, error.strategy))
        elif outcome is CANCELLED:
            emit(Cancelled(job, error.reason if isinstance(error, JobCancelled) else None))
        elif error is not None and item.told_failure is not error:
            emit(Failed(job, error))
        emit(Done(job))

    def tell_if_idle(self) -> None:
        """Tell everybody if no job is left."""
        if self.alive:
            return
        for joiner in self.joiners:
            if not joiner.done():
                joiner.set_result(None)
        self.joiners.clear()
        if self.handlers.listening:
            self.handlers.emit(Idle())

    # Awaiting the end

    async def join(self) -> None:
        """Wait until no job is left."""
        loop = self.bind()
        while self.alive:
            joiner: asyncio.Future[None] = loop.create_future()
            self.joiners.append(joiner)
            await joiner

    def when_done(self, item: WorkItem, call: Callable[[], object], context: Context) -> None:
        """Have something called soon after a job has ended; at once if it has."""
        if item.state is DONE:
            asyncio.get_running_loop().call_soon(call, context=context)  # perhaps a later loop
            return
        if item.awaiters is None:
            item.awaiters = []
        item.awaiters.append((call, context))

    def await_end(self, item: WorkItem) -> asyncio.Future[None]:
        """Return a future that is set when a job has ended."""
        awaiter: asyncio.Future[None] = self.bind().create_future()
        if item.awaiters is None:
            item.awaiters = []
        item.awaiters.append(awaiter)
        return awaiter

    def living(self, waiting: list[WorkItem]) -> list[WorkItem]:
        """Return all jobs that have not ended, in the order they came.

        Args:
            waiting: Those that hold no slot.
        """
        return sorted([*waiting, *self.active], key=lambda item: item.number)
