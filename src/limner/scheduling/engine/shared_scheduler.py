"""Which job has its slot when, if limits are shared with other processes: the others are asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from limner.errors import JobDropped
from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.events import Paused, Queued, Resumed
from limner.scheduling.engine.scheduler import Launch
from limner.scheduling.engine.shared_limits import Ask, Lease, SharedLimits
from limner.scheduling.engine.waiting import RetryDelays, begin_wait, deadlock
from limner.scheduling.jobs.job import job_of, name_of
from limner.scheduling.jobs.job_state import DROPPED, FAILED, QUEUED, JobOutcome
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.admission import UNKNOWN, Charge
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import Weight, place_of

logger = logging.getLogger("limner.scheduling")


class SharedScheduler(RetryDelays):
    """Asks a port for each job, and lets it go on when it is told to.

    It is a `limner.scheduling.engine.scheduler.Scheduler`, and for the port a
    `limner.scheduling.engine.shared_limits.LeaseHolder`.

    Args:
        core: The limiter's jobs.
        limits: What is kept to.
        port: Who decides.
        launch: Lets a job go on that has its slot.
        stop: Stops a job whose lease is lost.
    """

    def __init__(
        self,
        core: LimiterCore,
        limits: Limits,
        port: SharedLimits,
        launch: Launch,
        stop: Callable[[WorkItem, int], None],
    ) -> None:
        self._core = core
        self.delayed = set()
        self._port = port
        self._launch = launch
        self._stop = stop
        self._limits = limits
        self._tickets = 0
        self._asked: dict[int, tuple[Ask, WorkItem]] = {}
        self._leases: dict[Lease, WorkItem] = {}
        self._opened = False

    @property
    def limits(self) -> Limits:
        """What this process believes to be kept to at present."""
        return self._limits

    def bound(self, now: float, shift: float | None) -> None:
        """Note that the limiter has a loop."""
        if not self._opened:
            self._opened = True
            self._port.open(self._limits, self)

    # Jobs

    def admit(self, item: WorkItem, now: float) -> None:
        """Take a newcomer: it waits, or if it may not, it is done."""
        if item.parent is not None:
            error = deadlock(self._core, item, self._limits, self._give_up)
            if error is not None:
                self._core.end_waiting(item, FAILED, error)
                return
        self._enter(item, now, instead_of=None)

    def replace(self, old: WorkItem, new: WorkItem, now: float) -> bool:
        """Put a newcomer where another job waits."""
        if old.ticket not in self._asked or old.place != new.place:
            return False
        del self._asked[old.ticket]
        self._enter(new, now, instead_of=old.ticket)
        return True

    def _enter(self, item: WorkItem, now: float, *, instead_of: int | None) -> None:
        item.state = QUEUED
        if item.rare is not None:
            begin_wait(self._core, item, now, self._give_up)
        self._ask(item, instead_of=instead_of)
        if self._core.handlers.listening and instead_of is None:
            self._core.handlers.emit(Queued(job_of(item)))

    def _ask(self, item: WorkItem, *, again: bool = False, instead_of: int | None = None) -> None:
        self._tickets += 1
        item.ticket = self._tickets
        ask = Ask(
            ticket=item.ticket,
            weight=item.weight,
            named=item.options.named,
            priority=item.priority,
            owner=item.options.owner,
            again=again,
            instead_of=instead_of,
        )
        self._asked[item.ticket] = (ask, item)
        self._port.ask(ask)

    def _enqueue_again(self, item: WorkItem) -> None:
        self._ask(item, again=True)

    def leave(self, item: WorkItem) -> None:
        """Let a job go that waits."""
        if item in self.delayed:
            self.delayed.discard(item)
        else:
            del self._asked[item.ticket]
            self._port.withdraw(item.ticket)

    def _give_up(self, item: WorkItem, outcome: JobOutcome, error: BaseException) -> None:
        self.leave(item)
        self._core.end_waiting(item, outcome, error)

    def release(self, item: WorkItem, error: BaseException | None) -> None:
        """Take a slot back."""
        self._core.active.discard(item)
        if item.lease in self._leases:
            del self._leases[item.lease]
            self._port.give_back(item.lease, well=error is None)

    def forget_all(self) -> None:
        """Forget every job: they were lost with their loop, and the port with them."""
        self._asked.clear()
        self._leases.clear()
        self.delayed.clear()
        self._opened = False

    def start_waiting(self, now: float) -> None:
        """Start whoever can start: that is the port's to say."""

    def reprioritize(self, item: WorkItem, priority: int) -> None:
        """Change a job's priority; if it waits in the order, it goes to the back of the new one."""
        item.place = place_of(priority, item.weight)
        if item.ticket in self._asked:
            del self._asked[item.ticket]
            self._port.withdraw(item.ticket)
            self._ask(item)

    def settle(self, item: WorkItem, weight: Weight) -> None:
        """Correct what a job's latest attempt was charged."""
        old = item.charged or Charge(item.weight, item.options.named)
        item.charged = new = old.settled(weight)
        if item.lease is not None:
            self._port.recharge(item.lease, old, new)

    # What the port tells

    def granted(self, lease: Lease) -> None:
        """A job may start."""
        if lease in self._leases:
            return  # told twice
        asked = self._asked.pop(lease.ticket, None)
        if asked is None:
            self._port.give_back(lease, well=True)  # it has gone meanwhile, or has another lease
            return
        item = asked[1]
        self._leases[lease] = item
        item.lease = lease
        self._core.take_slot(item, self._core.now())
        try:
            waiter = item.waiter
            if waiter is not None:
                item.waiter = None
                waiter.set_result(None)
            elif item.context is not None and item.attempt == 1:
                self._launch(item)
        except BaseException as error:
            logger.exception("%s could not be started", name_of(item))
            self.release(item, error)
            self._core.end_waiting(item, FAILED, error)
            return
        if self._core.handlers.listening:
            self._core.tell_grant(item, left=self.queued(None))

    def dropped(self, ticket: int, strategy: str) -> None:
        """Too many wait: a job was shed."""
        asked = self._asked.pop(ticket, None)
        if asked is not None:
            self._core.end_waiting(asked[1], DROPPED, JobDropped(strategy))

    def lost(self, lease: Lease) -> None:
        """A lease is not ours any more: its job stops, and gives nothing back."""
        item = self._leases.pop(lease, None)
        if item is not None:
            self._stop(item, lease.fence)

    def held(self) -> list[Lease]:
        """Return the leases of jobs that have not ended."""
        return list(self._leases)

    def asks(self) -> list[Ask]:
        """Return what is waited for."""
        return [ask for ask, _ in self._asked.values()]

    # Everything

    def change(self, limits: Limits) -> None:
        """Go on under other limits, for those who wait as well."""
        self._limits = limits
        if self._opened:
            self._port.change(limits)

    def pause(self, seconds: float | None) -> None:
        """Start nothing for a while, or until `resume`; of several pauses the longest counts."""
        self._core.bind()
        self._port.pause(seconds)
        if self._core.handlers.listening:
            until = UNKNOWN if seconds is None else self._core.now() + seconds
            self._core.handlers.emit(Paused(until))

    def resume(self) -> None:
        """End every pause."""
        self._core.bind()
        self._port.resume()
        if self._core.handlers.listening:
            self._core.handlers.emit(Resumed())

    def cool_down(self, seconds: float) -> None:
        """Start nothing for a while, and then one job alone."""
        self._port.cool_down(seconds)

    def drop_waiting(self, strategy: str) -> None:
        """Drop every waiting job of this process."""
        for item in self.waiting():
            if item.state is QUEUED:  # an event handler may have ended it meanwhile
                self.leave(item)
                self._core.end_waiting(item, DROPPED, JobDropped(strategy))

    def ring(self) -> None:
        """Do what is due: called by the timer."""
        now = self._core.now()
        while (action := self._core.timer.pop_due(now)) is not None:
            action()

    # Looking

    def _in_order(self) -> Iterator[WorkItem]:
        order = sorted(
            self._asked.values(),
            key=lambda pair: (pair[0].priority, not pair[0].again, pair[0].ticket),
        )
        return (item for _, item in order)

    def waiting(self) -> list[WorkItem]:
        """Return all waiting jobs of this process, those in the order first."""
        return [*self._in_order(), *self.delayed_in_order()]

    def queued(self, priority: int | None) -> int:
        """Count the jobs of this process that wait, all or of one priority."""
        if priority is None:
            return len(self._asked) + len(self.delayed)
        return sum(item.priority == priority for item in self.waiting())
