"""A limiter without jobs goes from one event loop to the next, and knows what it knew."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from tests.scheduling.work import nap, nothing, now, start_time

from limner.errors import WrongLoop
from limner.scheduling import Job, JobState, Limiter, LimiterGroup, Rate, Reservoir, RetryAfter
from limner.testing import VirtualLoop, run_virtual


class LaterLoop(VirtualLoop):
    """A loop whose clock goes on where another's was, as those of one machine do."""

    def __init__(self, begin: float) -> None:
        super().__init__()
        self._now = begin


def run_later(main: Coroutine[Any, Any, Any], begin: float) -> Any:
    """Run something on a virtual clock that shows so much at first."""
    with asyncio.Runner(loop_factory=lambda: LaterLoop(begin)) as runner:
        return runner.run(main)


async def starts(limiter: Limiter, jobs: int) -> list[float]:
    """Return when so many jobs start that come at once."""
    return [await limiter.run(start_time) for _ in range(jobs)]


MODULE_LEVEL = Limiter(max_concurrent=1)


@MODULE_LEVEL.wrap
async def decorated_at_import(word: str) -> str:
    """Be limited from the beginning."""
    return word


def test_a_limiter_made_at_import_serves_one_asyncio_run_after_another() -> None:
    """As in a module, a notebook, a test suite; what it decorates as well."""
    for word in ("one", "two", "three"):
        assert asyncio.run(decorated_at_import(word)) == word
        assert asyncio.run(MODULE_LEVEL.run(nap, 0, word)) == word


LIMITS: list[tuple[dict[str, Any], list[float]]] = [
    ({"min_interval": 10.0}, [110.0, 120.0]),
    ({"rates": [Rate(2, per=10.0)]}, [110.0, 110.0]),
    ({"reservoir": Reservoir(2, refresh_amount=2, refresh_every=50.0)}, [150.0, 150.0]),
]


@pytest.mark.parametrize(("limits", "then"), LIMITS)
def test_windows_go_on_in_the_next_loop(limits: dict[str, Any], then: list[float]) -> None:
    """What was started stays started: the next loop waits for the same instants."""
    limiter = Limiter(**limits)

    async def use_up() -> None:
        await asyncio.gather(*(limiter.run(nothing) for _ in range(2 if "rates" in limits else 1)))
        if "reservoir" in limits:
            await limiter.run(nothing)

    run_later(use_up(), 100.0)
    assert run_later(starts(limiter, 2), 104.0) == then


@pytest.mark.parametrize(
    ("limits", "then"),
    [(LIMITS[0][0], [10.0, 20.0]), (LIMITS[1][0], [10.0, 10.0]), (LIMITS[2][0], [50.0, 50.0])],
)
def test_on_a_clock_that_begins_again_no_time_has_passed(
    limits: dict[str, Any], then: list[float]
) -> None:
    """Nobody knows how long it was: windows wait for what was left of them."""
    limiter = Limiter(**limits)

    async def use_up() -> None:
        await asyncio.sleep(100)
        await asyncio.gather(*(limiter.run(nothing) for _ in range(2)))

    run_virtual(use_up())
    assert run_virtual(starts(limiter, 2)) == then


def test_a_pause_goes_on_in_the_next_loop() -> None:
    """On a clock that goes on until its instant, on one that begins again for what is left."""

    async def pause_and_work() -> None:
        limiter.resume()
        await limiter.run(nap, 10)
        limiter.pause(30)
        await asyncio.sleep(5)

    limiter = Limiter(max_concurrent=1)
    run_virtual(pause_and_work())
    assert limiter.paused
    assert run_later(limiter.run(start_time), 20.0) == 40.0
    run_virtual(pause_and_work())
    assert run_virtual(limiter.run(start_time)) == 30.0
    assert not limiter.paused


def test_a_cool_down_goes_on_in_the_next_loop() -> None:
    """A server that asked to be left alone is left alone by whoever comes next."""

    def refuse() -> None:
        raise RetryAfter(30)

    async def be_refused() -> None:
        await limiter.run(nap, 10)
        with pytest.raises(RetryAfter):
            await limiter.run(refuse)

    limiter = Limiter(max_concurrent=1)
    run_virtual(be_refused())
    assert run_virtual(limiter.run(start_time)) == 30.0


def test_a_calendar_goes_by_the_wall_clock_in_every_loop() -> None:
    """Which goes on, whatever the loops' clocks show."""
    evening = 1_780_000_000.0 // 86400 * 86400 + 20 * 3600
    slept = 0.0
    limiter = Limiter(
        rates=[Rate(1, per=86400, align="00:00")], wall=lambda: evening + slept + limiter.now
    )
    assert run_virtual(starts(limiter, 1)) == [0.0]
    slept = 3600.0
    assert run_virtual(starts(limiter, 1)) == [3 * 3600.0]
    slept = 30 * 3600.0
    assert run_virtual(starts(limiter, 1)) == [0.0]


def test_a_limiter_with_jobs_tells_another_loop_how_many() -> None:
    """And is free again when they have ended where they belong."""
    limiter = Limiter(max_concurrent=1, name="shared")
    loop = VirtualLoop()

    async def hand_over() -> list[Job[Any]]:
        return [limiter.submit(nap) for _ in range(2)]

    jobs = loop.run_until_complete(hand_over())
    uses: list[Coroutine[Any, Any, Any]] = [
        limiter.run(nothing),
        limiter.join(),
        limiter.stop(),
        limiter.check(),
        wait_for(jobs[1]),
    ]
    for use in uses:
        with pytest.raises(WrongLoop, match="'shared' has 2 unfinished jobs in another") as error:
            asyncio.run(use)
        assert (error.value.name, error.value.jobs) == ("shared", 2)
    assert [job.state for job in jobs] == [JobState.EXECUTING, JobState.QUEUED]
    loop.run_until_complete(limiter.join())
    loop.close()
    asyncio.run(limiter.run(nothing))


async def wait_for(job: Job[Any]) -> Any:
    """Await a job."""
    return await job


def test_without_a_loop_there_is_nothing_to_run_in() -> None:
    """That is Python's own error."""
    limiter = Limiter(max_concurrent=1)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no running event loop"):
            limiter.submit(nothing)
        asyncio.run(limiter.run(nothing))


def test_an_ended_job_gives_its_result_in_every_loop() -> None:
    """It needs no loop for that."""
    limiter = Limiter(max_concurrent=1)

    async def make() -> Job[Any]:
        job = limiter.submit(nap, 1, "result")
        await job
        return job

    job = run_virtual(make())
    assert job.result() == "result"
    assert run_virtual(wait_for(job)) == "result"
    told: list[Any] = []

    async def ask() -> None:
        job.add_done_callback(told.append)
        await asyncio.sleep(0)

    run_virtual(ask())
    assert told == [job]


def test_a_group_goes_from_loop_to_loop() -> None:
    """Its keys keep their limits, and idle ones are forgotten in whichever loop runs then."""
    group: LimiterGroup[str] = LimiterGroup(min_interval=10.0, idle_timeout=60.0)

    async def use(wait: float) -> float:
        begin = now()
        await group["key"].run(nothing)
        started = now() - begin
        await asyncio.sleep(wait)
        return started

    assert run_later(use(1.0), 100.0) == 0.0
    assert run_later(use(1.0), 103.0) == 7.0
    assert group.keys() == ["key"]
    assert run_later(use(100.0), 300.0) == 0.0
    assert group.keys() == []
    assert run_virtual(use(100.0)) == 0.0
    assert group.keys() == []
