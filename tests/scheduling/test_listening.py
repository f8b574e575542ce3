"""Whether anybody listens changes nothing: same jobs, same instants, same ends, same counts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.errors import Overweight, SchedulingError, WouldDeadlock
from limner.scheduling import (
    Event,
    Job,
    JobEvent,
    JobOutcome,
    Limiter,
    Overflow,
    Rate,
    Received,
    Reservoir,
    Retry,
    RetryAfter,
)
from limner.scheduling.limiter import engine_of
from limner.testing import run_virtual

seconds = st.sampled_from([0.0, 0.5, 1.0])
limits = st.fixed_dictionaries(
    {"max_concurrent": st.integers(1, 3)},
    optional={
        "retry": st.sampled_from([None, Retry(attempts=2, backoff=0.5, jitter=0)]),
        "min_interval": st.sampled_from([0.0, 0.0, 0.0, 0.5]),
        "rates": st.sampled_from([(), (Rate(3, per=1.0),), (Rate(4, per=2.0, name="tokens"),)]),
        "reservoir": st.sampled_from([None, Reservoir(5, refresh_amount=5, refresh_every=2.0)]),
        "high_water": st.sampled_from([None, None, 1, 3]),
        "overflow": st.sampled_from(Overflow),
        "penalty": st.sampled_from([None, 0.5]),
        "fair": st.sampled_from([False, False, False, True]),
        "aging": st.sampled_from([None, None, None, 1.0]),
    },
)
widths = st.fixed_dictionaries({"max_concurrent": st.integers(1, 3)})
ways = st.sampled_from(["run"] * 5 + ["with"] * 3 + ["nested", "submit"])
options = st.fixed_dictionaries(
    {},
    optional={
        "priority": st.integers(4, 6),
        "weight": st.sampled_from([0, 1, 2, {"tokens": 1}, {"tokens": 3}]),
        "queue_timeout": seconds,
        "expiration": st.sampled_from([0.5, 1.0]),
        "timeout": st.sampled_from([0.5, 1.5]),
        "owner": st.sampled_from(["ada", "bob"]),
    },
)
ends = st.sampled_from(["value", "value", "none", "error", "stubborn"])
which = st.integers(0, 9)
calm = st.lists(
    st.one_of(
        *[st.tuples(st.just("job"), ways, seconds, ends) for _ in range(8)],
        st.tuples(st.just("special"), options, seconds, ends),
        st.tuples(st.just("cancel caller"), which),
        st.tuples(st.just("cancel job"), which),
        st.tuples(st.just("await job"), which),
        st.tuples(st.just("priority"), which, st.integers(4, 6)),
        st.tuples(st.just("settle"), which),
        st.tuples(st.just("update"), widths),
        st.tuples(st.just("turn")),
        st.tuples(st.just("turn")),
        st.tuples(st.just("sleep"), seconds),
    ),
    min_size=15,
    max_size=40,
)
disturbances = st.lists(
    st.one_of(
        st.tuples(st.just("job"), st.sampled_from(["run", "scope"]), seconds, st.just("busy")),
        st.tuples(st.just("job"), st.just("scope"), seconds, ends),
        st.tuples(st.just("update"), limits),
        st.tuples(st.just("pause"), st.sampled_from([0.5, 1.0])),
        st.tuples(st.just("listen")),
        st.tuples(st.just("stop")),
    ),
    max_size=3,
)
"""What changes what the others find."""


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Draw many calm steps with a few disturbances among them."""
    steps: list[tuple[Any, ...]] = draw(calm)
    for disturbance in draw(disturbances):
        steps.insert(draw(st.integers(0, len(steps))), disturbance)
    return steps


class Play:
    """Does the same things to a limiter each time, and writes down everything that can be seen."""

    def __init__(self, limits: dict[str, Any], *, listened_to: bool) -> None:
        self.limiter = Limiter(**limits)
        if listened_to:
            self.limiter.on(Event, lambda event: None)
        self.log: list[Any] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.ended: list[Job[Any]] = []
        self.unsubscribe: Callable[[], None] | None = None
        self.attempts: dict[int, int] = {}

    def note(self, *what: object) -> None:
        """Write something down with its instant."""
        counts = self.limiter.counts()
        self.log.append((self.limiter.now, *what, list(counts.values())))

    async def body(self, number: int, work: float, end: str) -> object:
        """Be the work of a job; one that fails does so once."""
        tries = self.attempts[number] = self.attempts.get(number, 0) + 1
        self.note("begins", number)
        try:
            await asyncio.sleep(work)
        except asyncio.CancelledError:
            if end != "stubborn":
                raise
        task = asyncio.current_task()
        self.note("ends", number, task.cancelling() if task else None)
        if end == "error" or (end == "busy" and tries > 1):
            raise KeyError(number)
        if end == "busy":
            raise RetryAfter(0.5)
        return None if end == "none" else number

    async def hold(self, number: int, work: float, end: str) -> object:
        """Hold a slot for a while."""
        async with self.limiter as job:
            self.ended.append(job)
            return await self.body(number, work, end)

    async def nest(self, number: int, work: float, end: str) -> object:
        """Run two jobs inside a job, one after the other."""
        await self.limiter.run(self.body, -number, work, end)
        return await self.limiter.run(self.body, number, work, end)

    async def call(self, number: int, way: str, work: float, end: str) -> None:
        """Run a job in one of the ways, and write down what comes of it."""
        try:
            if way == "with":
                found = await self.hold(number, work, end)
            elif way == "nested":
                found = await self.limiter.run(self.nest, number, work, end)
            elif way == "submit":
                found = await self.limiter.submit(self.body, number, work, end)
            elif way == "scope":
                async with self.limiter.scope("here"):
                    found = await self.limiter.run(self.body, number, work, end)
            else:
                found = await self.limiter.run(self.body, number, work, end)
        except (SchedulingError, KeyError, asyncio.CancelledError) as error:
            self.note("fails", number, type(error), str(error))
            raise
        task = asyncio.current_task()
        self.note("gives", number, found, task.cancelling() if task else None)

    async def special(self, number: int, options: dict[str, Any], work: float, end: str) -> None:
        """Run a job that something was said about."""
        try:
            found = await self.limiter.run(self.body, number, work, end, **options)
        except (SchedulingError, KeyError, asyncio.CancelledError) as error:
            self.note("fails", number, type(error), str(error))
            raise
        self.note("gives", number, found)

    def touch(self, kind: str, job: Job[Any], *rest: Any) -> None:
        """Do something to a job."""
        if kind == "cancel job":
            self.note(kind, job.id, job.cancel("asked for"))
        elif kind == "priority":
            job.priority = rest[0]
        elif kind == "settle" and job.attempt:
            job.settle(1)
        elif kind == "await job":
            self.tasks.append(asyncio.ensure_future(self.wait(job)))

    async def wait(self, job: Job[Any]) -> None:
        """Await somebody else's job."""
        try:
            self.note("awaited", job.id, await job)
        except (SchedulingError, KeyError, asyncio.CancelledError) as error:
            self.note("awaited", job.id, type(error))
            raise

    async def step(self, number: int, kind: str, *rest: Any) -> None:
        """Do one thing."""
        if kind == "job":
            self.tasks.append(asyncio.create_task(self.call(number, *rest)))
        elif kind == "special":
            self.tasks.append(asyncio.create_task(self.special(number, *rest)))
        elif kind == "cancel caller":
            if self.tasks:
                self.tasks[rest[0] % len(self.tasks)].cancel()
        elif kind in ("turn", "sleep"):
            await asyncio.sleep(*rest or [0])
        elif kind in ("update", "pause", "listen", "stop"):
            self.disturb(kind, *rest)
        elif jobs := self.limiter.jobs():
            self.touch(kind, jobs[rest[0] % len(jobs)], *rest[1:])

    def disturb(self, kind: str, *rest: Any) -> None:
        """Do something to the limiter."""
        if kind == "update":
            self.limiter.update(**rest[0])
        elif kind == "pause":
            self.limiter.pause(rest[0])
        elif kind == "listen":
            self.listen()
        else:
            stopping = self.limiter.stop(drop_waiting=False, timeout=20)
            self.tasks.append(asyncio.create_task(stopping))

    def listen(self) -> None:
        """Begin to listen, or end it."""
        if self.unsubscribe is not None:
            self.unsubscribe()
            self.unsubscribe = None
        else:
            self.unsubscribe = self.limiter.on(Received, lambda event: self.note(event.job.id))

    async def play(self, steps: list[tuple[Any, ...]]) -> list[Any]:
        """Do everything, and return what was seen."""
        for number, step in enumerate(steps):
            await self.step(number, *step)
            seen = [(job.id, job.state, job.position) for job in self.limiter.jobs()]
            self.log.append((seen, await self.limiter.running(), self.limiter.counts()))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.limiter.join(), 100)
        self.note("joined")
        self.limiter.resume()
        await self.limiter.stop(timeout=10)
        ends = await asyncio.gather(*self.tasks, return_exceptions=True)
        self.log.append([(type(end), str(end)) for end in ends])
        self.log.append(self.limiter.statistics())
        for job in self.ended:
            self.log.append((job.id, job.outcome, job.received_at, job.started_at, job.ended_at))
        self.log.append((self.limiter.opens_at(), engine_of(self.limiter).core.idle_since))
        return self.log


@settings(max_examples=share(200), deadline=None)
@given(limits=limits, steps=programs())
def test_a_listener_changes_nothing(limits: dict[str, Any], steps: list[tuple[Any, ...]]) -> None:
    """Whatever is done, it is the same with one who hears everything, and with nobody."""

    async def play(*, listened_to: bool) -> list[Any]:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        return await Play(limits, listened_to=listened_to).play(steps)

    assert run_virtual(play(listened_to=False)) == run_virtual(play(listened_to=True))


async def rest() -> None:
    """Yield once."""
    await asyncio.sleep(0)


async def test_a_job_leaves_its_scope_when_the_scope_is_closed_before_its_end() -> None:
    """A scope that was left holds no job that has ended."""
    limiter = Limiter(max_concurrent=1)
    await limiter.run(rest)
    async with limiter.scope("turn") as scope:
        task = asyncio.create_task(limiter.run(asyncio.sleep, 1))
        await asyncio.sleep(0)
    assert len(scope.jobs()) == 1
    await task
    assert scope.jobs() == []


async def test_a_refused_child_of_a_plain_job_loses_no_slot() -> None:
    """A job inside a plain job that holds all slots is refused, and the slot is not lost."""
    limiter = Limiter(max_concurrent=1)
    await limiter.run(rest)

    async def outer() -> None:
        await asyncio.create_task(limiter.run(rest))

    with pytest.raises(WouldDeadlock):
        await limiter.run(outer)
    assert await limiter.running() == 0
    async with limiter as job:
        pass
    assert job.outcome is JobOutcome.SUCCEEDED


async def test_a_limit_of_nothing_still_refuses() -> None:
    """A limiter that is narrowed to 0 takes no plain job."""
    limiter = Limiter(max_concurrent=1)
    await limiter.run(rest)
    limiter.update(max_concurrent=0)
    with pytest.raises(Overweight):
        await limiter.run(rest)


async def test_what_counts_no_more_leaves_no_timer_behind() -> None:
    """What was waited for by the clock is forgotten when it counts no more."""
    limiter = Limiter(max_concurrent=1, min_interval=5.0)
    await limiter.run(rest)
    tasks = [asyncio.create_task(limiter.run(rest))]
    await asyncio.sleep(0)
    assert engine_of(limiter).core.timer.is_set
    limiter.update(min_interval=0)
    tasks.append(asyncio.create_task(limiter.run(rest, queue_timeout=9)))
    await asyncio.gather(*tasks)
    assert not engine_of(limiter).core.timer.is_set


async def test_who_begins_to_listen_hears_of_the_jobs_that_were_there_before() -> None:
    """Of what happens to them from then on, whether they wait or run."""
    limiter = Limiter(max_concurrent=1)
    tasks = [asyncio.create_task(limiter.run(asyncio.sleep, 1)) for _ in range(2)]
    await asyncio.sleep(0.5)
    told: list[tuple[str, str]] = []
    limiter.on(JobEvent, lambda event: told.append((type(event).__name__, event.job.id)))
    await asyncio.gather(*tasks)
    assert told == [("Done", "#1"), ("Scheduled", "#2"), ("Executing", "#2"), ("Done", "#2")]
