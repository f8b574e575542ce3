"""A limiter learns what its server bears, and keeps to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backends.images.learning.limited_server import LimitedServer, ideal
from tests.examples import share

from limner.backends.images.learning import Learned, LearnedLimits
from limner.errors import BackendBusy, BackendRejected, JobCancelled
from limner.illustration.generation.retry_policy import cooling, second_try
from limner.scheduling import Executing, Limiter, Rate, Retried
from limner.testing import run_virtual

PICTURES = 100


async def finish(
    server: LimitedServer, limiter: Limiter, pictures: int = PICTURES
) -> tuple[float, Learned]:
    """Have pictures drawn through a limiter that learns; gives the seconds and what was learnt."""
    loop = asyncio.get_running_loop()
    with LearnedLimits(limiter, rates=lambda: server.rates) as limits:
        began = loop.time()
        drawn = await asyncio.gather(*(limiter.run(server.draw, n) for n in range(pictures)))
        assert drawn == list(range(pictures))
        return loop.time() - began, limits.learned


def cooled(server: LimitedServer) -> Callable[[int], Coroutine[Any, Any, object]]:
    """Drawing as pictures are drawn: where the server says for how long, the limiter cools down."""

    async def draw(n: int) -> object:
        try:
            return await server.draw(n)
        except BackendBusy as busy:
            raise cooling(busy) from None

    return draw


@pytest.mark.parametrize("configured", [None, 3])
@pytest.mark.parametrize("way", ["retry-after", "silent", "headers"])
@pytest.mark.parametrize("sliding", [True, False])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0, 4.0, 6.0])
async def test_a_hundred_pictures_take_little_more_than_they_must(
    seconds: float, sliding: bool, way: str, configured: int | None
) -> None:
    """Two at once and thirty a minute: within a tenth of the ideal, and refusals end."""
    server = LimitedServer(
        seconds=seconds, sliding=sliding, tells=way != "silent", headers=way == "headers"
    )
    took, learned = await finish(server, Limiter(max_concurrent=configured))
    assert took <= 1.1 * ideal(server, PICTURES, seconds)
    assert sum(at > 120 for at in server.refusals) <= 2  # the second window is believed
    assert len(server.refusals) <= (13 if way == "silent" else 7)
    assert learned.concurrency == 2
    assert server.peak == 2
    if seconds < 4:  # slower pictures never fill the window
        assert learned.rate is not None
        assert (30 <= learned.rate.limit <= 31, learned.rate.per) == (True, 60.0)


async def test_without_learning_pictures_are_refused_in_every_window() -> None:
    """What is compared with: a limiter that only waits as long as it is told."""
    server = LimitedServer()
    limiter = Limiter(max_concurrent=3, retry=second_try)
    await asyncio.gather(*(limiter.run(cooled(server), n) for n in range(PICTURES)))
    assert sum(at > 60 for at in server.refusals) > 20


async def test_what_was_learnt_is_told() -> None:
    """Concurrency, rate, until when nobody asks, how often it refused, and why."""
    server, limiter = LimitedServer(), Limiter()
    with LearnedLimits(limiter) as limits:
        running = [limiter.submit(server.draw, n) for n in range(120)]
        await asyncio.sleep(30)
        learned = limits.learned
        assert learned.words == "at most 2 at once"
        assert learned.cooling_until == pytest.approx(61, abs=1)
        assert learned.refusals == len(server.refusals) >= 2
        await asyncio.sleep(92.5)  # it has refused at the same count again
        learned = limits.learned
        assert learned.words == "at most 2 at once, 30 in 60 s"
        assert learned.why == "it refused one more than 30 in 60 s"
        assert limiter.explain(running[-1]).limit == "rates"
        await asyncio.gather(*running)
        assert limits.learned.cooling_until is None


async def test_a_server_that_comes_to_bear_less_is_believed() -> None:
    """Four at once become one, thirty a minute ten: refusals stop again after some."""
    server = LimitedServer(at_once=4, limit=60, seconds=2.0)
    limiter = Limiter()

    async def change() -> None:
        await asyncio.sleep(100)
        server.at_once, server.limit = 1, 10

    changing = asyncio.create_task(change())
    took, learned = await finish(server, limiter, 200)
    await changing
    assert learned.concurrency == 1
    assert learned.rate is not None
    assert learned.rate.limit <= 11
    late = [at for at in server.refusals if at > 320]
    assert len(late) <= (took - 320) / 60


async def test_a_server_that_comes_to_bear_more_is_used() -> None:
    """Two at once become six: that is found out, and the pictures are drawn faster."""
    server = LimitedServer(at_once=2, limit=1000, seconds=4.0)

    async def change() -> None:
        await asyncio.sleep(60)
        server.at_once = 6

    changing = asyncio.create_task(change())
    took, _ = await finish(server, Limiter(), 600)
    await changing
    assert server.peak == 6
    assert took < 0.55 * 600 * 4 / 2


async def test_a_rate_that_was_learnt_too_low_is_left_again() -> None:
    """Two in ten seconds become a hundred: what is tried from time to time grows and grows."""
    server = LimitedServer(at_once=50, limit=2, per=10.0, seconds=0.2)

    async def change() -> None:
        await asyncio.sleep(60)
        server.limit = 100

    changing = asyncio.create_task(change())
    took, _ = await finish(server, Limiter(max_concurrent=8), 300)
    await changing
    assert took < 400  # at two in ten seconds: 1500


async def test_bursts_with_quiet_between_are_refused_less_each_time() -> None:
    """What one burst taught holds for the next."""
    server, limiter = LimitedServer(at_once=2, limit=15), Limiter(max_concurrent=10)
    with LearnedLimits(limiter):
        counts = []
        for burst in range(4):
            before = len(server.refusals)
            await asyncio.gather(*(limiter.run(server.draw, (burst, n)) for n in range(20)))
            counts.append(len(server.refusals) - before)
            await asyncio.sleep(200)
    assert counts[0] >= 2
    assert counts[1] <= 3
    assert max(counts[2:]) <= 2
    assert len(server.done) == 80


async def test_several_owners_share_what_the_server_bears() -> None:
    """Messages take turns, and none waits for another's end."""
    server, limiter = LimitedServer(), Limiter(max_concurrent=6, fair=True)
    with LearnedLimits(limiter):
        await asyncio.gather(
            *(
                limiter.run(server.draw, (owner, n), owner=owner)
                for owner in ("ada", "ben", "cy")
                for n in range(30)
            )
        )
    owners = [str(done[0]) for done in server.done if isinstance(done, tuple)]
    for owner in ("ada", "ben", "cy"):
        assert owners[:45].count(owner) in range(12, 19)


async def test_a_refused_picture_goes_before_those_that_have_not_started() -> None:
    """It keeps its place at the front."""
    server, limiter = LimitedServer(limit=10, per=20.0), Limiter(max_concurrent=5)
    fresh_before_refused, refused, started = [], set(), set()

    def hear_retried(event: Retried) -> None:
        refused.add(event.job)

    def hear_executing(event: Executing) -> None:
        if event.job not in started and refused - {event.job}:
            fresh_before_refused.append(event.job)
        started.add(event.job)
        refused.discard(event.job)

    limiter.on(Retried, hear_retried)
    limiter.on(Executing, hear_executing)
    await finish(server, limiter, 40)
    assert len(server.refusals) >= 2
    assert fresh_before_refused == []


async def test_errors_that_cool_the_limiter_by_themselves_teach_the_same() -> None:
    """With `cooling`, as pictures are drawn, and the usual retry policy behind."""
    server = LimitedServer()
    limiter = Limiter(max_concurrent=3, retry=second_try)

    with LearnedLimits(limiter) as limits:
        await asyncio.gather(*(limiter.run(cooled(server), n) for n in range(PICTURES)))
        assert limits.learned.words == "at most 2 at once, 30 in 60 s"
    assert asyncio.get_running_loop().time() <= 1.1 * ideal(server, PICTURES, 1.0)


async def test_other_failures_teach_nothing() -> None:
    """A refused prompt says nothing about load, and is not tried again."""
    limiter = Limiter(max_concurrent=3, retry=second_try)

    async def reject() -> None:
        raise BackendRejected("no such model")

    with LearnedLimits(limiter) as limits:
        ended = await asyncio.gather(
            *(limiter.run(reject) for _ in range(9)), return_exceptions=True
        )
        assert {type(error) for error in ended} == {BackendRejected}
        assert limits.learned == Learned()
        assert limiter.limits.max_concurrent == 3


async def test_a_server_that_refuses_for_ever_is_given_up() -> None:
    """After 25 attempts the picture fails with the server's words."""
    server = LimitedServer(at_once=0, tells=False)
    limiter = Limiter(max_concurrent=2)
    with LearnedLimits(limiter), pytest.raises(BackendBusy, match="too many requests"):
        await limiter.run(server.draw, 1)
    assert len(server.refusals) == 25


async def test_the_owner_may_change_limits_and_gets_them_back() -> None:
    """`update` counts while it learns; `stop` leaves the owner's limits alone."""
    server = LimitedServer(at_once=3, limit=1000)
    limiter = Limiter(max_concurrent=8, rates=[Rate(100, 10)], retry=second_try)
    limits = LearnedLimits(limiter)
    jobs = [limiter.submit(server.draw, n) for n in range(40)]
    await asyncio.sleep(4)
    limiter.update(max_concurrent=1, rates=[Rate(2, 10)])
    begin = len(server.accepted)
    await asyncio.sleep(40)
    assert len(server.accepted) - begin <= 10
    limiter.update(max_concurrent=8, rates=[])
    await asyncio.gather(*jobs)
    limits.stop()
    limits.stop()
    assert limiter.limits.max_concurrent == 8
    assert limiter.limits.rates == ()
    assert limiter.limits.retry is second_try


async def test_the_owner_may_take_back_a_change() -> None:
    """Eight at once become one, and eight again: what was set in between is not what he wants."""
    server = LimitedServer(at_once=8, limit=1000)
    limiter = Limiter(max_concurrent=8)
    with LearnedLimits(limiter):
        await limiter.run(server.draw, 0)
        limiter.update(max_concurrent=1)
        await limiter.run(server.draw, 1)
        limiter.update(max_concurrent=8)
        await asyncio.gather(*(limiter.run(server.draw, n) for n in range(2, 18)))
        assert limiter.limits.max_concurrent == 8
    assert limiter.limits.max_concurrent == 8


@settings(max_examples=share(60), deadline=None)
@given(
    configured=st.integers(1, 6),
    rate=st.none() | st.tuples(st.integers(1, 8), st.sampled_from([3.0, 10.0])),
    at_once=st.integers(1, 5),
    limit=st.integers(1, 20),
    per=st.sampled_from([5.0, 10.0, 17.0, 60.0]),
    sliding=st.booleans(),
    tells=st.booleans(),
    headers=st.booleans(),
    durations=st.lists(st.floats(0.1, 5.0), min_size=1, max_size=8),
    cancels=st.sets(st.integers(0, 39), max_size=8),
    gaps=st.lists(st.sampled_from([0.0, 0.0, 0.5, 20.0]), min_size=1, max_size=5),
)
def test_no_job_is_lost_and_no_configured_limit_exceeded(
    configured: int,
    rate: tuple[int, float] | None,
    at_once: int,
    limit: int,
    per: float,
    sliding: bool,
    tells: bool,
    headers: bool,
    durations: list[float],
    cancels: set[int],
    gaps: list[float],
) -> None:
    """Whatever the server is like: every picture ends once, within what the owner allowed."""
    number = iter(range(10_000))
    server = LimitedServer(
        at_once=at_once,
        limit=limit,
        per=per,
        sliding=sliding,
        tells=tells,
        headers=headers,
        seconds=lambda: durations[next(number) % len(durations)],
    )
    rates = [] if rate is None else [Rate(*rate)]
    limiter = Limiter(max_concurrent=configured, rates=rates)
    starts: list[float] = []
    peaks: list[int] = []

    async def draw(n: int) -> object:
        starts.append(asyncio.get_running_loop().time())
        peaks.append(await limiter.running())
        return await server.draw(n)

    async def main() -> list[Any]:
        with LearnedLimits(limiter, rates=lambda: server.rates):
            jobs = []
            for n in range(40):
                jobs.append(limiter.submit(draw, n))
                await asyncio.sleep(gaps[n % len(gaps)])
                if n in cancels:
                    jobs[n - 1].cancel()
            ended = await asyncio.gather(*jobs, return_exceptions=True)
            assert (await limiter.running(), limiter.queued()) == (0, 0)
            return ended

    ended = run_virtual(main())
    assert {type(end) for end in ended} <= {int, JobCancelled}
    assert sum(isinstance(end, JobCancelled) for end in ended) <= len(cancels)
    assert max(peaks) <= configured
    assert sorted(end for end in ended if isinstance(end, int)) == sorted(
        done for done in server.done if isinstance(done, int)
    )
    if rate is not None:
        for at in starts:
            window = at - rate[1] + 1e-6
            assert sum(window < other <= at for other in starts) <= rate[0]
