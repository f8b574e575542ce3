"""AUTOMATIC1111, Forge, SD.Next, and servers with routes in their likeness.

``--backend a1111+http://host:7860?model=…&steps=30``. The key is ``user:password`` of
``--api-auth``, or a token. Which of the family it is, is found out at the first use.

Its previews, and what becomes of a cancelled picture: see `limner.backends.images.a1111.jobs`.
"""

import asyncio
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from limner.backends.http.connecting import Connecting
from limner.backends.http.error_body import read_error
from limner.backends.http.refusal import Remedies
from limner.backends.http.secrets import basic, bearer, clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import Timeouts
from limner.backends.images.a1111.controlnet import UNITS, ControlNet, with_units
from limner.backends.images.a1111.jobs import ServerJobs
from limner.backends.images.a1111.options import A1111Options
from limner.backends.images.a1111.sd_server import LORAS, own_fields, read_loras
from limner.backends.images.a1111.wire import (
    API,
    Flavour,
    img2img,
    left_out,
    payload,
    read_info,
    read_models,
    read_names,
    same_model,
)
from limner.backends.images.support.checking import PictureLimits
from limner.backends.images.support.extra import read_extra, with_extra
from limner.backends.images.support.preview import read_preview
from limner.backends.images.support.references import Found, told_of
from limner.backends.images.support.server import Missing, ModelInfo, ServerFacts
from limner.backends.images.support.server_backend import ServerBackend
from limner.backends.options import overridden, read_options
from limner.errors import BackendError, BackendRejected, BackendUnavailable, BadPicture
from limner.illustration.model.image import Image, ImageRequest, Whereabouts
from limner.illustration.model.reference import ATTRIBUTE

KIND = "a1111"
_FAILED = frozenset(("error", "errors", "detail"))
"""What an answer has one of that tells of a failure."""
KOBOLDCPP_VERSION = "/api/extra/version"
SYSTEM = "/system_stats"
"""A route of ComfyUI's, which may be there instead."""

APP_SETTINGS = frozenset(("model", "sampler", "guidance_scale"))
"""What of its settings Draw Things is known by."""

REMEDIES = Remedies(
    key="set LIMNER_A1111_KEY to the user:password of its --api-auth, or to its token",
    address="start it with --api, and give the address of its page, without a path",
    server="picture server",
)


class A1111Backend(ServerBackend[A1111Options]):
    """Draws on a server with A1111's API. Making one does no I/O.

    Args:
        url: ``http://host:7860``; ``user:password@`` in it counts as the key.
        key: ``user:password`` for HTTP Basic, else a token (koboldcpp's ``--password``, a proxy's).
        options: What to draw with.
        timeouts: Bounds; the answer begins only when the picture is there.
        limits: How large a picture may be.
        connecting: How the server is asked: headers of one's own, a proxy.
        poll: Seconds between two looks at the progress.

    Raises:
        limner.errors.BackendRejected: The URL or the key cannot be used.

    Examples:
        >>> A1111Backend("http://me:secret@localhost:7860")
        A1111Backend('http://localhost:7860')
    """

    kind = KIND

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        options: A1111Options | None = None,
        timeouts: Timeouts | None = None,
        limits: PictureLimits | None = None,
        connecting: Connecting | None = None,
        poll: float = 0.7,
    ) -> None:
        key = clean_key(key)
        options = options or A1111Options()
        read_extra(options.extra)  # a mistake in it is told before anything is drawn
        session = ServerSession(
            url.rstrip("/").removesuffix(API),
            kind="A1111",
            headers=basic(key) if ":" in key else bearer(key),
            secrets=[key],
            remedies=REMEDIES,
            timeouts=timeouts,
            connecting=connecting,
        )
        super().__init__(session, options=options, limits=limits, references=options.references)
        self._poll = poll
        self._jobs = ServerJobs(session, poll=poll)
        self._controlnet = ControlNet(session, self.brief)
        self._flavour: Flavour | None = None
        self._finding = asyncio.Lock()

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> "A1111Backend":
        """As `limner.illustration.make_backend` makes it; port 7860 of this machine by default.

        Raises:
            limner.errors.ConfigError: An option is unknown or wrong.
            limner.errors.BackendRejected: The URL or the key cannot be used.
        """
        own, connecting = Connecting.of(options)
        read = read_options(A1111Options, own, backend=KIND)
        return cls(url or "http://127.0.0.1:7860", key=key, options=read, connecting=connecting)

    async def aclose(self) -> None:
        """Close every connection, after interrupts that are on their way. Twice is fine."""
        await self._jobs.aclose()
        await super().aclose()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        A tag may set the options that are open to it (``steps``, ``cfg``, ``sampler``, …); what
        it sets wrongly is left out and told in ``info["ignored"]``.

        Raises:
            limner.errors.BackendError: With the server's own words.
        """
        flavour = await self.flavour()
        options, ignored = overridden(self.options, request.attributes)
        task = f"task({uuid.uuid4().hex[:16]})"
        body = payload(request, options, flavour, task_id=task)
        ignored |= left_out(options, flavour)
        if flavour is Flavour.SDCPP:
            fields, missing = own_fields(body["prompt"], options, await self._known(options))
            body, ignored = with_extra(body | fields, options.extra), ignored | missing
        shown = await self.references.find(request)
        body, shown, route = await self._after(shown, body, options, flavour)
        if flavour.has_progress:
            await self._jobs.enter(task, named=flavour.names_jobs)
        watching = self._watch(request, task, flavour)
        try:
            answered = await self._drawn(task, body, flavour, route)
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.wait([watching])
        return await self._picture(answered, request, body, ignored, flavour, shown)

    async def _after(
        self, shown: Found, body: dict[str, Any], options: A1111Options, flavour: Flavour
    ) -> tuple[dict[str, Any], Found, str]:
        """A request that is drawn after pictures: itself, those that are used, and its route."""
        if not shown.pictures:
            return body, shown, "txt2img"
        lacks = "the server is not asked for ControlNet"
        if options.reference_by != "img2img" and flavour.has_progress:
            lacks = await self._controlnet.lacks(options)
            if not lacks:
                shown = replace(shown, pictures=shown.pictures[:UNITS])
                return with_units(body, shown.pictures, options), shown, "txt2img"
        if options.reference_by == "controlnet":
            return body, Found(ignored={**shown.ignored, ATTRIBUTE: lacks}), "txt2img"
        shown = replace(shown, pictures=shown.pictures[:1])
        return body | img2img(shown.pictures, options), shown, "img2img"

    async def _drawn(
        self, task: str, body: Mapping[str, Any], flavour: Flavour, route: str
    ) -> dict[str, Any]:
        """The server's answer; the job is stopped there if nobody waits for it any more."""
        try:
            answer = await self.session.request(
                "POST", f"{API}/{route}", json=body, wanted=route,
                largest=2 * self.limits.bytes,
            )  # fmt: skip
            answered = answer.json()
        except BaseException as error:
            # An error that the server itself gave needs no interrupt.
            if flavour.has_progress and not (
                isinstance(error, BackendError) and error.status is not None
            ):
                await self._jobs.give_up(task)
            else:
                self._jobs.leave(task)
            raise
        self._jobs.leave(task)
        if not isinstance(answered, dict) or "images" not in answered:
            # Some, and what stands before them, say with status 200 that they have failed.
            told = read_error(answered).message if isinstance(answered, dict) else ""
            if told and answered.keys() & _FAILED:
                server = self.session.shown
                raise BackendUnavailable(f"{server} failed: {told}", server=server)
            raise answer.other_kind()
        return answered

    async def _picture(
        self,
        answered: Mapping[str, Any],
        request: ImageRequest,
        body: Mapping[str, Any],
        ignored: Mapping[str, str],
        flavour: Flavour,
        shown: Found,
    ) -> Image:
        server, images = self.session.shown, answered["images"]
        if not isinstance(images, list) or not images:
            raise BadPicture(f"{server} answered without a picture", server=server)
        picture = await self.checked(images[0])
        info = read_info(answered.get("info"))
        sent = body["seed"] if request.seed is not None else None
        seed = info.seed if info.seed is not None else sent
        fields: dict[str, object] = {"server": flavour.value, **info.fields}
        if self.options.model and flavour.has_progress:
            fields.setdefault("model", self.options.model)
        fields.setdefault("steps", body["steps"])
        fields |= told_of(shown)
        return self.image(
            picture, request, seed=seed, info=fields, ignored={**shown.ignored, **ignored}
        )

    # How far it is

    def _watch(
        self, request: ImageRequest, task: str, flavour: Flavour
    ) -> "asyncio.Task[None] | None":
        nobody = request.progress is None and request.whereabouts is None
        if nobody or not self.options.previews or not flavour.has_progress:
            return None
        return asyncio.create_task(self._report(request, task), name=f"progress of {task}")

    async def _report(self, request: ImageRequest, task: str) -> None:
        while True:
            await asyncio.sleep(self._poll)
            with suppress(BackendError):  # it is the drawing that counts
                standing = await self._jobs.look(task, preview=request.progress is not None)
                if standing.known and request.whereabouts is not None:
                    request.whereabouts(Whereabouts(drawn=standing.busy))
                if standing.busy and request.progress is not None:
                    request.progress(standing.fraction, read_preview(standing.preview))

    # What it is

    async def flavour(self) -> Flavour:
        """Which of the family the server is; asked once.

        Raises:
            limner.errors.BackendError: It cannot be reached, or is something else.
        """
        if self._flavour is None:
            async with self._finding:
                if self._flavour is None:
                    self._flavour = await self._find_flavour()
        return self._flavour

    async def _find_flavour(self) -> Flavour:
        try:
            options = await self._options()
        except BackendRejected as error:
            if error.status in (404, 405) and await self._app() is not None:
                return Flavour.DRAW_THINGS
            raise
        if "forge_preset" in options or any(name.startswith("forge_") for name in options):
            return Flavour.FORGE
        if "sd_backend" in options or "diffusers_version" in options:
            return Flavour.SDNEXT
        if await self._get("/progress", "progress", missing=None) is not None:
            return Flavour.A1111
        kobold = await self._get(KOBOLDCPP_VERSION, "version", missing=None)
        return Flavour.KOBOLDCPP if kobold is not None else Flavour.SDCPP

    async def _app(self) -> Mapping[str, Any] | None:
        """What Draw Things tells in the place of options: how it is set; ``None``: it is another.

        Its root is no page but an object.
        """
        with suppress(BackendRejected):
            told = await self._get("", "list of settings", missing=None)
            if isinstance(told, dict) and told.keys() >= APP_SETTINGS:
                return told
        return None

    async def _options(self) -> Mapping[str, Any]:
        try:
            options = await self._get("/options", "A1111 API")
        except BackendRejected as error:
            if error.status in (404, 405):
                await self._find_comfyui()
            raise
        if not isinstance(options, dict):
            raise BackendRejected(
                f"{self.session.shown} is no A1111 server: its options are no object",
                server=self.session.shown,
            )
        return options

    async def _find_comfyui(self) -> None:
        """Say that it is a ComfyUI, if it is one.

        Raises:
            limner.errors.BackendRejected: It is.
        """
        told = await self._get(SYSTEM, "list of its parts", missing=None)
        if isinstance(told, dict) and isinstance(told.get("system"), dict):
            server = self.session.shown
            raise BackendRejected(
                f"{server} is no A1111 server, but a ComfyUI: write comfyui+{server}",
                server=server,
            )

    async def _get(self, path: str, wanted: str, **missing: Any) -> Any:
        """What a route answers; with `missing`, that where there is no such route."""
        try:
            answer = await self.session.request(
                "GET",
                path if path in ("", KOBOLDCPP_VERSION, SYSTEM) else API + path,
                timeouts=self.brief,
                wanted=wanted,
                largest=32 << 20,
            )
            return answer.json()
        except BackendRejected as error:
            if "missing" in missing and error.status in (404, 405):
                return missing["missing"]
            raise

    async def _known(self, options: A1111Options) -> Mapping[str, str]:
        """The paths of the LoRAs that an ``sd-server`` has, if any are wanted of it."""
        if not options.loras:
            return {}
        return read_loras(await self._get(LORAS, "list of LoRAs", missing=[]))

    async def models(self) -> list[ModelInfo]:
        """The checkpoints the server has."""
        return read_models(await self._get("/sd-models", "list of models", missing=[]))

    async def samplers(self) -> list[str]:
        """The samplers the server has."""
        return read_names(await self._get("/samplers", "list of samplers", missing=[]))

    async def schedulers(self) -> list[str]:
        """The noise schedules the server has; empty for those that do not tell."""
        return read_names(await self._get("/schedulers", "list of schedulers", missing=[]))

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`."""
        flavour = await self.flavour()
        models = await self.models()
        if flavour is Flavour.DRAW_THINGS:
            current = (await self._app() or {}).get("model")
        else:
            current = (await self._options()).get("sd_model_checkpoint")
        notes = []
        if not models and not current:
            notes.append("no model is loaded")
        if not flavour.has_progress:
            notes.append("it tells no progress and cannot be interrupted")
        return ServerFacts(
            kind=flavour.value,
            models=models,
            current_model=current if isinstance(current, str) else None,
            notes=notes,
            missing=await self._missing(models),
        )

    async def _missing(self, models: list[ModelInfo]) -> list[Missing]:
        """What the options name and the server does not have."""
        model, sampler = self.options.model, self.options.sampler
        missing = []
        if model and models and not any(same_model(model, known) for known in models):
            names = [known.name for known in models]
            missing.append(Missing(what="model", name=model, known=names))
        samplers = await self.samplers()
        if sampler and samplers and sampler not in samplers:
            missing.append(Missing(what="sampler", name=sampler, known=samplers))
        return missing
