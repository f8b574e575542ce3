"""A caller who was cancelled while waiting is gone at once, not when his task runs again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.scheduling.work import nap, now, start_time

from limner.scheduling import Cancelled, JobState, Limiter, Overflow, Rate, Retry

Way = Callable[[Limiter], Awaitable[object]]


async def by_run(limiter: Limiter) -> object:
    """Wait for a job."""
    return await limiter.run(nap)


async def by_with(limiter: Limiter) -> None:
    """Wait for a block."""
    async with limiter:
        pass


async def by_slot(limiter: Limiter) -> None:
    """Wait for a slot."""
    async with limiter.slot():
        pass


async def by_wrap(limiter: Limiter) -> object:
    """Wait for a decorated function."""
    return await limiter.wrap(nap)()


async def by_stream(limiter: Limiter) -> object:
    """Wait for the first item of a stream."""

    async def stream() -> Any:
        yield 1

    return await anext(limiter.run(stream))


async def by_timeout(limiter: Limiter) -> object:
    """Wait no longer than a time."""
    async with asyncio.timeout(100):
        return await limiter.run(nap)


WAYS: list[Way] = [by_run, by_with, by_slot, by_wrap, by_stream, by_timeout]
with_each_way = pytest.mark.parametrize("way", WAYS)


async def waiting(limiter: Limiter, way: Way) -> asyncio.Task[object]:
    """Return a task that waits, and is cancelled in this turn of the loop."""

    async def main() -> object:
        return await way(limiter)

    task = asyncio.create_task(main())
    await asyncio.sleep(1)
    assert limiter.queued() == 1
    task.cancel()
    return task


@with_each_way
async def test_nothing_counts_a_cancelled_waiter_in_the_turn_he_was_cancelled_in(way: Way) -> None:
    """Neither the queue, nor the states, nor what is told of him."""
    limiter = Limiter(max_concurrent=1)
    told: list[str | None] = []
    limiter.on(Cancelled, lambda event: told.append(event.reason))
    holder = limiter.submit(nap, 10)
    task = await waiting(limiter, way)
    assert limiter.queued() == limiter.queued(5) == limiter.counts()[JobState.QUEUED] == 0
    assert limiter.is_empty
    assert limiter.jobs() == [holder]
    assert limiter.statistics().cancelled == 1
    assert told == ["its caller was cancelled"]
    await asyncio.wait({task})
    assert task.cancelled()
    await holder


@with_each_way
@pytest.mark.parametrize("overflow", Overflow)
async def test_a_cancelled_waiter_takes_nobodys_place(way: Way, overflow: Overflow) -> None:
    """With room for one who waits, the next newcomer is not shed, nor is a penalty begun."""
    limiter = Limiter(max_concurrent=1, high_water=1, overflow=overflow)
    holder = limiter.submit(nap, 10)
    await waiting(limiter, way)
    newcomer = limiter.submit(nap, 1, "came in")
    assert newcomer.state is JobState.QUEUED
    assert await newcomer == "came in"
    await holder
    assert limiter.statistics().dropped == 0


async def test_a_cancelled_head_lets_those_behind_it_start_in_the_same_turn() -> None:
    """It was too heavy; they are not."""
    limiter = Limiter(max_concurrent=2)
    holder = limiter.submit(nap, 10)
    heavy = asyncio.create_task(limiter.run(nap, weight=2))
    await asyncio.sleep(0)
    light = limiter.submit(start_time)
    await asyncio.sleep(3)
    assert limiter.jobs(JobState.QUEUED)[-1] is light
    heavy.cancel()
    assert limiter.jobs(JobState.QUEUED) == []
    assert await light == 3.0
    await holder


async def test_many_who_are_cancelled_at_once_are_all_gone() -> None:
    """In whatever order, with whatever options; those between them keep their order."""
    limiter = Limiter(max_concurrent=1, fair=True)
    holder = limiter.submit(nap, 10)
    calls = [limiter.run(nap, 1, n, priority=n % 3, owner=n % 5) for n in range(50)]
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(1)
    for task in reversed(tasks[::2]):
        task.cancel()
    assert limiter.queued() == 25
    assert sum(limiter.queued(priority) for priority in range(3)) == 25
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [end for end in ends if isinstance(end, int)] == list(range(1, 50, 2))
    await holder


async def test_who_was_granted_in_the_turn_he_is_cancelled_passes_the_slot_on() -> None:
    """It was his already; nobody loses it, whichever came first."""
    limiter = Limiter(max_concurrent=1)
    for cancelled_first in (True, False):
        holder = limiter.submit(nap, 10)
        waiter = asyncio.create_task(limiter.run(nap, 1, "gone"))
        await asyncio.sleep(0)
        behind = limiter.submit(start_time)
        if cancelled_first:
            waiter.cancel()
        holder.cancel()
        await asyncio.sleep(0)
        if not cancelled_first:
            waiter.cancel()
        begin = now()
        assert await behind == begin
        await asyncio.wait({waiter})
        assert waiter.cancelled()
    assert await limiter.running() == 0


async def test_who_waits_for_his_retry_is_gone_as_well() -> None:
    """Between two attempts there is no slot to give back, only a place."""
    limiter = Limiter(max_concurrent=1, high_water=1, retry=Retry(attempts=2, backoff=50))

    async def fail() -> None:
        raise OSError

    task = asyncio.create_task(limiter.run(fail))
    await asyncio.sleep(1)
    assert limiter.queued() == 1
    task.cancel()
    assert limiter.queued() == 0
    assert limiter.is_empty
    assert await limiter.run(nap, 1, "next") == "next"


async def test_who_is_gone_has_taken_nothing_from_the_other_limits() -> None:
    """No start was counted, and nothing was drawn."""
    limiter = Limiter(rates=[Rate(1, per=10)], reservoir=2)
    await limiter.run(nap, 0)
    await waiting(limiter, by_run)
    assert await limiter.current_reservoir() == 1
    assert await limiter.run(start_time) == 10.0


async def test_a_waiter_of_the_second_limiter_of_a_chain_is_gone_from_both() -> None:
    """He held a slot in the first, which is free when his task has ended."""
    limiter, other = Limiter(max_concurrent=1), Limiter(max_concurrent=1)
    limiter.chain(other)
    holder = other.submit(nap, 10)
    task = asyncio.create_task(limiter.run(nap))
    await asyncio.sleep(1)
    assert (limiter.queued(), other.queued()) == (0, 1)
    task.cancel()
    assert other.queued() == 0
    await asyncio.wait({task})
    assert (await limiter.running(), await other.running()) == (0, 1)
    await holder
