"""Other lengths, widths, outages, chats and pools: all is drawn, in nearly the least time.

Each text is illustrated by what `illustrate` and `serve` put together, on virtual time. A tenth
more than the least is allowed, and a minute for each outage.
"""

import asyncio
import math
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.illustration.patience.illustrating import now, story
from tests.illustration.patience.sick_server import (
    SickServer,
    busy,
    gateway,
    gone,
    ideal,
    too_many,
)
from tests.illustration.slow_servers import SlowServer, Tells

from limner.backends.images.pool import Member, PoolBackend
from limner.composition import open_pipeline
from limner.config import Settings
from limner.errors import BackendError
from limner.illustration import Illustrated, ImageBackend
from limner.scheduling import Limiter
from limner.testing import run_virtual

Refusal = Callable[[], BackendError]


async def illustrated(
    backend: ImageBackend, *counts: int, at_once: int
) -> tuple[list[Illustrated], float]:
    """Texts with so many tags, each in a chat of its own; and when the last of them ended."""
    async with open_pipeline(Settings(max_concurrent=at_once), backend=backend) as pipeline:
        texts = [
            pipeline.illustrator.illustrate(story(count, f"chat {number}:"), chat_id=str(number))
            for number, count in enumerate(counts)
        ]
        return list(await asyncio.gather(*texts)), now()


TOLD = too_many(1)
LENGTHS = st.sampled_from([(1, 10.0), (3, 400.0), (12, 3.0), (12, 110.0), (24, 0.5), (40, 5.0)])
AT_ONCE = st.sampled_from([1, 3, 8])
WIDTHS = st.sampled_from([1, 2, 3, 8])
AWAY = st.sampled_from([3.0, 20.0, 61.0, 300.0, 1500.0])


@settings(max_examples=share(60), deadline=None, derandomize=True, database=None)
@given(st.sampled_from([busy, gone, gateway]), LENGTHS, AT_ONCE, WIDTHS, st.floats(0, 9), AWAY)
def test_an_outage_of_any_length_at_any_time(
    refusal: Refusal,
    length: tuple[int, float],
    at_once: int,
    width: int,
    begin: float,
    away: float,
) -> None:
    """Whether it begins before the first picture or within the last."""
    count, seconds = length
    begin = round(begin * seconds, 2)
    if refusal is gone:
        begin += seconds + 0.1  # one that was never there is not waited for
    server = SickServer(
        seconds=seconds, width=width, away=((begin, begin + away),), refusal=refusal
    )
    results, ended = run_virtual(illustrated(server, count, at_once=at_once))
    assert all(result.complete for result in results)
    assert ended <= 1.1 * ideal(count, server, at_once) + 60


@settings(max_examples=share(30), deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from([busy, gateway]),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    AT_ONCE,
    WIDTHS,
    st.floats(0, 60),
    st.floats(5, 100),
)
def test_two_chats_and_two_outages(
    refusal: Refusal,
    counts: tuple[int, int],
    at_once: int,
    width: int,
    begin: float,
    between: float,
) -> None:
    """Who asks for one chat finds out for the other, and the second outage is as the first."""
    away = ((begin, begin + 45), (begin + 45 + between, begin + 75 + between))
    server = SickServer(seconds=4, width=width, away=away, refusal=refusal)
    results, ended = run_virtual(illustrated(server, *counts, at_once=at_once))
    assert all(result.complete for result in results)
    assert ended <= 1.1 * ideal(sum(counts), server, at_once) + 120


@settings(max_examples=share(40), deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from([busy, gateway, TOLD]),
    st.integers(4, 25),
    st.sets(st.integers(0, 3), min_size=1, max_size=3),
    AT_ONCE,
    WIDTHS,
    st.sampled_from([(), ((1.1, 61.1),)]),
)
def test_up_to_three_bad_prompts_hold_nobody_up(
    refusal: Refusal,
    count: int,
    bad: set[int],
    at_once: int,
    width: int,
    away: Sequence[tuple[float, float]],
) -> None:
    """The good ones are drawn, whatever the bad ones look like; each costs 15 s to find out.

    In an outage each bad one that asks costs another pause, of a minute at most.
    """
    if refusal is TOLD:
        away = ()  # who tells a time is not away
    names = frozenset(f"chat 0: {number}" for number in bad)
    server = SickServer(width=width, bad=names, refusal=refusal, away=tuple(away))
    (result,), _ = run_virtual(illustrated(server, count, at_once=at_once))
    assert set(server.drawn) == {f"chat 0: {number}" for number in range(count)} - names
    least = ideal(len(server.drawn), server, at_once) if server.drawn else 0.0
    found_out = sum(end - begin + 60 * (1 + len(bad)) for begin, end in away) or 15 * len(bad)
    assert max(server.drawn.values(), default=0.0) <= 1.1 * least + found_out
    assert len(result.failed) + len(result.waiting) == len(bad)


@settings(max_examples=share(30), deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from(list(Tells)),
    st.sampled_from([(4, 110), (12, 120), (3, 400), (5, 1500), (30, 40)]),
    st.sampled_from([1, 3, 12]),
    st.sampled_from([1, 2, 3]),
    st.booleans(),
)
def test_a_slow_server_of_any_width(
    tells: Tells, length: tuple[int, float], at_once: int, width: int, two: bool
) -> None:
    """One chat or two; nothing is drawn twice, and nobody waits for a place that is free."""
    count, seconds = length
    server = SlowServer(seconds, width=width, tells=tells)
    counts = (count, count) if two else (count,)
    results, ended = run_virtual(illustrated(server, *counts, at_once=at_once))
    assert all(result.complete for result in results)
    assert len(server.begun) == sum(counts)
    assert ended <= 1.1 * seconds * math.ceil(sum(counts) / min(width, at_once)) + 1


def pool_of(*servers: SickServer) -> PoolBackend:
    """A pool that sends each member as many as it draws at once."""
    return PoolBackend(
        [
            Member(name=f"{n}", backend=one, limiter=Limiter(max_concurrent=one.width))
            for n, one in enumerate(servers)
        ]
    )


@settings(max_examples=share(40), deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from([busy, gone, gateway]),
    st.sampled_from([(1, 10.0), (12, 3.0), (60, 10.0)]),
    WIDTHS,
    st.floats(0, 5),
    st.sampled_from([20.0, 300.0, math.inf]),
)
def test_a_pool_of_two_with_one_of_them_sick(
    refusal: Refusal, length: tuple[int, float], width: int, begin: float, away: float
) -> None:
    """The well one draws meanwhile, and the sick one helps within a minute of being back."""
    count, seconds = length
    begin = round(begin * seconds, 2)
    sick = SickServer(seconds=seconds, width=width, away=((begin, begin + away),), refusal=refusal)
    well = SickServer(seconds=seconds, width=width)

    async def main() -> tuple[list[Illustrated], float]:
        async with pool_of(sick, well) as pool:
            return await illustrated(pool, count, at_once=2 * width)

    (result,), ended = run_virtual(main())
    assert result.complete
    assert ended <= 1.1 * ideal_of(count, [sick, well]) + 60


@pytest.mark.parametrize("refusal", [busy, gone, gateway])
@pytest.mark.parametrize("begin", [15.0, 33.0])
async def test_a_pool_of_which_nobody_is_there_is_waited_for(
    refusal: Refusal, begin: float
) -> None:
    """Five minutes without either, and not a picture has failed."""
    servers = [
        SickServer(seconds=10, away=((begin, begin + 300),), refusal=refusal) for _ in range(2)
    ]
    async with pool_of(*servers) as pool:
        (result,), ended = await illustrated(pool, 20, at_once=2)
    assert result.complete
    assert ended <= 1.1 * ideal_of(20, servers) + 60


def ideal_of(count: int, servers: Sequence[SickServer]) -> float:
    """As `ideal`, of several servers."""
    places = [(0.0, one) for one in servers for _ in range(one.width)]
    last = 0.0
    for _ in range(count):
        ends = [(_begin(at, one) + one.seconds, n) for n, (at, one) in enumerate(places)]
        end, number = min(ends)
        places[number], last = (end, places[number][1]), max(last, end)
    return last


def _begin(at: float, server: SickServer) -> float:
    for begin, end in server.away:
        at = end if begin <= at < end else at
    return at
