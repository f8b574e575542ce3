"""NovelAI: anime pictures, for Anlas or with an Opus subscription.

``--backend novelai`` draws at ``https://image.novelai.net`` with the token in LIMNER_NOVELAI_KEY.
A prompt may name characters after the scene: ``a market, rain | girl, red hair | boy, cap``. With
the option ``stream=true`` previews are shown. An account draws one picture at a time; cancelling
closes the connection.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from limner.backends.http.answer import Answer
from limner.backends.http.error_body import looks_like_html, read_body, read_error
from limner.backends.http.refusal import Remedies, refusal
from limner.backends.http.stream import AnswerStream
from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.novelai.precise_reference import parameters, takes_reference
from limner.backends.images.novelai.vibe_transfer import Vibes, takes_vibes
from limner.backends.images.novelai.wire import (
    SEEDS,
    StreamEvent,
    payload,
    read_anlas,
    read_event,
    read_seed,
)
from limner.backends.images.support.archive import read_zip
from limner.backends.images.support.base64_text import decode_in_thread
from limner.backends.images.support.checking import kind_of
from limner.backends.images.support.event_stream import ended_early, events_of
from limner.backends.images.support.preview import read_preview
from limner.backends.images.support.references import Found, told_of
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.backends.images.support.server_backend import Metered
from limner.backends.images.support.service_backend import ServiceBackend
from limner.backends.options import overridden
from limner.errors import BackendError, BackendRejected, BackendUnavailable
from limner.illustration.model.image import Image, ImageRequest

KIND = "novelai"
NOVELAI = "https://image.novelai.net"
ROUTE = "/ai/generate-image"

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


class NovelAIBackend(Metered, ServiceBackend[NovelAIOptions]):
    """Draws at NovelAI. Making one does no I/O.

    It is given what `ServiceBackend` is: an address, a key, options, bounds.

    Examples:
        >>> NovelAIBackend(key="pst-secret")
        NovelAIBackend('https://image.novelai.net')
    """

    kind = KIND
    home = NOVELAI
    spoken = "NovelAI"
    remedies = REMEDIES
    routes = (ROUTE, "-stream")

    def begin(self) -> None:
        """No vibes are made yet."""
        self._vibes = Vibes(self.session)

    @classmethod
    def default_options(cls) -> NovelAIOptions:
        """What it draws with where nobody says otherwise."""
        return NovelAIOptions()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        Raises:
            limner.errors.BackendError: With NovelAI's own words, and what to do.
        """
        options, ignored = overridden(self.options, request.attributes)
        self._check_key()
        shown, looked_at = await self._looked_at(request, options)
        body = payload(request, options)
        body["parameters"] = {**looked_at, **body["parameters"]}
        data = await self._ask(request, options, body)
        picture = await self.checked(data)
        info = {
            "model": options.model,
            "sampler": options.sampler,
            "steps": options.steps,
            "scale": options.scale,
            **told_of(shown),
        }
        seed = read_seed(picture.text)
        if seed is None and request.seed is not None:
            seed = request.seed % SEEDS
        return self.image(
            picture, request, seed=seed, info=info, ignored={**shown.ignored, **ignored}
        )

    async def _looked_at(
        self, request: ImageRequest, options: NovelAIOptions
    ) -> tuple[Found, dict[str, Any]]:
        """The reference pictures that are used, and what is sent of them."""
        precise, vibes = takes_reference(options.model), takes_vibes(options.model)
        if options.reference_by != "auto":
            precise, vibes = (
                precise and options.reference_by == "precise",
                vibes and options.reference_by == "vibe",
            )
        if not precise and not vibes:
            return Found(), {}
        shown = await self.references.find(request)
        if not precise:
            return shown, await self._vibes.parameters(shown.pictures, options)
        shown = replace(shown, pictures=shown.pictures[:1])
        looked_at: dict[str, Any] = {}
        for reference in shown.pictures:
            looked_at = await asyncio.to_thread(parameters, reference, options)
        return shown, looked_at

    async def _ask(
        self, request: ImageRequest, options: NovelAIOptions, body: Mapping[str, Any]
    ) -> bytes:
        """The picture's bytes, by the route that was chosen."""
        session = self.session
        async with session.open(
            "POST", ROUTE + ("-stream" if options.stream else ""), json=body,
            wanted="drawing of pictures", largest=4 * self.limits.bytes,
        ) as stream:  # fmt: skip
            if stream.content_type == "text/event-stream":
                return await self._streamed(stream, request, options.steps)
            answer = await session.whole(stream)
        return await self._unpacked(answer)

    def _check_key(self) -> None:
        if not self.key and self.session.shown == NOVELAI:
            raise BackendRejected(
                f"NovelAI draws only with a token; {_TOKEN}", server=self.session.shown
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
            read_zip, answer.body, largest=2 * self.limits.bytes, server=answer.server
        )
        return files[0]

    async def _streamed(self, stream: AnswerStream, request: ImageRequest, steps: int) -> bytes:
        """The last picture of an event stream; those before it are previews."""
        server = self.session.shown
        async with events_of(stream, largest=3 * self.limits.bytes) as events:
            async for event in events:
                told = read_event(event.data, event.event)
                if told.kind == "final" and told.picture is not None:
                    return await decode_in_thread(
                        told.picture, largest=self.limits.bytes, server=server
                    )
                if told.kind == "intermediate":
                    self._preview(told, request, steps)
                elif told.told.get("message") or told.told.get("error") or told.kind == "error":
                    raise self._failure(read_error(told.told).message, event.data.encode())
        raise ended_early(server)

    def _preview(self, told: StreamEvent, request: ImageRequest, steps: int) -> None:
        if request.progress is None:
            return
        request.progress(min(told.step / max(steps, 1), 0.99), read_preview(told.picture))

    def _failure(self, said: str, body: bytes) -> BackendError:
        """An error that came where a picture was due."""
        complaint = read_body(body)
        status = _status(body)
        if status is not None:
            error = refusal(
                status, complaint, server=self.session.shown, wanted="drawing of pictures",
                remedies=REMEDIES,
            )  # fmt: skip
        else:
            error = BackendUnavailable(
                f"{self.session.shown} failed while it was drawing: {said or 'without saying why'}",
                server=self.session.shown,
            )
        return self.session.secrets.hide(error)

    async def models(self) -> list[ModelInfo]:
        """Empty: NovelAI does not tell."""
        return []

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`."""
        self._check_key()
        answer = await self.session.request(
            "GET", "/user/subscription", timeouts=self.brief, wanted="subscription",
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
