"""A real serial server over sockets: 110 ms stand for its 110 s, time-outs are as much shorter."""

import pytest

from limner.composition import open_pipeline
from limner.config import Settings
from limner.testing.a1111_server import A1111Server
from limner.testing.picture_fault import Busy

pytestmark = pytest.mark.real_time

PICTURE = 0.11
"""Seconds that stand for 110."""
SLOW = 0.5
"""Seconds beside which a busy machine's delays are small: a quarter more or less is noticed."""
STORY = "".join(f'Night {n}. <!--img-prompt="fox {n}"--> ' for n in range(12))
SHORT = "".join(f'Day {n}. <!--img-prompt="hen {n}"--> ' for n in range(7))


@pytest.mark.parametrize("page", [True, False])
@pytest.mark.parametrize("at_once", [3, 12])
async def test_all_are_drawn_however_long_the_servers_line_is(page: bool, at_once: int) -> None:
    """The last waits twelve times as long as the picture before it takes; the time-out is two."""
    async with A1111Server(seconds=PICTURE, page=page) as server:
        settings = Settings(
            backend=f"a1111+{server.url}",
            max_concurrent=at_once,
            picture_timeout=1.8,  # 1,800 s, a thousand times as fast
            settle_timeout=3.6,
        )
        async with open_pipeline(settings) as pipeline:
            result = await pipeline.illustrator.illustrate(STORY)
    assert [slot.failure and slot.failure.reason for slot in result.slots] == [None] * 12
    assert len(server.jobs) == 12  # nothing was drawn twice
    assert server.interrupted == 0


async def test_it_is_found_out_to_be_serial() -> None:
    """From the third time on one is sent, so that the order stays ours."""
    async with A1111Server(seconds=SLOW) as server:
        settings = Settings(backend=f"a1111+{server.url}", max_concurrent=3)
        async with open_pipeline(settings) as pipeline:
            result = await pipeline.illustrator.illustrate(SHORT)
            learned = pipeline.learned()
    assert result.complete
    assert server.peak == 3
    assert learned.words == "at most 1 at once"


async def test_an_outage_is_waited_for_and_told() -> None:
    """503 without a word on when to come back, six times: everything is drawn all the same."""
    faults = [None, *[Busy(None, status=503)] * 4]
    async with A1111Server(faults, seconds=0.02) as server:
        settings = Settings(backend=f"a1111+{server.url}", max_concurrent=3)
        async with open_pipeline(settings) as pipeline:
            result = await pipeline.illustrator.illustrate(STORY)
            (waited,) = pipeline.learned().waited
    assert result.complete
    assert waited.words == "server busy (503)"
    assert pipeline.learned().rates == ()
