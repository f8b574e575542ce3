"""What type checkers know of a limiter. Read by mypy in its ordinary run, never executed.

``assert_type`` says what is known. A ``type: ignore`` says what must be refused: if it no longer
is, the comment is unused, which is an error as well.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Hashable, Mapping
from functools import partial
from typing import Any, assert_type

from limner.scheduling import (
    Batcher,
    Done,
    Event,
    Job,
    Limiter,
    LimiterGroup,
    Overflow,
    Rate,
    Reservoir,
    Retry,
    Scope,
)


async def paint(what: str, width: int = 512) -> bytes:
    """Paint asynchronously."""
    return f"{what} {width}".encode()


def measure(picture: bytes) -> int:
    """Measure in a plain function."""
    return len(picture)


async def tell(story: str) -> AsyncGenerator[str, int]:
    """Stream."""
    yield story


async def ways_to_run(limiter: Limiter) -> None:
    """Results are those of the function, and positional arguments are checked."""
    assert_type(await limiter.run(paint, "a fox"), bytes)
    assert_type(await limiter.run(paint, "a fox", 256, priority=1), bytes)
    assert_type(await limiter.run(measure, b"", weight={"tokens": 7}), int)
    call: Coroutine[Any, Any, bytes] = limiter.run(paint, "a fox")
    await call
    assert_type(limiter.run(tell, "once"), AsyncGenerator[str, int])
    assert_type(await limiter.run(partial(paint, "a fox", width=7)), bytes)
    assert_type(limiter.submit(paint, "a fox", id="fox"), Job[bytes])
    assert_type(limiter.submit(measure, b""), Job[int])
    assert_type(await limiter.submit(measure, b""), int)

    limiter.run(paint, 7)  # type: ignore[arg-type]  # not a str
    limiter.run(paint)  # type: ignore[call-arg, arg-type]  # too few
    limiter.run(paint, "a fox", 1, 2)  # type: ignore[call-arg, arg-type]  # too many
    limiter.run(measure, "text")  # type: ignore[arg-type]  # not bytes
    await limiter.run(paint, "a fox", prio=1)  # type: ignore[call-overload]  # no such option
    await limiter.run(paint, "a fox", priority="high")  # type: ignore[call-overload]  # not an int
    await limiter.run(paint, "a fox", width=7)  # type: ignore[call-overload]  # the function's own
    await limiter.run(3)  # type: ignore[call-overload]  # no function
    limiter.submit(paint, 7)  # type: ignore[arg-type]  # as for run
    limiter.submit(measure)  # type: ignore[call-arg, arg-type]  # likewise


async def decorating(limiter: Limiter) -> None:
    """The signature is kept; what comes back is always awaited or iterated over."""
    wrapped = limiter.wrap(paint)
    assert_type(await wrapped("a fox", width=7), bytes)
    assert_type(await limiter.wrap(measure)(b""), int)
    assert_type(limiter.wrap(tell)("once"), AsyncGenerator[str, int])
    await wrapped(7)  # type: ignore[arg-type]  # not a str
    await wrapped("a fox", height=7)  # type: ignore[call-arg]  # no such argument

    @limiter.wrap(priority=2, tags=["sketch"])
    async def sketch(what: str, *, colour: str) -> str:
        return what + colour

    assert_type(await sketch("a fox", colour="red"), str)
    await sketch("a fox")  # type: ignore[call-arg]  # no colour
    limiter.wrap(prio=2)  # type: ignore[call-overload]  # no such option


async def streams(limiter: Limiter, words: AsyncIterator[str]) -> None:
    """Results of a map are the function's, items its argument."""
    assert_type(limiter.map(paint, ["a fox"]), AsyncGenerator[bytes, None])
    assert_type(limiter.map(measure, [b""], ordered=False), AsyncGenerator[int, None])
    assert_type([picture async for picture in limiter.map(paint, words)], list[bytes])
    limiter.map(measure, ["text"])  # type: ignore[arg-type]  # not bytes
    limiter.map(paint, 3)  # type: ignore[call-overload]  # no items


async def blocks(limiter: Limiter) -> None:
    """A block gives its job, a scope itself."""
    async with limiter as job:
        assert_type(job, Job[None])
    async with limiter.slot(weight=2) as job:
        assert_type(job.weights, Mapping[str, int])
    async with limiter.scope("turn") as scope:
        assert_type(scope, Scope)
    limiter.slot(wait=2)  # type: ignore[call-arg]  # no such option


async def jobs(limiter: Limiter, job: Job[bytes]) -> None:
    """A job is known by its result, also where it is called back."""

    def told(job: Job[bytes]) -> None:
        assert_type(job.result(), bytes)

    def told_of_another(job: Job[int]) -> None:
        pass

    job.add_done_callback(told)
    job.add_done_callback(told_of_another)  # type: ignore[arg-type]  # of another result
    wider: Job[object] = job
    narrower: Job[bytearray] = job  # type: ignore[assignment]  # less than known
    assert_type(job.exception(), BaseException | None)
    assert_type(job.owner, Hashable)
    job.priority = 3
    job.weight = 3  # type: ignore[misc]  # cannot be changed
    assert_type(limiter.jobs(), list[Job[Any]])
    del wider, narrower


def listening(limiter: Limiter) -> None:
    """A handler gets the kind of event it listens to."""

    def hear(event: Done) -> None:
        assert_type(event.job, Job[Any])

    assert_type(limiter.on(Done, hear), Callable[[], None])
    limiter.on(Event, print)
    limiter.once(Event, hear)  # type: ignore[arg-type]  # it would hear others as well


def groups() -> None:
    """With limits alone any key will do; a factory says which."""
    by_message = LimiterGroup(max_concurrent=1)
    assert_type(by_message, LimiterGroup[Any])
    assert_type(by_message["message"], Limiter)
    declared: LimiterGroup[str] = LimiterGroup(max_concurrent=1)
    assert_type(declared.keys(), list[str])
    declared[7]  # type: ignore[index]  # not a str

    def make(user: int) -> Limiter:
        return Limiter(max_concurrent=user)

    by_user = LimiterGroup(factory=make)
    assert_type(by_user, LimiterGroup[int])
    assert_type(by_user.limiters(), dict[int, Limiter])
    by_user["ada"]  # type: ignore[index]  # not an int
    LimiterGroup(factory=make, max_concurrent=1)  # type: ignore[call-overload]  # one or the other


async def around() -> None:
    """A batcher's items and results are the handler's."""

    async def handle(items: list[str]) -> list[int]:
        return [len(item) for item in items]

    batcher = Batcher(max_size=2, handler=handle)
    assert_type(batcher, Batcher[str, int])
    assert_type(await batcher.add("word"), int)
    await batcher.add(3)  # type: ignore[arg-type]  # not a str


def limits() -> None:
    """What a limiter is made of."""
    Limiter(
        max_concurrent=2,
        rates=[Rate(5, per=60, name="tokens")],
        reservoir=Reservoir(5, name="tokens"),
        overflow=Overflow.BLOCK,
        retry=Retry(attempts=3, on=(OSError, KeyError)),
    )
    Limiter(reservoir=5, retry=lambda error, attempt: 1.0 if attempt < 3 else None)
    Limiter(2)  # type: ignore[call-arg]  # by keyword only
    Limiter(overflow="block")  # type: ignore[arg-type]  # not an Overflow
    Limiter(rates=[5])  # type: ignore[list-item]  # not a Rate
