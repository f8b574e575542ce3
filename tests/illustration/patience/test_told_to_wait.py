"""Servers that say "too many", and for how long: however odd the time, a message ends."""

import asyncio
import math
from collections.abc import Callable

import pytest
from tests.illustration.patience.illustrating import illustrated, now, states, story
from tests.illustration.patience.sick_server import SickServer, ideal, silent, too_many

from limner.composition import open_pipeline
from limner.config import Settings
from limner.errors import BackendError
from limner.illustration.generation.waiting import waiting_for

Refusal = Callable[[], BackendError]


class UsedUp(SickServer):
    """Refuses pictures alone: it can be looked at."""

    async def check(self) -> None:
        """It is there."""


@pytest.mark.parametrize("refusal", [silent, too_many(60), too_many(3600), too_many(1e9)])
@pytest.mark.parametrize("count", [1, 5, 25])
async def test_a_quota_that_is_never_renewed_ends_the_message_all_the_same(
    refusal: Refusal, count: int
) -> None:
    """Being told "too many" again and again is no sign of life; the message has its bound.

    The server can be looked at all the while, so it is there: each picture has 25 tries.
    """
    server = UsedUp(seconds=3, width=3, away=((2.0, math.inf),), refusal=refusal)
    settings = Settings(picture_timeout=120)
    async with open_pipeline(settings, backend=server) as pipeline:
        result = await pipeline.illustrator.illustrate(story(count))
    assert now() <= count * 120 + 3600
    assert len(server.drawn) + len(result.failed) + len(result.waiting) == count
    assert max(server.tries(f"fox {number}") for number in range(count)) <= 25


@pytest.mark.parametrize("wait", [0, 1, 10])
@pytest.mark.parametrize("count", [1, 5, 25])
async def test_a_server_that_tells_too_short_a_time_is_waited_for(wait: float, count: int) -> None:
    """It has said so for five minutes: a time that was too short is no try of anybody's."""
    server = SickServer(seconds=3, away=((0, 300),), refusal=too_many(wait))
    result = await illustrated(server, story(count))
    assert states(result) == ["ready"] * count
    assert now() <= 1.1 * ideal(count, server, 3) + 60 + wait


async def test_a_time_that_is_far_off_is_asked_for_sooner_and_is_no_try() -> None:
    """One picture, and an hour: the server is looked at every five minutes, and draws it then."""
    server = SickServer(seconds=3, away=((0, 3000),), refusal=too_many(3000))
    result = await illustrated(server, story(1))
    assert states(result) == ["ready"]
    assert now() <= 3000 + 301 + 3


@pytest.mark.parametrize("odd", [-5.0, math.nan, -math.inf])
async def test_a_time_before_now_is_none_to_wait(
    odd: float, caplog: pytest.LogCaptureFixture
) -> None:
    """A backend of somebody's own says "five seconds ago": it is asked again as any other."""
    server = SickServer(seconds=3, away=((0, 20),), refusal=too_many(odd))
    result = await illustrated(server, story(5))
    assert states(result) == ["ready"] * 5
    assert not caplog.records


@pytest.mark.parametrize("odd", [1e9, math.inf])
async def test_a_picture_that_is_told_to_come_back_in_thirty_years_is_asked_for_before(
    odd: float,
) -> None:
    """It is the server's word that counts for nothing, not the bound of the picture."""
    server = SickServer(bad=frozenset({"fox 1"}), refusal=too_many(odd))
    result = await illustrated(server, story(8), settle_timeout=0)
    assert [slot.id.ordinal for slot in result.failed] == [1]
    assert len(server.drawn) == 7
    assert now() <= 25 * 301


async def test_a_time_that_is_over_is_not_waited_for_while_all_places_are_taken() -> None:
    """One was told half a minute; the others, and their time left, are as they would be anyway."""
    server = SickServer(seconds=100, bad=frozenset({"fox 1"}), refusal=too_many(30))
    async with open_pipeline(Settings(max_concurrent=3), backend=server) as pipeline:
        drawing = asyncio.create_task(pipeline.illustrator.illustrate(story(12)))
        await asyncio.sleep(29)
        told = waiting_for(pipeline.limiter)
        assert told is not None
        assert told.told(now()) == "server busy (429), asking again in 1 s, 1st time"
        await asyncio.sleep(31)
        told = waiting_for(pipeline.limiter)
        assert told is None or told.reason == "picture"  # it waits alone, as it was told again
        await asyncio.sleep(45)
        assert pipeline.illustrator.progress().eta is not None
        (waited,) = pipeline.learned().waited
        assert waited.words == "server busy (429)"
        assert 30 <= waited.seconds <= 36  # it asks alone for a moment, to see whether it is let in
        await drawing


async def test_a_server_that_draws_again_is_not_waited_for() -> None:
    """Who asked was not refused for five seconds: what is waited for is the picture."""
    server = SickServer(seconds=100, width=3, away=((90, 150),))
    async with open_pipeline(Settings(max_concurrent=1), backend=server) as pipeline:
        drawing = asyncio.create_task(pipeline.illustrator.illustrate(story(6)))
        await asyncio.sleep(140)
        told = waiting_for(pipeline.limiter)
        assert told is not None
        assert told.until is not None
        await asyncio.sleep(told.until + 1 - now())
        assert server.line == 1
        told = waiting_for(pipeline.limiter)
        assert told is not None
        assert "asking again now" in told.told(now())
        await asyncio.sleep(5)
        assert waiting_for(pipeline.limiter) is None
        await drawing


async def test_who_is_refused_without_a_time_asks_in_turns_with_the_others() -> None:
    """A quota that is used up is asked for by everybody, not twenty-five times by one."""
    server = SickServer(seconds=3, away=((0, 1800),), refusal=silent)
    result = await illustrated(server, story(5))
    assert states(result) == ["ready"] * 5
    tries = [server.tries(f"fox {number}") for number in range(5)]
    assert max(tries) - min(tries) <= 2


@pytest.mark.parametrize("seconds", [3, 40])
async def test_a_prompt_that_is_refused_without_a_time_leaves_the_others_their_turn(
    seconds: float,
) -> None:
    """It is taken for a quota at first: that slows them down, and leaves none of them undrawn."""
    server = SickServer(seconds=seconds, width=2, bad=frozenset({"fox 0"}), refusal=silent)
    result = await illustrated(server, story(5), at_once=2)
    assert [slot.id.ordinal for slot in result.failed] == [0]
    assert max(server.drawn.values()) <= 1.1 * ideal(4, server, 2) + 120


@pytest.mark.parametrize("seconds", [3, 40])
async def test_what_was_begun_before_does_not_make_a_refused_picture_one_of_its_own(
    seconds: float,
) -> None:
    """Those that the server had let in are drawn to their end while all new ones are refused."""
    server = SickServer(seconds=seconds, away=((0.01, 900),), refusal=too_many(30))
    result = await illustrated(server, story(20))
    assert states(result) == ["ready"] * 20
    assert now() <= 1.1 * ideal(20, server, 3) + 60
