"""What somebody who had never seen the limiter found by attacking it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import pytest

from limner.errors import (
    JobCancelled,
    JobExpired,
    JobTimeout,
    Overweight,
    QueueTimeout,
    WouldDeadlock,
)
from limner.scheduling import (
    Barrier,
    Batcher,
    Done,
    Dropped,
    Failed,
    Job,
    JobOutcome,
    JobState,
    Limiter,
    LimiterGroup,
    Overflow,
    Queued,
    Rate,
    Received,
    Reservoir,
    Retry,
)
from limner.testing import run_virtual


def now() -> float:
    """The instant."""
    return asyncio.get_running_loop().time()


async def ended(jobs: Iterable[Job[Any]]) -> None:
    """Wait until jobs have ended, however."""
    await asyncio.gather(*jobs, return_exceptions=True)


@pytest.mark.parametrize("how", ["cancel", "stop", "expire"])
@pytest.mark.parametrize("way", ["slot", "with", "run"])
async def test_a_slot_through_a_chain_comes_back_however_the_inner_one_ends(
    how: str, way: str
) -> None:
    """With two limiters and with three."""
    limiters = [Limiter(max_concurrent=1) for _ in range(3)]
    for outer, inner in itertools.pairwise(limiters):
        outer.chain(inner)

    async def work() -> None:
        if way == "run":
            await limiters[0].run(asyncio.sleep, 100, tags=["x"])
        elif way == "slot":
            async with limiters[0].slot(tags=["x"]):
                await asyncio.sleep(100)
        else:
            async with limiters[0]:
                await asyncio.sleep(100)

    task = asyncio.create_task(work())
    await asyncio.sleep(1)
    for inner in limiters[1:]:
        if how == "cancel":
            for job in inner.jobs():
                job.cancel()
        elif how == "stop":
            await inner.stop(timeout=1)
        else:
            task.cancel()
    await asyncio.wait({task})
    assert [await limiter.running() for limiter in limiters] == [0, 0, 0]


async def test_what_the_reservoir_will_never_hold_again_is_overweight() -> None:
    """It holds nobody back, and no question about it takes for ever."""
    limiter = Limiter(reservoir=Reservoir(10, refresh_amount=2, refresh_every=1))
    await limiter.run(int, weight=10)
    job, light = limiter.submit(int, weight=5), limiter.submit(int, weight=2)
    assert limiter.opens_at(5) == float("inf")
    with pytest.raises(Overweight):
        await job
    assert await light == 0
    assert now() == 1.0


async def test_a_debt_is_waited_for_at_once_and_exactly() -> None:
    """Not refill by refill."""
    limiter = Limiter(reservoir=Reservoir(0, increase_amount=1, increase_every=0.5))
    await limiter.increment_reservoir(-100_000)
    job = limiter.submit(int, weight=2)
    assert job.eta() == pytest.approx(50_001.0)
    await job
    assert now() == pytest.approx(50_001.0)


@pytest.mark.parametrize("stop", ["cancel", "tag", "timeout", "stop"])
async def test_a_final_stop_counts_while_an_expired_attempt_cleans_up(stop: str) -> None:
    """The job is not tried again."""
    limiter = Limiter(max_concurrent=1, retry=Retry(attempts=30, backoff=1, jitter=0))

    async def stubborn() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(2)

    timeout = 6 if stop == "timeout" else None
    job = limiter.submit(stubborn, expiration=5, tags=["x"], timeout=timeout)
    await asyncio.sleep(6)
    if stop == "cancel":
        assert job.cancel()
        assert not job.cancel()
    elif stop == "tag":
        assert limiter.cancel(tag="x") == 1
    elif stop == "stop":
        await limiter.stop(timeout=0)
    with pytest.raises((JobCancelled, JobTimeout)):
        await job
    assert now() == 7.0
    assert job.attempt == 1


async def numbers(seconds: float = 0.0) -> AsyncGenerator[int, None]:
    """Count."""
    for number in range(5):
        await asyncio.sleep(seconds)
        yield number


@pytest.mark.parametrize("stop", ["expiration", "cancel"])
async def test_stopping_a_stream_leaves_what_its_consumer_does_alone(stop: str) -> None:
    """The next item tells why there is none."""
    limiter = Limiter(max_concurrent=1)
    options: dict[str, Any] = {"expiration": 1} if stop == "expiration" else {"id": "s"}
    stream = limiter.run(numbers, **options)
    assert await anext(stream) == 0
    if stop == "cancel":
        (job,) = limiter.jobs()
        assert job.cancel()
    await asyncio.sleep(5)  # the consumer's own
    with pytest.raises(JobExpired if stop == "expiration" else JobCancelled):
        await anext(stream)
    assert await limiter.running() == 0


async def test_a_stream_that_changes_hands_is_stopped_where_it_is() -> None:
    """Not in the task that once took its first item."""
    limiter = Limiter(max_concurrent=1)
    stream = limiter.run(numbers, 2.0, expiration=5)
    first = asyncio.ensure_future(anext(stream))
    assert await first == 0
    with pytest.raises(JobExpired):
        async for _ in stream:
            pass
    assert now() == 5.0
    await limiter.stop(timeout=1)


async def test_a_group_forgets_no_key_that_somebody_has_changed() -> None:
    """Its limits, its chain, who listens; what is as it was made is forgotten."""
    group = LimiterGroup[str](max_concurrent=1, idle_timeout=10)
    other = Limiter(max_concurrent=1)
    group["limits"].update(max_concurrent=5)
    group["chain"].chain(other)
    group["events"].on(Done, lambda event: None)
    await group["plain"].run(int)
    group.update(min_interval=0.0)
    await asyncio.sleep(100)
    assert group.keys() == ["limits", "chain", "events"]
    assert group["limits"].limits.max_concurrent == 5


def test_a_limiter_survives_a_loop_that_was_closed_over_its_jobs() -> None:
    """They are lost, and said to be; the next loop finds it free."""
    limiter = Limiter(max_concurrent=1)

    async def leave() -> list[Any]:
        jobs = [limiter.submit(asyncio.sleep, 60) for _ in range(3)]
        await asyncio.sleep(0)
        return jobs

    jobs = run_virtual(leave())
    assert run_virtual(limiter.run(max, 1, 2)) == 2
    assert [job.state for job in jobs] == [JobState.DONE] * 3
    assert [job.outcome for job in jobs] == [JobOutcome.CANCELLED] * 3
    assert not jobs[0].cancel()


async def test_a_fine_interval_makes_no_burst_of_what_something_else_held_back() -> None:
    """Only the lateness of the clock is made up for."""
    limiter = Limiter(min_interval=0.01, max_concurrent=1)
    starts: list[float] = []

    async def work(seconds: float) -> None:
        starts.append(round(now(), 6))
        await asyncio.sleep(seconds)

    await asyncio.gather(*(limiter.run(work, seconds) for seconds in (0.045, 0, 0, 0)))
    assert starts == [0.0, 0.045, 0.055, 0.065]


async def test_settling_counts_a_start_once_or_not_at_all() -> None:
    """Whatever it weighs, and whatever the wall clock did meanwhile."""
    wall = 1_780_000_000.0
    for rate in (Rate(1, per=60), Rate(1, per=86400, align="00:00")):
        drift = [0.0]

        def clock(drift: list[float] = drift) -> float:
            return wall + now() + drift[0]

        limiter = Limiter(rates=[rate], wall=clock)
        async with limiter.slot(weight=0) as job:
            job.settle(1)
            drift[0] = 1e-6
            job.settle(0)
        assert await limiter.check()


async def test_fair_owners_take_turns_whatever_their_jobs_weigh() -> None:
    """And the position that is told is the turn that comes."""
    for weight, owners in ((0, "aaabbb"), (1, "abbaa")):
        limiter = Limiter(max_concurrent=1, min_interval=1, fair=True)
        order: list[int] = []
        limiter.pause()
        jobs = [
            limiter.submit(order.append, number, owner=owner, weight=weight)
            for number, owner in enumerate(owners)
        ]
        told = [job.position for job in jobs]
        limiter.resume()
        await asyncio.gather(*jobs)
        assert told == [order.index(number) for number in range(len(jobs))]
        assert [owners[number] for number in order[:2]] == ["a", "b"]
        assert order == sorted(order) or weight == 0


async def test_somebody_who_rose_to_the_head_starts_when_he_does() -> None:
    """A slot that is free for him is not left free until something else happens."""
    limiter = Limiter(max_concurrent=2, aging=10)
    limiter.submit(asyncio.sleep, 1000)
    heavy_wait = asyncio.create_task(limiter.run(asyncio.sleep, 1, weight=2, priority=4))
    await asyncio.sleep(0)
    light = limiter.submit(asyncio.sleep, 1, priority=5)
    await asyncio.sleep(0)
    assert light.attempt == 0
    limiter.cancel(owner="nobody")
    await asyncio.sleep(30)
    heavy_wait.cancel()
    await asyncio.wait({heavy_wait})
    await light
    assert now() <= 40


async def test_a_job_stopped_by_a_handler_of_its_failure_is_not_tried_again() -> None:
    """It ends at once, not after the pause."""
    limiter = Limiter(max_concurrent=1, retry=Retry(attempts=5, backoff=50, jitter=0))
    limiter.on(Failed, lambda event: event.job.cancel("enough"))

    async def fail() -> None:
        raise OSError

    with pytest.raises(JobCancelled, match="enough"):
        await limiter.run(fail)
    assert now() == 0.0


async def test_every_bad_end_is_told_with_its_reason() -> None:
    """`Failed` comes before `Done`, once for each error."""
    limiter = Limiter(max_concurrent=1, retry=Retry(attempts=2, backoff=50, jitter=0))
    told: list[type[BaseException]] = []
    limiter.on(Failed, lambda event: told.append(type(event.error)))

    async def fail() -> None:
        raise OSError

    for call in (
        limiter.run(asyncio.sleep, 100, timeout=5),
        limiter.run(fail, queue_timeout=5),
        limiter.run(fail, timeout=5),
    ):
        with pytest.raises((JobTimeout, QueueTimeout)):
            await call
    assert told == [JobTimeout, OSError, QueueTimeout, OSError, JobTimeout]


async def test_a_newcomer_that_a_handler_ends_during_a_block_ends_once() -> None:
    """Two jobs, two ends."""
    limiter = Limiter(max_concurrent=1, high_water=1, overflow=Overflow.BLOCK)
    done: list[object] = []
    limiter.on(Done, done.append)
    jobs = [limiter.submit(asyncio.sleep, 1) for _ in range(2)]
    limiter.on(Dropped, lambda event: [job.cancel() for job in limiter.jobs()[2:]])
    jobs.append(limiter.submit(asyncio.sleep, 1))
    await ended(jobs)
    assert len(done) == len(jobs) == 3


async def test_limits_may_change_in_the_middle_of_a_shed() -> None:
    """The newcomer waits where the others do."""
    limiter = Limiter(max_concurrent=1, high_water=1)
    limiter.on(Dropped, lambda event: limiter.update(fair=True))
    jobs = [limiter.submit(asyncio.sleep, 1) for _ in range(3)]
    await ended(jobs)
    assert [job.outcome for job in jobs].count(JobOutcome.SUCCEEDED) == 2


async def test_a_handler_may_cancel_who_is_being_replaced() -> None:
    """He has gone already, and nobody else is touched."""
    limiter = Limiter(max_concurrent=1)
    hold = limiter.submit(asyncio.sleep, 1)
    old = limiter.submit(asyncio.sleep, 1, id="x")
    third = limiter.submit(asyncio.sleep, 1)
    limiter.on(Queued, lambda event: old.cancel())
    new = limiter.submit(asyncio.sleep, 1, id="x", on_duplicate="replace")
    await ended([hold, old, third, new])
    assert limiter.queued() == 0
    assert new.outcome is third.outcome is JobOutcome.SUCCEEDED


async def test_a_job_that_became_too_heavy_while_it_was_received_is_told_so() -> None:
    """It does not wait for ever."""
    limiter = Limiter(max_concurrent=3)
    limiter.once(Received, lambda event: limiter.update(max_concurrent=1))
    with pytest.raises(Overweight):
        await limiter.run(int, weight=3)


async def test_a_stop_that_was_left_keeps_its_deadline() -> None:
    """And a second one has its own."""
    limiter = Limiter(max_concurrent=1)
    job = limiter.submit(asyncio.sleep, 1000)
    await asyncio.sleep(0)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(limiter.stop(timeout=5), 1)
    await limiter.stop()
    assert now() == 5.0
    assert job.outcome is JobOutcome.CANCELLED


async def test_a_stopped_limiter_tries_nothing_again() -> None:
    """What fails after a stop has failed."""
    limiter = Limiter(max_concurrent=1, retry=Retry(attempts=50, backoff=60, jitter=0))

    async def fail() -> None:
        await asyncio.sleep(1)
        raise OSError

    job = limiter.submit(fail)
    await asyncio.sleep(0)
    await limiter.stop()
    assert now() == 1.0
    assert isinstance(job.exception(), OSError)


async def test_what_a_limiter_further_on_cancelled_is_not_tried_again() -> None:
    """Somebody wanted it so."""
    outer, inner = Limiter(retry=Retry(attempts=3, backoff=1)), Limiter(max_concurrent=1)
    outer.chain(inner)
    job = outer.submit(asyncio.sleep, 100, tags=["x"])
    await asyncio.sleep(1)
    inner.cancel(tag="x")
    with pytest.raises(JobCancelled):
        await job
    assert job.attempt == 1


def test_a_barrier_reached_outside_of_a_loop_gives_up_in_time() -> None:
    """Its clock starts with the first use in one."""
    barrier = Barrier(["a", "b"], timeout=5, clock="first_arrival")
    barrier.arrive("a")
    with pytest.raises(Exception, match="still missing after 5 s: b"):
        run_virtual(barrier.wait())


async def test_a_batch_whose_handler_stops_an_iteration_tells_everybody() -> None:
    """A future takes no StopIteration; they get a RuntimeError with it behind."""

    def handle(items: list[int]) -> Any:
        return next(iter([]))

    batcher = Batcher[int, int](max_size=2, handler=handle)
    ends = await asyncio.gather(batcher.add(1), batcher.add(2), return_exceptions=True)
    assert [type(end) for end in ends] == [RuntimeError, RuntimeError]


async def test_light_jobs_open_while_others_wait() -> None:
    """`opens_at` says what `check` says."""
    limiter = Limiter(max_concurrent=1)
    jobs = [limiter.submit(asyncio.sleep, 1) for _ in range(2)]
    assert await limiter.check(0)
    assert limiter.opens_at(0) == float("-inf")
    await ended(jobs)


async def test_a_wait_that_something_else_can_end_is_no_deadlock() -> None:
    """A bound, or a sibling that ends first."""
    limiter = Limiter(max_concurrent=1)

    async def bounded() -> None:
        with pytest.raises(QueueTimeout):
            await limiter.run(int, queue_timeout=5)
        with pytest.raises(JobTimeout):
            await limiter.run(int, timeout=5)

    async def first_of_two() -> None:
        child = asyncio.create_task(limiter.run(int))
        other = asyncio.create_task(asyncio.sleep(1))
        await asyncio.wait({child, other}, return_when=asyncio.FIRST_COMPLETED)
        children.append(child)

    children: list[asyncio.Task[int]] = []
    await limiter.run(bounded)
    await limiter.run(first_of_two)
    assert await children[0] == 0


async def test_mapping_inside_a_job_of_the_same_limiter_is_told() -> None:
    """It would wait for the slot that it stands in."""
    limiter = Limiter(max_concurrent=1)

    async def inner() -> list[int]:
        return [item async for item in limiter.map(int, ["1", "2"])]

    with pytest.raises(WouldDeadlock):
        await limiter.run(inner)
    assert await limiter.run(max, 1, 2) == 2
