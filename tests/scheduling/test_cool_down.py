"""A limiter can be told to leave its server alone, and asked when it opens."""

from __future__ import annotations

import asyncio
from math import inf

import pytest

from limner.scheduling import Limiter, Rate


async def test_after_a_cool_down_one_job_goes_first_alone() -> None:
    """Nothing starts before its end; then one, and the others when that has ended well."""
    limiter = Limiter(max_concurrent=3)
    limiter.cool_down(10)
    starts: list[float] = []

    async def note() -> None:
        starts.append(limiter.now)
        await asyncio.sleep(1)

    await asyncio.gather(*(limiter.run(note) for _ in range(4)))
    assert starts == [10, 11, 11, 11]


async def test_it_counts_for_those_who_wait_already() -> None:
    """Also where a timer was to start them earlier; the longest of several counts."""
    limiter = Limiter(min_interval=2)
    await limiter.run(asyncio.sleep, 0)
    waiting = limiter.submit(asyncio.sleep, 0)
    limiter.cool_down(7)
    limiter.cool_down(3)
    await waiting
    assert waiting.started_at == 7


async def test_a_limiter_tells_when_a_newcomer_could_start() -> None:
    """At once, at an instant, or when something else ends."""
    limiter = Limiter(max_concurrent=2, rates=[Rate(2, 10)])
    assert limiter.opens_at() == -inf
    first = limiter.submit(asyncio.sleep, 3)
    assert limiter.opens_at(2) == inf
    assert limiter.opens_at(3) == inf
    second = limiter.submit(asyncio.sleep, 3)
    assert limiter.opens_at() == inf
    await asyncio.gather(first, second)
    assert limiter.opens_at() == 10
    limiter.pause()
    assert limiter.opens_at() == inf
    await limiter.stop()
    assert limiter.opens_at() == inf


async def test_nonsense_is_refused() -> None:
    """Seconds are a length of time, a weight is a count."""
    limiter = Limiter()
    with pytest.raises(ValueError, match="seconds"):
        limiter.cool_down(-1)
    with pytest.raises(TypeError, match="weight"):
        limiter.opens_at("1")  # type: ignore[arg-type]  # what is tested
