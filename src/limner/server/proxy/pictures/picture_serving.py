"""``/images/{id}.png``: a picture, as soon as it is drawn.

A front-end asks once and never again, so the answer waits for the picture. An answer that is no
picture would be asked for again and again, so there is always one: where none is to be had, a
placeholder that nobody keeps.
"""

import asyncio
import re

from limner.errors import LimnerError
from limner.illustration import Image
from limner.prompts import PICTURE_ID
from limner.server.http.entity_tag import has_already
from limner.server.http.exchange import Exchange, Header
from limner.server.proxy.pictures.picture_sink import PictureService
from limner.server.proxy.pictures.picture_variants import PictureVariants, media_type_for, width_for
from limner.server.proxy.pictures.placeholder import placeholder_png
from limner.server.proxy.pictures.waiting import WaiterLimit
from limner.server.proxy.settings import ProxySettings
from limner.storage import content_digest

PATH = re.compile(rf"/images/({PICTURE_ID})\.png")

AT_ONCE = 0.05
"""Seconds for a picture that is there already to be loaded, where nobody may wait."""

_OPEN: list[Header] = [
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
]
_ASKED_AGAIN: Header = (b"cache-control", b"no-cache")
"""The address names a slot, whose picture changes when it is drawn again or another is chosen: it
may be kept, and is asked about each time."""
_NOT_KEPT: Header = (b"cache-control", b"no-store")


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
        self._room = WaiterLimit(settings.image_waits)
        self._placeholder = placeholder_png()

    async def answer(self, exchange: Exchange, picture_id: str) -> None:
        """Answer with the picture of this id, or with the placeholder.

        Raises:
            ClientGone: There is nobody to answer any more.
        """
        exchange.extra = _OPEN
        await exchange.unless_gone(self._answer(exchange, picture_id))

    async def _answer(self, exchange: Exchange, picture_id: str) -> None:
        image = await self._wait(exchange.client, picture_id)
        if image is None or not image.media_type.startswith("image/"):
            await self._missing(exchange)
            return
        media_type = media_type_for(exchange.header("accept"), image.media_type)
        width = width_for(exchange.query("w"), image.width)
        digest = content_digest(image)
        tag = f'"{digest}-{media_type.removeprefix("image/")}-{width or "full"}"'
        headers: list[Header] = [_ASKED_AGAIN, (b"etag", tag.encode()), (b"vary", b"Accept")]
        if has_already(exchange.header("if-none-match"), tag):
            await exchange.start(304, headers)
            await exchange.end()
            return
        try:
            data = await self._variants.get(digest, image, media_type, width)
        except (OSError, LimnerError):
            await self._missing(exchange)
            return
        await exchange.respond(200, data, [*headers, (b"content-type", media_type.encode())])

    async def _wait(self, client: str, picture_id: str) -> Image | None:
        with self._room.place(client) as free:
            try:
                async with asyncio.timeout(self._settings.image_wait if free else AT_ONCE):
                    return await self._pictures.image(picture_id)
            except (TimeoutError, LimnerError):
                return None

    async def _missing(self, exchange: Exchange) -> None:
        headers: list[Header] = [_NOT_KEPT, (b"content-type", b"image/png")]
        await exchange.respond(200, self._placeholder, headers)
