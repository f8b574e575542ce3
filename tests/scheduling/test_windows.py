"""Starts are never early and never later than the limits force them to be."""

from __future__ import annotations

import asyncio
import random

import pytest

from limner.scheduling import Limiter, Rate
from limner.testing import run_virtual

JOBS = 20_000


SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(1, 5))]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_start_is_at_the_first_instant_every_window_allows(seed: int) -> None:
    """Twenty thousand random jobs start exactly when a reference says."""
    chance = random.Random(seed)
    interval, rates = 0.013, [Rate(7, per=0.31), Rate(40, per=2.5)]
    arrivals: list[float] = []
    at = 0.0
    for _ in range(JOBS):
        at += chance.expovariate(1 / 0.05) * chance.choice([0.1, 1.0, 2.0])
        arrivals.append(at)
    starts: list[float] = []

    async def note() -> None:
        starts.append(asyncio.get_running_loop().time())

    async def main() -> None:
        limiter = Limiter(min_interval=interval, rates=rates)
        loop = asyncio.get_running_loop()
        for arrival in arrivals:
            await asyncio.sleep(max(arrival - loop.time(), 0))
            limiter.submit(note)
        await limiter.join()

    run_virtual(main())
    expected: list[float] = []
    for index, arrival in enumerate(arrivals):
        bounds = [arrival]
        if index:
            bounds += [expected[-1], expected[-1] + interval]
        bounds += [expected[-rate.limit] + rate.per for rate in rates if index >= rate.limit]
        expected.append(max(bounds))
    assert starts == pytest.approx(expected, rel=0, abs=1e-9)
    for rate in rates:
        pairs = zip(starts, starts[rate.limit :], strict=False)
        assert all(late >= early + rate.per for early, late in pairs)
