"""Pictures that come in chat completions: models that write and draw in one.

``--backend chat-image`` draws at OpenRouter,
``--backend "chat-image+https://ai-gateway.vercel.sh/v1?model=google/gemini-2.5-flash-image"`` at
another gateway. The key is LIMNER_CHAT_IMAGE_KEY. What comes before the picture is whole is shown
as a preview, where the gateway streams it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from limner.backends.http.error_body import one_line, read_error
from limner.backends.http.refusal import FILTER_KINDS, Remedies
from limner.backends.http.stream import AnswerStream
from limner.backends.images.chat_image.options import ChatImageOptions
from limner.backends.images.chat_image.wire import ChatPicture, payload
from limner.backends.images.support.event_stream import events_of
from limner.backends.images.support.preview import read_preview
from limner.backends.images.support.references import told_of
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.backends.images.support.server_backend import Metered
from limner.backends.images.support.service_backend import ServiceBackend, with_version
from limner.backends.options import overridden
from limner.errors import BackendUnavailable, BadPicture, ContentRefused
from limner.illustration.model.image import Image, ImageRequest

KIND = "chat-image"
OPENROUTER = "https://openrouter.ai/api/v1"
ROUTE = "/chat/completions"

REMEDIES = Remedies(
    key="set LIMNER_CHAT_IMAGE_KEY to a key this gateway accepts",
    address="is the address right? It usually ends in /v1",
    server="gateway",
    filters=("content_filter", "moderation", "prohibited", "safety"),
)


class ChatImageBackend(Metered, ServiceBackend[ChatImageOptions]):
    """Draws by chat completions. Making one does no I/O.

    It is given what `ServiceBackend` is: an address, a key, options, bounds.

    Examples:
        >>> ChatImageBackend(key="sk-secret")
        ChatImageBackend('https://openrouter.ai/api/v1')
    """

    kind = KIND
    home = OPENROUTER
    spoken = "OpenAI-compatible chat"
    remedies = REMEDIES
    routes = (ROUTE,)

    @classmethod
    def default_options(cls) -> ChatImageOptions:
        """What it draws with where nobody says otherwise."""
        return ChatImageOptions()

    @classmethod
    def address(cls, url: str) -> str:
        """A bare host gets the usual ``/v1``."""
        return with_version(url)

    @classmethod
    def hosts(cls, options: ChatImageOptions) -> tuple[str, ...]:
        """Other hosts from which its pictures may be fetched."""
        return options.hosts

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        Cancelling closes the connection. Who drew, what it cost (if the gateway tells) and what
        the model wrote beside the picture stand in ``info``.

        Raises:
            limner.errors.BackendError: With the server's own words; `ContentRefused` if a filter
                said no.
        """
        options, ignored = overridden(self.options, request.attributes)
        openrouter = self.session.shown.startswith("https://openrouter.ai/")
        shown = await self.references.find(request)
        body = payload(request, options, references=shown.pictures, count_cost=openrouter)
        came = await self._ask(request, body)
        place = came.place
        if place is None:
            raise self._without_picture(came)
        info: dict[str, object] = {"model": came.model or options.model, **told_of(shown)}
        if came.cost is not None:
            info["cost"] = f"{came.cost:g} USD"
        if came.words.strip():
            info["words"] = one_line(came.words)
        found = await self.session.fetch(place, largest=self.limits.bytes)
        # A seed is taken by some models behind a gateway and dropped by others: none is promised.
        return self.image(
            await self.checked(found),
            request,
            seed=None,
            info=info,
            ignored={**shown.ignored, **ignored},
        )

    async def _ask(self, request: ImageRequest, body: Mapping[str, Any]) -> ChatPicture:
        async with self.session.open(
            "POST", ROUTE, json=body, wanted="chat completions", largest=4 * self.limits.bytes
        ) as stream:
            if stream.content_type == "text/event-stream":
                return await self._streamed(stream, request)
            answer = await self.session.whole(stream)
        answered = answer.json()
        if not isinstance(answered, dict) or not answered.keys() & {"choices", "error"}:
            raise answer.other_kind()
        self._check(answered)
        came = ChatPicture.empty()
        came.add(answered)
        return came

    async def _streamed(self, stream: AnswerStream, request: ImageRequest) -> ChatPicture:
        """All of a stream; each picture before the last is a preview."""
        came = ChatPicture.empty()
        async with events_of(stream, largest=2 * self.limits.bytes) as events:
            async for event in events:
                if event.data.strip() == "[DONE]":
                    break
                told = _object(event.data)
                self._check(told)
                for place in came.add(told):
                    self._preview(place, request)
        if not came.reasons and came.place is None:
            raise BackendUnavailable(
                f"{self.session.shown} ended its stream before the picture was there",
                server=self.session.shown,
            )
        return came

    def _preview(self, place: str, request: ImageRequest) -> None:
        if request.progress is not None and place.startswith("data:"):
            preview = read_preview(place)
            if preview is not None:
                request.progress(0.9, preview)

    def _check(self, told: Mapping[str, Any]) -> None:
        """An error may come with a status that says all is well, or in the middle of a stream."""
        if not told.get("error"):
            return
        server, complaint = self.session.shown, read_error(told)
        said = complaint.message or "without saying why"
        if any(kind in FILTER_KINDS for kind in complaint.kinds) or REMEDIES.filtered(
            400, complaint
        ):
            raise self.session.secrets.hide(
                ContentRefused(f"the content filter of {server} refused: {said}", server=server)
            )
        raise self.session.secrets.hide(
            BackendUnavailable(
                f"{server} failed while it was drawing: {said}", server=server, status=200
            )
        )

    def _without_picture(self, came: ChatPicture) -> BadPicture | ContentRefused:
        server, words = self.session.shown, one_line(came.words)
        if came.filtered:
            said = f": {words}" if words else ""
            return ContentRefused(f"the content filter of {server} refused{said}", server=server)
        said = f"only words: “{words}”" if words else "nothing"
        return BadPicture(f"{server} answered without a picture, with {said}", server=server)

    async def models(self) -> list[ModelInfo]:
        """The models that the gateway lists as drawing; all it lists if it does not tell."""
        answer = await self.session.request(
            "GET", "/models", timeouts=self.brief, wanted="list of models", largest=32 << 20
        )
        answered = answer.json()
        listed = answered.get("data") if isinstance(answered, dict) else None
        entries = (
            [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        )
        drawing = [one for one in entries if _draws(one)]
        names = [one["id"] for one in drawing or entries if isinstance(one.get("id"), str)]
        return [ModelInfo(name=name[:300]) for name in names]

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`."""
        models = await self.models()
        notes = ["it promises no seed: equal requests may give different pictures"]
        if self.options.model not in {model.name for model in models}:
            notes.append(f"the gateway does not list the model {self.options.model!r} as drawing")
        return ServerFacts(
            kind="chat completions with pictures",
            models=models,
            current_model=self.options.model,
            notes=notes,
        )


def _draws(entry: Mapping[str, Any]) -> bool:
    """Whether a list of models says that one gives pictures."""
    built = entry.get("architecture")
    modalities = built.get("output_modalities") if isinstance(built, dict) else None
    return isinstance(modalities, list) and "image" in modalities


def _object(data: str) -> Mapping[str, Any]:
    try:
        told = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
