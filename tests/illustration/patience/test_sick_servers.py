"""Whose a refusal is, who waits for it, how long, and who is told.

- A picture that is refused while others are drawn waits alone, and fails after its promised tries.
- While the server is away one picture asks for it, after pauses of up to a minute; then all go on.
- A server that draws one picture at a time is sent one at a time.
"""

import asyncio
import math
from collections.abc import Callable

import pytest
from tests.illustration.making import spoken
from tests.illustration.patience.illustrating import now, states, story
from tests.illustration.patience.sick_server import (
    SickServer,
    busy,
    gateway,
    gone,
    ideal,
    too_many,
)

from limner.backends.images.learning import LearnedLimits
from limner.errors import BackendError
from limner.illustration import SETTLE_TIMEOUT, Illustrated, Illustrator, second_try
from limner.illustration.generation.wait import Wait
from limner.illustration.generation.waiting import waiting_for
from limner.scheduling import Limiter

EVERY_REFUSAL = [busy, gone, gateway]


async def together(server: SickServer, *texts: str, at_once: int = 3) -> list[Illustrated]:
    """Texts illustrated side by side as the command and the server do it."""
    limiter = Limiter(max_concurrent=at_once, retry=second_try, fair=len(texts) > 1)
    with LearnedLimits(limiter):
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            return await asyncio.gather(
                *(illustrator.illustrate(text, chat_id=str(n)) for n, text in enumerate(texts))
            )


# An outage is no rate limit


@pytest.mark.parametrize("refusal", EVERY_REFUSAL)
@pytest.mark.parametrize(
    ("count", "seconds", "at_once", "width", "begin", "away"),
    [
        (24, 0.5, 3, 1, 0, 20),
        (24, 0.5, 3, 3, 2, 20),
        (25, 0.5, 1, 1, 7.1, 20),
        (150, 0.5, 3, 1, 0, 60),
        (150, 0.5, 3, 2, 30.3, 60),
        (60, 10, 3, 1, 0, 300),
        (60, 10, 3, 3, 95, 300),
        (12, 110, 3, 3, 250, 300),
        (3, 400, 3, 3, 0, 20),
        (1, 10, 3, 1, 0, 300),
        (40, 5, 5, 5, 10, 1900),
    ],
)
async def test_everything_is_drawn_when_the_server_is_back(
    refusal: Callable[[], BackendError],
    count: int,
    seconds: float,
    at_once: int,
    width: int,
    begin: float,
    away: float,
) -> None:
    """In the time that is needed at best, a tenth more, and a minute; and no false limit stays."""
    if refusal is gone and not begin:
        begin = 2 * seconds + 0.1  # one that was never there is not waited for
    server = SickServer(
        seconds=seconds, width=width, away=((begin, begin + away),), refusal=refusal
    )
    (result,) = await together(server, story(count), at_once=at_once)
    assert states(result) == ["ready"] * count
    assert now() <= 1.1 * ideal(count, server, at_once) + 60
    asked = sum(begin <= at < begin + away for at, _ in server.calls)
    assert asked <= at_once + 8 + away / 60


@pytest.mark.parametrize("count", [1, 2, 30])
async def test_a_server_that_was_never_there_is_not_waited_for(count: int) -> None:
    """Its address may be mistyped: it is asked three times or four, and everybody hears why."""
    server = SickServer(away=((0, math.inf),), refusal=gone)
    (result,) = await together(server, story(count))
    assert states(result) == ["failed"] * count
    assert now() <= 15
    assert {slot.failure.kind for slot in result.slots if slot.failure} == {"BackendUnavailable"}


async def test_a_server_that_was_there_once_is_waited_for_in_the_next_message_too() -> None:
    """What it is known by is that it answered in this run, be it with a refusal."""
    server = SickServer(away=((0, 5),), refusal=busy)
    limiter = Limiter(max_concurrent=3, retry=second_try)
    with LearnedLimits(limiter):
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            assert (await illustrator.illustrate(story(3), chat_id="a")).complete
            server.refusal, server.away = gone, ((0, now() + 300),)
            assert (await illustrator.illustrate(story(3), chat_id="b")).complete


async def test_two_outages_cost_a_minute_each_at_most() -> None:
    """The second is treated as the first: its pauses begin anew."""
    server = SickServer(seconds=3, width=5, away=((7, 100), (150, 190)), refusal=gone)
    (result,) = await together(server, story(100), at_once=5)
    assert result.complete
    assert now() <= 1.1 * ideal(100, server, 5) + 120


async def test_two_chats_wait_for_the_same_server_and_are_both_drawn() -> None:
    """Who asks for one finds out for the other."""
    server = SickServer(seconds=2, away=((5, 95),))
    results = await together(server, story(20), story(20, "owl"))
    assert [result.complete for result in results] == [True, True]
    assert now() <= 1.1 * ideal(40, server, 3) + 60


async def test_a_server_that_stays_away_leaves_its_pictures_waiting() -> None:
    """A message is given up after `settle_timeout`: being refused again is no sign of life."""
    server = SickServer(away=((0, math.inf),))
    (result,) = await together(server, story(25))
    assert len(result.waiting) == 25
    assert result.given_up is not None
    assert now() == pytest.approx(SETTLE_TIMEOUT, abs=1)
    assert len(server.calls) <= 80


# A refusal belongs to somebody


@pytest.mark.parametrize("at_once", [1, 3, 8])
@pytest.mark.parametrize("width", [1, 3, 8])
@pytest.mark.parametrize("bad", [0, 2])
async def test_a_picture_that_is_always_refused_waits_alone(
    at_once: int, width: int, bad: int
) -> None:
    """The other seven are drawn at once; it fails after five tries, 30 s later at most."""
    server = SickServer(width=width, bad=frozenset({f"fox {bad}"}))
    (result,) = await together(server, story(8), at_once=at_once)
    assert [slot.id.ordinal for slot in result.failed] == [bad]
    assert len(server.drawn) == 7
    assert max(server.drawn.values()) <= 1.1 * ideal(8, server, at_once)
    assert server.tries(f"fox {bad}") == 5
    assert now() <= ideal(8, server, at_once) + 31
    failure = result.slots[bad].failure
    assert failure is not None
    assert "busy (503)" in failure.reason


@pytest.mark.parametrize("wait", [1, 60])
@pytest.mark.parametrize("width", [1, 3])
async def test_a_picture_that_is_always_told_to_come_back_is_tried_five_times(
    wait: float, width: int
) -> None:
    """Others are held back once, for as long as the server asked; after that it waits alone."""
    server = SickServer(width=width, bad=frozenset({"fox 1"}), refusal=too_many(wait))
    (result,) = await together(server, story(8))
    assert [slot.id.ordinal for slot in result.failed] == [1]
    assert server.tries("fox 1") == 5
    assert max(server.drawn.values()) <= 1.1 * ideal(8, server, 3) + wait + 1
    assert now() == pytest.approx(4 * wait, abs=1)


async def test_a_picture_nobody_can_be_compared_with_fails_after_ten_minutes() -> None:
    """It may be the picture, it may be the server: there is a bound all the same."""
    server = SickServer(bad=frozenset({"fox 0"}))
    (result,) = await together(server, story(1))
    assert states(result) == ["failed"]
    assert 600 <= now() <= 665


async def test_everybody_told_to_come_back_comes_back() -> None:
    """A server that tells all of them to wait a second, for twenty: nobody fails."""
    server = SickServer(away=((0, 20),), refusal=too_many(1))
    (result,) = await together(server, story(24))
    assert result.complete
    assert now() <= 1.1 * ideal(24, server, 3) + 60


# A serial server


@pytest.mark.parametrize(("count", "seconds"), [(12, 120), (40, 10)])
async def test_a_serial_server_is_sent_one_picture_at_a_time(count: int, seconds: float) -> None:
    """Its line was three long; once that has taught nothing but waiting, it is one."""
    server = SickServer(seconds=seconds)
    limiter = Limiter(max_concurrent=3, retry=second_try)
    with LearnedLimits(limiter) as limits:
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            drawing = asyncio.create_task(illustrator.illustrate(story(count)))
            await asyncio.sleep(seconds * 7.5)
            assert (server.longest_line, server.line) == (3, 1)
            assert limits.learned.words == "at most 1 at once"
            assert (await drawing).complete
    assert now() == pytest.approx(count * seconds)


async def test_a_parallel_server_is_never_taken_for_serial() -> None:
    """Three are drawn at once, and three are sent, to the end."""
    server = SickServer(seconds=10, width=3)
    (result,) = await together(server, story(60))
    assert result.complete
    assert now() == 200


async def test_it_is_noticed_when_a_serial_server_becomes_parallel() -> None:
    """From time to time two are sent; what that disproves is forgotten at once."""
    server = SickServer(seconds=10)
    limiter = Limiter(max_concurrent=3, retry=second_try)
    with LearnedLimits(limiter) as limits:
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            drawing = asyncio.create_task(illustrator.illustrate(story(60)))
            await asyncio.sleep(95)
            assert limits.learned.words == "at most 1 at once"
            server.widen(3)
            assert (await drawing).complete
    assert now() <= 400  # 600 one at a time


# Everybody sees it


async def test_what_is_waited_for_and_until_when_is_told() -> None:
    """While a server is away: why, until when, how often; and no time left that nobody knows."""
    server = SickServer(seconds=0.5, away=((2, 42),))
    limiter = Limiter(max_concurrent=1, retry=second_try)
    with LearnedLimits(limiter) as limits:
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            drawing = asyncio.create_task(illustrator.illustrate(story(24)))
            await asyncio.sleep(1.2)
            assert waiting_for(limiter) is None
            assert illustrator.progress().eta is not None
            await asyncio.sleep(8)
            told = waiting_for(limiter)
            assert isinstance(told, Wait)
            assert told.reason == "unavailable"
            assert "server busy (503), asking again in" in told.told(now())
            assert told.times >= 3
            assert illustrator.progress().eta is None
            assert (await drawing).complete
        assert waiting_for(limiter) is None
        (waited,) = limits.waited
        assert waited.words == "server busy (503)"
        assert 38 <= waited.seconds <= 75


async def test_what_is_waited_for_is_named_when_the_next_is_about_to_ask() -> None:
    """The time is over, and nobody was sent yet: it is still the server that is waited for."""
    server = SickServer(seconds=0.5, away=((0, 1e6),))
    limiter = Limiter(max_concurrent=1, retry=second_try)
    with LearnedLimits(limiter):
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            drawing = asyncio.create_task(illustrator.illustrate(story(3)))
            await asyncio.sleep(1)
            for _ in range(4):
                told = waiting_for(limiter)
                assert told is not None
                assert told.until is not None
                await asyncio.sleep(told.until - now())
                still = waiting_for(limiter)
                assert still is not None
                assert still.words == "server busy (503)"
                assert "asking again now" in still.told(now())
                await asyncio.sleep(0.1)
            drawing.cancel()
            await asyncio.wait([drawing])


async def test_a_pause_is_named_while_all_places_are_taken() -> None:
    """That others are drawn is not all that the next one waits for."""
    limiter = Limiter(max_concurrent=1)
    running = [limiter.submit(asyncio.sleep, 10) for _ in range(2)]
    await asyncio.sleep(1)
    assert waiting_for(limiter) is None
    limiter.pause(30)
    told = waiting_for(limiter)
    assert told is not None
    assert told.words == "the queue is paused"
    await asyncio.gather(*running)


async def test_a_picture_that_was_refused_waits_and_is_not_being_drawn() -> None:
    """While nothing is drawn nobody says so; and the wait is no part of a picture's time."""
    server = SickServer(seconds=0.5, away=((0, 60),))
    limiter = Limiter(max_concurrent=3, retry=second_try)
    with LearnedLimits(limiter):
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            drawing = asyncio.create_task(illustrator.illustrate(story(8)))
            await asyncio.sleep(30)
            told = illustrator.progress()
            assert (told.ready, told.drawing, told.queued) == (0, 0, 8)
            await asyncio.sleep(40)
            told = illustrator.progress()
            assert told.ready > 0
            assert told.eta is not None
            assert told.eta <= 0.5 * (8 - told.ready)
            await drawing


async def test_an_outage_that_begins_while_others_are_drawn_teaches_no_number() -> None:
    """That the third was refused while two were under way: with none it is refused as well."""
    server = SickServer(seconds=10, width=3, away=((2, 62),), refusal=busy)
    limiter = Limiter(max_concurrent=3, retry=second_try)
    with LearnedLimits(limiter) as limits:
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            text = spoken((0, story(2)), (3, story(30, "owl")))
            assert (await illustrator.illustrate(text)).complete
        assert limits.learned.concurrency is None
    assert now() <= 62 + 100 + 61
