"""NovelAI: anime pictures, for Anlas or with an Opus subscription.

``--backend novelai`` draws at ``https://image.novelai.net`` with the token in LIMNER_NOVELAI_KEY.
A prompt may name characters after the scene: ``a market, rain | girl, red hair | boy, cap``. With
the option ``stream=true`` previews are shown. An account draws one picture at a time; cancelling
closes the connection.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from limner.backends.http.answer import Answer, media_type
from limner.backends.http.complaint import looks_like_html, read_body, read_complaint
from limner.backends.http.rate_headers import RateHeaders
from limner.backends.http.refusal import Remedies, refusal
from limner.backends.http.secrets import bearer, clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.stream import AnswerStream
from limner.backends.http.timeouts import BRIEF, Timeouts
from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.novelai.wire import (
    SEEDS,
    StreamEvent,
    payload,
    read_anlas,
    read_event,
    read_seed,
)
from limner.backends.images.support.archive import read_zip
from limner.backends.images.support.base64_text import decode_base64
from limner.backends.images.support.checking import PictureLimits, checked, kind_of
from limner.backends.images.support.event_stream import events_of
from limner.backends.images.support.options import overridden, read_options, told
from limner.backends.images.support.server import ModelInfo, ServerFacts, identity
from limner.errors import BackendError, BackendRejected, BackendUnavailable, BadPicture
from limner.illustration.model.image import Image, ImageRequest

KIND = "novelai"
NOVELAI = "https://image.novelai.net"
ROUTE = "/ai/generate-image"
PREVIEW = 8 << 20
"""Bytes of a preview."""

_TOKEN = "set LIMNER_NOVELAI_KEY to a persistent token from NovelAI's account settings"  # noqa: S105 - no token
REMEDIES = Remedies(
    key=_TOKEN,
    address="it is https://image.novelai.net, without a path",
    server="picture server",
    advice={
        402: "the Anlas are used up, or there is no subscription: up to 28 steps and 1024x1024 "
        "pixels an Opus subscription draws for nothing",
        429: "an account draws one picture at a time: draw fewer at the same time, and close "
        "other programs that draw with this token",
    },
)


class NovelAIBackend:
    """Draws at NovelAI. Making one does no I/O.

    Args:
        url: The address of its picture server.
        key: The token, sent as ``Authorization: Bearer``.
        options: What to draw with.
        timeouts: Bounds.
        limits: How large a picture may be.

    Raises:
        limner.errors.BackendRejected: The URL or the key cannot be used.

    Example:
        >>> NovelAIBackend(key="pst-secret")
        NovelAIBackend('https://image.novelai.net')
    """

    def __init__(
        self,
        url: str = NOVELAI,
        *,
        key: str | None = None,
        options: NovelAIOptions | None = None,
        timeouts: Timeouts | None = None,
        limits: PictureLimits | None = None,
    ) -> None:
        self._key = clean_key(key)
        self.options = options or NovelAIOptions()
        self._session = ServerSession(
            url.rstrip("/").removesuffix("-stream").removesuffix(ROUTE),
            kind="NovelAI",
            headers=bearer(self._key),
            secrets=[self._key],
            remedies=REMEDIES,
            timeouts=timeouts,
        )
        self._brief = BRIEF.at_most(self._session.timeouts)
        self._limits = limits or PictureLimits()

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> "NovelAIBackend":
        """As `limner.illustration.make_backend` makes it.

        Raises:
            limner.errors.ConfigError: An option is unknown or wrong.
            limner.errors.BackendRejected: The URL or the key cannot be used.
        """
        read = read_options(NovelAIOptions, options, backend=KIND)
        return cls(url or NOVELAI, key=key, options=read)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._session.shown!r})"

    @property
    def identity(self) -> str:
        """A fingerprint of the server and the options."""
        return identity(KIND, self._session.shown, told(self.options))

    @property
    def rates(self) -> RateHeaders:
        """The quota as the latest answer told it."""
        return self._session.rates

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. Twice is fine."""
        await self._session.aclose()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        Raises:
            limner.errors.BackendError: With NovelAI's own words, and what to do.
        """
        options, ignored = overridden(self.options, request.attributes)
        data = await self._ask(request, options, payload(request, options))
        picture = await checked(data, limits=self._limits, server=self._session.shown)
        info: dict[str, object] = {
            "backend": KIND,
            "model": options.model,
            "sampler": options.sampler,
            "steps": options.steps,
            "scale": options.scale,
        }
        if (picture.width, picture.height) != (request.width, request.height):
            info["asked_for"] = f"{request.width}x{request.height}"
        if ignored:
            info["ignored"] = dict(ignored)
        seed = read_seed(picture.text)
        if seed is None and request.seed is not None:
            seed = request.seed % SEEDS
        return picture.image(seed=seed, info=info)

    async def _ask(
        self, request: ImageRequest, options: NovelAIOptions, body: Mapping[str, Any]
    ) -> bytes:
        """The picture's bytes, by the route that was chosen."""
        session = self._session
        self._check_key()
        async with session.open(
            "POST", ROUTE + ("-stream" if options.stream else ""), json=body,
            wanted="drawing of pictures", largest=4 * self._limits.bytes,
        ) as stream:  # fmt: skip
            kind = media_type(stream.headers.get("Content-Type"))
            if kind == "text/event-stream":
                return await self._streamed(stream, request, options.steps)
            answer = Answer(
                status=stream.status,
                headers=stream.headers,
                body=b"".join([piece async for piece in stream]),
                content_type=kind,
                server=session.shown,
                kind=session.kind,
            )
        return await self._unpacked(answer)

    def _check_key(self) -> None:
        if not self._key and self._session.shown == NOVELAI:
            raise BackendRejected(
                f"NovelAI draws only with a token; {_TOKEN}", server=self._session.shown
            )

    async def _unpacked(self, answer: Answer) -> bytes:
        start = answer.body.lstrip()[:1]
        if start == b"{":
            raise self._failure(read_body(answer.body).message, answer.body)
        if looks_like_html(answer.body[:200].decode("utf-8", "replace")):
            raise answer.other_kind()
        if kind_of(answer.body) is not None:
            return answer.body
        files = await asyncio.to_thread(
            read_zip, answer.body, largest=2 * self._limits.bytes, server=answer.server
        )
        return files[0]

    async def _streamed(self, stream: AnswerStream, request: ImageRequest, steps: int) -> bytes:
        """The last picture of an event stream; those before it are previews."""
        server = self._session.shown
        async with events_of(stream, largest=3 * self._limits.bytes) as events:
            async for event in events:
                told = read_event(event.data, event.event)
                if told.kind == "final" and told.picture is not None:
                    return await asyncio.to_thread(
                        decode_base64, told.picture, largest=self._limits.bytes, server=server
                    )
                if told.kind == "intermediate":
                    self._preview(told, request, steps)
                elif told.told.get("message") or told.told.get("error") or told.kind == "error":
                    raise self._failure(read_complaint(told.told).message, event.data.encode())
        raise BackendUnavailable(
            f"{server} ended its stream before the picture was there", server=server
        )

    def _preview(self, told: StreamEvent, request: ImageRequest, steps: int) -> None:
        if request.progress is None:
            return
        preview = None
        with suppress(BadPicture):  # a preview that is none is left out
            data = decode_base64(told.picture, largest=PREVIEW)
            preview = data if kind_of(data) is not None else None
        request.progress(min(told.step / max(steps, 1), 0.99), preview)

    def _failure(self, said: str, body: bytes) -> BackendError:
        """An error that came where a picture was due."""
        complaint = read_body(body)
        status = _status(body)
        if status is not None:
            error = refusal(
                status, complaint, server=self._session.shown, wanted="drawing of pictures",
                remedies=REMEDIES,
            )  # fmt: skip
        else:
            error = BackendUnavailable(
                f"{self._session.shown} failed while it was drawing: "
                f"{said or 'without saying why'}",
                server=self._session.shown,
            )
        return self._session.secrets.hide(error)

    async def models(self) -> list[ModelInfo]:
        """Empty: NovelAI does not tell."""
        return []

    async def samplers(self) -> list[str]:
        """Empty: NovelAI does not tell."""
        return []

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`."""
        self._check_key()
        answer = await self._session.request(
            "GET", "/user/subscription", timeouts=self._brief, wanted="subscription",
            largest=1 << 20,
        )  # fmt: skip
        answered = answer.json()
        if not isinstance(answered, dict):
            raise answer.other_kind()
        anlas = read_anlas(answered)
        notes = [] if anlas is None else [f"Anlas left: {anlas}"]
        if answered.get("active") is False:
            notes.append("the subscription is not active")
        return ServerFacts(kind="NovelAI", current_model=self.options.model, notes=notes)


def _status(body: bytes) -> int | None:
    """The status in an error object of NovelAI's."""
    status = read_event(body.decode("utf-8", "replace"), "error").told.get("statusCode")
    return status if type(status) is int and 400 <= status <= 599 else None
