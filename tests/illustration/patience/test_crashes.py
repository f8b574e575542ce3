"""Servers that break down while they draw: what was lost with them is not to blame for it."""

import asyncio
from dataclasses import dataclass

import pytest
from tests.illustration.patience.illustrating import illustrated, now, states, story
from tests.illustration.patience.sick_server import SickServer, gateway, gone, ideal

from limner.backends.images.learning import LearnedLimits
from limner.composition import open_pipeline
from limner.config import Settings
from limner.illustration import Illustrator, Image, ImageRequest, Whereabouts, second_try
from limner.scheduling import Limiter


@dataclass(kw_only=True)
class CrashingServer(SickServer):
    """What it draws is lost when it goes away.

    Attributes:
        survives: The prompts that are drawn to their end all the same: by another machine behind
            the same address, say.
    """

    survives: frozenset[str] = frozenset()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw, or refuse, or break down."""
        crashes = (begin for begin, _ in self.away if begin > now())
        at = None if request.prompt in self.survives else min(crashes, default=None)
        try:
            async with asyncio.timeout_at(at):
                return await super().generate(request)
        except TimeoutError:
            raise gone() from None


@pytest.mark.parametrize("count", [3, 12])
async def test_a_server_that_starts_and_breaks_down_again_and_again_is_waited_for(
    count: int,
) -> None:
    """Seven times it lets some in, and has drawn nothing: that is no picture's fault."""
    away = tuple((begin, begin + 30) for begin in range(5, 350, 50))
    server = CrashingServer(seconds=100, width=3, away=away, refusal=gateway)
    result = await illustrated(server, story(count))
    assert states(result) == ["ready"] * count
    assert now() <= 1.1 * (away[-1][1] + count * 100) + 60 * len(away)


@pytest.mark.parametrize("count", [2, 9])
async def test_what_others_had_begun_before_does_not_show_that_the_server_is_well(
    count: int,
) -> None:
    """One of two machines dies with its picture, the other's is drawn; nobody is let in then."""
    server = CrashingServer(
        seconds=100, width=8, away=((20, 320),), survives=frozenset({"fox 1"}), refusal=gateway
    )
    result = await illustrated(server, story(count))
    assert states(result) == ["ready"] * count


@pytest.mark.parametrize("at_once", [1, 3])
@pytest.mark.parametrize("away", [30, 300, 900])
async def test_who_was_refused_in_one_outage_is_not_to_blame_for_the_next(
    at_once: int, away: float
) -> None:
    """Between the two only those are let in that ask; that makes the others no bad prompts."""
    times = ((111, 111 + away), (173 + away, 173 + 2 * away))
    server = SickServer(seconds=110, width=at_once, away=times, refusal=gateway)
    result = await illustrated(server, story(12), at_once=at_once)
    assert states(result) == ["ready"] * 12
    assert now() <= 1.1 * ideal(12, server, at_once) + 60 * len(times)


@dataclass(kw_only=True)
class TellingServer(CrashingServer):
    """It tells that it draws."""

    async def generate(self, request: ImageRequest) -> Image:
        """Tell of it, if it is there, and draw."""
        if not self._is_away() and request.whereabouts is not None:
            request.whereabouts(Whereabouts(drawn=True))
        return await super().generate(request)


@pytest.mark.parametrize("away", [30, 300])
@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("by", ["a sign", "an answer"])
async def test_a_server_that_is_killed_with_its_first_picture_is_waited_for(
    by: str, count: int, away: float
) -> None:
    """It has drawn nothing yet, but was there: it told of the picture, or answered a question."""
    kind = TellingServer if by == "a sign" else CrashingServer
    server = kind(seconds=100, away=((20, 20 + away),), refusal=gone)
    limiter = Limiter(max_concurrent=3, retry=second_try)
    with LearnedLimits(limiter, met=None if by == "a sign" else lambda: True):
        async with Illustrator(backend=server, limiter=limiter) as illustrator:
            result = await illustrator.illustrate(story(count))
    assert states(result) == ["ready"] * count
    assert now() <= 1.1 * (20 + away + 100 * count) + 60


async def test_a_server_that_stays_away_is_asked_for_as_long_as_is_said() -> None:
    """A setting, `away_timeout`: a picture fails then, and says why."""
    server = SickServer(seconds=1, away=((5, 1e9),), refusal=gone)
    async with open_pipeline(Settings(away_timeout=120), backend=server) as pipeline:
        result = await pipeline.illustrator.illustrate(story(20))
    assert len(server.drawn) >= 5
    assert len(result.failed) == 20 - len(server.drawn)
    assert 125 <= now() <= 125 + 61
    assert "the connection was refused" in str(result.failed[0].failure)
