"""A serial server over real sockets: 0.11 s stand for 110 s, 3 s for what is set as a time-out."""

import asyncio

import pytest

from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.a1111.wire import Flavour
from limner.backends.images.learning import LearnedLimits
from limner.illustration import Illustrated, Illustrator, second_try
from limner.scheduling import Limiter
from limner.testing.a1111_server import A1111Server
from limner.testing.picture_fault import Hang

PICTURE, TIMEOUT = 0.11, 3.0
COUNT = 30
"""So many wait there for one another longer than the time-out is."""

KINDS = [(Flavour.A1111, True), (Flavour.A1111, False), (Flavour.SDCPP, False)]
"""One that tells of each picture by name, one of whatever runs, and one that tells nothing."""

STORY = " ".join(f'<!--img-prompt="fox {number}"-->' for number in range(COUNT))


async def illustrated(server: A1111Server, *, at_once: int) -> Illustrated:
    """The story, drawn by this server."""
    limiter = Limiter(max_concurrent=at_once, retry=second_try)
    async with A1111Backend(server.url, poll=0.05) as backend:
        with LearnedLimits(limiter):
            async with Illustrator(
                backend=backend,
                limiter=limiter,
                width=64,
                height=64,
                picture_timeout=TIMEOUT,
                settle_timeout=2 * TIMEOUT,
            ) as illustrator:
                return await illustrator.illustrate(STORY)


@pytest.mark.real_time
@pytest.mark.parametrize(("flavour", "page"), KINDS)
async def test_pictures_that_wait_in_the_servers_line_are_made(
    flavour: Flavour, page: bool
) -> None:
    """Thirty are sent at once, drawn one by one, and nobody gives up."""
    async with A1111Server(flavour=flavour, page=page, seconds=PICTURE) as server:
        began = asyncio.get_running_loop().time()
        result = await illustrated(server, at_once=COUNT)
        took = asyncio.get_running_loop().time() - began
    assert [str(slot.state) for slot in result.slots] == ["ready"] * COUNT
    assert took > COUNT * PICTURE > TIMEOUT
    assert len(server.jobs) == COUNT
    assert server.interrupted == 0


@pytest.mark.real_time
@pytest.mark.parametrize(("flavour", "page"), KINDS[:2])
async def test_one_that_hangs_there_is_stopped_and_the_others_are_made(
    flavour: Flavour, page: bool
) -> None:
    """It fails after its time-out, the server is told, and goes on with the next."""
    faults = [Hang(), *[None] * (COUNT - 1)]
    async with A1111Server(faults, flavour=flavour, page=page, seconds=PICTURE) as server:
        result = await illustrated(server, at_once=3)
    assert [str(slot.state) for slot in result.slots] == ["failed"] + ["ready"] * (COUNT - 1)
    assert server.interrupted == 1
    failure = result.slots[0].failure
    assert failure is not None
    assert failure.kind == "BackendTimeout"
