"""OpenAI's Images API, and the servers that speak it.

``--backend openai`` draws at OpenAI, ``--backend openai+http://host:8080/v1?dialect=localai`` at
LocalAI, and so on; see `Dialect`. The key is LIMNER_OPENAI_KEY. GPT image models stream previews
while they draw. What a model cannot do is left out: a size is brought to the nearest it draws, a
seed sent only where it is taken.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import msgspec

from limner.backends.http.error_body import read_error
from limner.backends.http.refusal import FILTER_KINDS, Remedies
from limner.backends.http.stream import AnswerStream
from limner.backends.images.openai.dialect import Dialect, asked_dialect, known_dialect
from limner.backends.images.openai.options import OpenAIOptions
from limner.backends.images.openai.wire import (
    EDITS,
    SEEDED,
    PictureData,
    is_gpt_image,
    left_out,
    payload,
    read_answer,
    read_picture,
)
from limner.backends.images.support.event_stream import ended_early, events_of
from limner.backends.images.support.preview import read_preview
from limner.backends.images.support.references import Found, Reference, told_of
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.backends.images.support.server_backend import Metered
from limner.backends.images.support.service_backend import ServiceBackend, with_version
from limner.backends.options import overridden
from limner.backends.text.openai.model_list import model_ids
from limner.errors import BackendUnavailable, BadPicture, ContentRefused
from limner.illustration.model.image import Image, ImageRequest

KIND = "openai"
OPENAI = "https://api.openai.com/v1"
ROUTE = "/images/generations"
EDIT_ROUTE = "/images/edits"

_ANSWERS = frozenset(("data", "images", "error"))
"""What an answer has one of."""

REMEDIES = Remedies(
    key="set LIMNER_OPENAI_KEY to a key this server accepts",
    address="is the address right? It usually ends in /v1",
    server="picture server",
)


class OpenAIImages(Metered, ServiceBackend[OpenAIOptions]):
    """Draws with an Images API. Making one does no I/O.

    It is given what `ServiceBackend` is: an address, a key, options, bounds.

    Examples:
        >>> OpenAIImages(key="sk-secret")
        OpenAIImages('https://api.openai.com/v1')
    """

    kind = KIND
    home = OPENAI
    spoken = "OpenAI-compatible image"
    remedies = REMEDIES
    routes = (ROUTE,)

    def begin(self) -> None:
        """Look whether it is known whose habits the server has."""
        self._dialect = known_dialect(self.session.shown, self.options.dialect)
        self._finding = asyncio.Lock()

    @classmethod
    def default_options(cls) -> OpenAIOptions:
        """What it draws with where nobody says otherwise."""
        return OpenAIOptions()

    @classmethod
    def address(cls, url: str) -> str:
        """A bare host gets the usual ``/v1``."""
        return with_version(url)

    @classmethod
    def hosts(cls, options: OpenAIOptions) -> tuple[str, ...]:
        """Other hosts from which its pictures may be fetched."""
        return options.hosts

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        Cancelling closes the connection, which is all that such servers offer.

        Raises:
            limner.errors.BackendError: With the server's own words; `ContentRefused` if its
                moderation said no.
        """
        options, ignored = overridden(self.options, request.attributes)
        dialect = await self.dialect()
        body = payload(request, options, dialect)
        shown = await self.references.find(request) if dialect in EDITS else Found()
        given = await self._ask(request, body, shown.pictures)
        found: bytes | str | None = given.base64
        if found is None:
            found = await self.session.fetch(given.url or "", largest=self.limits.bytes)
        info: dict[str, object] = {"model": body.get("model", ""), **told_of(shown)}
        if given.revised_prompt:
            info["revised_prompt"] = given.revised_prompt
        return self.image(
            await self.checked(found),
            request,
            seed=request.seed if dialect in SEEDED else None,
            info=info,
            ignored={**left_out(request, options, dialect), **shown.ignored, **ignored},
        )

    async def dialect(self) -> Dialect:
        """Whose habits the server has; asked once, unless it is known.

        Raises:
            limner.errors.BackendError: It cannot be reached.
        """
        if self._dialect is None:
            async with self._finding:
                if self._dialect is None:
                    self._dialect = await asked_dialect(self.session)
        return self._dialect

    async def _ask(
        self, request: ImageRequest, body: Mapping[str, Any], shown: Sequence[Reference]
    ) -> PictureData:
        """The picture; drawn after others, if there are any, by the route that edits them."""
        session = self.session
        async with session.open(
            "POST", EDIT_ROUTE if shown else ROUTE, wanted="image generations",
            json=None if shown else body, data=_form(body, shown) if shown else None,
            largest=3 * self.limits.bytes,
        ) as stream:  # fmt: skip
            if stream.content_type == "text/event-stream":
                return await self._streamed(stream, request)
            answer = await session.whole(stream)
        answered = answer.json()
        if not isinstance(answered, dict) or not answered.keys() & _ANSWERS:
            raise answer.other_kind()
        if answered.get("error") and not read_answer(answered):
            raise self._failure(answered)
        given = read_answer(answered)
        if given is None:
            raise BadPicture(f"{session.shown} answered without a picture", server=session.shown)
        return given

    async def _streamed(self, stream: AnswerStream, request: ImageRequest) -> PictureData:
        """The last picture of an event stream; those before it are previews."""
        partial = 0
        async with events_of(stream, largest=3 * self.limits.bytes) as events:
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
        raise ended_early(self.session.shown)

    def _preview(self, given: PictureData, count: int, request: ImageRequest) -> None:
        if request.progress is None or given.base64 is None:
            return
        fraction = min(count / (self.options.partial_images + 1), 1.0)
        request.progress(fraction, read_preview(given.base64))

    def _failure(self, told: Mapping[str, Any]) -> BackendUnavailable | ContentRefused:
        server, complaint = self.session.shown, read_error(told)
        said = complaint.message or "without saying why"
        if any(kind in FILTER_KINDS for kind in complaint.kinds):
            return self.session.secrets.hide(
                ContentRefused(f"the content filter of {server} refused: {said}", server=server)
            )
        return self.session.secrets.hide(
            BackendUnavailable(f"{server} failed while it was drawing: {said}", server=server)
        )

    async def models(self) -> list[ModelInfo]:
        """The models the server lists; at OpenAI, those that draw."""
        answer = await self.session.request(
            "GET", "/models", timeouts=self.brief, wanted="list of models", largest=8 << 20
        )
        names = model_ids(answer.body, answer.content_type, server=self.session.shown)
        drawing = [name for name in names if is_gpt_image(name)]
        return [ModelInfo(name=name) for name in drawing or names]

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`."""
        models, dialect = await self.models(), await self.dialect()
        notes = []
        if self.options.model and self.options.model not in {model.name for model in models}:
            notes.append(f"the server does not list the model {self.options.model!r}")
        if dialect not in SEEDED:
            notes.append("it takes no seed: equal requests give different pictures")
        return ServerFacts(
            kind=f"Images API ({dialect.value})",
            models=models,
            current_model=self.options.model or None,
            notes=notes,
        )


def _form(body: Mapping[str, Any], shown: Sequence[Reference]) -> aiohttp.FormData:
    """A request as a form, with the pictures that are to be looked at."""
    form = aiohttp.FormData()
    for name, value in body.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for number, one in enumerate(shown, 1):
        form.add_field(
            "image[]", one.data, filename=f"reference-{number}.png", content_type="image/png"
        )
    return form


def _event(data: str) -> Mapping[str, Any]:
    try:
        told = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
