"""OpenAI's Images API, and the servers that speak it.

``--backend openai`` draws at OpenAI, ``--backend openai+http://host:8080/v1?dialect=localai`` at
LocalAI, and so on; see `Dialect`. The key is LIMNER_OPENAI_KEY. GPT image models stream previews
while they draw. What a model cannot do is left out: a size is brought to the nearest it draws, a
seed sent only where it is taken.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import msgspec

from limner.backends.http.answer import Answer, media_type
from limner.backends.http.complaint import read_complaint
from limner.backends.http.rate_headers import RateHeaders
from limner.backends.http.refusal import FILTER_KINDS, Remedies
from limner.backends.http.secrets import bearer, clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.stream import AnswerStream
from limner.backends.http.timeouts import BRIEF, Timeouts
from limner.backends.images.openai.options import OpenAIOptions
from limner.backends.images.openai.wire import (
    SEEDED,
    Given,
    dialect_of,
    is_gpt_image,
    payload,
    read_answer,
    read_picture,
)
from limner.backends.images.support.base64_text import decode_base64
from limner.backends.images.support.checking import PictureLimits, checked, kind_of
from limner.backends.images.support.event_stream import events_of
from limner.backends.images.support.options import overridden, read_options, told
from limner.backends.images.support.server import ModelInfo, ServerFacts, identity
from limner.backends.text.openai.model_list import model_ids
from limner.errors import BackendUnavailable, BadPicture, ContentRefused
from limner.illustration.model.image import Image, ImageRequest

KIND = "openai"
OPENAI = "https://api.openai.com/v1"
ROUTE = "/images/generations"
PREVIEW = 8 << 20
"""Bytes of a preview."""

REMEDIES = Remedies(
    key="set LIMNER_OPENAI_KEY to a key this server accepts",
    address="is the address right? It usually ends in /v1",
    server="picture server",
)


class OpenAIImages:
    """Draws with an Images API. Making one does no I/O.

    Args:
        url: The API's root, usually ending in ``/v1``; OpenAI's own by default.
        key: Sent as ``Authorization: Bearer``.
        options: What to draw with.
        timeouts: Bounds.
        limits: How large a picture may be.

    Raises:
        limner.errors.BackendRejected: The URL or the key cannot be used.

    Example:
        >>> OpenAIImages(key="sk-secret")
        OpenAIImages('https://api.openai.com/v1')
    """

    def __init__(
        self,
        url: str = OPENAI,
        *,
        key: str | None = None,
        options: OpenAIOptions | None = None,
        timeouts: Timeouts | None = None,
        limits: PictureLimits | None = None,
    ) -> None:
        key = clean_key(key)
        self.options = options or OpenAIOptions()
        self._session = ServerSession(
            url.rstrip("/").removesuffix(ROUTE),
            kind="OpenAI-compatible image",
            headers=bearer(key),
            secrets=[key],
            remedies=REMEDIES,
            timeouts=timeouts,
            hosts=self.options.hosts,
        )
        self._limits = limits or PictureLimits()
        self.dialect = dialect_of(self._session.shown, self.options)

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> "OpenAIImages":
        """As `limner.illustration.make_backend` makes it; a bare host gets the usual ``/v1``.

        Raises:
            limner.errors.ConfigError: An option is unknown or wrong.
            limner.errors.BackendRejected: The URL or the key cannot be used.
        """
        read = read_options(OpenAIOptions, options, backend=KIND)
        place = url or OPENAI
        bare = place.count("/") <= 2 + place.endswith("/")
        return cls(place.rstrip("/") + "/v1" * bare, key=key, options=read)

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

        Cancelling closes the connection, which is all that such servers offer.

        Raises:
            limner.errors.BackendError: With the server's own words; `ContentRefused` if its
                moderation said no.
        """
        options, ignored = overridden(self.options, request.attributes)
        body = payload(request, options, self.dialect)
        given = await self._ask(request, body)
        server, largest = self._session.shown, self._limits.bytes
        found: bytes | str
        if given.base64 is not None:
            found = given.base64
        else:
            found = await self._session.fetch(given.url or "", largest=largest)
        if isinstance(found, str):
            found = await asyncio.to_thread(decode_base64, found, largest=largest, server=server)
        picture = await checked(found, limits=self._limits, server=server)
        info: dict[str, object] = {"backend": KIND, "model": body.get("model", "")}
        if (picture.width, picture.height) != (request.width, request.height):
            info["asked_for"] = f"{request.width}x{request.height}"
        if given.revised_prompt:
            info["revised_prompt"] = given.revised_prompt
        if ignored:
            info["ignored"] = dict(ignored)
        seed = request.seed if self.dialect in SEEDED else None
        return picture.image(seed=seed, info=info)

    async def _ask(self, request: ImageRequest, body: Mapping[str, Any]) -> Given:
        session = self._session
        async with session.open(
            "POST", ROUTE, json=body, wanted="image generations", largest=3 * self._limits.bytes
        ) as stream:
            kind = media_type(stream.headers.get("Content-Type"))
            if kind == "text/event-stream":
                return await self._streamed(stream, request)
            answer = Answer(
                status=stream.status,
                headers=stream.headers,
                body=b"".join([piece async for piece in stream]),
                content_type=kind,
                server=session.shown,
                kind=session.kind,
            )
        answered = answer.json()
        if not isinstance(answered, dict) or not ("data" in answered or "error" in answered):
            raise answer.other_kind()
        if answered.get("error") and not answered.get("data"):
            raise self._failure(answered)
        given = read_answer(answered)
        if given is None:
            raise BadPicture(f"{session.shown} answered without a picture", server=session.shown)
        return given

    async def _streamed(self, stream: AnswerStream, request: ImageRequest) -> Given:
        """The last picture of an event stream; those before it are previews."""
        partial = 0
        async with events_of(stream, largest=3 * self._limits.bytes) as events:
            async for event in events:
                told = _event(event.data)
                kind = str(told.get("type", event.event))
                if kind == "error" or told.get("error"):
                    raise self._failure(told)
                given = read_picture(told)
                if given is not None and kind.endswith(".completed"):
                    return given
                if given is not None and kind.endswith(".partial_image"):
                    partial += 1
                    self._preview(given, partial, request)
        raise BackendUnavailable(
            f"{self._session.shown} ended its stream before the picture was there",
            server=self._session.shown,
        )

    def _preview(self, given: Given, count: int, request: ImageRequest) -> None:
        if request.progress is None or given.base64 is None:
            return
        with suppress(BadPicture):
            data = decode_base64(given.base64, largest=PREVIEW)
            preview = data if kind_of(data) is not None else None
            request.progress(min(count / (self.options.partial_images + 1), 1.0), preview)

    def _failure(self, told: Mapping[str, Any]) -> BackendUnavailable | ContentRefused:
        server, complaint = self._session.shown, read_complaint(told)
        said = complaint.message or "without saying why"
        if any(kind in FILTER_KINDS for kind in complaint.kinds):
            return self._session.secrets.hide(
                ContentRefused(f"the content filter of {server} refused: {said}", server=server)
            )
        return self._session.secrets.hide(
            BackendUnavailable(f"{server} failed while it was drawing: {said}", server=server)
        )

    async def models(self) -> list[ModelInfo]:
        """The models the server lists; at OpenAI, those that draw."""
        answer = await self._session.request(
            "GET", "/models", timeouts=BRIEF, wanted="list of models", largest=8 << 20
        )
        names = model_ids(answer.body, answer.content_type, server=self._session.shown)
        drawing = [name for name in names if is_gpt_image(name)]
        return [ModelInfo(name=name) for name in drawing or names]

    async def samplers(self) -> list[str]:
        """None: the API has no such thing."""
        return []

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`."""
        models = await self.models()
        notes = []
        if self.options.model and self.options.model not in {model.name for model in models}:
            notes.append(f"the server does not list the model {self.options.model!r}")
        if self.dialect not in SEEDED:
            notes.append("it takes no seed: equal requests give different pictures")
        return ServerFacts(
            kind=f"Images API ({self.dialect.value})",
            models=models,
            current_model=self.options.model or None,
            notes=notes,
        )


def _event(data: str) -> Mapping[str, Any]:
    try:
        told = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
