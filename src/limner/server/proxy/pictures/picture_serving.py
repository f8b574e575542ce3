"""``/images/{id}.png``: a picture, as soon as it is drawn.

A front-end asks once and never again, so the answer waits for the picture: to a browser's ``<img>``
it shows meanwhile how far it is, all others get the finished bytes. An answer that is no picture
would be asked for again and again, so there is always one: where none is to be had, a frame that
says why, which nobody keeps.
"""

import asyncio
import re
from collections.abc import Awaitable
from functools import partial
from urllib.parse import urlsplit

from limner.errors import LimnerError
from limner.illustration import Image, Slot
from limner.prompts import PICTURE_ID
from limner.server.http.entity_tag import has_already
from limner.server.http.exchange import Exchange, Header
from limner.server.proxy.live.asking import VARY, Browser, shows_frames
from limner.server.proxy.live.frame import Size
from limner.server.proxy.live.frame_cache import FrameCache
from limner.server.proxy.live.live_picture import LivePicture
from limner.server.proxy.live.other_names import other_names
from limner.server.proxy.live.stage import LATER, UNREADABLE, Stage
from limner.server.proxy.pictures.passed_on import passed_on
from limner.server.proxy.pictures.picture_sink import PictureService
from limner.server.proxy.pictures.picture_variants import PictureVariants, media_type_for, width_for
from limner.server.proxy.pictures.placeholder import placeholder
from limner.server.proxy.pictures.waiting import WaiterLimit, WaitingRoom
from limner.server.proxy.settings import ProxySettings
from limner.storage import content_digest, is_far

PATH = re.compile(rf"/images/({PICTURE_ID})\.png")

AT_ONCE = 0.05
"""Seconds for a picture that is there already to be loaded, before anybody waits."""
_OPEN: list[Header] = [
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"vary", VARY),
]
_ASKED_AGAIN: Header = (b"cache-control", b"no-cache")
"""The address names a slot, whose picture changes when it is drawn again or another is chosen: it
may be kept, and is asked about each time."""
_NOT_KEPT: Header = (b"cache-control", b"no-store")

Coming = asyncio.Future[Image | None]


class PictureServing:
    """Answers requests for pictures.

    Args:
        settings: How long they wait, and how many.
        pictures: Has the pictures.
    """

    def __init__(self, settings: ProxySettings, pictures: PictureService) -> None:
        self._settings = settings
        self._pictures = pictures
        self._variants = PictureVariants()
        self._frames = FrameCache()
        self._room: WaiterLimit[str] = WaiterLimit(settings.image_waits)
        self._live: WaiterLimit[Browser] = WaiterLimit(settings.live_pictures)
        self._waiting = WaitingRoom()
        url = urlsplit(settings.public_url)
        self._bare = url.scheme == "http" and not url.path

    def answer(self, exchange: Exchange, picture_id: str) -> Awaitable[None]:
        """Answer with the picture of this id, or with a frame that says why there is none.

        Raises:
            ClientGone: There is nobody to answer any more.
        """
        exchange.extra = _OPEN
        return exchange.unless_gone(self._answer(exchange, picture_id))

    def stop(self) -> None:
        """Let nobody else wait: the server stops."""
        self._waiting.closed = True

    async def aclose(self) -> None:
        """Let nobody wait any more: each is told that the server stops. Twice is fine."""
        await self._waiting.close()

    async def _answer(self, exchange: Exchange, picture_id: str) -> None:
        coming = asyncio.ensure_future(self._image(picture_id))
        try:
            await asyncio.wait((coming,), timeout=AT_ONCE)
            if coming.done() or not await self._shown_live(exchange, picture_id, coming):
                await self._plain(exchange, picture_id, coming)
        finally:
            coming.cancel()

    async def _image(self, picture_id: str) -> Image | None:
        try:
            image = await self._pictures.image(picture_id)
        except LimnerError:
            return None
        return image if image is not None and image.media_type.startswith("image/") else None

    async def _shown_live(self, exchange: Exchange, picture_id: str, coming: Coming) -> bool:
        """Show a picture while it comes, or send the browser where it can be shown.

        ``False``: whoever asks cannot be shown it.
        """
        asked_for = self._settings.live_pictures and not self._waiting.closed
        if not asked_for or not shows_frames(exchange.method, exchange.headers):
            return False
        live = await self._live_picture(exchange, picture_id)
        if live is None:
            return False
        browser = Browser.of(exchange.client, exchange.headers)
        with self._room.place(exchange.client) as room, self._live.place(browser) as free:
            if room and free:
                with self._waiting.end_of(coming, self._settings.image_wait) as ended:
                    accept = exchange.header("accept")
                    last = partial(self._last, exchange, picture_id, coming, accept)
                    await live.show(exchange, ended, last)
                return True
        names = other_names(exchange.headers) if room and self._bare else ()
        name = next((one for one in names if self._live.has_room(browser.at(one))), None)
        if name is None:
            await self._frame(exchange, live.size, live.still(LATER))
        else:
            query = f"?{exchange.raw_query}" if exchange.raw_query else ""
            place = f"http://{name}{exchange.path}{query}"
            await exchange.respond(307, b"", [_NOT_KEPT, (b"location", place.encode())])
        return True

    async def _live_picture(self, exchange: Exchange, picture_id: str) -> LivePicture | None:
        """The picture as it can be shown before it is there; ``None``: nobody knows of it."""
        slot, _ = await self._slot(picture_id)
        if slot is None:
            return None
        board = self._pictures.board
        size = _asked_size(exchange, board.size_of(slot))
        return LivePicture(board, self._frames, slot_id=slot.id, size=size)

    async def _last(
        self, exchange: Exchange, picture_id: str, coming: Coming, accept: str | None
    ) -> bytes:
        """What stands in the place of the frames in the end: the picture itself, byte for byte."""
        image = coming.result() if coming.done() else None
        if image is not None:
            width = width_for(exchange.query("w"), image.width)
            kind = image.media_type
            if width is not None:
                kind = media_type_for(accept, kind)
            try:
                return await self._variants.get(content_digest(image), image, kind, width)
            except (OSError, LimnerError):
                pass  # its slot says that there is one, so it is told to be lost
        slot, stage = await self._slot(picture_id)
        size = _asked_size(exchange, self._pictures.board.size_of(slot))
        return await self._frames.get(size, stage)

    async def _plain(self, exchange: Exchange, picture_id: str, coming: Coming) -> None:
        """Wait for a picture, and answer with its bytes."""
        with self._room.place(exchange.client) as free:
            if free:
                with self._waiting.end_of(coming, self._settings.image_wait) as ended:
                    await ended
        image = coming.result() if coming.done() else None
        if image is None:
            await self._missing(exchange, picture_id)
            return
        media_type = media_type_for(exchange.header("accept"), image.media_type)
        width = width_for(exchange.query("w"), image.width)
        digest = content_digest(image)
        tag = f'"{digest}-{media_type.removeprefix("image/")}-{width or "full"}"'
        headers: list[Header] = [_ASKED_AGAIN, (b"etag", tag.encode())]
        if has_already(exchange.header("if-none-match"), tag):
            await exchange.start(304, headers)
            await exchange.end()
            return
        if width is None and media_type == image.media_type and is_far(image):
            if not await passed_on(exchange, image, headers):
                await self._missing(exchange, picture_id)
            return
        try:
            data = await self._variants.get(digest, image, media_type, width)
        except (OSError, LimnerError):
            await self._missing(exchange, picture_id)
            return
        await exchange.respond(200, data, [*headers, (b"content-type", media_type.encode())])

    async def _missing(self, exchange: Exchange, picture_id: str) -> None:
        slot, stage = await self._slot(picture_id)
        size = _asked_size(exchange, self._pictures.board.size_of(slot))
        await self._frame(exchange, size, stage)

    async def _frame(self, exchange: Exchange, size: Size, stage: Stage) -> None:
        headers: list[Header] = [_NOT_KEPT, (b"content-type", b"image/png")]
        await exchange.respond(200, await self._frames.get(size, stage), headers)

    async def _slot(self, picture_id: str) -> tuple[Slot | None, Stage]:
        """The slot of a picture, and what is told of it where there is no picture."""
        try:
            slot = await self._pictures.slot(picture_id)
        except LimnerError:
            return None, UNREADABLE
        return slot, placeholder(slot, stopping=self._waiting.closed)


def _asked_size(exchange: Exchange, size: Size) -> Size:
    """The size of a picture as it is asked for."""
    width = width_for(exchange.query("w"), size[0])
    return size if width is None else (width, max(1, round(size[1] * width / size[0])))
