"""Which job has its slot when, as long as the limits are this process's own.

Everything here is synchronous. The job to start is picked at the moment something can start, never
before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from limner.errors import JobDropped, Overweight
from limner.scheduling.engine.admission_control import AdmissionControl
from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.events import Depleted, Paused, Queued, Resumed
from limner.scheduling.engine.overflow_policy import victim_of
from limner.scheduling.engine.scheduler import Launch
from limner.scheduling.engine.waiting import RetryDelays, begin_wait, deadlock
from limner.scheduling.jobs.job import job_of
from limner.scheduling.jobs.job_queue import AGAIN, JobQueue, front_of_priority
from limner.scheduling.jobs.job_state import (
    DONE,
    DROPPED,
    FAILED,
    QUEUED,
    JobOutcome,
)
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits import admission
from limner.scheduling.limits.admission import (
    NEVER,
    START,
    UNKNOWN,
    Charge,
    decide,
    finish,
    is_full,
    start,
)
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import Weight, place_of
from limner.scheduling.limits.overflow import Overflow
from limner.scheduling.timer import Alarm

logger = logging.getLogger("limner.scheduling")

LOOK_AT_WALL_CLOCK = 60.0
"""Seconds. Somebody who waits for an edge of the calendar looks at the wall clock so often."""


class LocalScheduler(RetryDelays):
    """A queue of jobs, and the admission rule that lets them out.

    Args:
        core: The limiter's jobs.
        limits: What is kept to.
        wall: As for `AdmissionControl`.
        launch: Lets a job go on that has its slot.
    """

    def __init__(
        self, core: LimiterCore, limits: Limits, wall: Callable[[], float], launch: Launch
    ) -> None:
        self._core = core
        self.delayed = set()
        self._launch = launch
        self.limits = limits
        """What it keeps to at present."""
        self.control = AdmissionControl(limits, wall)
        self._state = self.control.state
        self.queue = JobQueue(aging=limits.aging, fair=limits.fair)
        self._sheds = limits.high_water is not None  # or did: a penalty outlives it
        self._probe: WorkItem | None = None
        self._pause_alarm: Alarm | None = None

    def bound(self, now: float, shift: float | None) -> None:
        """Note that the limiter has a loop."""
        if shift is None:
            self.control.begin(now)
        else:
            self.control.move(shift)
        self._set_pause_alarm()

    # Newcomers

    def admit(self, item: WorkItem, now: float) -> None:
        """Take a newcomer: it comes back running, waiting, or, if it was dropped, done."""
        queue, limits = self.queue, self.limits
        if limits.calendar:
            self.control.look_at_wall_clock(now)
        decision = decide(limits, self._state, item.weight, now, item.options.named)
        leads = False
        if decision.at < UNKNOWN:
            leads = not queue.mask or queue.leads(item, now)
        if leads and decision is START:
            if item.rare is None or not self._core.handlers.listening:
                self._grant(item, now)
                return
        elif (item.rare is not None or self._sheds) and not self._may_wait(item, now):
            return
        item.state = QUEUED
        self.queue.push(item)  # another one, if an event handler has changed the limits
        if item.rare is not None and self._core.handlers.listening:
            self._core.handlers.emit(Queued(job_of(item)))
            leads = True
        if leads or self._sheds:
            self.start_waiting(now)
        if item.rare is not None and item.state is QUEUED:
            begin_wait(self._core, item, now, self._give_up)

    def replace(self, old: WorkItem, new: WorkItem, now: float) -> bool:
        """Put a newcomer where another job waits."""
        if old.state is not QUEUED or old in self.delayed or not self.queue.replace(old, new):
            return False
        new.state = QUEUED
        begin_wait(self._core, new, now, self._give_up)
        return True

    def _may_wait(self, item: WorkItem, now: float) -> bool:
        """Whether a newcomer may join the queue; if not, it has been ended."""
        error = deadlock(self._core, item, self.limits, self._give_up)
        if error is not None:
            self._core.end_waiting(item, FAILED, error)
            return False
        return not (self._sheds and self._overflows(item, now))

    def _overflows(self, item: WorkItem, now: float) -> bool:
        """Apply the overflow strategy to a newcomer; say whether it has ended."""
        limits, blocked = self.limits, now < self._state.blocked_until
        if not blocked and (limits.high_water is None or self.queued(None) < limits.high_water):
            return False
        if blocked or limits.overflow is Overflow.BLOCK:
            admission.block(self._state, now + limits.block_penalty)
            self.drop_waiting("block")
            if item.state is not DONE:  # an event handler may have ended it
                self._core.end_waiting(item, DROPPED, JobDropped("block"))
            return True
        victim = victim_of(item, self.queue, limits)
        if victim is not None:
            self.leave(victim)
        self._core.end_waiting(victim or item, DROPPED, JobDropped(limits.overflow.value))
        return item.state is DONE  # an event handler may have ended it

    # Slots

    def start_waiting(self, now: float) -> None:
        """Start whoever can start, in order, and set the timer for the next."""
        queue, limits, state = self.queue, self.limits, self._state
        if limits.calendar:
            self.control.look_at_wall_clock(now)
        wake = UNKNOWN
        while queue.mask:
            item = queue.first(now)
            decision = decide(limits, state, item.weight, now, item.options.named)
            if decision is not START:
                if decision.never:
                    self._give_up_overweight(item)
                    queue = self.queue
                    continue
                wake = decision.at
                light = queue.first_weightless(now) if queue.weightless else None
                if light is None or not item.weight:
                    break
                decision = decide(limits, state, 0, now, light.options.named)
                if decision is not START:
                    wake = min(wake, decision.at)
                    break
                item, wake = light, UNKNOWN
            queue.remove(item)
            self._grant(item, now)
            queue, limits = self.queue, self.limits  # an event handler may have changed them
            if is_full(limits, state) and not queue.weightless:
                break  # whoever is next weighs something
        if limits.aging is not None and queue.mask and not is_full(limits, state):
            wake = min(wake, queue.next_rise(now))  # a lighter job may come to be first
        if wake != self._core.timer.wake:
            self._wake_at(wake, now)

    def _give_up_overweight(self, item: WorkItem) -> None:
        """End a job that weighs more than the reservoir will ever hold again."""
        reservoir = self.limits.reservoir
        if reservoir is not None:
            cost = reservoir.cost(item.weight, item.options.named)
            held = self.control.reservoir(self._core.now()) or 0
            self.leave(item)
            self._core.end_waiting(item, FAILED, Overweight(cost, held, reservoir.name))

    def _wake_at(self, wake: float, now: float) -> None:
        if wake != UNKNOWN and self.limits.calendar:
            wake = min(wake, now + LOOK_AT_WALL_CLOCK)
        self._core.timer.wake_at(wake)

    def _grant(self, item: WorkItem, now: float) -> None:
        """Give a job its slot. It must not be in the queue, and the rule must have agreed."""
        core, limits, state = self._core, self.limits, self._state
        start(limits, state, item.weight, now, item.options.named, core.timer.rung_for)
        if state.probing and self._probe is None:
            self._probe = item
        if limits.fair:
            self.queue.charge(item)
        core.take_slot(item, now)
        try:
            waiter = item.waiter
            if waiter is not None:
                item.waiter = None
                waiter.set_result(None)
            elif item.context is not None and item.attempt == 1:
                self._launch(item)
        except BaseException as error:
            # The loop is closing, say. Whatever it is, nobody will give this slot back.
            logger.exception("%r could not be started", job_of(item))
            self.release(item, error)
            core.end_waiting(item, FAILED, error)
            return
        if item.rare is not None and core.handlers.listening:
            core.tell_grant(item, left=self.queue.mask)
            self._tell_if_depleted(item)

    def _tell_if_depleted(self, item: WorkItem) -> None:
        reservoir, level = self.limits.reservoir, self._state.level
        if reservoir is None or level is None or level.amount > 0:
            return
        if reservoir.cost(item.weight, item.options.named):
            self._core.handlers.emit(Depleted(not self.queue.mask))

    def release(self, item: WorkItem, error: BaseException | None) -> None:
        """Take a slot back."""
        self._core.active.discard(item)
        finish(self._state, item.weight)
        if self._probe is item:
            self._probe = None
            admission.probed(self._state, well=error is None)

    def forget_all(self) -> None:
        """Forget every job: they were lost with their loop."""
        for item in self._core.active:
            finish(self._state, item.weight)
        if self._probe is not None:
            admission.probed(self._state, well=False)
        self._probe = None
        self.delayed.clear()
        self.queue = JobQueue(aging=self.limits.aging, fair=self.limits.fair)

    def requeue(self, item: WorkItem, delay: float) -> None:
        """Take a job that wants another slot after so many seconds."""
        item.ticket = item.number - AGAIN
        item.place = front_of_priority(item.place)
        super().requeue(item, delay)

    def _enqueue_again(self, item: WorkItem) -> None:
        self.queue.push(item)

    # Leaving

    def leave(self, item: WorkItem) -> None:
        """Let a job go that waits."""
        if item in self.delayed:
            self.delayed.discard(item)
        else:
            self.queue.remove(item)

    def _give_up(self, item: WorkItem, outcome: JobOutcome, error: BaseException) -> None:
        self.leave(item)
        self._core.end_waiting(item, outcome, error)
        self.start_waiting(self._core.now())

    def drop_waiting(self, strategy: str) -> None:
        """Drop every waiting job."""
        for item in self.waiting():
            if item.state is QUEUED:  # an event handler may have ended it meanwhile
                self.leave(item)
                self._core.end_waiting(item, DROPPED, JobDropped(strategy))

    # Changing

    def reprioritize(self, item: WorkItem, priority: int) -> None:
        """Change a job's priority; if it waits in the queue, it goes to the back of the new one."""
        place = place_of(priority, item.weight)
        if item.state is not QUEUED or item in self.delayed:
            item.place = front_of_priority(place) if item in self.delayed else place
            return
        self.queue.remove(item)
        item.place = place
        self._core.number += 1
        self._core.renumbered += 1
        item.ticket = self._core.number
        self.queue.push(item)
        self.start_waiting(self._core.now())

    def settle(self, item: WorkItem, weight: Weight) -> None:
        """Correct what a job's latest attempt was charged."""
        old = item.charged or Charge(item.weight, item.options.named)
        item.charged = new = old.settled(weight)
        now = self._core.now()
        self.control.recharge(item.started_at, old, new, now)
        self.start_waiting(now)

    def change(self, limits: Limits) -> None:
        """Go on under other limits, for those who wait as well."""
        before, now = self.limits, self._core.now()
        if limits.aging != before.aging or limits.fair != before.fair:
            self.queue = self.queue.rebuilt(aging=limits.aging, fair=limits.fair)
        self._sheds = self._sheds or limits.high_water is not None
        self.control.change(limits, now)
        self.limits = limits

    def pause(self, seconds: float | None) -> None:
        """Start nothing for a while, or until `resume`; of several pauses the longest counts."""
        until = UNKNOWN if seconds is None else self._core.now() + seconds
        admission.pause(self._state, until)
        self._set_pause_alarm()
        if self._core.handlers.listening:
            self._core.handlers.emit(Paused(self._state.paused_until))

    def resume(self) -> None:
        """End every pause."""
        if self._state.paused_until == NEVER:
            return
        admission.resume(self.control.state)
        self._set_pause_alarm()
        if self._core.handlers.listening:
            self._core.handlers.emit(Resumed())
        if self._core.alive:
            self.start_waiting(self._core.now())

    def _set_pause_alarm(self) -> None:
        until = self._state.paused_until
        if self._pause_alarm is not None:
            self._core.timer.call_off(self._pause_alarm)
            self._pause_alarm = None
        if NEVER < until < UNKNOWN:
            self._pause_alarm = self._core.timer.set(until, lambda: None)  # `ring` ends the pause

    def cool_down(self, seconds: float) -> None:
        """Start nothing for a while, and then one job alone."""
        admission.cool_down(self._state, self._core.now() + seconds)
        self._probe = None

    def ring(self) -> None:
        """Do what is due: called by the timer."""
        now = self._core.now()
        if NEVER < self._state.paused_until <= now:
            self.resume()
        self.start_waiting(now)
        while (action := self._core.timer.pop_due(now)) is not None:
            action()

    # Looking

    def waiting(self) -> list[WorkItem]:
        """Return all waiting jobs, those in the queue in their order first."""
        return [*self.queue.in_order(self._core.now()), *self.delayed_in_order()]

    def queued(self, priority: int | None) -> int:
        """Count the jobs that wait, all or of one priority."""
        if priority is None:
            return len(self.queue) + len(self.delayed)
        later = sum(item.priority == priority for item in self.delayed)
        return self.queue.count(priority) + later
