"""ComfyUI: draws with any workflow.

Every picture has a websocket of its own, with a client id of its own. A socket shared by all
would be one connection less a picture, but: previews and what `SaveImageWebsocket` sends carry no
id of their prompt; a broken socket would take all pictures with it; and ComfyUI forgets a client
that connects again while its old socket lingers. So nothing is ever connected again: where a
socket breaks, or there is none, the history tells how the picture ended.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from limner.backends.http.connecting import Connecting
from limner.backends.http.refusal import Remedies
from limner.backends.http.secrets import basic, bearer, clean_key
from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import Timeouts
from limner.backends.images.comfyui.asked_recipe import AskedRecipe
from limner.backends.images.comfyui.built_in import image_to_image, text_to_image
from limner.backends.images.comfyui.client import ComfyUIClient, PollIntervals
from limner.backends.images.comfyui.drawing import Drawing
from limner.backends.images.comfyui.hopeless import FailureMemory
from limner.backends.images.comfyui.options import ComfyUIOptions
from limner.backends.images.comfyui.recipe import PreparedWorkflow, Recipe
from limner.backends.images.comfyui.shown import ReferenceUploads
from limner.backends.images.comfyui.workflow import Workflow
from limner.backends.images.support.checking import PictureLimits
from limner.backends.images.support.lora import Lora
from limner.backends.images.support.model_name import found_name
from limner.backends.images.support.references import Found, told_of
from limner.backends.images.support.server import Missing, ModelInfo, ServerFacts, identity
from limner.backends.images.support.server_backend import ServerBackend
from limner.backends.options import overridden, read_options, told
from limner.errors import BackendRejected, BadPicture
from limner.illustration.model.image import Image, ImageRequest

KIND = "comfyui"

REMEDIES = Remedies(
    key="set LIMNER_COMFYUI_KEY to the token, or user:password, of the proxy before it",
    address="give the address of ComfyUI's page",
    server="ComfyUI",
)

KOBOLDCPP_VERSION = "/api/extra/version"

OTHERS = {
    "/sdapi/v1/options": "a server with A1111's API: write a1111+{server}",
    "/v1/models": "a server in OpenAI's likeness: write openai+{server}/v1",
    "/api/tags": "an Ollama, which does not draw",
}
"""What may be at an address in ComfyUI's place, by a route of its own."""


class ComfyUIBackend(ServerBackend[ComfyUIOptions]):
    """Draws on a ComfyUI server. Making one does no I/O.

    Args:
        url: ``http://host:8188``; ``user:password@`` in it counts as the key.
        key: For a proxy before the server: ``user:password`` for HTTP Basic, else a token.
        options: What to draw with.
        workflow: What to draw, in place of the built-in workflow; see
            `limner.backends.images.comfyui.workflow`. The option ``workflow`` is only read by
            `from_url`.
        reference_workflow: What to draw after reference pictures; by default the workflow, or
            limner's own for them where there is none.
        timeouts: Bounds; ``total`` is for the whole drawing, with its time in the queue.
        limits: How large a picture may be.
        connecting: How the server is asked: headers of one's own, a proxy.
        pace: How often to look at the server.

    Raises:
        limner.errors.BackendRejected: The URL or the key cannot be used.
        limner.errors.ConfigError: It is not clear where in the workflow the prompt belongs, or
            which node gives the picture; the message says what to mark.

    Examples:
        >>> ComfyUIBackend("http://me:secret@localhost:8188")
        ComfyUIBackend('http://localhost:8188')
    """

    kind = KIND

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        options: ComfyUIOptions | None = None,
        workflow: Workflow | None = None,
        reference_workflow: Workflow | None = None,
        timeouts: Timeouts | None = None,
        limits: PictureLimits | None = None,
        connecting: Connecting | None = None,
        pace: PollIntervals | None = None,
    ) -> None:
        key = clean_key(key)
        options = options or ComfyUIOptions()
        session = ServerSession(
            url,
            kind="ComfyUI",
            headers=basic(key) if ":" in key else bearer(key),
            secrets=[key, options.comfy_org_key],
            remedies=REMEDIES,
            timeouts=timeouts,
            connecting=connecting,
        )
        super().__init__(session, options=options, limits=limits, references=options.references)
        paid = options.comfy_org_key
        self._client = ComfyUIClient(
            session, extra_data={"api_key_comfy_org": paid} if paid else None
        )
        self._workflows = workflow, reference_workflow
        after = reference_workflow or (image_to_image() if workflow is None else None)
        output = options.output_node
        self._plain = AskedRecipe(self._client, workflow or text_to_image(), output=output)
        self._after: AskedRecipe | None = None
        if after is not None:
            self._after = AskedRecipe(self._client, after, output=output if workflow else "")
        self._uploads = ReferenceUploads(self._client, self.references)
        self._failed_before = FailureMemory()
        self._pace = pace or PollIntervals()
        self._first: str | None = None  # the model, where none is named
        self._files: dict[str, str] = {}  # models and LoRAs as they were named
        self._withdrawals: set[asyncio.Task[None]] = set()

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> "ComfyUIBackend":
        """As `limner.illustration.make_backend` makes it; port 8188 of this machine by default.

        It reads the file of the option ``workflow``, so that what is wrong with it is told before
        anything is drawn.

        Raises:
            limner.errors.ConfigError: An option is unknown or wrong, or the workflow cannot be
                used.
            limner.errors.BackendRejected: The URL or the key cannot be used.
        """
        own, connecting = Connecting.of(options)
        read = read_options(ComfyUIOptions, own, backend=KIND)
        workflow = Workflow.read(read.workflow) if read.workflow else None
        after = Workflow.read(read.reference_workflow) if read.reference_workflow else None
        return cls(
            url or "http://127.0.0.1:8188",
            key=key,
            options=read,
            connecting=connecting,
            workflow=workflow,
            reference_workflow=after,
        )

    @property
    def identity(self) -> str:
        """A fingerprint of the server, the options and the workflow's content."""
        plain, after = (one.digest if one is not None else "" for one in self._workflows)
        options = replace(
            self.options, workflow=plain, reference_workflow=after, previews=True, websocket=True
        )
        return identity(KIND, self.session.shown, self.told_options(told(options)))

    async def aclose(self) -> None:
        """Close every connection, after cancellings that are on their way. Twice is fine."""
        if self._withdrawals:
            await asyncio.wait(self._withdrawals)
        await super().aclose()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        A tag may set the options that are open to it (``steps``, ``cfg``, ``loras``, …); what it
        sets wrongly, and what the workflow has no place for, is told in ``info["ignored"]``.
        Where no seed is asked for, every attempt has a new one. Where the server names a picture
        that is not there any more (it remembers results, not files), it is drawn again once, with
        another seed.

        Raises:
            limner.errors.BackendError: With the server's own words.
        """
        options, ignored = overridden(self.options, request.attributes)
        found = await self._uploads.found(request)
        recipe = await self._drawn_by(found)
        options = await self._named(options, recipe)
        model = await self._model(options, recipe)
        shown = await self._uploads.shown(found, recipe)
        ignored = {**found.ignored, **ignored}
        seed = _seed() if request.seed is None else request.seed
        told_before = -1.0
        errand = request.errand
        left = None if errand is None else errand.left(self.place)
        if left is not None and left.get("seed", "").isdecimal():
            seed = int(left["seed"])
        for _ in range(2 if left is None else 3):
            plan = recipe.plan(request, options, seed=seed, model=model, references=shown.files)
            drawing = Drawing(
                self._client, plan, pace=self._pace, websocket=options.websocket,
                request=request, previews=options.previews, largest=self.limits.bytes,
                told=told_before, failed_before=self._failed_before,
                note=None if errand is None else partial(errand.sent, self.place),
            )  # fmt: skip
            if left is not None:
                data, left = await drawing.take_up(left, self._withdrawals), None
            else:
                data = await drawing.run(self._withdrawals)
            if data is not None:
                return await self._picture(data, request, plan, ignored, shown.found)
            if not plan.streams:  # a file that is gone would be named again; a stream is repeated
                seed = _seed()
            told_before = drawing.told
        raise BadPicture(
            f"{self.session.shown} drew the picture, but it is not there (404)",
            server=self.session.shown,
            status=404,
        )

    async def _picture(
        self,
        data: bytes,
        request: ImageRequest,
        plan: PreparedWorkflow,
        ignored: Mapping[str, str],
        shown: Found,
    ) -> Image:
        fields: dict[str, object] = {"server": "ComfyUI", **plan.fields, **told_of(shown)}
        if request.seed is not None and request.seed != plan.seed:
            fields["seed_asked_for"] = request.seed
        return self.image(
            await self.checked(data),
            request,
            seed=plan.seed,
            info=fields,
            ignored={**plan.ignored, **ignored},
        )

    async def _drawn_by(self, found: Found) -> Recipe:
        """The recipe of the workflow that draws: another one, if there is a picture to draw after.

        A workflow of the user's own has its marks for them, or there is one beside it.
        """
        recipe = await self._plain.get()
        if self._after is None or recipe.references or not found.pictures:
            return recipe
        return await self._after.get()

    async def _named(self, options: ComfyUIOptions, recipe: Recipe) -> ComfyUIOptions:
        """The options with models and LoRAs named by their files, as the server has them."""
        model, loras = options.model, [Lora.parse(text) for text in options.loras]
        if model and model not in self._files:
            self._files[model] = found_name(model, await self._client.names(*recipe.model_place))
        for lora in loras:
            if lora.name not in self._files:
                known = await self._client.names("LoraLoader", "lora_name")
                self._files[lora.name] = found_name(lora.name, known)
        return replace(
            options,
            model=self._files.get(model, model),
            loras=tuple(f"{self._files[lora.name]}:{lora.weight:g}" for lora in loras),
        )

    async def _model(self, options: ComfyUIOptions, recipe: Recipe) -> str:
        """The model to name: the option's, or the first that the server has."""
        if options.model or not recipe.needs_model:
            return options.model
        if self._first is None:
            models = await self.models()
            if not models:
                raise BackendRejected(
                    f"{self.session.shown} has no checkpoint: put one into its folder "
                    "models/checkpoints, or use a workflow of your own",
                    server=self.session.shown,
                )
            self._first = models[0].name
        return self._first

    async def models(self) -> list[ModelInfo]:
        """The checkpoints the server has, or the diffusion models if the workflow loads one."""
        kind, name = (await self._plain.get()).model_place
        names = await self._client.names(kind, name)
        folder = "checkpoints" if name == "ckpt_name" else "diffusion_models"
        return [
            ModelInfo(name=name[:300], title=name[:300])
            for name in names or await self._client.folder(folder)
        ]

    async def samplers(self) -> list[str]:
        """The samplers the server has."""
        return await self._client.names("KSampler", "sampler_name")

    async def schedulers(self) -> list[str]:
        """The noise schedules the server has."""
        return await self._client.names("KSampler", "scheduler")

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`."""
        told_by = await self._system()
        models = await self.models()
        version = told_by["system"].get("comfyui_version")
        return ServerFacts(
            kind="ComfyUI",
            version=version[:60] if isinstance(version, str) else None,
            models=models,
            current_model=self.options.model or None,
            notes=[*_devices(told_by), *self._lacking(models, await self._plain.get())],
            missing=await self._missing(models),
        )

    async def _system(self) -> Mapping[str, Any]:
        """What the server tells of itself, if it is a ComfyUI."""
        try:
            told_by = await self._client.system()
        except BackendRejected as error:
            if error.status in (404, 405):
                await self._find_other()
            raise
        if told_by is None:
            await self._find_other()
            raise BackendRejected(
                f"{self.session.shown} is no ComfyUI server: it does not tell of its system",
                server=self.session.shown,
            )
        await self._find_koboldcpp()
        return told_by

    def _lacking(self, models: list[ModelInfo], recipe: Recipe) -> list[str]:
        if models or not recipe.needs_model:
            return []
        return ["it has no checkpoint; put one into its folder models/checkpoints"]

    async def _missing(self, models: list[ModelInfo]) -> list[Missing]:
        """What the options name and the server does not have."""
        options, names = self.options, [model.name for model in models]
        missing = []
        if options.model and found_name(options.model, names) not in names:
            missing.append(Missing(what="model", name=options.model, known=names))
        samplers = await self.samplers()
        if options.sampler and samplers and options.sampler not in samplers:
            missing.append(Missing(what="sampler", name=options.sampler, known=samplers))
        return missing

    async def _find_koboldcpp(self) -> None:
        """Say that it only speaks like a ComfyUI, if so: it draws one workflow, and not well.

        Raises:
            limner.errors.BackendRejected: It is a koboldcpp.
        """
        server = self.session.shown
        if await self._client.has(KOBOLDCPP_VERSION):
            raise BackendRejected(
                f"{server} is no ComfyUI, but a koboldcpp in its likeness: write a1111+{server}",
                server=server,
            )

    async def _find_other(self) -> None:
        """Say what is there instead, if it can be told."""
        server = self.session.shown
        for path, what in OTHERS.items():
            if await self._client.has(path):
                raise BackendRejected(
                    f"{server} is no ComfyUI server, but {what.format(server=server)}",
                    server=server,
                )


def _seed() -> int:
    """A new seed; small enough for browsers, which count exactly to 2**53."""
    return secrets.randbelow(1 << 53)


def _devices(answer: Mapping[str, object]) -> list[str]:
    """What it draws on, in words."""
    devices = answer.get("devices")
    return [
        f"draws on {str(device.get('name'))[:100]}"
        for device in (devices if isinstance(devices, list) else [])
        if isinstance(device, dict) and device.get("name")
    ]
