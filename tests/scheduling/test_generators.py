"""Generators: async ones are streams that hold a slot, sync ones are refused."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

import pytest
from tests.scheduling.work import nap, now

from limner.errors import JobCancelled, JobExpired, JobTimeout, WouldDeadlock
from limner.scheduling import JobOutcome, Limiter


@pytest.fixture(scope="module", autouse=True)
def spared() -> None:
    """Spare the collector what earlier tests have loaded: here it is called again and again."""
    gc.collect()
    gc.freeze()


# Streams


async def count(to: int, pause: float = 1.0) -> AsyncGenerator[int, None]:
    """Count, with a pause before each number."""
    for number in range(to):
        await asyncio.sleep(pause)
        yield number


class Counter:
    """Counts in each way in which a callable can yield."""

    async def method(self, to: int) -> AsyncGenerator[int, None]:
        """Count as a method."""
        for number in range(to):
            yield number

    @staticmethod
    async def static(to: int) -> AsyncGenerator[int, None]:
        """Count without an object."""
        for number in range(to):
            yield number

    @classmethod
    async def of_class(cls, to: int) -> AsyncGenerator[int, None]:
        """Count as a class."""
        for number in range(to):
            yield number

    async def __call__(self, to: int) -> AsyncGenerator[int, None]:
        """Count as an object."""
        for number in range(to):
            yield number


class Heir(Counter):
    """Yields only because its parent does."""


STREAMS: list[Callable[..., AsyncGenerator[int, None]]] = [
    count,
    functools.partial(count, pause=0),
    functools.partial(functools.partial(count), pause=0),
    Counter().method,
    Counter.static,
    Counter.of_class,
    Counter(),
    Heir(),
    functools.partial(Heir()),
]


@pytest.mark.parametrize("function", STREAMS)
async def test_an_async_generator_function_becomes_a_stream_in_a_slot(
    function: Callable[..., AsyncGenerator[int, None]],
) -> None:
    """Through run() and wrap(), whatever kind of callable it is: one streams, the others wait."""
    limiter = Limiter(max_concurrent=1)
    live = 0

    async def use(stream: AsyncGenerator[int, None]) -> list[int]:
        nonlocal live
        got: list[int] = []
        async for number in stream:
            live += not got
            got.append(number)
            assert live == 1
            assert await limiter.running() == 1
            await asyncio.sleep(1)
        live -= 1
        return got

    streams = [limiter.run(function, 3), limiter.wrap(function)(3), limiter.run(function, 3)]
    assert await asyncio.gather(*(use(stream) for stream in streams)) == [[0, 1, 2]] * 3
    assert await limiter.running() == 0


async def test_a_wrapped_generator_function_stays_one() -> None:
    """Its name, its arguments and its kind; also as a method."""
    limiter = Limiter(max_concurrent=1)

    class Tale:
        @limiter.wrap(priority=2)
        async def told(self, *, times: int) -> AsyncGenerator[object, None]:
            """Tell it."""
            for _ in range(times):
                yield self

    tale = Tale()
    assert [item async for item in tale.told(times=2)] == [tale, tale]
    assert Tale.told.__name__ == "told"
    assert Tale.told.__doc__ == "Tell it."
    assert list(inspect.signature(Tale.told).parameters) == ["self", "times"]


async def test_a_stream_takes_its_slot_with_the_first_item_and_pays_like_any_job() -> None:
    """Making it costs nothing."""
    limiter = Limiter(min_interval=5.0, max_concurrent=3)
    streams = [limiter.run(count, 1, 0.0, id=f"stream {n}") for n in range(3)]
    assert limiter.jobs() == []
    got = await asyncio.gather(*(anext(stream) for stream in streams))
    assert (got, now()) == ([0, 0, 0], 10.0)
    assert [job.id for job in limiter.jobs()] == ["stream 0", "stream 1", "stream 2"]
    for stream in streams:
        await stream.aclose()
    assert limiter.jobs() == []


async def test_what_is_sent_and_thrown_reaches_the_generator() -> None:
    """asend() gives it values, athrow() errors, and it may answer both."""
    limiter = Limiter(max_concurrent=1)

    async def echo(first: str) -> AsyncGenerator[str, str]:
        answer = first
        while True:
            try:
                answer = f"you said {(yield answer)}"
            except KeyError as error:
                answer = f"you threw {error}"

    stream = limiter.run(echo, "begin")
    assert await anext(stream) == "begin"
    assert await stream.asend("hello") == "you said hello"
    assert await stream.athrow(KeyError("key")) == "you threw 'key'"
    assert await stream.asend("again") == "you said again"
    with pytest.raises(ValueError, match="not for you"):
        await stream.athrow(ValueError("not for you"))
    assert await limiter.running() == 0


async def by_break(stream: AsyncGenerator[int, None]) -> None:
    """Leave the loop, and drop the stream."""
    async for _ in stream:
        break


async def by_aclose(stream: AsyncGenerator[int, None]) -> None:
    """Close it."""
    await anext(stream)
    await stream.aclose()


async def by_another_task(stream: AsyncGenerator[int, None]) -> None:
    """Have it closed by another task."""
    await anext(stream)
    await asyncio.create_task(stream.aclose())


async def by_an_error_of_the_consumer(stream: AsyncGenerator[int, None]) -> None:
    """Fail in the middle."""

    async def fail() -> None:
        async with aclosing(stream):
            async for _ in stream:
                raise KeyError("the consumer's")

    with pytest.raises(KeyError):
        await fail()


async def by_cancelling_the_consumer(stream: AsyncGenerator[int, None]) -> None:
    """Be cancelled while an item is made."""

    async def consume() -> None:
        async for _ in stream:
            pass

    task = asyncio.create_task(consume())
    await asyncio.sleep(1.5)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


async def by_its_end(stream: AsyncGenerator[int, None]) -> None:
    """Take all of it."""
    assert [number async for number in stream] == [0, 1, 2]


WAYS_TO_LEAVE = [
    by_break,
    by_aclose,
    by_another_task,
    by_an_error_of_the_consumer,
    by_cancelling_the_consumer,
    by_its_end,
]


async def settle() -> None:
    """Let what was dropped be closed."""
    gc.collect()
    await asyncio.sleep(0.25)


@pytest.mark.parametrize("leave", WAYS_TO_LEAVE)
async def test_a_streams_slot_is_free_however_it_is_left(
    leave: Callable[[AsyncGenerator[int, None]], Awaitable[None]],
) -> None:
    """And the generator itself has been closed."""
    limiter = Limiter(max_concurrent=1)
    closed: list[str] = []

    async def stream() -> AsyncGenerator[int, None]:
        try:
            async for number in count(3):
                yield number
        finally:
            closed.append("closed")

    await leave(limiter.run(stream))
    await settle()
    assert closed == ["closed"]
    assert await limiter.running() == 0
    assert await limiter.run(nap, 1, "next", queue_timeout=0) == "next"


async def test_an_error_inside_a_stream_passes_through_and_frees_its_slot() -> None:
    """It is the generator's own, and the job has failed."""
    limiter = Limiter(max_concurrent=1)

    async def broken() -> AsyncGenerator[int, None]:
        yield 1
        raise KeyError("the generator's")

    stream = limiter.run(broken, id="broken")
    assert await anext(stream) == 1
    job = limiter.job("broken")
    with pytest.raises(KeyError, match="the generator's"):
        await anext(stream)
    assert job is not None
    assert job.outcome is JobOutcome.FAILED
    assert await limiter.running() == 0


async def test_only_the_steps_of_a_stream_are_inside_its_job() -> None:
    """What its consumer does between two items is not, and so may wait for another slot."""
    limiter, other = Limiter(max_concurrent=2), Limiter(max_concurrent=1)
    inside: list[bool] = []

    async def stream() -> AsyncGenerator[None, None]:
        inside.append(limiter.is_inside)
        yield
        inside.append(limiter.is_inside)

    async for _ in limiter.run(stream):
        inside.append(limiter.is_inside)
        assert await limiter.run(nap, 1, "beside it") == "beside it"
        assert await other.run(nap, 1, "elsewhere") == "elsewhere"
    assert inside == [True, False, True]
    assert not limiter.is_inside


async def test_a_stream_inside_its_own_limiter_is_refused_where_it_could_not_end() -> None:
    """A generator that waits for a second slot of a limiter that has one only."""
    limiter = Limiter(max_concurrent=1)

    async def stream() -> AsyncGenerator[object, None]:
        yield await limiter.run(nap)

    with pytest.raises(WouldDeadlock):
        await anext(limiter.run(stream))
    assert await limiter.running() == 0


@pytest.mark.parametrize(
    ("bound", "error"), [({"expiration": 2.5}, JobExpired), ({"timeout": 2.5}, JobTimeout)]
)
async def test_a_bound_stops_a_stream_while_it_makes_an_item(
    bound: dict[str, Any], error: type[Exception]
) -> None:
    """The item is not waited for any longer."""
    limiter = Limiter(max_concurrent=1)
    got: list[int] = []

    async def consume() -> None:
        async for number in limiter.run(count, 9, **bound):
            got.append(number)  # noqa: PERF401 - those before the error are wanted

    with pytest.raises(error):
        await consume()
    assert (got, now()) == ([0, 1], 2.5)
    assert await limiter.running() == 0


async def test_a_stream_told_to_stop_between_two_items_stops_when_the_next_is_asked_for() -> None:
    """Its consumer, who is busy with something else, is not cancelled; the generator hears why."""
    limiter = Limiter(max_concurrent=1)
    heard: list[BaseException] = []

    async def stream() -> AsyncGenerator[int, None]:
        try:
            yield 1
            yield 2
        except JobCancelled as error:
            heard.append(error)
            raise

    numbers = limiter.run(stream, id="numbers")
    assert await anext(numbers) == 1
    job = limiter.job("numbers")
    assert job is not None
    assert job.cancel("enough")
    await asyncio.sleep(10)
    assert now() == 10.0
    with pytest.raises(JobCancelled, match="enough") as error:
        await anext(numbers)
    assert heard == [error.value]
    assert job.outcome is JobOutcome.CANCELLED
    assert await limiter.running() == 0


async def test_only_the_task_that_takes_a_step_is_cancelled_with_a_stream() -> None:
    """The one that took the step before goes its own way."""
    limiter = Limiter(max_concurrent=1)
    numbers = limiter.run(count, 9, id="numbers")

    async def take_one_and_go_on() -> str:
        await anext(numbers)
        await asyncio.sleep(50)
        return "went on"

    async def take_the_next() -> object:
        await asyncio.sleep(2)
        with pytest.raises(JobCancelled):
            await numbers.asend(None)
        task = asyncio.current_task()
        return task.cancelling() if task else None

    first, second = asyncio.create_task(take_one_and_go_on()), asyncio.create_task(take_the_next())
    await asyncio.sleep(2.5)
    assert limiter.cancel(id="numbers") == 1
    assert await second == 0
    assert await first == "went on"
    assert await limiter.running() == 0


async def test_a_generator_that_will_not_stop_is_told_again() -> None:
    """Its consumer's task is left as it was each time."""
    limiter = Limiter(max_concurrent=1)

    async def stubborn() -> AsyncGenerator[int, None]:
        number = 0
        while number < 3:
            try:
                await asyncio.sleep(1)
                yield number
            except (JobExpired, asyncio.CancelledError):
                pass
            number += 1

    task = asyncio.current_task()
    assert task is not None
    got = []
    async for number in limiter.run(stubborn, expiration=0.5):
        got.append(number)
        assert task.cancelling() == 0
    assert got == [1, 2]  # told in the first step, and again where the others went on
    assert await limiter.running() == 0


# Refused


def plain() -> Iterator[int]:
    """Yield without a slot."""
    yield 1


class Plain:
    """Yields in the other ways."""

    def method(self) -> Iterator[int]:
        """Yield as a method."""
        yield 1

    def __call__(self) -> Iterator[int]:
        """Yield as an object."""
        yield 1


class PlainHeir(Plain):
    """Yields only because its parent does."""


GENERATORS: list[Callable[[], Iterator[int]]] = [
    plain,
    functools.partial(plain),
    Plain().method,
    Plain(),
    PlainHeir(),
    functools.partial(Plain().method),
]


@pytest.mark.parametrize("function", GENERATORS)
async def test_a_sync_generator_function_is_refused_everywhere(
    function: Callable[[], Iterator[int]],
) -> None:
    """What it yields would be made without a slot."""
    limiter = Limiter(max_concurrent=1)
    ways: list[Callable[[], object]] = [
        lambda: limiter.run(function),
        lambda: limiter.submit(function),
        lambda: limiter.wrap(function),
        lambda: limiter.wrap(priority=1)(function),
        lambda: limiter.map(function, [1]),  # type: ignore[arg-type]  # refused before it is called
        lambda: limiter.submit_threadsafe(function),
    ]
    for way in ways:
        with pytest.raises(TypeError, match="is a generator function"):
            way()
    assert limiter.statistics().received == 0


async def test_an_async_generator_function_cannot_be_handed_over() -> None:
    """submit() and map() have no consumer; they say where there is one."""
    limiter = Limiter(max_concurrent=1)
    ways: list[Callable[[], object]] = [
        lambda: limiter.submit(count, 3),
        lambda: limiter.map(count, [3]),
        lambda: limiter.submit_threadsafe(count, 3),
    ]
    for way in ways:
        with pytest.raises(TypeError, match="iterate over run"):
            way()


@pytest.mark.parametrize("chained", [False, True])
async def test_a_job_that_returns_a_generator_which_has_not_begun_is_told(chained: bool) -> None:
    """Behind a lambda nobody can see it before; the slot is free again."""
    limiter = Limiter(max_concurrent=1)
    if chained:
        limiter.chain(Limiter(max_concurrent=1))
    for make in (lambda: plain(), lambda: count(3)):
        with pytest.raises(TypeError, match="would run without a slot"):
            await limiter.run(make)
        with pytest.raises(TypeError, match="would run without a slot"):
            await limiter.submit(make)
    assert await limiter.running() == 0


async def test_a_generator_that_has_begun_is_a_result_like_any_other() -> None:
    """Its first part was made in the slot."""
    limiter = Limiter(max_concurrent=1)

    def begin() -> Iterator[int]:
        generator = iter([1, 2]) if False else plain_twice()
        next(generator)
        return generator

    def plain_twice() -> Iterator[int]:
        yield 1
        yield 2

    assert list(await limiter.run(begin)) == [2]


# Blocks inside generators


BLOCKS: list[Callable[[Limiter], AbstractAsyncContextManager[object]]] = [
    lambda limiter: limiter,
    lambda limiter: limiter.slot(),
]
with_each_block = pytest.mark.parametrize("block", BLOCKS, ids=["limiter", "slot()"])
with_and_without_chain = pytest.mark.parametrize("chained", [False, True], ids=["alone", "chained"])


@with_and_without_chain
@with_each_block
@pytest.mark.parametrize("leave", WAYS_TO_LEAVE)
async def test_a_block_in_a_generator_is_free_however_the_generator_is_left(
    leave: Callable[[AsyncGenerator[int, None]], Awaitable[None]],
    block: Callable[[Limiter], AbstractAsyncContextManager[object]],
    chained: bool,
) -> None:
    """By whichever task, also by nobody but the collector."""
    limiter, other = Limiter(max_concurrent=1), Limiter(max_concurrent=1)
    if chained:
        limiter.chain(other)

    async def stream() -> AsyncGenerator[int, None]:
        async with block(limiter):
            async for number in count(3):
                yield number

    await leave(stream())
    await settle()
    assert (await limiter.running(), await other.running()) == (0, 0)
    assert await limiter.run(nap, 1, "next", queue_timeout=0) == "next"


@with_and_without_chain
@with_each_block
async def test_a_block_in_a_generator_leaves_no_context_behind_in_its_consumer(
    block: Callable[[Limiter], AbstractAsyncContextManager[object]], chained: bool
) -> None:
    """The consumer is not inside, while the generator is suspended and after it was closed."""
    limiter, other = Limiter(max_concurrent=1), Limiter(max_concurrent=1)
    if chained:
        limiter.chain(other)

    async def stream() -> AsyncGenerator[int, None]:
        async with block(limiter):
            yield 1

    numbers = stream()
    await anext(numbers)
    assert not limiter.is_inside
    assert not other.is_inside
    later = asyncio.create_task(limiter.run(nap, 1, "not refused"))
    await asyncio.sleep(1)
    assert limiter.queued() == 1
    await asyncio.create_task(numbers.aclose())
    assert await later == "not refused"
    assert not limiter.is_inside
    assert await limiter.run(nap, 1, "nor is this") == "nor is this"


async def test_blocks_in_one_generator_may_be_nested() -> None:
    """Each leaves its own slot, the innermost first."""
    limiter, other = Limiter(max_concurrent=2), Limiter(max_concurrent=1)

    async def stream() -> AsyncGenerator[int, None]:
        async with limiter as outer:
            async with other, limiter as inner:
                yield await limiter.running()
            assert (inner.outcome, outer.outcome) == (JobOutcome.SUCCEEDED, None)
            yield await limiter.running()

    numbers = stream()
    assert await anext(numbers) == 2
    assert await asyncio.create_task(numbers.asend(None)) == 1
    await numbers.aclose()
    assert (await limiter.running(), await other.running()) == (0, 0)


@pytest.mark.parametrize("ends", ["read to its end", "left early", "failing", "cancelled"])
async def test_a_slot_around_a_stream_is_held_until_the_stream_has_ended(ends: str) -> None:
    """However a stream ends, its slot is taken until then and free from then on."""
    limiter = Limiter(max_concurrent=1)

    async def stream() -> AsyncGenerator[int, None]:
        for number in range(3):
            await asyncio.sleep(1)
            if number == 2 and ends == "failing":
                raise ConnectionResetError
            yield number

    async def read() -> None:
        async with limiter, aclosing(stream()) as numbers:
            async for number in numbers:
                if number == 1 and ends == "left early":
                    return

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    following = limiter.submit(nap, 0.0)
    await asyncio.sleep(1.5)
    assert following.started_at is None
    if ends == "cancelled":
        reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await following
    ended = {"cancelled": 1.5, "left early": 2.0}.get(ends, 3.0)
    assert following.started_at == ended


async def test_cancelling_in_a_chained_limiter_frees_both_slots() -> None:
    """A block that is told to stop by the other limiter leaves nothing behind in its own."""
    limiter, other = Limiter(max_concurrent=1), Limiter(max_concurrent=1)
    limiter.chain(other)

    async def hold() -> None:
        async with limiter.slot(tags=["story"]):
            await asyncio.sleep(10)

    task = asyncio.create_task(hold())
    await asyncio.sleep(1)
    assert other.cancel(tag="story", reason="no more") == 1
    with pytest.raises(JobCancelled, match="no more"):
        await task
    assert (await limiter.running(), await other.running()) == (0, 0)
