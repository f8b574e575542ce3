"""Misuse is a clear error at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from limner.errors import Overweight
from limner.scheduling import (
    Barrier,
    Batcher,
    Done,
    Limiter,
    LimiterGroup,
    Rate,
    Reservoir,
    Retry,
    RetryAfter,
)

NAN = float("nan")


async def nothing() -> None:
    """Do nothing."""


async def handle(items: list[int]) -> list[int]:
    """Give each item back."""
    return items


WRONG: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: Limiter(max_concurent=1), TypeError, "max_concurent"),  # type: ignore[call-arg]
    (lambda: Limiter(1), TypeError, "positional"),  # type: ignore[call-arg]
    (lambda: Limiter(max_concurrent=True), TypeError, "must be an int"),
    (lambda: Limiter(max_concurrent=1.0), TypeError, "must be an int"),  # type: ignore[arg-type]
    (lambda: Limiter(max_concurrent=-1), ValueError, "at least 0"),
    (lambda: Limiter(min_interval=NAN), ValueError, "finite"),
    (lambda: Limiter(min_interval=10**400), ValueError, "finite"),
    (lambda: Limiter(min_interval=-1), ValueError, "at least 0"),
    (lambda: Limiter(min_interval="1"), TypeError, "number of seconds"),  # type: ignore[arg-type]
    (lambda: Limiter(min_interval=True), TypeError, "number of seconds"),
    (lambda: Limiter(rates=[5]), TypeError, "Rate"),  # type: ignore[list-item]
    (lambda: Limiter(reservoir=-1), ValueError, "at least 0"),
    (lambda: Limiter(high_water=-1), ValueError, "high_water"),
    (lambda: Limiter(overflow="leak"), TypeError, "Overflow"),  # type: ignore[arg-type]
    (lambda: Limiter(penalty=NAN), ValueError, "penalty"),
    (lambda: Limiter(aging=0), ValueError, "more than 0"),
    (lambda: Limiter(fair=1), TypeError, "True or False"),  # type: ignore[arg-type]
    (lambda: Limiter(retry=3), TypeError, "callable"),  # type: ignore[arg-type]
    (lambda: Limiter(name=3), TypeError, "name"),  # type: ignore[arg-type]
    (lambda: Rate(0, per=1), ValueError, "at least 1"),
    (lambda: Rate(1, per=0), ValueError, "more than 0"),
    (lambda: Rate(True, per=1), TypeError, "int"),
    (lambda: Reservoir(1, refresh_every=1.0), ValueError, "need each other"),
    (lambda: Reservoir(1, increase_amount=1), ValueError, "need each other"),
    (lambda: Reservoir(1, maximum=3), ValueError, "increase_amount"),
    (lambda: Retry(attempts=0), ValueError, "at least 1"),
    (lambda: Retry(on=3), TypeError, "exception classes"),  # type: ignore[arg-type]
    (lambda: Retry(backoff=NAN), ValueError, "finite"),
    (lambda: RetryAfter(NAN), ValueError, "finite"),
    (lambda: RetryAfter(-1), ValueError, "at least 0"),
    (lambda: Limiter().slot(prio=1), TypeError, "'prio' is not a job option"),  # type: ignore[call-arg]
    (lambda: Limiter().slot(priority=10), ValueError, "0 .first. to 9"),
    (lambda: Limiter().slot(priority=-1), ValueError, "0 .first. to 9"),
    (lambda: Limiter().slot(priority=2.5), TypeError, "int"),  # type: ignore[arg-type]
    (lambda: Limiter().slot(weight=-1), ValueError, "at least 0"),
    (lambda: Limiter().slot(weight=0.5), TypeError, "int"),  # type: ignore[arg-type]
    (lambda: Limiter().slot(weight=NAN), TypeError, "int"),  # type: ignore[arg-type]
    (lambda: Limiter().slot(timeout=0), ValueError, "more than 0"),
    (lambda: Limiter(wall=3), TypeError, "wall must be a function"),  # type: ignore[arg-type]
    (lambda: Limiter().slot(id=7), TypeError, "str"),  # type: ignore[arg-type]
    (lambda: Limiter().slot(tags="abc"), TypeError, "one tag is"),
    (lambda: Limiter().slot(tags=[1]), TypeError, "strings"),  # type: ignore[list-item]
    (lambda: Limiter().slot(owner=[]), TypeError, "unhashable"),  # type: ignore[arg-type]
    (lambda: Limiter().slot(expiration=0), ValueError, "more than 0"),
    (lambda: Limiter().slot(queue_timeout=-1), ValueError, "at least 0"),
    (lambda: Limiter().slot(on_duplicate="ignore"), ValueError, "'join'"),  # type: ignore[arg-type]
    (lambda: Limiter().slot(id="x", on_duplicate="join"), ValueError, "cannot be joined"),
    (lambda: Limiter().run(3), TypeError, "function to run"),  # type: ignore[call-overload]
    (lambda: Limiter().submit(nothing()), TypeError, "function to run"),  # type: ignore[call-overload]
    (lambda: Limiter().wrap(prio=1), TypeError, "prio"),  # type: ignore[call-overload]
    (lambda: Limiter().map(nothing, [], id="x"), ValueError, "share one id"),  # type: ignore[arg-type]
    (lambda: Limiter().map(nothing, [], prefetch=0), ValueError, "at least 1"),  # type: ignore[arg-type]
    (lambda: Limiter().update(max_concurrnt=1), TypeError, "not a limit"),
    (lambda: Limiter().update(max_concurrent=NAN), TypeError, "int"),
    (lambda: Limiter().update(name="x"), TypeError, "not a limit"),
    (lambda: Limiter().pause(NAN), ValueError, "finite"),
    (lambda: Limiter().on(Done(None), print), TypeError, "event class"),  # type: ignore[arg-type]
    (lambda: Limiter().on(Done, nothing), TypeError, "plain function"),  # type: ignore[arg-type]
    (lambda: Limiter().once(Done, None), TypeError, "callable"),  # type: ignore[arg-type]
    (lambda: Limiter().chain(3), TypeError, "Limiter or None"),  # type: ignore[arg-type]
    (lambda: Limiter().queued(10), ValueError, "priority"),
    (lambda: Limiter().jobs("queued"), TypeError, "JobState"),  # type: ignore[arg-type]
    (lambda: Limiter().scope(3), TypeError, "tag"),  # type: ignore[arg-type]
    (lambda: LimiterGroup(max=1), TypeError, "max"),
    (lambda: LimiterGroup(factory=Limiter, max_concurrent=1), TypeError, "not both"),  # type: ignore[call-overload]
    (lambda: LimiterGroup(idle_timeout=0), ValueError, "more than 0"),
    (lambda: Barrier("text"), TypeError, "several names"),
    (lambda: Barrier(["a", "a"]), ValueError, "twice"),
    (lambda: Barrier(["a"], timeout=NAN), ValueError, "finite"),
    (lambda: Barrier(["a"], clock="never"), ValueError, "first_arrival"),  # type: ignore[arg-type]
    (lambda: Batcher(handler=handle), ValueError, "max_size"),
    (lambda: Batcher(max_size=0, handler=handle), ValueError, "at least 1"),
]


@pytest.mark.parametrize(("wrong", "kind", "words"), WRONG)
@pytest.mark.filterwarnings("ignore:coroutine 'nothing' was never awaited")
async def test_a_wrong_option_is_refused_where_it_is_given(
    wrong: Callable[[], object], kind: type[Exception], words: str
) -> None:
    """The error has the right class and says what is wrong."""
    with pytest.raises(kind, match=words):
        wrong()


async def test_a_job_too_heavy_for_ever_is_refused_at_once() -> None:
    """Heavier than max_concurrent, or than the reservoir can ever hold."""
    with pytest.raises(Overweight) as error:
        await Limiter(max_concurrent=2).run(nothing, weight=3)
    assert isinstance(error.value, ValueError)
    with pytest.raises(Overweight):
        await Limiter(max_concurrent=0).run(nothing)
    refilled = Reservoir(1, refresh_amount=4, refresh_every=1.0)
    with pytest.raises(Overweight):
        Limiter(reservoir=refilled).submit(nothing, weight=5)


async def test_a_slot_is_entered_once_and_released_once() -> None:
    """Both kinds of blocks tell, and nobody else's slot is given away."""
    limiter = Limiter(max_concurrent=2)
    slot = limiter.slot()
    with pytest.raises(RuntimeError, match="never entered"):
        await slot.__aexit__(None, None, None)
    async with slot:
        with pytest.raises(RuntimeError, match="entered once"):
            await slot.__aenter__()
    with pytest.raises(RuntimeError, match="released twice"):
        await slot.__aexit__(None, None, None)
    await limiter.__aenter__()
    await limiter.__aexit__(None, None, None)
    with pytest.raises(RuntimeError, match="released twice"):
        await limiter.__aexit__(None, None, None)

    async def inner() -> None:
        with pytest.raises(RuntimeError, match="another task"):
            await limiter.__aexit__(None, None, None)

    async with limiter:
        await asyncio.create_task(inner())
        assert await limiter.running() == 1
    assert await limiter.running() == 0


async def test_a_handler_that_raises_is_logged_and_harms_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The job ends as without it."""
    limiter = Limiter(max_concurrent=1)
    limiter.on(Done, lambda event: 1 / 0)
    assert await limiter.run(max, 1, 2) == 2
    assert await limiter.run(max, 1, 3) == 3
    assert "a handler of Done raised" in caplog.text


async def test_a_foreign_job_is_refused() -> None:
    """explain() answers only for its own jobs; what has not started has cost nothing."""
    job: Any = Limiter().submit(nothing)
    with pytest.raises(ValueError, match="another limiter"):
        Limiter().explain(job)
    await job
    limiter = Limiter()
    limiter.pause()
    waiting = limiter.submit(nothing)
    with pytest.raises(RuntimeError, match="not started"):
        waiting.settle(1)
    with pytest.raises(ValueError, match="priority"):
        waiting.priority = 11
    with pytest.raises(TypeError, match="priority"):
        waiting.priority = True
    waiting.cancel()


def test_a_retry_that_says_nothing_else_tries_three_times() -> None:
    """One run and two more."""
    retry = Retry(jitter=0)
    assert [retry(OSError(), attempt) for attempt in (1, 2, 3)] == [1.0, 2.0, None]


@pytest.mark.parametrize(
    ("value", "name"), [(Rate(1, per=1), "limit"), (Reservoir(1), "amount"), (Retry(), "attempts")]
)
def test_limits_are_values_that_nobody_changes(value: object, name: str) -> None:
    """A limiter that has them cannot know of a change; `update` gives it others."""
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, 2)
