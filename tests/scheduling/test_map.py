"""map(): a stream of items through a limiter, never far ahead of who takes the results."""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import pytest
from tests.scheduling.work import nap, now

from limner.errors import JobDropped, LimiterStopped, QueueTimeout, WouldDeadlock
from limner.scheduling import JobState, Limiter, Overflow
from limner.testing import run_virtual

both_orders = pytest.mark.parametrize("ordered", [True, False])


async def itself(number: int) -> int:
    """Take a second for an item, and give it back."""
    await asyncio.sleep(1)
    return number


async def slow_first(number: int) -> int:
    """Take 5 s for the first item, and one for each other."""
    await asyncio.sleep(1 if number else 5)
    return number


async def slowly(items: Iterator[int], pause: float) -> AsyncGenerator[int, None]:
    """Give an item, and then think about the next."""
    for item in items:
        yield item
        await asyncio.sleep(pause)


# Order


async def test_map_gives_results_in_order_and_reads_little_ahead() -> None:
    """Endless items are no problem; a slow first does not change the order."""
    limiter = Limiter(max_concurrent=2)
    taken = 0

    async def items() -> AsyncIterator[int]:
        nonlocal taken
        while True:
            yield taken
            taken += 1

    results: list[int] = []
    async with aclosing(limiter.map(slow_first, items(), prefetch=3)) as stream:
        async for result in stream:
            results.append(result)
            assert taken <= len(results) + 3
            if len(results) == 10:
                break
    assert results == list(range(10))
    assert limiter.jobs() == []


async def test_unordered_results_come_as_they_end() -> None:
    """The slow first comes when it is there, and not before."""
    limiter = Limiter(max_concurrent=2)
    results = [result async for result in limiter.map(slow_first, range(6), ordered=False)]
    assert results == [1, 2, 3, 4, 0, 5]


@both_orders
async def test_a_result_comes_as_soon_as_it_is_there_however_slow_the_items_are(
    ordered: bool,
) -> None:
    """Nobody waits for an item that is not needed for the result."""
    limiter = Limiter(max_concurrent=4)
    seen = [
        (result, now())
        async for result in limiter.map(itself, slowly(iter(range(3)), 100), ordered=ordered)
    ]
    assert seen == [(0, 1.0), (1, 101.0), (2, 201.0)]
    assert now() == 300.0


@both_orders
async def test_a_source_that_waits_for_its_consumer_is_no_deadlock(ordered: bool) -> None:
    """An item that depends on the result before it: results come while it thinks."""
    limiter = Limiter(max_concurrent=4)
    answers: asyncio.Queue[int] = asyncio.Queue()

    async def follow_ups() -> AsyncIterator[int]:
        yield 1
        while (last := await answers.get()) < 50:
            yield last * 2

    results = []
    async for result in limiter.map(itself, follow_ups(), ordered=ordered):
        results.append(result)
        answers.put_nowait(result)
    assert results == [1, 2, 4, 8, 16, 32, 64]


# How far ahead


@both_orders
@pytest.mark.parametrize(
    ("limits", "prefetch", "most"),
    [({"max_concurrent": 3}, None, 6), ({}, None, 16), ({"max_concurrent": 3}, 2, 2), ({}, 1, 1)],
)
async def test_no_more_jobs_than_prefetch_are_in_the_limiter(
    limits: dict[str, Any], prefetch: int | None, most: int, ordered: bool
) -> None:
    """Twice max_concurrent by default, 16 without one; ready results that wait count as well."""
    limiter = Limiter(**limits)
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for taken in range(1, 41):  # noqa: UP028 - it is read outside
            yield taken

    stream = limiter.map(itself, items(), prefetch=prefetch, ordered=ordered)
    results = []
    async for result in stream:
        results.append(result)
        await asyncio.sleep(3)  # time enough for whatever may start to have ended
        assert taken <= len(results) + most
    assert sorted(results) == list(range(1, 41))


async def test_items_are_first_taken_when_the_first_result_is_asked_for() -> None:
    """Calling map() does nothing yet."""
    limiter = Limiter(max_concurrent=1)
    items = iter([1, 2, 3])
    stream = limiter.map(itself, items)
    await asyncio.sleep(1)
    assert next(items) == 1
    assert [result async for result in stream] == [2, 3]


@both_orders
async def test_each_kind_of_items_will_do(ordered: bool) -> None:
    """A list, an iterator, an async one, none at all; what cannot be gone through is told."""
    limiter = Limiter(max_concurrent=1)
    for items in ([1, 2], iter([1, 2]), slowly(iter([1, 2]), 0)):
        assert [n async for n in limiter.map(itself, items, ordered=ordered)] == [1, 2]
    nobody: list[int] = []
    assert [n async for n in limiter.map(itself, nobody, ordered=ordered)] == []
    with pytest.raises(TypeError, match="not iterable"):
        limiter.map(itself, 3)  # type: ignore[call-overload]  # no items


async def test_each_job_has_the_options_and_a_plain_function_will_do() -> None:
    """All but an id."""
    limiter = Limiter(max_concurrent=4)

    async def mine(number: int) -> list[object]:
        return [(job.owner, job.tags, job.weight) for job in limiter.jobs(JobState.EXECUTING)]

    stream = limiter.map(mine, [1], owner="ada", tags=["map"], weight=3)
    assert [seen async for seen in stream] == [[("ada", ("map",), 3)]]
    assert [n async for n in limiter.map(abs, [-1, -2], priority=1)] == [1, 2]


# Errors


@both_orders
async def test_an_error_is_raised_at_its_place_and_cancels_what_is_ahead(ordered: bool) -> None:
    """Results before the error come; jobs after it have ended before it is raised."""
    limiter = Limiter(max_concurrent=3)
    ended = 0

    async def invert(number: int) -> float:
        nonlocal ended
        try:
            await asyncio.sleep(1)
            return 1 / number
        finally:
            await asyncio.sleep(0.5)  # it takes a while to stop
            ended += 1

    results = []

    async def collect() -> None:
        async for result in limiter.map(invert, [2, 1, 0, 1, 1, 1, 1], ordered=ordered):
            results.append(result)  # noqa: PERF401 - those before the error are wanted

    with pytest.raises(ZeroDivisionError):
        await collect()
    assert results == [0.5, 1.0]
    assert limiter.jobs() == []
    assert ended == limiter.statistics().succeeded + limiter.statistics().failed + 3


@both_orders
async def test_an_error_of_the_items_comes_after_the_results_before_it(ordered: bool) -> None:
    """What was already being made is not lost."""
    limiter = Limiter(max_concurrent=2)

    async def pages() -> AsyncIterator[int]:
        for number in range(5):
            yield number
        raise ConnectionResetError("page 5")

    results = []

    async def collect() -> None:
        async for result in limiter.map(itself, pages(), ordered=ordered):
            results.append(result)  # noqa: PERF401 - likewise

    with pytest.raises(ConnectionResetError, match="page 5"):
        await collect()
    assert results == [0, 1, 2, 3, 4]
    assert now() == 3.0


@both_orders
async def test_a_limiter_that_stops_ends_the_iteration_at_that_place(ordered: bool) -> None:
    """Results of those that still ran come first."""
    limiter = Limiter(max_concurrent=1)
    results: list[int] = []

    async def collect() -> None:
        async for result in limiter.map(itself, itertools.count(), prefetch=1, ordered=ordered):
            results.append(result)
            if len(results) == 2:
                asyncio.get_running_loop().call_later(0.5, stop)

    def stop() -> None:
        tasks.append(asyncio.create_task(limiter.stop(drop_waiting=False)))

    tasks: list[asyncio.Task[None]] = []
    with pytest.raises(LimiterStopped):
        await collect()
    assert results == [0, 1, 2]
    await tasks[0]


async def test_a_job_that_was_dropped_is_an_error_at_its_place() -> None:
    """Overflow and time-outs of the queue are told like every other error."""
    full = Limiter(max_concurrent=1, high_water=1, overflow=Overflow.OVERFLOW)
    with pytest.raises(JobDropped):
        [result async for result in full.map(itself, range(9), prefetch=5)]
    slow = Limiter(max_concurrent=1)
    with pytest.raises(QueueTimeout):
        [result async for result in slow.map(itself, range(9), prefetch=9, queue_timeout=1.5)]
    assert (full.jobs(), slow.jobs()) == ([], [])


async def test_a_map_inside_a_job_of_a_full_limiter_is_refused() -> None:
    """Its jobs could never start."""
    limiter = Limiter(max_concurrent=1)

    async def all_of_it() -> list[int]:
        return [result async for result in limiter.map(itself, range(3))]

    assert await all_of_it() == [0, 1, 2]
    with pytest.raises(WouldDeadlock):
        await asyncio.wait_for(limiter.run(all_of_it), 100)


# Leaving


@both_orders
async def test_who_leaves_early_leaves_nothing_behind(ordered: bool) -> None:
    """Closed, or only dropped: the jobs ahead are cancelled, and no item is taken any more."""
    limiter = Limiter(max_concurrent=2)
    items = itertools.count()
    async with aclosing(limiter.map(itself, items, ordered=ordered)) as stream:
        assert await anext(stream) == 0
    assert limiter.jobs() == []

    async def take_one() -> int:
        async for result in limiter.map(itself, items, ordered=ordered):
            return result
        raise AssertionError

    first = await take_one()
    gc.collect()
    await asyncio.sleep(1)
    assert limiter.jobs() == []
    taken = next(items)
    await asyncio.sleep(100)
    assert next(items) == taken + 1
    assert first < taken
    assert await limiter.running() == 0


@both_orders
async def test_a_cancelled_consumer_cancels_what_is_ahead(ordered: bool) -> None:
    """The cancellation passes through, after the jobs have really ended."""
    limiter = Limiter(max_concurrent=2)
    ended: list[float] = []

    async def work(number: int) -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(2)
            ended.append(now())

    async def consume() -> None:
        async for _ in limiter.map(work, range(9), ordered=ordered):
            pass

    task = asyncio.create_task(consume())
    await asyncio.sleep(10)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert ended == [12.0, 12.0]
    assert limiter.jobs() == []


@both_orders
async def test_a_consumer_cancelled_again_while_it_closes_has_told_all_jobs(ordered: bool) -> None:
    """Who does not wait for the end of the items any more still cancels the jobs."""
    limiter = Limiter(max_concurrent=2)

    async def items() -> AsyncIterator[int]:
        yield 1
        yield 2
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(5)  # it takes a while to stop

    async def consume() -> None:
        async for _ in limiter.map(lambda number: nap(500), items(), ordered=ordered):
            pass

    task = asyncio.create_task(consume())
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait({task})
    await asyncio.sleep(10)
    assert limiter.jobs() == []
    assert limiter.statistics().cancelled == 2


def test_a_map_left_by_a_loop_that_ends_is_quiet() -> None:
    """Nothing is reported, and the limiter is free for the next loop."""
    limiter = Limiter(max_concurrent=2)

    async def take_one() -> int:
        stream = limiter.map(itself, itertools.count())
        return await anext(stream)

    assert run_virtual(take_one()) == 0
    assert run_virtual(limiter.run(nap, 1, "next")) == "next"
