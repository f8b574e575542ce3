"""A limiter belongs to one thread: others are told so at once, and have ways of their own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from tests.scheduling.work import nothing

from limner.errors import Overweight, WrongThread
from limner.scheduling import (
    Done,
    Executing,
    Job,
    JobEvent,
    JobOutcome,
    JobState,
    Limiter,
    Paused,
    Queued,
)

pytestmark = pytest.mark.real_time


def run(call: Callable[[], Any]) -> object:
    """Await something in an event loop of the calling thread's own."""

    async def main() -> object:
        return await call()

    return asyncio.run(main())


async def enter(block: Any) -> None:
    """Enter and leave a block."""
    async with block:
        pass


async def first_of(limiter: Limiter) -> object:
    """Take the first result of a map."""
    return await anext(limiter.map(abs, [1]))


LIMITER: dict[str, Callable[[Limiter, Job[Any]], object]] = {
    "__aenter__": lambda limiter, job: run(lambda: enter(limiter)),
    "cancel": lambda limiter, job: limiter.cancel(tag="x"),
    "chain": lambda limiter, job: limiter.chain(None),
    "check": lambda limiter, job: run(limiter.check),
    "cool_down": lambda limiter, job: limiter.cool_down(1),
    "counts": lambda limiter, job: limiter.counts(),
    "current_reservoir": lambda limiter, job: run(limiter.current_reservoir),
    "done": lambda limiter, job: run(limiter.done),
    "explain": lambda limiter, job: limiter.explain(job),
    "increment_reservoir": lambda limiter, job: run(lambda: limiter.increment_reservoir(1)),
    "is_empty": lambda limiter, job: limiter.is_empty,
    "job": lambda limiter, job: limiter.job("waiting"),
    "in_turn": lambda limiter, job: limiter.in_turn(),
    "jobs": lambda limiter, job: limiter.jobs(),
    "join": lambda limiter, job: run(limiter.join),
    "map": lambda limiter, job: run(lambda: first_of(limiter)),
    "on": lambda limiter, job: limiter.on(Done, print),
    "once": lambda limiter, job: limiter.once(Paused, print),
    "opens_at": lambda limiter, job: limiter.opens_at(),
    "pause": lambda limiter, job: limiter.pause(),
    "paused": lambda limiter, job: limiter.paused,
    "queued": lambda limiter, job: limiter.queued(),
    "resume": lambda limiter, job: limiter.resume(),
    "run": lambda limiter, job: run(lambda: limiter.run(nothing)),
    "running": lambda limiter, job: run(limiter.running),
    "scope": lambda limiter, job: limiter.scope("x"),
    "slot": lambda limiter, job: run(lambda: enter(limiter.slot())),
    "statistics": lambda limiter, job: limiter.statistics(),
    "stop": lambda limiter, job: run(limiter.stop),
    "submit": lambda limiter, job: limiter.submit(nothing),
    "update": lambda limiter, job: limiter.update(max_concurrent=5),
    "wrap": lambda limiter, job: run(limiter.wrap(nothing)),
}
"""How each method is called. Those that only make something are told when it is used."""
LIMITER_READS = {"is_inside", "limits", "name", "now", "shared"}
"""Plain attributes, true in every thread."""
FOR_OTHER_THREADS = {"run_threadsafe", "submit_threadsafe"}

JOB: dict[str, Callable[[Job[Any]], object]] = {
    "__await__": lambda job: run(lambda: job),
    "add_done_callback": lambda job: job.add_done_callback(print),
    "cancel": lambda job: job.cancel(),
    "eta": lambda job: job.eta(),
    "position": lambda job: job.position,
    "priority": lambda job: setattr(job, "priority", 1),
    "remove_done_callback": lambda job: job.remove_done_callback(print),
    "settle": lambda job: job.settle(1),
}
JOB_READS = {
    "attempt",
    "cancelled",
    "done",
    "ended_at",
    "error",
    "exception",
    "id",
    "outcome",
    "owner",
    "received_at",
    "result",
    "started_at",
    "state",
    "tags",
    "weight",
    "weights",
}
"""What has happened to it: true in every thread, if no longer up to date."""


def public(kind: type) -> set[str]:
    """Return the names that callers may use."""
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


def test_every_method_is_known_here() -> None:
    """A new one must say what it does in another thread."""
    assert public(Limiter) == {*LIMITER, *LIMITER_READS, *FOR_OTHER_THREADS} - {"__aenter__"}
    assert public(Job) == {*JOB, *JOB_READS} - {"__await__"}


async def at_work() -> tuple[Limiter, list[Job[Any]]]:
    """Return a limiter with a job that runs and one that waits."""
    limiter = Limiter(max_concurrent=1, reservoir=100, name="shared")
    stop = asyncio.Event()
    jobs: list[Job[Any]] = [
        limiter.submit(stop.wait, id="running", tags=["x"]),
        limiter.submit(nothing, id="waiting", tags=["x"]),
    ]
    await asyncio.sleep(0)
    return limiter, jobs


async def idle() -> tuple[Limiter, list[Job[Any]]]:
    """Return a limiter that has been used here and has no job left."""
    limiter = Limiter(max_concurrent=1, reservoir=100, name="shared")
    jobs: list[Job[Any]] = [limiter.submit(nothing) for _ in range(2)]
    await limiter.join()
    return limiter, jobs


@pytest.mark.parametrize("make", [at_work, idle])
@pytest.mark.parametrize("name", LIMITER)
async def test_a_limiter_refuses_every_call_from_another_thread(
    name: str, make: Callable[[], Any]
) -> None:
    """At once, with an error that names it, and without having done anything."""
    limiter, jobs = await make()
    before = limiter.limits, limiter.jobs(), limiter.statistics(), limiter.paused
    with pytest.raises(WrongThread, match="'shared' belongs to another thread") as error:
        await asyncio.to_thread(LIMITER[name], limiter, jobs[1])
    assert isinstance(error.value, RuntimeError)
    assert (limiter.limits, limiter.jobs(), limiter.statistics(), limiter.paused) == before
    limiter.cancel(tag="x")
    await limiter.join()


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", JOB)
async def test_a_job_refuses_every_call_from_another_thread(name: str, which: int) -> None:
    """Whether it runs or waits."""
    limiter, jobs = await at_work()
    job = jobs[which]
    before = job.state, job.priority
    with pytest.raises(WrongThread):
        await asyncio.to_thread(JOB[name], job)
    assert (job.state, job.priority) == before
    limiter.cancel(tag="x")
    await limiter.join()


async def test_what_is_only_read_can_be_read_anywhere() -> None:
    """The name and the limits, and what has become of a job."""
    limiter, (job, _) = await at_work()

    def look() -> list[object]:
        assert limiter.now > 0
        assert not job.done()
        with pytest.raises(asyncio.InvalidStateError):
            job.result()
        assert [getattr(job, name) for name in JOB_READS]
        return [limiter.name, limiter.limits.max_concurrent, limiter.is_inside, job.state]

    assert await asyncio.to_thread(look) == ["shared", 1, False, JobState.EXECUTING]
    limiter.cancel(tag="x")
    await limiter.join()
    ended = limiter.submit(max, 1, 2)
    assert await ended == 2
    assert await asyncio.to_thread(ended.result) == 2


async def test_jobs_are_handed_over_from_other_threads() -> None:
    """They run in the limiter's thread, under its limits; results and errors come back."""
    limiter = Limiter(max_concurrent=1)
    await limiter.run(nothing)
    mine = asyncio.get_running_loop()
    live = peak = 0

    async def work(number: int) -> int:
        nonlocal live, peak
        assert asyncio.get_running_loop() is mine
        live += 1
        peak = max(peak, live)
        await asyncio.sleep(0)
        live -= 1
        return number * number

    def elsewhere(number: int) -> int:
        future = limiter.submit_threadsafe(work, number, owner=number)
        value: int = future.result(60)
        assert limiter.run_threadsafe(max, number, 0) == number
        return value

    squares = await asyncio.gather(*(asyncio.to_thread(elsewhere, n) for n in range(8)))
    assert squares == [n * n for n in range(8)]
    assert peak == 1

    def fail() -> None:
        with pytest.raises(ZeroDivisionError):
            limiter.run_threadsafe(divmod, 1, 0)
        with pytest.raises(Overweight):
            limiter.submit_threadsafe(max, 1, 2, weight=2).result(60)
        with pytest.raises(TypeError, match="'prio' is not a job option"):
            limiter.submit_threadsafe(max, 1, 2, prio=1)  # type: ignore[call-arg]  # see there

    await asyncio.to_thread(fail)
    assert await limiter.running() == 0


@pytest.mark.parametrize("state", [JobState.EXECUTING, JobState.QUEUED])
async def test_cancelling_the_future_of_another_thread_cancels_the_job(state: JobState) -> None:
    """Whether it runs or waits; its slot is free."""
    limiter = Limiter(max_concurrent=1)
    stop = asyncio.Event()
    holder = limiter.submit(stop.wait if state is JobState.QUEUED else nothing)
    if state is JobState.EXECUTING:
        await holder
    loop = asyncio.get_running_loop()
    reached: asyncio.Future[JobEvent] = loop.create_future()
    ended: asyncio.Future[JobEvent] = loop.create_future()
    limiter.once(Queued if state is JobState.QUEUED else Executing, reached.set_result)
    limiter.once(Done, ended.set_result)

    def elsewhere() -> concurrent.futures.Future[Any]:
        return limiter.submit_threadsafe(asyncio.sleep, 3600)

    future = await asyncio.to_thread(elsewhere)
    assert (await reached).job.state is state
    assert await asyncio.to_thread(future.cancel)
    assert (await ended).job.outcome is JobOutcome.CANCELLED
    stop.set()
    await limiter.join()
    assert await limiter.running() == 0


async def test_a_job_of_another_thread_may_be_joined() -> None:
    """on_duplicate="join" gives all the same result, from whichever thread they come."""
    limiter = Limiter(max_concurrent=1)
    go = asyncio.Event()
    runs = 0

    async def once() -> int:
        nonlocal runs
        runs += 1
        await go.wait()
        return runs

    mine = limiter.submit(once, id="one", on_duplicate="join")

    def elsewhere() -> concurrent.futures.Future[Any]:
        return limiter.submit_threadsafe(once, id="one", on_duplicate="join")

    futures = [await asyncio.to_thread(elsewhere) for _ in range(3)]
    go.set()
    ends = [await asyncio.wrap_future(future) for future in futures]
    assert [await mine, *ends] == [1, 1, 1, 1]


async def test_the_ways_of_other_threads_say_so_in_the_limiters_own() -> None:
    """There they would wait for themselves."""
    limiter = Limiter(max_concurrent=1)
    await limiter.run(nothing)
    for way in (limiter.submit_threadsafe, limiter.run_threadsafe):
        with pytest.raises(RuntimeError, match="own thread: await run"):
            way(max, 1, 2)
    assert limiter.statistics().received == 1


def test_the_ways_of_other_threads_need_a_loop_that_runs() -> None:
    """Before the first use, and after the loop's end, there is none."""
    limiter = Limiter(max_concurrent=1)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no running event loop"):
            limiter.submit_threadsafe(max, 1, 2)
        asyncio.run(limiter.run(nothing))


def test_a_limiter_whose_loop_does_not_run_may_be_used_in_any_thread() -> None:
    """Nobody else can be in the middle of it."""
    limiter = Limiter(max_concurrent=1)
    asyncio.run(limiter.run(nothing))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        pool.submit(limiter.pause).result(60)
        pool.submit(limiter.resume).result(60)
        pool.submit(asyncio.run, limiter.run(nothing)).result(60)
    assert limiter.statistics().succeeded == 2
