"""Frames are drawn once for all who are shown the same."""

import asyncio

import pytest

from limner.server.proxy.live.frame_cache import FrameCache
from limner.server.proxy.live.stage import queued

WATCHERS = 200


@pytest.mark.real_time
async def test_a_frame_is_drawn_once_for_all_that_show_the_same() -> None:
    """Of one size; another size is another frame."""
    frames = FrameCache()
    made = await asyncio.gather(*(frames.get((320, 200), queued(40)) for _ in range(WATCHERS)))
    assert all(one is made[0] for one in made)
    assert await frames.get((320, 200), queued(42)) is made[0]
    assert await frames.get((640, 400), queued(40)) is not made[0]
