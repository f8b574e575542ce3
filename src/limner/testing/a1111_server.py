"""A fake of AUTOMATIC1111 and its family, over real HTTP.

Like the real ones it draws one picture at a time behind a lock, goes on drawing when its client
has gone away, tells the progress of whatever runs, and interrupts whatever runs. Which routes and
fields there are depends on the flavour.
"""

import asyncio
import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiohttp import web

from limner.backends.images.a1111.wire import Flavour
from limner.testing.picture_fault import Hang, HugePicture, Sent
from limner.testing.picture_job import FakeJob, plain_picture
from limner.testing.picture_server import FakePictureServer

MODELS = ("dreamshaper_8", "sd_xl_base_1.0")
SAMPLERS = ("Euler", "Euler a", "DPM++ 2M")
LORAS = {"ink": "styles/ink.safetensors", "paper": "paper.safetensors"}


class A1111Server(FakePictureServer):
    """A fake A1111 server.

    Args:
        flavour: Whose habits it has.
        kind: The encoding of its pictures: ``PNG``, ``JPEG``, ``WEBP``.
        page: Whether it runs with its page: A1111 and Forge then tell pictures apart by name.
        seconds: How long a drawing takes, beside the gate; its progress is then as it is.
        controlnet: What its ControlNet extension can; empty: it has none.
        **common: As `FakePictureServer`; the key is ``user:password``.

    Attributes:
        interrupted: How often a running drawing was interrupted.
        current: What it draws now.

    Examples:
        >>> from limner.backends.images.a1111.backend import A1111Backend
        >>> from limner.illustration import ImageRequest
        >>> async def draw():
        ...     async with A1111Server() as server, A1111Backend(server.url) as backend:
        ...         image = await backend.generate(ImageRequest(prompt="a fox", seed=7))
        ...         return image.width, image.height, image.seed, server.jobs[0].body["prompt"]
        >>> asyncio.run(draw())
        (768, 512, 7, 'a fox')
    """

    def __init__(
        self,
        *args: Any,
        flavour: Flavour = Flavour.A1111,
        kind: str = "PNG",
        page: bool = True,
        seconds: float = 0.0,
        controlnet: Sequence[str] = (),
        **common: Any,
    ) -> None:
        super().__init__(*args, **common)
        self.controlnet = tuple(controlnet)
        self.flavour = flavour
        self.kind = kind
        self.page = page
        self.seconds = seconds
        self._began = 0.0
        self.interrupted = 0
        self._lock = asyncio.Lock()
        self.current: FakeJob | None = None
        self._going_on: set[asyncio.Task[web.StreamResponse]] = set()

    def routes(self) -> list[web.RouteDef]:
        """The routes of the flavour."""
        api = "/sdapi/v1"
        if self.flavour is Flavour.DRAW_THINGS:
            return [
                web.get("/", self._app),
                web.post(f"{api}/txt2img", self._txt2img),
                web.post(f"{api}/img2img", self._txt2img),
            ]
        routes = [
            web.post(f"{api}/txt2img", self._txt2img),
            web.post(f"{api}/img2img", self._txt2img),
            web.get(f"{api}/options", self._options),
            web.get(f"{api}/sd-models", self._models),
            web.get(f"{api}/samplers", self._samplers),
        ]
        if self.flavour.has_progress:
            routes += [
                web.get(f"{api}/progress", self._progress),
                web.post(f"{api}/interrupt", self._interrupt),
            ]
        if self.flavour in (Flavour.A1111, Flavour.FORGE, Flavour.SDCPP):
            routes.append(web.get(f"{api}/schedulers", self._schedulers))
        if self.flavour.names_jobs and self.page:
            routes.append(web.post("/internal/progress", self._named))
        if self.flavour is Flavour.SDNEXT:
            routes.append(web.get(f"{api}/status", self._status))
        if self.flavour is Flavour.SDCPP:
            routes.append(web.get(f"{api}/loras", self._loras))
        if self.controlnet:
            routes += [
                web.get("/controlnet/version", self._controlnet_version),
                web.get("/controlnet/module_list", self._controlnet_modules),
            ]
        if self.flavour is Flavour.KOBOLDCPP:
            routes.append(web.get("/api/extra/version", self._version))
            routes.append(web.get("/system_stats", self._like_comfyui))
        return routes

    def lets_in(self, request: web.Request) -> bool:
        """HTTP Basic; a key without a colon is a token."""
        if self.key is None or ":" not in self.key:
            return super().lets_in(request)
        expected = "Basic " + base64.b64encode(self.key.encode()).decode()
        return request.headers.get("Authorization") == expected

    def error(self, status: int, message: str, **headers: str) -> web.StreamResponse:
        """Errors as each of the family has them."""
        body: dict[str, Any] = {"detail": message}
        if self.flavour in (Flavour.A1111, Flavour.SDNEXT):
            name = "OutOfMemoryError" if status == 500 else "HTTPException"
            body = {"error": name, "detail": message, "body": "", "errors": message}
        elif self.flavour is Flavour.SDCPP:
            body = {"error": message}
        elif status == 422:
            body = {"detail": [{"loc": ["body", "steps"], "msg": message, "type": "value_error"}]}
        if status == 401:
            headers["WWW-Authenticate"] = "Basic"
        return web.json_response(body, status=status, headers=headers)

    async def _controlnet_version(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"version": 2})

    async def _controlnet_modules(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"module_list": list(self.controlnet), "module_detail": {}})

    async def _txt2img(self, request: web.Request) -> web.StreamResponse:
        drawing = asyncio.create_task(self.drawing(request, self._draw))
        self._going_on.add(drawing)
        drawing.add_done_callback(self._going_on.discard)
        try:
            return await asyncio.shield(drawing)
        except asyncio.CancelledError:
            drawing.add_done_callback(_seen)
            raise

    async def __aexit__(self, *error: Any) -> None:
        """Stop, also what is drawn for nobody."""
        for drawing in self._going_on:
            drawing.cancel()
        await super().__aexit__(*error)

    async def early(self, job: FakeJob) -> web.StreamResponse | None:
        """As for all; but a drawing that hangs does so while it holds the lock."""
        return None if isinstance(job.fault, Hang) else await super().early(job)

    async def _draw(self, job: FakeJob) -> web.StreamResponse:
        asked = job.body
        seed = int(asked.get("seed", -1))
        if self.flavour is Flavour.KOBOLDCPP and not 0 <= seed < 1 << 31:
            seed = -1  # a signed number there, and a negative one is drawn by lot
        unknown = _unknown_lora(asked) if self.flavour is Flavour.SDCPP else ""
        if unknown:
            return self.error(400, f"invalid lora path: {unknown}")
        job.size(asked.get("width", 512), asked.get("height", 512), seed=seed if seed >= 0 else 99)
        async with self._lock:
            self.current, self._began = job, asyncio.get_running_loop().time()
            try:
                await (job.gone.wait() if isinstance(job.fault, Hang) else self._work(job))
            finally:
                self.current = None
        images = job.encoded()
        if self.kind != "PNG" and not isinstance(job.fault, Sent | HugePicture) and images:
            whole = plain_picture(job.width, job.height, seed=job.seed, kind=self.kind)
            images = [base64.b64encode(whole).decode()]
        return web.json_response(
            {"images": images, "parameters": asked, "info": self._info(job, asked)}
        )

    async def _work(self, job: FakeJob) -> None:
        await job.work()
        if self.seconds:
            with suppress(TimeoutError):
                await asyncio.wait_for(job.gone.wait(), self.seconds)

    def _fraction(self) -> float:
        """How far the drawing is."""
        passed = asyncio.get_running_loop().time() - self._began
        return min(passed / self.seconds, 0.99) if self.seconds else 0.5

    def _info(self, job: FakeJob, asked: dict[str, Any]) -> str:
        if not self.flavour.has_progress:
            return ""
        text = f"{asked.get('prompt')}\nSteps: {asked.get('steps')}, Seed: {job.seed}"
        return json.dumps(
            {"seed": job.seed, "all_seeds": [job.seed], "steps": asked.get("steps"),
             "sampler_name": asked.get("sampler_name") or "Euler", "infotexts": [text],
             "sd_model_name": MODELS[0], "cfg_scale": asked.get("cfg_scale")}
        )  # fmt: skip

    async def _options(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Incorrect username or password")
        options: dict[str, Any] = {"sd_model_checkpoint": MODELS[0], "samples_format": "png"}
        if self.flavour is Flavour.FORGE:
            options["forge_preset"] = "all"
        if self.flavour is Flavour.SDNEXT:
            options["sd_backend"] = "diffusers"
        return web.json_response(options)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Incorrect username or password")
        models = [{"title": f"{name} [abc]", "model_name": name, "hash": "abc"} for name in MODELS]
        return web.json_response(models)

    async def _app(self, request: web.Request) -> web.StreamResponse:
        """How the app is set, in the place of a page."""
        if not self.lets_in(request):
            return self.error(401, "Unauthorized")
        return web.json_response(
            {"model": "sdxl_base_q6p.ckpt", "sampler": "Euler A Trailing", "guidance_scale": 4.5,
             "steps": 20, "width": 1024, "height": 1024, "seed": -1, "loras": []}
        )  # fmt: skip

    async def _loras(self, request: web.Request) -> web.StreamResponse:
        return web.json_response([{"name": name, "path": path} for name, path in LORAS.items()])

    async def _samplers(self, request: web.Request) -> web.StreamResponse:
        return web.json_response([{"name": name, "options": {}} for name in SAMPLERS])

    async def _schedulers(self, request: web.Request) -> web.StreamResponse:
        return web.json_response([{"name": "karras", "label": "Karras"}])

    async def _status(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "running" if self.current else "idle"})

    async def _version(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"result": "KoboldCpp", "version": "1.102"})

    async def _like_comfyui(self, request: web.Request) -> web.StreamResponse:
        """It speaks a little of ComfyUI's language, too."""
        return web.json_response({"system": {"comfyui_version": "v0.3.4"}, "devices": []})

    async def _progress(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Incorrect username or password")
        job = self.current
        if job is None:
            state: dict[str, Any] = {"job": "", "job_count": 0}
            return web.json_response({"progress": 0, "state": state, "current_image": None})
        preview = base64.b64encode(plain_picture(8, 8, seed=job.seed)).decode()
        skip = request.query.get("skip_current_image") == "true"
        return web.json_response(
            {"progress": self._fraction(), "eta_relative": 1.0,
             "current_image": None if skip else preview,
             "state": {"job": "scripts_txt2img", "job_count": 1, "sampling_step": 10}}
        )  # fmt: skip

    async def _named(self, request: web.Request) -> web.StreamResponse:
        asked = self.requests_of(request).body
        job = next((j for j in self.jobs if _name(j) == asked["id_task"]), None)
        ended = job is not None and job.ended.is_set()
        active = job is not None and job is self.current
        told: dict[str, Any] = {
            "active": active, "queued": job is not None and not active and not ended,
            "completed": ended, "progress": self._fraction() if active else None,
            "live_preview": None,
        }  # fmt: skip
        if job is not None and active and asked["live_preview"]:
            preview = base64.b64encode(plain_picture(8, 8, seed=job.seed)).decode()
            told["live_preview"] = f"data:image/png;base64,{preview}"
        return web.json_response(told)

    async def _interrupt(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Incorrect username or password")
        self.interrupted += 1
        if self.current is not None:
            self.current.stop()
        if self.flavour is Flavour.SDNEXT:
            return web.Response(status=204)
        return web.json_response({})


def _unknown_lora(asked: dict[str, Any]) -> str:
    """The path of a LoRA that is not there, if any is asked for."""
    paths = [lora["path"] for lora in asked.get("lora", [])]
    return next((path for path in paths if path not in LORAS.values()), "")


def _name(job: FakeJob) -> object:
    return job.body.get("force_task_id") if isinstance(job.body, dict) else None


def _seen(drawing: "asyncio.Task[web.StreamResponse]") -> None:
    """What becomes of a drawing that nobody waits for is nobody's business."""
    if not drawing.cancelled():
        drawing.exception()
