"""Those who come back for another attempt keep the order they came in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.scheduling.work import now

from limner.scheduling import Limiter, Retry, RetryAfter


@pytest.mark.parametrize("options", [{}, {"fair": True}, {"aging": 30.0}])
async def test_several_refused_at_one_instant_go_back_in_the_order_they_stood_in(
    options: dict[str, Any],
) -> None:
    """Whatever the order in which they failed."""
    limiter = Limiter(
        max_concurrent=3, retry=Retry(attempts=2, backoff=0, jitter=0, on=OSError), **options
    )
    order: list[str] = []

    async def ask(name: str, work: float) -> None:
        order.append(name)
        await asyncio.sleep(work)
        if order.count(name) == 1:
            raise OSError

    jobs = [limiter.submit(ask, name, work) for name, work in [("a", 3), ("b", 2), ("c", 1)]]
    await asyncio.sleep(0)
    holders = [limiter.submit(asyncio.sleep, 5, priority=0) for _ in range(3)]
    await asyncio.gather(*jobs, *holders)
    assert order == ["a", "b", "c", "a", "b", "c"]


async def test_those_who_come_back_stand_before_all_others_of_their_priority() -> None:
    """Once their pause is over; a more important one still goes first."""
    limiter = Limiter(max_concurrent=1, retry=Retry(attempts=2, backoff=1, jitter=0))
    order: list[str] = []

    async def ask(name: str) -> None:
        order.append(name)
        await asyncio.sleep(3)
        if name in ("first", "second") and order.count(name) == 1:
            raise OSError

    jobs = [limiter.submit(ask, name) for name in ("first", "second", "third", "fourth")]
    jobs.append(limiter.submit(ask, "important", priority=0))
    await asyncio.gather(*jobs)
    assert order == ["first", "important", "first", "second", "third", "second", "fourth"]


async def test_one_moved_while_it_waits_for_its_retry_stands_before_the_others_there() -> None:
    """As it would have in its old priority."""
    limiter = Limiter(max_concurrent=1, retry=Retry(attempts=2, backoff=2, jitter=0))
    order: list[str] = []

    async def ask(name: str) -> None:
        order.append(name)
        await asyncio.sleep(1)
        if name == "refused" and order.count(name) == 1:
            raise OSError

    refused = limiter.submit(ask, "refused")
    await asyncio.sleep(1.5)
    jobs = [limiter.submit(ask, name, priority=7) for name in ("a", "b", "c", "d")]
    refused.priority = 7
    await asyncio.sleep(2)
    assert (refused.position, jobs[2].position) == (0, 1)
    await asyncio.gather(refused, *jobs)
    assert order == ["refused", "a", "b", "refused", "c", "d"]


async def test_after_a_cool_down_the_refused_go_before_the_rest_in_their_order() -> None:
    """A server that sends several away at once hears them again in the order it had them."""
    limiter = Limiter(max_concurrent=4, retry=Retry(attempts=2, backoff=0, jitter=0))
    order: list[tuple[int, float]] = []

    async def ask(number: int) -> None:
        order.append((number, now()))
        await asyncio.sleep(1)
        if [each for each, _ in order].count(number) == 1 and number < 4:
            raise RetryAfter(10)

    await asyncio.gather(*(limiter.run(ask, number) for number in range(6)))
    again = [(n, at) for n, at in order if at > 0]
    assert again == [(0, 11.0), (1, 12.0), (2, 12.0), (3, 12.0), (4, 12.0), (5, 13.0)]
