"""Random servers: all that can be drawn is drawn, in a tenth more than the least and a minute.

What is added to a tenth more than the least (list scheduling over the time in which it worked):

- a minute for each outage, and for a quota that nobody tells: in its first window a server that
  refuses everybody and says nothing is the same to everybody who asks as one that is away;
- 5 s for a quota that is told: in them one who was told to come back asks alone;
- the time that prompts which are always refused were told, once for all of them, and 15 s: it may
  be meant for all, and nobody asks before;
- in a pool, one picture's length for such a prompt, which keeps its place while it waits for the
  other member.
"""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.illustration.patience.odd_server import OddServer, Quota, least
from tests.illustration.patience.sick_server import (
    SickServer,
    busy,
    gateway,
    gone,
    silent,
    too_many,
)
from tests.illustration.patience.test_neighbours import ideal_of, illustrated, pool_of
from tests.illustration.patience.test_odd_servers import maintenance

from limner.errors import BackendBusy, BackendError
from limner.testing import run_virtual

Refusal = Callable[[], BackendError]

LENGTHS = st.sampled_from(
    [
        (1, 10.0),
        (3, 400.0),
        (12, 3.0),
        (12, 110.0),
        (24, 0.5),
        (40, 5.0),
        (4, 110.0),
        (9, 2.0),
        (60, 10.0),
        (20, 20.0),
        (30, 40.0),
    ]
)
AWAY = st.sampled_from([3.0, 20.0, 61.0, 300.0, 1500.0])
REFUSALS = [busy, gone, gateway, silent, too_many(1), too_many(30), too_many(60), maintenance(60)]
NAMES = ["busy", "gone", "gateway", "silent", "429/1", "429/30", "429/60", "503/60"]


def told(refusal: Refusal) -> float:
    """The time that a refusal tells."""
    error = refusal()
    return (error.retry_after or 0.0) if isinstance(error, BackendBusy) else 0.0


def check(counts: list[int], at_once: int, **server: Any) -> None:
    """All that the server does not dislike is drawn within the bound."""
    there = OddServer(**server)
    run_virtual(illustrated(there, *counts, at_once=at_once))
    good = sum(counts) - len(there.bad)
    assert len(there.drawn) == good
    slower = OddServer(**{**server, "seconds": 1.1 * there.seconds})
    bound = max(1.1 * least(good, OddServer(**server), at_once), least(good, slower, at_once))
    bound += 60 * len(there.away) + len(there.quotas) * (5 if there.tells else 60) + 1
    bound += told(there.refusal) + 15 if there.bad else 0
    assert max(there.drawn.values(), default=0.0) <= bound


@pytest.mark.parametrize("refusal", REFUSALS, ids=NAMES)
@settings(max_examples=share(25), deadline=None, derandomize=True, database=None)
@given(
    LENGTHS,
    st.sampled_from([1, 3, 8]),
    st.sampled_from([1, 2, 3, 8]),
    st.floats(0, 9),
    AWAY,
    st.booleans(),
    st.none() | st.sampled_from([45.0, 300.0]),
)
def test_one_outage_or_two_in_one_chat_or_two(
    refusal: Refusal,
    length: tuple[int, float],
    at_once: int,
    width: int,
    begin: float,
    away: float,
    two: bool,
    again: float | None,
) -> None:
    """However long, whenever it begins, and whatever is said meanwhile."""
    count, seconds = length
    begin = round(begin * seconds, 2)
    if refusal is gone:
        begin += seconds + 0.1  # one that was never there is not waited for
    outages = [(begin, begin + away)]
    if again is not None:
        outages.append((begin + away + 150, begin + away + 150 + again))
    check(
        [count // 2 + 1, count // 2 + 1] if two else [count],
        at_once, seconds=seconds, width=width, away=tuple(outages), refusal=refusal,
    )  # fmt: skip


@pytest.mark.parametrize("refusal", [one for one in REFUSALS if one is not gone])
@settings(max_examples=share(25), deadline=None, derandomize=True, database=None)
@given(
    LENGTHS,
    st.sampled_from([1, 3, 8]),
    st.sampled_from([1, 2, 3, 8]),
    st.sets(st.integers(0, 8), min_size=1, max_size=3),
)
def test_up_to_three_prompts_that_are_always_refused(
    refusal: Refusal, length: tuple[int, float], at_once: int, width: int, bad: set[int]
) -> None:
    """Wherever they stand: nobody else waits for one longer than it was told, once."""
    count, seconds = length
    names = frozenset(f"chat 0: {number}" for number in bad if number < count)
    check([count], at_once, seconds=seconds, width=width, bad=names, refusal=refusal)


@settings(max_examples=share(120), deadline=None, derandomize=True, database=None)
@given(
    LENGTHS,
    st.sampled_from([1, 3, 8]),
    st.sampled_from([1, 2, 3, 8]),
    st.integers(1, 6),
    st.sampled_from([5.0, 10.0, 20.0, 30.0, 60.0]),
    st.booleans(),
)
def test_a_small_quota_that_is_told(
    length: tuple[int, float], at_once: int, width: int, limit: int, per: float, slides: bool
) -> None:
    """So few in a window, and when to come back: that they are long does not make it a number."""
    count, seconds = length
    check([count], at_once, seconds=seconds, width=width, quotas=(Quota(limit, per, slides),))


@pytest.mark.parametrize(
    ("count", "seconds", "at_once", "width", "quota"),
    [
        (3, 400.0, 3, 3, Quota(1, 10)),
        (3, 400.0, 8, 2, Quota(1, 20)),
        (6, 110.0, 8, 3, Quota(2, 10)),
        (4, 400.0, 8, 8, Quota(1, 30, slides=False)),
        (30, 40.0, 8, 3, Quota(1, 10)),
        (12, 110.0, 3, 8, Quota(1, 10, slides=False)),
        (6, 110.0, 8, 8, Quota(4, 10, slides=False)),
        (20, 20.0, 8, 8, Quota(3, 5)),
        (20, 20.0, 8, 2, Quota(1, 5)),
        (12, 110.0, 8, 2, Quota(1, 60, slides=False)),
        (60, 10.0, 3, 8, Quota(1, 10, slides=False)),
        (30, 40.0, 8, 3, Quota(2, 30)),
        (30, 40.0, 8, 2, Quota(1, 30, slides=False)),
        (20, 20.0, 8, 8, Quota(1, 10)),
        (12, 3.0, 1, 2, Quota(1, 30)),
        (24, 0.5, 3, 1, Quota(1, 5)),
        (60, 10.0, 8, 8, Quota(2, 5)),
    ],
)
def test_a_small_quota_that_is_not_told(
    count: int, seconds: float, at_once: int, width: int, quota: Quota
) -> None:
    """That the next is refused is not for how many there are: it is tried again a little later."""
    check([count], at_once, seconds=seconds, width=width, quotas=(quota,), tells=False)


@settings(max_examples=share(120), deadline=None, derandomize=True, database=None)
@given(
    LENGTHS,
    st.sampled_from([1, 3, 8]),
    st.sampled_from([1, 2, 3, 8]),
    st.sampled_from([1, 2, 3, 5, 10]),
    st.sampled_from([5.0, 10.0, 20.0, 30.0, 60.0]),
    st.booleans(),
)
def test_any_quota_that_is_not_told(
    length: tuple[int, float], at_once: int, width: int, limit: int, per: float, slides: bool
) -> None:
    """Who is refused for it uses up none of its tries: all are drawn."""
    count, seconds = length
    quota = Quota(limit, per, slides)
    check([count], at_once, seconds=seconds, width=width, quotas=(quota,), tells=False)


@pytest.mark.parametrize(
    ("count", "seconds", "at_once", "width", "bad", "refusal"),
    [
        (24, 0.5, 1, 1, {12, 16}, maintenance(60)),
        (24, 0.5, 1, 8, {1, 6}, maintenance(60)),
        (9, 2.0, 1, 8, {1, 2, 5}, too_many(30)),
        (3, 400.0, 1, 2, {0, 1}, too_many(30)),
        (12, 110.0, 3, 8, {2, 3, 9}, too_many(30)),
        (4, 110.0, 3, 8, {0, 1}, too_many(60)),
        (4, 110.0, 3, 3, {1}, maintenance(30)),
        (20, 20.0, 1, 1, {14, 15, 17}, too_many(60)),
    ],
)
def test_what_was_held_up_once_by_prompts_that_are_always_refused(
    count: int, seconds: float, at_once: int, width: int, bad: set[int], refusal: Refusal
) -> None:
    """Those that had asked in vain went before those that had not, and all were told to wait."""
    names = frozenset(f"chat 0: {number}" for number in bad)
    check([count], at_once, seconds=seconds, width=width, bad=names, refusal=refusal)


@pytest.mark.parametrize(
    ("count", "seconds", "at_once", "width", "begin", "refusal"),
    [
        (9, 2.0, 1, 8, 15.72, too_many(30)),
        (12, 110.0, 8, 1, 373.71, too_many(60)),
        (4, 110.0, 3, 1, 22.71, too_many(1)),
    ],
)
def test_the_last_picture_is_waited_for_where_the_server_cannot_be_looked_at(
    count: int, seconds: float, at_once: int, width: int, begin: float, refusal: Refusal
) -> None:
    """Nobody is left to compare it with, for 25 minutes; a look shows that it is the server."""
    check(
        [count], at_once,
        seconds=seconds, width=width, away=((begin, begin + 1500),), refusal=refusal,
    )  # fmt: skip


@settings(max_examples=share(60), deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from([busy, gone, gateway]),
    st.sampled_from([(12, 3.0), (24, 0.5), (40, 5.0), (60, 10.0), (6, 110.0)]),
    st.sampled_from([1, 2, 3]),
    st.floats(0, 5),
    st.sampled_from([20.0, 300.0, math.inf]),
    st.sets(st.integers(0, 5), max_size=2),
)
def test_a_pool_of_which_one_is_away_and_a_prompt_that_both_refuse(
    refusal: Refusal,
    length: tuple[int, float],
    width: int,
    begin: float,
    away: float,
    bad: set[int],
) -> None:
    """What it fails at is not taken for the well one's illness, nor for a trial of the sick one."""
    count, seconds = length
    names = frozenset(f"chat 0: {number}" for number in bad)
    outage = (round(begin * seconds, 2), round(begin * seconds, 2) + away)

    def servers() -> list[SickServer]:
        both = [SickServer(seconds=seconds, width=width, refusal=refusal) for _ in range(2)]
        both[0].away = (outage,)
        return both

    members = servers()
    for member in members:
        member.bad = names

    async def main() -> None:
        async with pool_of(*members) as pool:
            await illustrated(pool, count, at_once=2 * width)

    run_virtual(main())
    drawn = [at for member in members for at in member.drawn.values()]
    assert len(drawn) == count - len(bad)
    bound = 1.1 * ideal_of(count - len(bad), servers()) + 61
    assert max(drawn) <= bound + len(bad) * (15 + seconds)
