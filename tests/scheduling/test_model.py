"""Whatever is done to a limiter, in whatever order: nothing is exceeded, lost or left hanging."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.examples import share

from limner.errors import SchedulingError
from limner.scheduling import (
    Job,
    JobState,
    Limiter,
    Limits,
    Overflow,
    Rate,
    Received,
    Reservoir,
    Retry,
    RetryAfter,
    Scheduled,
)
from limner.scheduling.engine.local_scheduler import LocalScheduler
from limner.scheduling.jobs.job import item_of, job_of
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limiter import engine_of
from limner.scheduling.limits.admission import START
from limner.testing import VirtualLoop

seconds = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5])
tokens = st.integers(0, 3)
weights = st.one_of(
    st.integers(0, 3),
    st.fixed_dictionaries({"tokens": tokens}, optional={"concurrency": st.integers(0, 3)}),
)
options = st.fixed_dictionaries(
    {},
    optional={
        "priority": st.integers(0, 9),
        "weight": weights,
        "owner": st.sampled_from(["ada", "bob", None]),
        "tags": st.sampled_from([(), ("a",), ("a", "b")]),
        "expiration": st.sampled_from([0.5, 1.0, 3.0]),
        "queue_timeout": seconds,
        "timeout": st.sampled_from([0.5, 2.0, 5.0]),
        "id": st.sampled_from(["x", "y"]),
        "on_duplicate": st.sampled_from(["reject", "join", "replace"]),
    },
)
limits = st.fixed_dictionaries(
    {"max_concurrent": st.integers(3, 5)},
    optional={
        "min_interval": st.sampled_from([0.0, 0.5, 1.0]),
        "rates": st.lists(
            st.one_of(
                st.builds(Rate, st.integers(1, 4), st.sampled_from([1.0, 2.5])),
                st.builds(
                    Rate, st.integers(2, 6), st.sampled_from([1.0, 2.5]), name=st.just("tokens")
                ),
            ),
            max_size=2,
        ),
        "reservoir": st.sampled_from(
            [
                None,
                Reservoir(5, refresh_amount=4, refresh_every=3.0),
                Reservoir(5, refresh_amount=4, refresh_every=3.0, name="tokens"),
            ]
        ),
        "high_water": st.sampled_from([None, 0, 1, 3]),
        "overflow": st.sampled_from(Overflow),
        "penalty": st.sampled_from([None, 1.0]),
        "aging": st.sampled_from([None, 2.0]),
        "fair": st.booleans(),
        "retry": st.sampled_from([None, Retry(attempts=3, backoff=0.5, jitter=0)]),
    },
)


def weight_of(options: dict[str, Any]) -> int:
    """Return what a job with these options takes of the concurrency."""
    weight: Any = options.get("weight", 1)
    plain: int = weight if isinstance(weight, int) else weight.get("concurrency", 1)
    return plain


def replaces(item: WorkItem) -> bool:
    """Whether a job may stand where another stood."""
    return item.options.on_duplicate == "replace"


def turn_of(item: WorkItem) -> tuple[bool, int]:
    """Return what decides among the jobs of one priority: those who come again go first."""
    return bool(item.place & 2), item.number


class LimiterModel(RuleBasedStateMachine):
    """Does random things to one limiter on a virtual clock, and looks at it after each."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.loop = self.runner.get_loop()
        self.jobs: list[Job[Any]] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.bodies: dict[int, int] = {}  # what really runs: weights by a number for each attempt
        self.attempts = 0
        self.starts: list[float] = []
        self.charges: list[tuple[float, int]] = []  # when so many tokens were taken
        self.moved: set[WorkItem] = set()  # to another priority
        self.told: Counter[Job[Any]] = Counter()  # by callbacks
        self.to_tell: Counter[Job[Any]] = Counter()
        self.problems: list[str] = []
        self.loop.set_exception_handler(self.note_exception)

    def do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run something to its end on the machine's loop."""
        return self.runner.run(coroutine)

    @initialize(limits=limits)
    def begin(self, limits: dict[str, Any]) -> None:
        """Make the limiter."""
        self.limiter = Limiter(**limits)
        self.engine = engine_of(self.limiter)
        assert isinstance(self.engine.scheduler, LocalScheduler)
        self.scheduler = self.engine.scheduler
        self.listen()

    def listen(self) -> None:
        """Hear of all jobs and starts."""
        self.limiter.on(Scheduled, self.note_start)
        self.limiter.on(Received, lambda event: self.jobs.append(event.job))

    def note_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Remember what the loop was told and nobody expected."""
        error = context.get("exception")
        if not isinstance(error, KeyError | RetryAfter):  # those of jobs nobody awaited
            self.problems.append(f"{context['message']}: {error!r}")

    def note_start(self, event: Scheduled) -> None:
        """Look at every limit in the instant of a start."""
        now, held = self.loop.time(), self.limiter.limits
        weights = sum(
            job.weight for job in self.limiter.jobs() if item_of(job) in self.engine.core.active
        )
        if event.job.weight and held.max_concurrent is not None and weights > held.max_concurrent:
            self.problems.append(f"{weights} running of {held.max_concurrent}")
        if held.min_interval and self.starts and now < self.starts[-1] + held.min_interval:
            self.problems.append(f"start at {now} after {self.starts[-1]}")
        self.starts.append(now)
        self.charges.append((now, event.job.weights.get("tokens", 0)))
        self.check_windows(held, now)
        self.check_stock(held, event.job)
        if self.limiter.paused:
            self.problems.append("started while paused")
        if held.aging is None and not held.fair:
            self.check_order(item_of(event.job))

    def check_order(self, started: WorkItem) -> None:
        """See that nobody was passed who came before, or came again, in the same priority."""
        for other in self.scheduler.queue:
            alike = other.priority == started.priority and bool(other.weight) == bool(
                started.weight
            )
            odd = any(each in self.moved or replaces(each) for each in (other, started))
            if alike and not odd and turn_of(other) < turn_of(started):
                self.problems.append(f"{job_of(started)} passed {job_of(other)}")

    def check_windows(self, held: Limits, now: float) -> None:
        """Count the starts, and the tokens they took, that each window still sees."""
        for rate in held.rates:
            if rate.name is None:
                taken = sum(now < at + rate.per for at in self.starts)
            elif self.charges[-1][1]:
                taken = sum(cost for at, cost in self.charges if now < at + rate.per)
            else:
                continue  # who takes none may always
            if taken > rate.limit:
                self.problems.append(f"{rate} exceeded at {now}")

    def check_stock(self, held: Limits, job: Job[Any]) -> None:
        """See that whoever took something left no debt."""
        level = self.scheduler.control.state.level
        cost = held.reservoir.cost(job.weight, job.weights) if held.reservoir is not None else 0
        if cost and level is not None and level.amount < 0:
            self.problems.append(f"{job} took more than there was")

    async def body(self, weight: int, work: float, end: str) -> str:
        """Be the work of a job, and be seen running."""
        self.attempts += 1
        number = self.attempts
        self.bodies[number] = weight
        try:
            await asyncio.sleep(work)
            if end == "error":
                raise KeyError("asked for")
            if end == "busy":
                raise RetryAfter(1.0)
            return end
        except asyncio.CancelledError:
            await asyncio.sleep(0.25)  # it takes a while to stop
            raise
        finally:
            del self.bodies[number]

    @rule(options=options, work=seconds, end=st.sampled_from(["value", "error", "busy"]))
    def submit(self, options: dict[str, Any], work: float, end: str) -> None:
        """Hand a job over."""

        async def main() -> None:
            weight = weight_of(options)
            with contextlib.suppress(SchedulingError):
                self.limiter.submit(self.body, weight, work, end, **options)
            await asyncio.sleep(0)

        self.do(main())

    @rule(options=options, work=seconds, end=st.sampled_from(["value", "error", "busy"]))
    def run(self, options: dict[str, Any], work: float, end: str) -> None:
        """Run a job in a task of its own."""

        async def main() -> None:
            weight = weight_of(options)
            call = self.limiter.run(self.body, weight, work, end, **options)
            self.tasks.append(self.loop.create_task(call))
            await asyncio.sleep(0)

        self.do(main())

    async def items(self, weight: int, work: float, count: int) -> AsyncGenerator[str, None]:
        """Be a stream, and be seen open."""
        self.attempts += 1
        number = self.attempts
        self.bodies[number] = weight
        try:
            for _ in range(count):
                await asyncio.sleep(work)
                yield "value"
        finally:
            try:
                await asyncio.sleep(0.25)  # it takes a while to close
            finally:
                del self.bodies[number]

    @rule(
        options=options,
        work=seconds,
        count=st.integers(0, 3),
        leave=st.sampled_from(["at its end", "early", "dropped", "by another task"]),
    )
    def stream(self, options: dict[str, Any], work: float, count: int, leave: str) -> None:
        """Go through a stream, and leave it in one of the ways."""
        options = {**options, "on_duplicate": "reject"}

        def made() -> AsyncGenerator[str, None]:
            stream: AsyncGenerator[str, None] = self.limiter.run(
                self.items, weight_of(options), work, count, **options
            )
            return stream

        async def take_one() -> str | None:
            async for item in made():
                return item
            return None

        async def consume() -> str | None:
            if leave == "dropped":
                return await take_one()
            async with aclosing(made()) as stream:
                async for item in stream:
                    await asyncio.sleep(work)
                    if leave == "by another task":
                        await self.loop.create_task(stream.aclose())
                    if leave != "at its end":
                        return item
            return None

        async def main() -> None:
            self.tasks.append(self.loop.create_task(consume()))
            await asyncio.sleep(0)

        self.do(main())

    @rule(work=seconds, weight=st.integers(0, 3), end=st.sampled_from(["value", "error"]))
    def hold(self, work: float, weight: int, end: str) -> None:
        """Hold a slot for a while."""

        async def block() -> str:
            async with self.limiter.slot(weight=weight):
                return await self.body(weight, work, end)

        async def main() -> None:
            self.tasks.append(self.loop.create_task(block()))
            await asyncio.sleep(0)

        self.do(main())

    @rule(options=options, end=st.sampled_from(["value", "error"]))
    def take_and_cancel_in_the_same_instant(self, options: dict[str, Any], end: str) -> None:
        """Cancel a running job and a new caller at once."""

        async def main() -> None:
            call = self.limiter.run(self.body, weight_of(options), 1.0, end, **options)
            task = self.loop.create_task(call)
            self.tasks.append(task)
            await asyncio.sleep(0)
            for job in self.limiter.jobs()[:1]:
                job.cancel()
            task.cancel()

        self.do(main())

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def cancel_a_caller(self, data: st.DataObject) -> None:
        """Cancel any task, wherever it is."""
        task = data.draw(st.sampled_from(self.tasks))

        async def main() -> None:
            task.cancel()

        self.do(main())

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), priority=st.integers(0, 9))
    def touch_a_job(self, data: st.DataObject, priority: int) -> None:
        """Do something to a job, whatever its state."""
        job = data.draw(st.sampled_from(self.jobs[-10:]))
        what = data.draw(
            st.sampled_from(["cancel", "priority", "await", "settle", "ask", "callback"])
        )

        async def main() -> None:
            if what == "cancel":
                job.cancel("asked for")
            elif what == "priority":
                self.moved.add(item_of(job))
                job.priority = priority
            elif what == "settle" and job.attempt:
                job.settle(priority + 1)  # 0 would take its start back
            elif what == "await":

                async def wait() -> Any:
                    return await job

                self.tasks.append(self.loop.create_task(wait()))
                await asyncio.sleep(0)
            elif what == "callback":
                self.listen_to(job, times=priority % 3)
            else:
                self.limiter.explain(job)
                eta = job.eta()
                assert eta is None or eta >= 0

        self.do(main())

    def listen_to(self, job: Job[Any], times: int) -> None:
        """Have somebody called at a job's end; if it has not come, one that is taken away again."""
        for _ in range(times):
            job.add_done_callback(self.note_told)
        self.to_tell[job] += times
        if not job.done():
            job.add_done_callback(self.problems.append)  # type: ignore[arg-type]  # never called
            assert job.remove_done_callback(self.problems.append) == 1  # type: ignore[arg-type]

    def note_told(self, job: Job[Any]) -> None:
        """Be called at a job's end."""
        self.told[job] += 1
        if not job.done():
            self.problems.append(f"{job} had not ended")

    @rule(tag=st.sampled_from(["a", "b"]))
    def cancel_a_tag(self, tag: str) -> None:
        """Cancel several."""

        async def main() -> None:
            self.limiter.cancel(tag=tag)

        self.do(main())

    @rule(changes=limits)
    def update(self, changes: dict[str, Any]) -> None:
        """Change the limits."""

        async def main() -> None:
            if changes.get("rates"):
                self.starts = self.starts[-1:]  # what came before was under other limits
                self.charges.clear()
            self.limiter.update(**changes)

        self.do(main())

    @rule(length=st.sampled_from([None, 0.5, 2.0]))
    def pause(self, length: float | None) -> None:
        """Pause."""

        async def main() -> None:
            self.limiter.pause(length)

        self.do(main())

    @rule()
    def resume(self) -> None:
        """End the pause."""

        async def main() -> None:
            self.limiter.resume()

        self.do(main())

    @rule(length=seconds)
    def let_time_pass(self, length: float) -> None:
        """Let the clock move."""
        self.do(asyncio.sleep(length))

    @invariant()
    def all_is_well(self) -> None:
        """Look at everything."""
        if not hasattr(self, "limiter"):
            return
        self.note_jobs()
        core, scheduler, queue = self.engine.core, self.scheduler, self.scheduler.queue
        state = scheduler.control.state
        assert not self.problems, self.problems
        assert state.running == sum(item.weight for item in core.active)
        waiting = list(queue)
        assert len(waiting) == len(queue) == len(set(waiting))
        assert not set(waiting) & core.active
        assert not set(waiting) & scheduler.delayed
        in_queue = [*waiting, *scheduler.delayed]
        assert [item for item in in_queue if item.state is not JobState.QUEUED] == []
        living = {*in_queue, *core.active}
        assert {item_of(job) for job in self.jobs if job.state is not JobState.DONE} == living
        assert core.alive == len(living)
        assert sum(self.bodies.values()) <= state.running
        if waiting:
            now = core.now()
            head = queue.first(now)
            assert scheduler.control.decide(head.weight, now, head.options.named) is not START
            light = queue.first_weightless(now)
            if light is not None:
                assert scheduler.control.decide(0, now, light.options.named) is not START
        assert sum(self.is_ours(handle) for handle in self.loop._scheduled) <= 1  # type: ignore[attr-defined]

    def note_jobs(self) -> None:
        """Find the jobs nobody told of: none, as this machine listens."""

    def is_ours(self, handle: asyncio.TimerHandle) -> bool:
        """Whether a timer is the limiter's."""
        callback = getattr(handle, "_callback", None)
        timer = self.engine.core.timer if self.engine.core.loop is not None else self
        return not handle.cancelled() and getattr(callback, "__self__", None) is timer

    def teardown(self) -> None:
        """End everything, and look once more."""
        try:
            if hasattr(self, "limiter"):
                self.do(self.finish())
        finally:
            self.runner.close()

    async def finish(self) -> None:
        """Stop the limiter; nothing may be left."""
        self.limiter.resume()
        await self.limiter.stop(timeout=50)
        for end in await asyncio.gather(*self.tasks, return_exceptions=True):
            assert isinstance(end, str | None | SchedulingError | asyncio.CancelledError) or (
                isinstance(end, KeyError) and end.args == ("asked for",)
            ), repr(end)
        core, scheduler = self.engine.core, self.scheduler
        assert not self.problems, self.problems
        assert scheduler.control.state.running == 0
        assert not len(scheduler.queue)
        assert not core.active
        assert not scheduler.delayed
        assert not core.ids
        assert not core.generators
        assert not self.bodies
        for job in self.jobs:
            assert job.state is JobState.DONE
            assert job.outcome is not None
            assert job.error is None or isinstance(job.error, SchedulingError | KeyError)
            job.exception()
        counts = self.limiter.statistics()
        ended = (
            counts.succeeded
            + counts.failed
            + counts.cancelled
            + counts.dropped
            + counts.expired
            + counts.timed_out
        )
        assert counts.received == ended
        assert self.told == self.to_tell
        self.check_count(ended)
        await asyncio.sleep(100)
        assert not core.timer.is_set

    def check_count(self, ended: int) -> None:
        """See that every job was told of."""
        assert ended == len(self.jobs)


TestLimiterModel = LimiterModel.TestCase
TestLimiterModel.settings = settings(max_examples=share(80), stateful_step_count=40, deadline=None)
