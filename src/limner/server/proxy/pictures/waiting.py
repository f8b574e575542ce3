"""Waiting for pictures, within bounds."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from limner.server.proxy.pictures.picture_sink import PictureSink, PictureTicket


async def recognised(sink: PictureSink, seconds: float) -> None:
    """Wait until it is known what an answer goes on from, or the time is over."""
    try:
        async with asyncio.timeout(seconds):
            await sink.recognised()
    except TimeoutError:
        return


async def all_ready(sink: PictureSink, tickets: Sequence[PictureTicket], seconds: float) -> None:
    """Wait until every picture is there or never will be, or the time is over."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(sink.ready(ticket) for ticket in tickets))
    except TimeoutError:
        return


async def all_kept(sink: PictureSink, tickets: Sequence[PictureTicket], seconds: float) -> bool:
    """Wait until every picture's place is kept or cannot be; tells whether the time sufficed."""
    try:
        async with asyncio.timeout(seconds):
            for ticket in tickets:
                await sink.kept(ticket)
    except TimeoutError:
        return False
    return True


class WaiterLimit:
    """Counts who waits, so that no client holds more requests than it may.

    Example:
        >>> room = WaiterLimit(1)
        >>> with room.place("a") as first, room.place("a") as second, room.place("b") as other:
        ...     first, second, other
        (True, False, True)
        >>> with room.place("a") as again:
        ...     again
        True
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken: Counter[str] = Counter()

    @contextmanager
    def place(self, client: str) -> Iterator[bool]:
        """A place for one request of a client; tells whether there was one."""
        if self._taken[client] >= self._places:
            yield False
            return
        self._taken[client] += 1
        try:
            yield True
        finally:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]
