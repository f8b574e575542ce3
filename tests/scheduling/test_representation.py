"""What limiters and jobs look like, and where they do not go."""

from __future__ import annotations

import asyncio
import copy
import pickle

import pytest
from tests.scheduling.work import nap

from limner.errors import JobDropped
from limner.scheduling import Limiter, Overflow, Rate


async def test_a_limiter_shows_its_name_its_limits_and_how_it_stands() -> None:
    """Only the limits that were asked for."""
    assert repr(Limiter()) == "<Limiter without limits: 0 running, 0 waiting>"
    limiter = Limiter(max_concurrent=2, rates=[Rate(5, per=60)], name="painters")
    jobs = [limiter.submit(nap) for _ in range(5)]
    expected = "<Limiter 'painters' max_concurrent=2, rates=(Rate(limit=5, per=60.0),): "
    assert repr(limiter) == expected + "2 running, 3 waiting>"
    limiter.update(max_concurrent=None, rates=(), min_interval=0.5)
    assert repr(limiter).startswith("<Limiter 'painters' min_interval=0.5: ")
    await asyncio.gather(*jobs)


async def test_a_job_shows_its_id_its_state_and_its_place() -> None:
    """At every point of its way."""
    limiter = Limiter(max_concurrent=1)
    named = limiter.submit(nap, id="fox", priority=2)
    nameless = limiter.submit(nap, weight=0)
    waiting = limiter.submit(nap)
    await asyncio.sleep(0)
    assert repr(named) == "<Job 'fox' executing, priority 2, weight 1>"
    assert repr(nameless) == "<Job '#2' executing, priority 5, weight 0>"
    assert repr(waiting) == "<Job '#3' queued, priority 5, weight 1>"
    waiting.cancel()
    await limiter.join()
    assert repr(named) == "<Job 'fox' succeeded, priority 2, weight 1>"
    assert repr(waiting) == "<Job '#3' cancelled, priority 5, weight 1>"


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_limiter_cannot_be_pickled_or_copied_and_says_so(way: object) -> None:
    """Its jobs live in one process: what holds it must leave it out."""
    assert callable(way)
    with pytest.raises(TypeError, match="a Limiter cannot be pickled or copied"):
        way(Limiter(max_concurrent=1))


def test_what_a_limiter_keeps_to_can_be_pickled() -> None:
    """So that another can be made like it elsewhere."""
    limits = Limiter(max_concurrent=2, rates=[Rate(5, per=60)]).limits
    assert limits.rates == pickle.loads(pickle.dumps(limits.rates))
    assert Overflow.BLOCK is pickle.loads(pickle.dumps(Overflow.BLOCK))


async def test_what_shed_a_job_is_the_strategys_name() -> None:
    """The error's field, the option and a plain string are equal."""
    for strategy in Overflow:
        limiter = Limiter(max_concurrent=1, high_water=0, overflow=strategy)
        holder = limiter.submit(nap)
        with pytest.raises(JobDropped) as error:
            await limiter.submit(nap)
        assert error.value.strategy == strategy == str(strategy)
        assert f"strategy: {strategy}" in str(error.value)
        await holder
