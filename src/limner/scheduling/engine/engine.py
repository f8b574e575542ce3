"""A limiter's parts, put together: see `limner.scheduling.Limiter` for what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

from limner.scheduling.engine.core import LimiterCore
from limner.scheduling.engine.intake import Intake, overweight
from limner.scheduling.engine.launcher import Launcher
from limner.scheduling.engine.local_outlook import LocalOutlook
from limner.scheduling.engine.local_scheduler import LocalScheduler
from limner.scheduling.engine.runner import Runner
from limner.scheduling.engine.scheduler import Outlook, Scheduler
from limner.scheduling.engine.shared_limits import SharedLimits
from limner.scheduling.engine.shared_outlook import SharedOutlook
from limner.scheduling.engine.shared_scheduler import SharedScheduler
from limner.scheduling.engine.slot import Slot, inner_options
from limner.scheduling.jobs.current_job import innermost, living
from limner.scheduling.jobs.deadlock import blockers, refusal, refuse_waiting_inside, unsettled
from limner.scheduling.jobs.job_state import DONE, FAILED, QUEUED
from limner.scheduling.jobs.unretrieved import retrieved
from limner.scheduling.jobs.work_item import NOT_USUAL, WorkItem
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.options import Options, Weight, check_priority


class Engine:
    """What a limiter is made of, and what concerns several of the parts.

    Args:
        limits: What is kept to.
        name: For messages.
        wall: Seconds since 1970 (UTC).
        shared: Who decides, if others have a say.
    """

    def __init__(
        self,
        limits: Limits,
        name: str | None,
        wall: Callable[[], float],
        shared: SharedLimits | None,
    ) -> None:
        self.core = LimiterCore(
            name,
            bound=self._bound,
            ring=self._ring,
            waiting=lambda: self.scheduler.queued(None),
            lose_all=self._lose_all,
        )
        self.scheduler: Scheduler
        self.outlook: Outlook
        if shared is None:
            self.scheduler = local = LocalScheduler(self.core, limits, wall, self._launch)
            self.outlook = LocalOutlook(self.core, local)
        else:
            self.scheduler = asking = SharedScheduler(
                self.core, limits, shared, self._launch, self._lease_lost
            )
            self.outlook = SharedOutlook(self.core, asking, shared)
        intake = Intake(self, self.core, self.scheduler, self._time_up)
        self.runner = Runner(self.core, self.scheduler, intake)
        self._launcher = Launcher(self.core, self.runner)

    def _bound(self, now: float, shift: float | None) -> None:
        self.scheduler.bound(now, shift)

    def _ring(self) -> None:
        self.scheduler.ring()

    def _lose_all(self) -> None:
        items = self.living()
        self.scheduler.forget_all()
        for item in items:
            self.core.lose(item)

    def _launch(self, item: WorkItem) -> None:
        self._launcher.launch(item)

    def _lease_lost(self, item: WorkItem, fence: int) -> None:
        self.runner.lease_lost(item, fence)

    def _time_up(self, item: WorkItem) -> None:
        self.runner.time_up(item)

    # What a job, and whoever holds one, asks

    def check_thread(self) -> None:
        """Refuse to be called from another thread than the limiter's loop runs in."""
        self.core.check_thread()

    def caller_left(self, item: WorkItem) -> None:
        """Note that whoever waited for the slot was cancelled."""
        self.runner.caller_left(item)

    def cancel(self, item: WorkItem, reason: str | None) -> bool:
        """Cancel a job, wherever it is; ``False`` if it has ended or was told already."""
        return self.runner.cancel(item, reason)

    def reprioritize(self, item: WorkItem, priority: int) -> None:
        """Change a job's priority; if it waits in the queue, it goes to the back of the new one."""
        check_priority(priority)
        if priority != item.priority:
            self.scheduler.reprioritize(item, priority)

    def settle(self, item: WorkItem, weight: Weight) -> None:
        """Correct what a job's latest attempt was charged."""
        if not item.attempt:
            raise RuntimeError("a job that has not started has cost nothing yet")
        self.scheduler.settle(item, weight)

    def position(self, item: WorkItem) -> int | None:
        """Count who is before a job in the queue."""
        return self.outlook.position(item)

    def eta(self, item: WorkItem) -> float | None:
        """Estimate the seconds until a job starts."""
        return self.outlook.eta(item)

    async def wait_for(self, item: WorkItem) -> None:
        """Wait until a job has ended. Cancelling this cancels the job only if it is shared."""
        self.core.bind()
        self.refuse_deadlock(item)
        inside = living(innermost())
        adopted = inside is not None and item.context is not None and item.parent is None
        if adopted:
            item.parent = inside
        awaiter = self.core.await_end(item)
        try:
            await awaiter
        except asyncio.CancelledError:
            if item.awaiters is not None and awaiter in item.awaiters:
                item.awaiters.remove(awaiter)
            self._unclaim(item)
            raise
        finally:
            if adopted:
                item.parent = None

    def refuse_deadlock(self, item: WorkItem) -> None:
        """Raise if the running code would wait for a job that waits for the slot it stands in.

        Raises:
            WouldDeadlock: It would.
        """
        limit, inside = self.scheduler.limits.max_concurrent, living(innermost())
        if limit is None or inside is None or item.state is not QUEUED or not item.weight:
            return
        held = blockers(self, item.weight, inside, limit)
        if held and unsettled(held, asyncio.current_task(), self) == set():
            raise refusal(sum(other.weight for other in held), item.weight, limit)

    def _unclaim(self, item: WorkItem) -> None:
        if item.claims:
            item.claims -= 1
            if not item.claims and not item.awaiters:
                self.cancel(item, "everybody who awaited it was cancelled")

    def when_done(self, item: WorkItem, call: Callable[[], object], context: Context) -> None:
        """Have something called soon after a job has ended; at once if it has."""
        self.core.when_done(item, call, context)

    def claim(self, item: WorkItem) -> None:
        """Note that a job was joined, by its first caller too if he said so."""
        first = item.options.on_duplicate == "join"
        item.claims += 1 if item.claims or first else 2

    async def ended(self, item: WorkItem) -> None:
        """Wait until a job has ended, however, without looking at how."""
        if item.state is not DONE:
            await self.wait_for(item)
        retrieved(item)

    # Making slots

    def slot(self, options: Options) -> Slot:
        """Make a slot for a block of code."""
        return Slot(self.runner, options)

    def inner_slot(self, item: WorkItem) -> Slot:
        """Make the slot that a job of another limiter, which is chained to this one, needs here."""
        return Slot(self.runner, inner_options(item))

    # All jobs

    def find(self, id: str) -> WorkItem | None:  # noqa: A002 - the option's own name
        """Return the job with an id, if it has not ended."""
        item = self.core.ids.get(id)
        if item is None and id.startswith("#"):
            return next(
                (
                    each
                    for each in self.living()
                    if each.options.id is None and f"#{each.number}" == id
                ),
                None,
            )
        return item

    def living(self) -> list[WorkItem]:
        """Return all jobs that have not ended, in the order they came."""
        return self.core.living(self.scheduler.waiting())

    def be_heard(self) -> None:
        """Note that somebody will listen, also to the jobs that are there already."""
        for item in () if self.core.handlers.listening else self.living():
            if item.rare is None:
                item.rare = NOT_USUAL

    def update(self, changes: dict[str, Any]) -> None:
        """Go on under other limits, for those who wait as well."""
        self.scheduler.change(self.scheduler.limits.changed(changes))
        if self.core.loop is None:
            return
        for item in self.scheduler.waiting():
            error = overweight(item.options, self.scheduler.limits)
            if error is not None and item.state is QUEUED:
                self.scheduler.leave(item)
                self.core.end_waiting(item, FAILED, error)
        self.scheduler.start_waiting(self.core.now())

    async def join(self) -> None:
        """Wait until nothing waits and nothing runs."""
        self.core.bind()
        await refuse_waiting_inside(self, "join()")
        await self.core.join()

    async def stop(self, *, drop_waiting: bool, timeout: float | None, strategy: str) -> None:  # noqa: ASYNC109 - it cancels the jobs, not this call
        """Take nothing more, and wait for the end of what is there."""
        loop = self.core.bind()
        await refuse_waiting_inside(self, "stop()")
        if not self.core.closed:
            self.core.closed = True
            self.core.drops = drop_waiting
            if drop_waiting:
                self.scheduler.drop_waiting(strategy)
        if timeout is None:
            await self.core.join()
            return
        deadline = self.core.timer.set(loop.time() + timeout, lambda: self._stop_now(strategy))
        await self.core.join()  # whoever leaves this early wants the deadline all the same
        self.core.timer.call_off(deadline)

    def _stop_now(self, strategy: str) -> None:
        self.scheduler.drop_waiting(strategy)
        for item in self.living():
            self.cancel(item, "the limiter was stopped")
