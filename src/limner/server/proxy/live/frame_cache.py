"""Frames, drawn once for all pictures of a size that tell the same."""

import asyncio
from collections import OrderedDict

from limner.server.proxy.live.frame import Size, frame
from limner.server.proxy.live.stage import Stage

ROOM = 8 << 20
"""Bytes of frames that are kept: some two thousand of the usual size."""


class FrameCache:
    """Draws frames in threads, a few at a time, and keeps the last ones without a preview.

    Args:
        room: Bytes that are kept.
    """

    def __init__(self, *, room: int = ROOM) -> None:
        self._room = room
        self._kept: OrderedDict[tuple[Size, Stage], bytes] = OrderedDict()
        self._drawing: dict[tuple[Size, Stage], asyncio.Task[bytes]] = {}
        self._size = 0
        self._turn = asyncio.Semaphore(2)  # drawing is work for a processor; others need it too

    async def get(self, size: Size, stage: Stage) -> bytes:
        """A stage as a picture of this size."""
        key = size, stage
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._drawing.get(key)
        if task is None:
            task = self._drawing[key] = asyncio.create_task(self._draw(key), name="a frame")
        # Whoever asked first may go away; others wait for the same frame.
        return await asyncio.shield(task)

    async def _draw(self, key: tuple[Size, Stage]) -> bytes:
        try:
            async with self._turn:
                made = await asyncio.to_thread(frame, *key)
        finally:
            del self._drawing[key]
        if key[1].preview is not None:  # which no other picture will have, nor this one again
            return made
        self._kept[key] = made
        self._size += len(made)
        while self._size > self._room:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old)
        return made
