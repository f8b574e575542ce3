"""``/v1/images/generations``: pictures for clients that want nothing else, in OpenAI's form."""

import base64
import re
import time
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from limner.errors import LimnerError, RequestRejected
from limner.illustration.model.image import SIDE_MAXIMUM, SIDE_MINIMUM
from limner.server.http.exchange import Exchange
from limner.server.proxy.pictures.picture_sink import DrawnPicture, PictureService
from limner.server.proxy.pictures.picture_variants import PictureVariants
from limner.server.proxy.settings import ProxySettings

_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")


class GenerationRequest(msgspec.Struct):
    """What a client may ask; other fields are for other servers and are not looked at."""

    prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=32_000)]
    n: Annotated[int, msgspec.Meta(ge=1, le=10)] | None = 1
    size: str | None = None
    model: str | None = None
    response_format: str | None = None
    output_format: str | None = None
    stream: bool | None = None


_decoder = msgspec.json.Decoder(GenerationRequest)


class Generations:
    """Answers requests for pictures; each goes through the limiter of all others.

    Args:
        settings: How large a request may be.
        pictures: Draws.
        told: Gives the status and body that tell a client of an error.
    """

    def __init__(
        self,
        settings: ProxySettings,
        pictures: PictureService,
        told: Callable[[LimnerError], tuple[int, bytes]],
    ) -> None:
        self._settings = settings
        self._pictures = pictures
        self._told = told
        self._variants = PictureVariants(kept=0)

    async def answer(self, exchange: Exchange) -> None:
        """Draw and answer.

        Raises:
            LimnerError: The request is wrong, or nothing could be drawn.
            ClientGone: There is nobody to answer any more; what was not drawn yet is not.
        """
        wanted = read_generation(await exchange.body(self._settings.body_limit))
        await exchange.unless_gone(self._answer(exchange, wanted))

    async def _answer(self, exchange: Exchange, wanted: GenerationRequest) -> None:
        size = None if wanted.size in (None, "auto") else wanted.size
        drawn = await self._pictures.draw(wanted.prompt, count=wanted.n or 1, size=size)
        media_type = f"image/{wanted.output_format or 'png'}"
        data = [await self._described(picture, wanted, media_type) for picture in drawn.made]
        told: dict[str, Any] = {"created": int(time.time()), "data": data}
        if drawn.failed:  # fewer than were asked for: each with its reason, as an error would be
            told["failed"] = [
                msgspec.json.decode(self._told(one)[1])["error"] for one in drawn.failed
            ]
        body = msgspec.json.encode(told)
        await exchange.respond(200, body, [(b"content-type", b"application/json")])

    async def _described(
        self, picture: DrawnPicture, wanted: GenerationRequest, media_type: str
    ) -> dict[str, Any]:
        # Data alone unless asked otherwise, as OpenAI's present models answer: some clients take an
        # address before the data, and refuse to ask one of their own machine.
        if wanted.response_format == "url":
            return {"url": picture.ticket.url}
        data = await self._variants.get("", picture.image, media_type, None)
        return {"b64_json": base64.b64encode(data).decode()}


def read_generation(body: bytes) -> GenerationRequest:
    """Read a request for pictures.

    Raises:
        RequestRejected: It is wrong; its message and ``param`` say what.

    Examples:
        >>> read_generation(b'{"prompt": "a fox", "n": 2, "quality": "high"}').n
        2
        >>> read_generation(b'{"prompt": "a fox", "n": 50}')
        Traceback (most recent call last):
            ...
        limner.errors.RequestRejected: Expected `int` <= 10 - at `$.n`
    """
    try:
        wanted = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = re.search(r"`\$\.(\w+)`|field `(\w+)`", str(error))
        param = next(filter(None, found.groups()), None) if found else None
        raise RequestRejected(str(error), param=param) from None
    if not wanted.prompt.strip():
        raise RequestRejected("the prompt is blank", param="prompt")
    _check_size(wanted.size)
    if wanted.response_format not in (None, "url", "b64_json"):
        raise RequestRejected("response_format must be url or b64_json", param="response_format")
    if wanted.output_format not in (None, "png", "webp", "jpeg"):
        raise RequestRejected("output_format must be png, jpeg or webp", param="output_format")
    if wanted.stream:
        raise RequestRejected("pictures are not streamed here; leave stream out", param="stream")
    return wanted


def _check_size(size: str | None) -> None:
    """Refuse a size that cannot be drawn; another one in its place would be a surprise."""
    if size in (None, "auto"):
        return
    found = _SIZE.fullmatch(size or "")
    sides = [int(side) for side in found.groups()] if found else []
    if not sides or not all(SIDE_MINIMUM <= side <= SIDE_MAXIMUM for side in sides):
        raise RequestRejected(
            f"size must be auto, or WIDTHxHEIGHT with {SIDE_MINIMUM} to {SIDE_MAXIMUM} pixels each",
            param="size",
        )
