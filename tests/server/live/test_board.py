"""Hundreds watch pictures that wait: nothing is done while nothing changes, little when it does."""

import asyncio
import contextlib
from itertools import pairwise

from limner.illustration import Illustrator, SlotId
from limner.scheduling import Limiter
from limner.server.proxy.live.board import KEPT_ALIVE, LiveBoard
from limner.server.proxy.live.stage import Stage
from limner.testing import ScriptedBackend, run_virtual

WATCHERS = 200
TEXT = " ".join(
    f'On <!--img-prompt="a fox, {number}"--> went it.' for number in range(WATCHERS + 60)
)


async def watched(seconds: float, watching: float) -> tuple[list[list[float]], set[Stage]]:
    """When each of many watchers was told something, and all that they were told.

    Args:
        seconds: How long a picture takes, one after the other.
        watching: For how long they watch.
    """
    loop = asyncio.get_running_loop()
    backend = ScriptedBackend(seconds=seconds)
    limiter = Limiter(max_concurrent=1)
    async with Illustrator(backend=backend, limiter=limiter) as illustrator:
        board = LiveBoard(illustrator)
        drawing = asyncio.create_task(illustrator.illustrate(TEXT, message_id="m"))
        while len(backend.calls) == 0:  # noqa: ASYNC110 - in virtual time
            await asyncio.sleep(0.01)
        slots = [SlotId("m", 0, number) for number in range(60, 60 + WATCHERS)]
        began, stages = loop.time(), set[Stage]()

        async def watch(number: int, told: list[float]) -> None:
            with board.watch(slots[number]) as here:
                while loop.time() < began + watching:
                    stages.add(here.stage)
                    await here.woken()
                    told.append(loop.time())

        told: list[list[float]] = [[] for _ in slots]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(watching):
                await asyncio.gather(*(watch(number, told[number]) for number in range(WATCHERS)))
        board.close()
        drawing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await drawing
    return told, stages


def test_a_queue_that_changes_five_times_a_second_tells_each_at_most_once_a_second() -> None:
    """And what all of them are told together is some tens of frames, not thousands."""
    told, stages = run_virtual(watched(0.2, 10.0))
    assert any(told)
    assert all(b - a >= 1.0 - 1e-9 for one in told for a, b in pairwise(one))
    assert max(map(len, told)) <= 10
    assert len(stages) <= 25


def test_while_nothing_changes_nobody_is_told_anything_but_that_it_still_is_so() -> None:
    """Often enough for whatever stands between, which gives up answers that are silent."""
    told, _ = run_virtual(watched(3600.0, 100.0))
    gaps = [b - a for one in told for a, b in pairwise(one)]
    assert min(gaps) >= KEPT_ALIVE / 2
    assert max(gaps) <= KEPT_ALIVE + 1
