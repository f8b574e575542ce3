"""A server that fails in every way there is, one after the other: its message ends all the same."""

import asyncio
from collections.abc import Callable

import pytest
from tests.examples import every_value
from tests.illustration.patience.illustrating import now, story
from tests.illustration.patience.sick_server import busy, gateway, gone, too_many

from limner.composition import open_pipeline
from limner.config import Settings
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendUnavailable,
    BadPicture,
    ContentRefused,
)
from limner.illustration import Image, ImageRequest
from limner.testing import PIXEL

COUNT = 25
REFUSALS = 3600.0
"""Seconds for which refused pictures are asked for."""


async def hangs() -> BackendError:
    """It gives no sign."""
    await asyncio.sleep(1e9)
    raise AssertionError


def says(make: Callable[[], BackendError]) -> Callable[[], object]:
    """It refuses so."""

    async def refuses() -> BackendError:
        return make()

    return refuses


MODES = (
    says(busy),
    says(lambda: BackendBusy("too many requests (429)", status=429)),
    says(too_many(1)),
    says(lambda: BackendUnavailable("CUDA out of memory", status=500)),
    says(gone),
    says(lambda: BackendRejected("Sampler not found", status=422)),
    says(lambda: BadPicture("no picture came")),
    hangs,
    says(gateway),
    says(lambda: ContentRefused("not that")),
    says(too_many(30)),
)


class FaultyServer:
    """Fails in one way after the other, and draws once in each round.

    Args:
        begin: With which it begins.
    """

    def __init__(self, begin: int) -> None:
        self._next = begin
        self.drawn: list[str] = []

    async def check(self) -> None:
        """It can be looked at."""

    async def generate(self, request: ImageRequest) -> Image:
        """Do what is next."""
        number = self._next % (len(MODES) + 1)
        self._next += 1
        await asyncio.sleep(0.02)
        if number < len(MODES):
            raise await MODES[number]()  # type: ignore[misc]
        await asyncio.sleep(2)
        self.drawn.append(request.prompt)
        return Image(data=PIXEL, media_type="image/png", width=64, height=64)


@pytest.mark.parametrize(
    ("begin", "bounds"), every_value(range(len(MODES) + 1), [(1, 120), (3, 1800), (8, 1800)])
)
async def test_it_ends_within_the_stated_bound(begin: int, bounds: tuple[int, float]) -> None:
    """One `picture_timeout` for each picture, and an hour; all have an end, or wait for resume."""
    at_once, silence = bounds
    server = FaultyServer(begin)
    settings = Settings(max_concurrent=at_once, picture_timeout=silence)
    async with open_pipeline(settings, backend=server) as pipeline:
        result = await pipeline.illustrator.illustrate(story(COUNT))
    assert now() <= COUNT * silence + REFUSALS
    made = [slot for slot in result.slots if slot.image is not None]
    assert len(made) == len(server.drawn) >= 2
    assert len(made) + len(result.failed) + len(result.waiting) == COUNT
    for slot in result.failed:
        assert slot.failure is not None
        assert "Backend" not in slot.failure.reason
