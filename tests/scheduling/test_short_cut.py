"""The short cut does what the long way does: same jobs, same instants, same ends, same counts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limner.scheduling.dispatcher import Dispatcher
from limner.scheduling.execution import Execution
from limner.scheduling.store import LocalStore

from limner.errors import Overweight, SchedulingError, WouldDeadlock
from limner.scheduling import Job, JobOutcome, Limiter, Rate, Received, Retry, RetryAfter
from limner.testing import run_virtual

seconds = st.sampled_from([0.0, 0.5, 1.0])
limits = st.fixed_dictionaries(
    {"max_concurrent": st.integers(1, 3)},
    optional={
        "retry": st.sampled_from([None, Retry(attempts=2, backoff=0.5, jitter=0)]),
        "min_interval": st.sampled_from([0.0, 0.0, 0.0, 0.5]),
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
        "weight": st.integers(0, 2),
        "queue_timeout": seconds,
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
"""What makes jobs go the long way, for a while or from then on."""


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Draw many calm steps with a few disturbances among them."""
    steps: list[tuple[Any, ...]] = draw(calm)
    for disturbance in draw(disturbances):
        steps.insert(draw(st.integers(0, len(steps))), disturbance)
    return steps


class LongWay(LocalStore):
    """A store of its own kind, which therefore has to be asked each time."""

    __slots__ = ()


class Play:
    """Does the same things to a limiter each time, and writes down everything that can be seen."""

    def __init__(self, limits: dict[str, Any], store: LocalStore) -> None:
        self.limiter = Limiter(**limits, store=store)
        self.log: list[Any] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.ended: list[Job[Any]] = []
        self.unsubscribe: Callable[[], None] | None = None
        self.attempts: dict[int, int] = {}

    def note(self, *what: object) -> None:
        """Write something down with its instant."""
        engine = self.limiter._engine
        now = asyncio.get_running_loop().time()
        self.log.append((now, *what, engine.state.running, engine.line.length))

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
        engine = self.limiter._engine
        self.log.append((engine.state.last_start, engine.idle_since, len(engine.active)))
        return self.log


@settings(max_examples=200, deadline=None)
@given(limits=widths, steps=programs())
def test_both_ways_lead_to_the_same(limits: dict[str, Any], steps: list[tuple[Any, ...]]) -> None:
    """Whatever is done, nothing shows which way the jobs went."""

    async def play(store: LocalStore) -> list[Any]:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        return await Play(limits, store).play(steps)

    assert run_virtual(play(LocalStore())) == run_virtual(play(LongWay()))


async def rest() -> None:
    """Yield once."""
    await asyncio.sleep(0)


@pytest.fixture
def long_way(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of the steps that go the long way from now on."""
    found: list[str] = []

    def tell(owner: type, name: str) -> None:
        method = getattr(owner, name)

        def told(*args: Any, **kwargs: Any) -> Any:
            found.append(name)
            return method(*args, **kwargs)

        monkeypatch.setattr(owner, name, told)

    tell(Dispatcher, "receive")
    tell(Dispatcher, "drain")
    tell(Execution, "grant")
    tell(Execution, "succeed")
    return found


async def test_plain_jobs_take_the_short_cut(long_way: list[str]) -> None:
    """After the first use of a limiter that only counts, no plain job goes the long way."""
    limiter = Limiter(max_concurrent=2)
    await limiter.run(rest)
    long_way.clear()
    await asyncio.gather(*(limiter.run(rest) for _ in range(10)))
    async with limiter:
        pass
    assert long_way == []


@pytest.mark.parametrize(
    "change",
    [
        {"min_interval": 0.5},
        {"rates": [Rate(1, per=1.0)]},
        {"reservoir": 100},
        {"high_water": 100},
        {"aging": 1.0},
        {"fair": True},
    ],
)
async def test_a_changed_limit_counts_at_once(long_way: list[str], change: dict[str, Any]) -> None:
    """With any other limit than the concurrency, jobs go the long way, and back when it is gone."""
    limiter = Limiter(max_concurrent=2)
    await limiter.run(rest)
    limiter.update(**change)
    long_way.clear()
    await limiter.run(rest)
    assert "receive" in long_way
    if change == {"high_water": 100}:
        return  # a penalty outlives it
    limiter.update(min_interval=0, rates=(), reservoir=None, aging=None, fair=False)
    long_way.clear()
    await limiter.run(rest)
    assert long_way == []


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


async def test_the_short_cut_knows_what_it_is_inside_of() -> None:
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


async def test_the_short_cut_leaves_no_timer_behind() -> None:
    """What was waited for by the clock is forgotten when it counts no more."""
    limiter = Limiter(max_concurrent=1, min_interval=5.0)
    await limiter.run(rest)
    tasks = [asyncio.create_task(limiter.run(rest))]
    await asyncio.sleep(0)
    assert limiter._engine.timer.is_set
    limiter.update(min_interval=0)
    tasks.append(asyncio.create_task(limiter.run(rest, queue_timeout=9)))
    await asyncio.gather(*tasks)
    assert not limiter._engine.timer.is_set
