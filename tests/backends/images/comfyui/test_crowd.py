"""Pictures, mishaps and cancellings in any order: each ends once, with its own picture."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions, PollIntervals
from limner.errors import BackendError
from limner.illustration import ImageRequest
from limner.testing.comfyui_server import ComfyUIServer, mishap
from limner.testing.picture_fault import Busy, Cut, ServerError
from limner.testing.picture_job import plain_picture

MISHAPS = st.sampled_from([
    None, None, None, mishap.SocketDrop(0), mishap.SocketDrop(6), mishap.SocketDrop(15),
    mishap.Restart(9), mishap.SomebodyInterrupts(), mishap.SomebodyDeletes(),
    mishap.SomebodyClears(), mishap.NodeFails(), mishap.BranchDropped(), mishap.FileGone(),
    mishap.LateAnswer(), mishap.LostAnswer(), mishap.NoEndFrame(),
])  # fmt: skip
FAULTS = st.sampled_from([None, None, None, None, Busy(), ServerError(), Cut()])
LIMITS = Timeouts(connect=5, first_byte=10, idle=10, total=20)


async def crowd(
    mishaps: list[Any], faults: list[Any], cancelled: list[int | None], websocket: bool
) -> None:
    """Draw side by side; cancel some when so many requests have come."""
    told: dict[int, list[float]] = {}
    async with ComfyUIServer(faults, mishaps=mishaps) as server:
        backend = ComfyUIBackend(
            server.url, timeouts=LIMITS, options=ComfyUIOptions(websocket=websocket),
            pace=PollIntervals(poll=0.01, quiet=0.1),
        )  # fmt: skip

        async def draw(seed: int, after: int | None) -> Any:
            heard = told.setdefault(seed, [])
            request = ImageRequest(
                prompt=f"picture {seed}", width=64, height=64, seed=seed,
                progress=lambda fraction, _: heard.append(fraction),
            )  # fmt: skip
            drawing = asyncio.ensure_future(backend.generate(request))
            if after is not None:
                waiting = asyncio.ensure_future(server.until(lambda: len(server.requests) >= after))
                await asyncio.wait([drawing, waiting], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                drawing.cancel()
            return (await asyncio.gather(drawing, return_exceptions=True))[0]

        async with backend:
            ends = await asyncio.gather(
                *(draw(100 + number, after) for number, after in enumerate(cancelled))
            )
            heard = {seed: list(fractions) for seed, fractions in told.items()}
        assert server.running == 0, "a drawing is left at the server"
        assert server.worker.waiting == []
    assert told == heard, "progress was told after the end"
    for number, (end, after) in enumerate(zip(ends, cancelled, strict=True)):
        assert told[100 + number] == sorted(told[100 + number])
        if isinstance(end, asyncio.CancelledError):
            assert after is not None
        elif isinstance(end, BaseException):
            assert isinstance(end, BackendError), repr(end)
            assert str(end).isprintable()
        else:
            # Its own picture: a colour that its seed alone decides.
            assert end.data == plain_picture(64, 64, seed=end.seed)
            assert end.seed == 100 + number or end.info["seed_asked_for"] == 100 + number


@pytest.mark.real_time
@settings(max_examples=share(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    mishaps=st.lists(MISHAPS, max_size=5),
    faults=st.lists(FAULTS, max_size=5),
    cancelled=st.lists(st.none() | st.integers(1, 25), min_size=1, max_size=5),
    websocket=st.booleans(),
)
def test_every_picture_ends_once_with_its_own_picture(
    mishaps: list[Any], faults: list[Any], cancelled: list[int | None], websocket: bool
) -> None:
    """In any order of what can go wrong, nothing hangs, nothing is left at the server."""
    asyncio.run(asyncio.wait_for(crowd(mishaps, faults, cancelled, websocket), 30))
