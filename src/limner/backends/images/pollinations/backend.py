"""Pollinations: pictures by address.

``--backend pollinations`` draws at ``https://image.pollinations.ai`` without a key, and with
LIMNER_POLLINATIONS_KEY at the gateway ``https://gen.pollinations.ai``. One request is one picture;
cancelling closes the connection, and there is no progress.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from limner.backends.http.answer import Answer
from limner.backends.http.connecting import Connecting
from limner.backends.http.error_body import read_body
from limner.backends.http.refusal import Remedies, refusal
from limner.backends.http.secrets import bearer, clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import Timeouts
from limner.backends.images.pollinations.options import PollinationsOptions
from limner.backends.images.pollinations.wire import query, read_models, segment
from limner.backends.images.support.checking import PictureLimits
from limner.backends.images.support.extra import read_extra
from limner.backends.images.support.server import Missing, ModelInfo, ServerFacts
from limner.backends.images.support.server_backend import Metered, ServerBackend
from limner.backends.options import overridden, read_options
from limner.errors import BackendRejected
from limner.illustration.model.image import Image, ImageRequest

KIND = "pollinations"
OPEN = "https://image.pollinations.ai"
GATEWAY = "https://gen.pollinations.ai"

REMEDIES = Remedies(
    key="set LIMNER_POLLINATIONS_KEY to a key from https://enter.pollinations.ai",
    address="it is https://image.pollinations.ai without a key, https://gen.pollinations.ai with",
    server="service",
    filters=("nsfw", "content policy", "content_policy", "moderation", "safety", "prohibited"),
    advice={
        402: "the key's pollen is used up, or it takes one: see https://enter.pollinations.ai and "
        "LIMNER_POLLINATIONS_KEY",
        414: "the prompt is too long",
        429: "without a key it draws one picture at a time; set LIMNER_POLLINATIONS_KEY, or draw "
        "fewer at a time",
    },
)


class PollinationsBackend(Metered, ServerBackend[PollinationsOptions]):
    """Draws at Pollinations. Making one does no I/O.

    Args:
        url: The service's address; by default the one that fits the key.
        key: Sent as ``Authorization: Bearer``, and never in an address.
        options: What to draw with.
        timeouts: Bounds; the answer begins only when the picture is there.
        limits: How large a picture may be.
        connecting: How the server is asked: headers of one's own, a proxy.

    Raises:
        limner.errors.BackendRejected: The URL or the key cannot be used.
        limner.errors.ConfigError: The option ``extra`` is no JSON object.

    Examples:
        >>> PollinationsBackend(), PollinationsBackend(key="secret")
        (PollinationsBackend('https://image.pollinations.ai'),
         PollinationsBackend('https://gen.pollinations.ai'))
    """

    kind = KIND

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        options: PollinationsOptions | None = None,
        timeouts: Timeouts | None = None,
        limits: PictureLimits | None = None,
        connecting: Connecting | None = None,
    ) -> None:
        key = clean_key(key)
        options = options or PollinationsOptions()
        read_extra(options.extra)  # a mistake in it is told before anything is drawn
        place = (url or (GATEWAY if key else OPEN)).rstrip("/")
        self.gateway = _is_gateway(place, key)
        session = ServerSession(
            place.removesuffix("/image" if self.gateway else "/prompt"),
            kind="Pollinations",
            headers=bearer(key),
            secrets=[key],
            remedies=REMEDIES,
            timeouts=timeouts,
            connecting=connecting,
        )
        super().__init__(session, options=options, limits=limits)

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> "PollinationsBackend":
        """As `limner.illustration.make_backend` makes it.

        Raises:
            limner.errors.ConfigError: An option is unknown or wrong.
            limner.errors.BackendRejected: The URL or the key cannot be used.
        """
        own, connecting = Connecting.of(options)
        read = read_options(PollinationsOptions, own, backend=KIND)
        return cls(url, key=key, options=read, connecting=connecting)

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        A prompt that is too long for an address is cut at a word; ``info["shortened"]`` tells.

        Raises:
            limner.errors.BackendError: With the service's own words; `ContentRefused` if its
                filter said no.
        """
        options, ignored = overridden(self.options, request.attributes)
        if request.seed is None:  # the service's own is always the same one
            request = replace(request, seed=secrets.randbelow(1 << 31))
        prompt = segment(request.prompt)
        route = "/image/" if self.gateway else "/prompt/"
        answer = await self.session.request(
            "GET",
            route + prompt.encoded,
            params=query(request, options, gateway=self.gateway),
            wanted="such route" if options.model == "" else "such route or model",
            headers={"Accept": "image/*, application/json"},
            largest=self.limits.bytes,
        )
        self._check_kind(answer)
        picture = await self.checked(answer.body)
        info = {"model": options.model}
        if not prompt.whole:
            info["shortened"] = "the prompt was too long for an address; its end was left out"
        return self.image(picture, request, seed=request.seed, info=info, ignored=ignored)

    def _check_kind(self, answer: Answer) -> None:
        """An error may come with a status that says all is well."""
        if answer.body.lstrip()[:1] != b"{":
            return
        said = refusal(
            500, read_body(answer.body), server=answer.server, headers=answer.headers,
            wanted="picture", remedies=REMEDIES,
        )  # fmt: skip
        said.status = answer.status
        raise self.session.secrets.hide(said)

    async def models(self) -> list[ModelInfo]:
        """The models the service lists."""
        route = "/image/models" if self.gateway else "/models"
        answer = await self.session.request(
            "GET", route, timeouts=self.brief, wanted="list of models", largest=8 << 20
        )
        answered = answer.json()
        if not isinstance(answered, list):
            raise answer.other_kind()
        return read_models(answered)

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`.

        The service has no way to try a key without drawing.
        """
        models = await self.models()
        notes = [] if self.gateway else ["without a key it draws one picture at a time"]
        model, names = self.options.model, [known.name for known in models]
        unknown = [Missing(what="model", name=model, known=names)] if model not in names else []
        return ServerFacts(
            kind="Pollinations gateway" if self.gateway else "Pollinations",
            models=models,
            current_model=self.options.model or None,
            notes=notes,
            missing=unknown if model else [],
        )


def _is_gateway(place: str, key: str) -> bool:
    """Which of the two protocols an address speaks: by its path, its host, or the key."""
    try:
        parts = urlsplit(place)
        host, path = parts.hostname or "", parts.path
    except ValueError:
        raise BackendRejected("the address of the Pollinations server is no valid URL") from None
    if path.endswith(("/image", "/prompt")):
        return path.endswith("/image")
    if host.startswith(("gen.", "image.")):
        return host.startswith("gen.")
    return bool(key)
