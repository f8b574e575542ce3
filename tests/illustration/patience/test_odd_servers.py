"""Servers whose habits nobody has described: all is drawn, in little more time than it must take.

What a refusal means is found out by asking for another picture, and a window is believed when the
server refuses at the same count again. So neither a bad prompt nor an outage teaches a false limit.
"""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import every_value, share
from tests.illustration.patience.odd_server import OddServer, Quota, least
from tests.illustration.patience.sick_server import busy, gateway, silent, too_many
from tests.illustration.patience.test_neighbours import (
    AT_ONCE,
    LENGTHS,
    WIDTHS,
    illustrated,
    pool_of,
)

from limner.errors import BackendBusy, BackendError
from limner.testing import run_virtual

Refusal = Callable[[], BackendError]


def maintenance(seconds: float) -> Refusal:
    """503, and when to come back."""
    return lambda: BackendBusy("the server is busy (503)", status=503, retry_after=seconds)


def drawn_in(server: OddServer, *counts: int, at_once: int) -> float:
    """When the last was drawn of those that the server does not dislike; all of them are."""
    run_virtual(illustrated(server, *counts, at_once=at_once))
    assert len(server.drawn) == sum(counts) - len(server.bad)
    return max(server.drawn.values())


# One prompt that is always refused as "too many"


@pytest.mark.parametrize(
    ("refused", "bad", "story"),
    every_value(
        [(silent, 0), (too_many(1), 1), (too_many(60), 60)],
        [0, 5],
        [(80, 1, 1, 3), (80, 1, 3, 3), (21, 1, 1, 3), (21, 1, 3, 8), (40, 5, 1, 1), (12, 60, 3, 8)],
    ),
)
def test_one_that_is_always_one_too_many_holds_nobody_up(
    refused: tuple[Refusal, float], bad: int, story: tuple[int, float, int, int]
) -> None:
    """The others go on; where a time is told they wait that long, once."""
    (refusal, held), (count, seconds, width, at_once) = refused, story
    server = OddServer(
        seconds=seconds, width=width, bad=frozenset({f"chat 0: {bad}"}), refusal=refusal
    )
    ended = drawn_in(server, count, at_once=at_once)
    assert ended <= 1.1 * least(count - 1, server, at_once) + held + 4


@pytest.mark.parametrize("refusal", [silent, too_many(30)])
@pytest.mark.parametrize("seconds", [(5.0, 5.0), (5.0, 20.0), (1.0, 10.0, 3.0)])
def test_one_that_all_members_of_a_pool_refuse_goes_behind_the_others(
    refusal: Refusal, seconds: tuple[float, ...]
) -> None:
    """It is asked for again when there are no others; each member is left alone once for it."""
    bad = frozenset({"chat 0: 2"})
    servers = [OddServer(seconds=one, bad=bad, refusal=refusal) for one in seconds]

    async def main() -> None:
        async with pool_of(*servers) as pool:
            await illustrated(pool, 40, at_once=8)

    run_virtual(main())
    drawn = [at for server in servers for at in server.drawn.values()]
    assert len(drawn) == 39
    assert max(drawn) <= 1.1 * 40 / sum(1 / one for one in seconds) + 60


@pytest.mark.parametrize("refusal", [silent, too_many(5), too_many(60)])
def test_a_member_of_a_pool_that_has_too_much_is_left_alone(refusal: Refusal) -> None:
    """It is asked after growing pauses, and the other one draws meanwhile."""
    sick = OddServer(seconds=5, away=((5, 305),), refusal=refusal)
    well = OddServer(seconds=20)

    async def main() -> None:
        async with pool_of(sick, well) as pool:
            await illustrated(pool, 40, at_once=8)

    run_virtual(main())
    assert len(sick.drawn) + len(well.drawn) == 40
    assert sum(5 <= at < 305 for at, _ in sick.calls) <= 20
    assert max([*sick.drawn.values(), *well.drawn.values()]) <= 1.1 * 400 + 60


# An outage that is answered with a time, or as an overload


OVERLOADS = [silent, *(make(wait) for make in (too_many, maintenance) for wait in (5, 30, 60))]


@settings(max_examples=share(60), deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from(OVERLOADS),
    LENGTHS,
    AT_ONCE,
    WIDTHS,
    st.floats(0, 9),
    st.sampled_from([3.0, 60.0, 300.0]),
)
def test_an_overload_teaches_no_window(
    refusal: Refusal, length: tuple[int, float], at_once: int, width: int, begin: float, away: float
) -> None:
    """It is over when it is over, and then all go on at once."""
    count, seconds = length
    begin = round(begin * seconds, 2)
    server = OddServer(seconds=seconds, width=width, away=((begin, begin + away),), refusal=refusal)
    assert drawn_in(server, count, at_once=at_once) <= 1.1 * least(count, server, at_once) + 60


@pytest.mark.parametrize("refusal", [too_many(30), maintenance(60), silent])
def test_after_an_overload_a_hundred_pictures_go_on_at_full_width(refusal: Refusal) -> None:
    """1,060 s is the least: what was drawn before it began is no limit."""
    server = OddServer(seconds=10, away=((50, 110),), refusal=refusal)
    assert drawn_in(server, 100, at_once=3) <= 1100


# Windows, with headers and without


@settings(max_examples=share(50), deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from([(12, 3.0), (30, 0.5), (40, 5.0), (12, 60.0)]),
    AT_ONCE,
    WIDTHS,
    st.sampled_from([5, 10, 15, 30]),
    st.sampled_from([5.0, 10.0, 20.0, 30.0, 60.0]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_quota_is_kept_to_whether_it_is_told_or_not(
    length: tuple[int, float],
    at_once: int,
    width: int,
    limit: int,
    per: float,
    slides: bool,
    tells: bool,
    hourly: bool,
) -> None:
    """Also where a second, longer one is behind it."""
    count, seconds = length
    quotas = (Quota(limit, per, slides), *([Quota(4 * limit, 5 * per)] if hourly else []))
    server = OddServer(seconds=seconds, width=width, quotas=quotas, tells=tells)
    assert drawn_in(server, count, at_once=at_once) <= 1.1 * least(count, server, at_once) + 60


# Servers that refuse by no rule


@pytest.mark.parametrize(
    ("refusal", "nth", "story", "lanes"),
    every_value(
        [silent, busy, gateway],
        [2, 3, 5],
        [(12, 60), (40, 5), (80, 1)],
        [(1, 1), (3, 1), (3, 3), (8, 8)],
    ),
)
def test_a_server_of_which_a_part_is_away_draws_all_the_same(
    refusal: Refusal, nth: int, story: tuple[int, float], lanes: tuple[int, int]
) -> None:
    """Every second request goes to a machine that is gone, say: no picture is to blame for that."""
    (count, seconds), (at_once, width) = story, lanes
    server = OddServer(seconds=seconds, width=width, nth=nth, refusal=refusal)
    ended = drawn_in(server, count, at_once=at_once)
    assert ended <= 1.1 * least(count, server, at_once) + 60 + 2 * seconds


@pytest.mark.parametrize(
    ("refusal", "bears", "story", "at_once"),
    every_value(
        [silent, busy, too_many(1), too_many(5)],
        [1, 2],
        [(12, 60), (40, 5), (150, 0.5)],
        [3, 8],
    ),
)
def test_a_server_that_has_no_line_of_its_own_gets_as_many_as_it_bears(
    refusal: Refusal, bears: int, story: tuple[int, float], at_once: int
) -> None:
    """It refuses who comes while it draws; a 503 is taken for that as well."""
    count, seconds = story
    server = OddServer(seconds=seconds, width=8, at_once=bears, refusal=refusal)
    assert drawn_in(server, count, at_once=at_once) <= 1.1 * least(count, server, at_once) + 60
