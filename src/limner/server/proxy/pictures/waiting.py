"""Waiting for pictures, within bounds."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from limner.server.proxy.pictures.picture_sink import PictureSink, PictureTicket

T = TypeVar("T", bound=Hashable)

JUST_NOW = 0.2
"""Seconds in which those who wait hear of what has come just before they need not any more."""
LAST_WORDS = 2.0
"""Seconds that those who wait get to be told that they need not any more."""


async def recognised(sink: PictureSink, seconds: float) -> None:
    """Wait until it is known what an answer goes on from, or the time is over."""
    try:
        async with asyncio.timeout(seconds):
            await sink.recognised()
    except TimeoutError:
        return


async def conversation_of(sink: PictureSink, seconds: float) -> str | None:
    """To which conversation an answer belongs; ``None``: that is not known in time."""
    try:
        async with asyncio.timeout(seconds):
            return await sink.conversation()
    except TimeoutError:
        return None


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


class WaiterLimit(Generic[T]):
    """Counts who waits, so that no client holds more requests than it may.

    Examples:
        >>> room = WaiterLimit(1)
        >>> with room.place("a") as first, room.place("a") as second, room.place("b") as other:
        ...     first, second, other, room.has_room("a")
        (True, False, True, False)
        >>> with room.place("a") as again:
        ...     again
        True
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken: Counter[T] = Counter()

    def has_room(self, client: T) -> bool:
        """Whether a client may wait with one more request."""
        return self._taken[client] < self._places

    def place(self, client: T) -> "WaitingPlace[T]":
        """A place for one request of a client, for a block that is told whether it has one."""
        return WaitingPlace(self._taken, client, has=self.has_room(client))


class WaitingPlace(Generic[T]):
    """A place of a `WaiterLimit`.

    Args:
        taken: How many places each client has.
        client: Who wants one more.
        has: Whether there is one.
    """

    __slots__ = ("_client", "_has", "_taken")

    def __init__(self, taken: Counter[T], client: T, *, has: bool) -> None:
        self._taken, self._client, self._has = taken, client, has

    def __enter__(self) -> bool:
        self._taken[self._client] += self._has
        return self._has

    def __exit__(self, *error: object) -> None:
        self._taken[self._client] -= self._has
        if not self._taken[self._client]:
            del self._taken[self._client]


class WaitsEnd:
    """One who waits in a `WaitingRoom`. It is small, since hundreds may wait.

    Args:
        waiting: All who wait, and for what.
        left: Called when this one waits no more.
        coming: What it waits for.
        seconds: How long.
        over: Whether it waits for nothing at all.
    """

    __slots__ = ("_coming", "_ended", "_late", "_left", "_waiting")

    def __init__(
        self,
        waiting: "dict[asyncio.Future[None], asyncio.Future[Any]]",
        left: Callable[[], None],
        coming: "asyncio.Future[Any]",
        seconds: float,
        *,
        over: bool,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._waiting, self._left, self._coming = waiting, left, coming
        self._ended: asyncio.Future[None] = loop.create_future()
        self._late = loop.call_later(seconds, self._end)
        if over:
            self._end()

    def _end(self, _: object = None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def __enter__(self) -> "asyncio.Future[None]":
        self._coming.add_done_callback(self._end)
        self._waiting[self._ended] = self._coming
        return self._ended

    def __exit__(self, *error: object) -> None:
        self._late.cancel()
        self._coming.remove_done_callback(self._end)
        del self._waiting[self._ended]
        self._left()


class WaitingRoom:
    """Everybody who waits for a picture, so that all can be told to wait no more.

    Attributes:
        closed: Whether nobody may wait any more.
    """

    def __init__(self) -> None:
        self.closed = False
        self._waiting: dict[asyncio.Future[None], asyncio.Future[Any]] = {}
        self._empty = asyncio.Event()

    def end_of(self, coming: "asyncio.Future[Any]", seconds: float) -> "WaitsEnd":
        """The end of waiting: something has come, the time is over, or the room is closed.

        A block, which is given a future.
        """
        return WaitsEnd(self._waiting, self._left, coming, seconds, over=self.closed)

    def _left(self) -> None:
        if not self._waiting:
            self._empty.set()

    async def close(self) -> None:
        """End all waiting, and let everybody go. Twice is fine."""
        self.closed = True
        if self._waiting:
            await asyncio.wait(set(self._waiting.values()), timeout=JUST_NOW)
        for ended in tuple(self._waiting):
            if not ended.done():
                ended.set_result(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                while self._waiting:
                    self._empty.clear()
                    await self._empty.wait()
