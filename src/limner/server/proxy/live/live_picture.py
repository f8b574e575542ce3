"""A picture that is shown while it comes to be, to one ``<img>``."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from limner.illustration import SlotId
from limner.server.http.exchange import Exchange
from limner.server.proxy.live.board import LiveBoard
from limner.server.proxy.live.frame import Size
from limner.server.proxy.live.frame_cache import FrameCache
from limner.server.proxy.live.mixed_replace import HEADERS, MixedReplace
from limner.server.proxy.live.stage import Stage


class LivePicture:
    """Shows how far a picture is, and then what became of it.

    Args:
        board: Knows how far it is.
        frames: Draws that.
        slot_id: Of which slot it is.
        size: How large it will be.

    Attributes:
        size: As given.
    """

    __slots__ = ("_board", "_frames", "_slot_id", "size")

    def __init__(
        self, board: LiveBoard, frames: FrameCache, *, slot_id: SlotId, size: Size
    ) -> None:
        self._board = board
        self._frames = frames
        self._slot_id = slot_id
        self.size = size

    def still(self, detail: str) -> Stage:
        """How far it is at this moment, and something besides."""
        with self._board.watch(self._slot_id) as watch:
            return replace(watch.stage, detail=detail)

    async def show(
        self,
        exchange: Exchange,
        ended: "asyncio.Future[None]",
        last: Callable[[], Awaitable[bytes]],
    ) -> None:
        """Show it until something has ended, and then the last of it.

        Args:
            exchange: To whom.
            ended: Tells that there is no more to wait for.
            last: Gives what is shown from then on: the picture, or why there is none.

        Raises:
            ClientGone: There is nobody to show it to.
        """
        await exchange.start(200, HEADERS)
        exchange.forget_headers()
        shown = MixedReplace(exchange)
        with self._board.watch(self._slot_id) as watch:
            ended.add_done_callback(watch.wake)
            while not ended.done():
                await shown.show(await self._frames.get(self.size, watch.stage))
                await watch.woken()
        await shown.finish(await last())
