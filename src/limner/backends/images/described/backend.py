"""Any picture service, by a description of its protocol.

``--backend "http?service=fal&model=fal-ai/flux/dev"`` draws at fal.ai; see
`limner.backends.images.described.service_names` for those that are ready.
``--backend "http+https://pictures.example/api?service=mine.toml"`` draws at any other, by a file of
one's own (`limner.backends.images.described.description`). The key is LIMNER_HTTP_KEY.
"""

import asyncio
import io
import zipfile
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import aiohttp
import msgspec

from limner.backends.http.answer import Answer
from limner.backends.http.connecting import Connecting
from limner.backends.http.error_body import one_line
from limner.backends.http.refusal import Remedies
from limner.backends.http.secrets import clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import Timeouts
from limner.backends.images.described.asked import left_out, values_of
from limner.backends.images.described.description import Description
from limner.backends.images.described.drawing import BackgroundDrawing, seed_of, told_cost
from limner.backends.images.described.json_path import at
from limner.backends.images.described.options import DescribedOptions
from limner.backends.images.described.template import Values, fill, fill_path
from limner.backends.images.support.archive import read_zip
from limner.backends.images.support.checking import PictureLimits, kind_of
from limner.backends.images.support.extra import read_extra, with_extra
from limner.backends.images.support.references import Found, told_of
from limner.backends.images.support.server import ModelInfo, ServerFacts, identity
from limner.backends.images.support.server_backend import Metered, ServerBackend
from limner.backends.options import overridden, read_options, told
from limner.errors import BackendError, BackendRejected, BadPicture, ConfigError, ContentRefused
from limner.illustration.model.cost import Cost, Price
from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.model.reference import ATTRIBUTE

KIND = "http"


def _remedies(description: Description) -> Remedies:
    return Remedies(
        key=f"set LIMNER_HTTP_KEY to a key of {description.name}",
        address="is the address right, and the model?",
        server=description.name,
        filters=tuple(description.filters),
    )


class DescribedBackend(Metered, ServerBackend[DescribedOptions]):
    """Draws at a service that is described. Making one does no I/O.

    Args:
        description: How the service speaks.
        url: Its address; by default the description's.
        key: Shown as the description says.
        options: What to draw with.
        timeouts: Bounds; ``total`` is for the whole picture with all its waiting.
        limits: How large a picture may be.
        connecting: How the server is asked: headers of one's own, a proxy.
        every: Seconds between two looks, in place of the description's.

    Raises:
        limner.errors.BackendRejected: The URL or the key cannot be used.
        limner.errors.ConfigError: There is no address, or the option ``extra`` is no JSON object.

    Examples:
        >>> DescribedBackend(Description.read("fal"), key="secret")
        DescribedBackend('https://queue.fal.run')
    """

    kind = KIND

    def __init__(
        self,
        description: Description,
        url: str | None = None,
        *,
        key: str | None = None,
        options: DescribedOptions | None = None,
        timeouts: Timeouts | None = None,
        limits: PictureLimits | None = None,
        connecting: Connecting | None = None,
        every: float | None = None,
    ) -> None:
        key = clean_key(key)
        options = options or DescribedOptions()
        read_extra(options.extra)  # a mistake in it is told before anything is drawn
        shown = description.key
        session = ServerSession(
            _address(description, url),
            kind=description.name,
            headers={shown.header: shown.form.replace("%key%", key)} if key else {},
            secrets=[key],
            remedies=_remedies(description),
            timeouts=timeouts,
            hosts=(*description.hosts, *options.hosts),
            relatives=description.relatives,
            connecting=connecting,
        )
        super().__init__(session, options=options, limits=limits, references=options.references)
        if every is not None and description.poll is not None:
            poll = msgspec.structs.replace(description.poll, every=every)
            description = msgspec.structs.replace(description, poll=poll)
        self.description = description
        self._learnt: dict[str, str | int | float] | None = None
        self._learning = asyncio.Lock()
        self._parting: set[asyncio.Task[None]] = set()

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> "DescribedBackend":
        """As `limner.illustration.make_backend` makes it. It reads the description.

        Raises:
            limner.errors.ConfigError: An option or the description is wrong.
            limner.errors.BackendRejected: The URL or the key cannot be used.
        """
        own, connecting = Connecting.of(options)
        read = read_options(DescribedOptions, own, backend=KIND)
        description = Description.read(read.service)
        return cls(description, url, key=key, options=read, connecting=connecting)

    @property
    def prices(self) -> Sequence[Price]:
        """What a picture costs about, if the description tells."""
        price = self.description.price
        return () if price.amount is None else (Price(Cost.of(price.amount, price.unit)),)

    @property
    def identity(self) -> str:
        """A fingerprint of the service, the options and how it is spoken to."""
        options = replace(self.options, service=PurePath(self.options.service).name)
        spoken = {"description": repr(self.description.draw)}
        changed = self.told_options({**told(options), **spoken})
        return identity(KIND, self.session.shown, changed)

    async def aclose(self) -> None:
        """Close every connection, after drawings are taken back. Twice is fine."""
        if self._parting:
            await asyncio.wait(self._parting)  # each has its bounds
        await super().aclose()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        ``info`` tells the model, and what the picture cost if the service tells it.

        Raises:
            limner.errors.BackendError: With the service's own words; `ContentRefused` if its
                filter said no.
        """
        options, ignored = overridden(self.options, request.attributes)
        shown = await self._shown(request)
        values = {
            **values_of(request, options, self.description, shown.pictures),
            **await self._look(),
        }
        answer = await self._drawn(request, values)
        picture = self.description.picture
        info: dict[str, object] = {"server": self.description.name, "model": values["model"] or ""}
        info |= told_of(shown)
        cost = None if isinstance(answer, bytes) else told_cost(answer, picture.cost)
        if cost is not None:
            info["cost"] = f"{cost:g} {self.description.price.unit}"
        seed = None if isinstance(answer, bytes) else seed_of(answer, picture.seed)
        if seed is None and self.description.takes("seed"):
            seed = values["seed"] if isinstance(values["seed"], int) else None
        return self.image(
            await self.checked(await self._found(answer)),
            request,
            seed=seed,
            info=info,
            ignored={**left_out(request, options, self.description), **shown.ignored, **ignored},
        )

    async def _shown(self, request: ImageRequest) -> Found:
        """The reference pictures that are asked for, as many as the service has places for."""
        places = self.description.reference_places
        if not places:
            return Found()
        found = await self.references.find(request)
        beyond = [
            f"{one.name[:60]!r}: only {places} can be shown" for one in found.pictures[places:]
        ]
        if not beyond:
            return found
        why = "; ".join([*filter(None, [found.ignored.get(ATTRIBUTE)]), *beyond])
        return Found(pictures=found.pictures[:places], ignored={**found.ignored, ATTRIBUTE: why})

    # The drawing

    async def _drawn(self, request: ImageRequest, values: Values) -> object:
        """What tells of the picture, or is it."""
        poll = self.description.poll
        if poll is None:
            return _content(await self._submitted(values))
        drawing: BackgroundDrawing | None = None

        async def submit() -> BackgroundDrawing:
            answer = await self._submitted(values)
            return BackgroundDrawing(
                self.session, self.description, poll, answer.json(), values=values, request=request
            )

        submitting = asyncio.create_task(submit(), name="submit a drawing")
        try:
            drawing = await asyncio.shield(submitting)
            return await drawing.done()
        except BaseException as error:
            begun = drawing is not None or isinstance(error, asyncio.CancelledError)
            if begun and not _is_over(error):
                await self._part(_taken_back(submitting))
            raise

    async def _submitted(self, values: Values) -> Answer:
        """Send the request that draws, or begins to. A form goes as such, all else as JSON."""
        draw = self.description.draw
        body = with_extra(fill(draw.body, values), self.options.extra) or None
        form = _form(body or {}) if draw.send == "form" else None
        return await self.session.request(
            draw.method, fill_path(draw.path, values), wanted="such route or model",
            json=body if form is None else None, data=form,
            params={name: str(value) for name, value in fill(draw.query, values).items()} or None,
            headers=draw.headers, largest=3 * self.limits.bytes,
            timeouts=self.brief if self.description.poll is not None else None,
        )  # fmt: skip

    async def _part(self, parting: Coroutine[Any, Any, None]) -> None:
        """Do it to its end even if we are cancelled meanwhile (again)."""
        task = asyncio.create_task(parting, name="take a drawing back")
        self._parting.add(task)
        task.add_done_callback(self._parting.discard)
        await asyncio.wait([task])

    # The picture

    async def _found(self, answer: object) -> object:
        """The picture that an answer tells of: bytes, or base64."""
        picture, server = self.description.picture, self.session.shown
        if isinstance(answer, bytes):
            if zipfile.is_zipfile(io.BytesIO(answer)) and kind_of(answer) is None:
                return read_zip(answer, largest=self.limits.bytes, server=server)[0]
            return answer
        found = next((one for path in picture.at if (one := at(answer, path))), None)
        if not isinstance(found, str):
            raise self._without_picture(answer)
        if picture.path:
            place = fill_path(picture.path, {"found": found[:1000]})
            got = await self.session.request(
                "GET", place, wanted="such picture", largest=self.limits.bytes
            )
            return got.body
        if found[:5].lower() in ("http:", "https", "data:") or found.startswith("/api"):
            return await self.session.fetch(found, largest=self.limits.bytes)
        return found

    def _without_picture(self, answer: object) -> BadPicture | ContentRefused:
        server, paths = self.session.shown, self.description.picture.refused
        why = next((one for path in paths if (one := at(answer, path))), None)
        if why is None:
            return BadPicture(f"{server} answered without a picture", server=server)
        said = one_line(str(why))
        return ContentRefused(f"the content filter of {server} refused: {said}", server=server)

    async def _look(self) -> Mapping[str, str | int | float]:
        """What the description wants to know before; asked once.

        Raises:
            limner.errors.BackendRejected: The service does not tell it: the model may be unknown.
        """
        look = self.description.look
        if look is None:
            return {}
        async with self._learning:
            if self._learnt is None:
                model = self.options.model or self.description.model
                answer = await self._asked(look.path)
                self._learnt = {}
                for name, path in look.values.items():
                    found = at(answer, path.replace("%model%", model))
                    if not isinstance(found, str | int | float):
                        self._learnt = None
                        raise BackendRejected(
                            f"{self.session.shown} has no model {model!r}; set the option model",
                            server=self.session.shown,
                        )
                    self._learnt[name] = found
            return self._learnt

    async def _asked(self, path: str) -> object:
        answer = await self.session.request(
            "GET", path, wanted="such route", timeouts=self.brief, largest=32 << 20
        )
        return answer.json()

    # What it is

    async def models(self) -> list[ModelInfo]:
        """The model that is drawn with; a description tells of no list."""
        name = self.options.model or self.description.model
        return [ModelInfo(name=name)] if name else []

    async def check(self) -> ServerFacts:
        """Look who is there, as far as that costs nothing: an answer of any kind will do."""
        await self._look()
        try:
            await self._asked("")
        except BackendRejected as error:
            if error.status in (None, 401):
                raise
        price = self.description.price
        costs = f"a picture costs about {price.amount:g} {price.unit}; " if price.amount else ""
        notes = [f"{costs}{price.note}".strip("; ")] if costs or price.note else []
        return ServerFacts(
            kind=self.description.name,
            models=await self.models(),
            current_model=self.options.model or self.description.model or None,
            notes=notes,
        )


def _address(description: Description, url: str | None) -> str:
    place = (url or description.url).rstrip("/")
    own = next((part for part in place.split("/")[3:] if part.isupper() and part.isalpha()), None)
    if not place or own is not None:
        wanted = description.url or "https://host/path"
        raise ConfigError(
            f"{description.name} needs its address: http+{wanted}?service=…"
            + (f", with your own in the place of {own}" if own else "")
        )
    return place


def _content(answer: Answer) -> object:
    """An answer's picture, or what it tells."""
    plain = answer.content_type.startswith("image/") or kind_of(answer.body) is not None
    zipped = answer.body.startswith(b"PK\x03\x04")
    return answer.body if plain or zipped else answer.json()


def _form(body: Mapping[str, Any]) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in body.items():
        form.add_field(name, str(value))
    return form


def _is_over(error: BaseException) -> bool:
    """Whether the service itself has ended the drawing."""
    return isinstance(error, BackendError) and error.status == 200


async def _taken_back(submitting: "asyncio.Task[BackgroundDrawing]") -> None:
    """Take back what was, or is about to be, taken by the service."""
    _, late = await asyncio.wait([submitting], timeout=15.0)
    if late:
        submitting.cancel()
        await asyncio.wait([submitting])
    if not submitting.cancelled() and submitting.exception() is None:
        await submitting.result().take_back()
