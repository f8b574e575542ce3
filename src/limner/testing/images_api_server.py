"""A fake of OpenAI's Images API and the servers in its likeness, over real HTTP."""

import json
from typing import Any

from aiohttp import web

from limner.backends.images.openai.dialect import SD_SERVER_MODEL, Dialect
from limner.testing.picture_fault import Drip
from limner.testing.picture_job import FakeJob, form_fields
from limner.testing.picture_server import FakePictureServer

MODELS = ("gpt-image-1-mini", "gpt-image-2", "gpt-5")


class ImagesApiServer(FakePictureServer):
    """A fake Images API server.

    Args:
        dialect: Whose habits it has.
        as_url: Whether pictures are named by URL rather than sent.
        picture_url: The URL it names, in the place of its own.
        strict: Whether it refuses a size, as xAI does, and answers with ``images``.
        **common: As `FakePictureServer`; the API's root is ``/v1``.

    Examples:
        >>> import asyncio
        >>> from limner.backends.images.openai.backend import OpenAIImages
        >>> from limner.illustration import ImageRequest
        >>> async def draw():
        ...     async with ImagesApiServer() as server, OpenAIImages(server.url) as backend:
        ...         image = await backend.generate(ImageRequest(prompt="a fox"))
        ...         return image.media_type, server.jobs[0].body["size"]
        >>> asyncio.run(draw())
        ('image/png', '768x512')
    """

    def __init__(
        self,
        *args: Any,
        dialect: Dialect = Dialect.DALL_E,
        as_url: bool = False,
        picture_url: str | None = None,
        strict: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(*args, **{"prefix": "/v1", **common})
        self.dialect = dialect
        self.as_url = as_url
        self.picture_url = picture_url
        self.strict = strict

    def application(self) -> web.Application:
        """What each has at its root beside the API, by which it is known."""
        app = super().application()
        told: dict[Dialect, tuple[str, dict[str, Any]]] = {
            Dialect.KOBOLDCPP: ("/api/extra/version", {"result": "KoboldCpp", "version": "1.102"}),
            Dialect.TEXTGEN: ("/v1/internal/model/info", {"model_name": "None", "lora_names": []}),
            Dialect.LOCALAI: ("/system", {"backends": ["diffusers"], "loaded_models": []}),
        }
        if self.dialect in told:
            path, answer = told[self.dialect]

            async def tell(request: web.Request) -> web.StreamResponse:
                return web.json_response(answer)

            app.router.add_get(path, tell)
        return app

    def routes(self) -> list[web.RouteDef]:
        """Drawing, models, and the pictures it named by URL."""
        return [
            web.post("/images/generations", self._generate),
            web.post("/images/edits", self._generate),
            web.get("/models", self._models),
            web.get("/files/{index}.png", self._file),
        ]

    def error(self, status: int, message: str, **headers: str) -> web.StreamResponse:
        """OpenAI's error object; the others have their own."""
        body: dict[str, Any] = {"error": {"message": message, "type": "x", "code": None}}
        if self.dialect is Dialect.SD_SERVER:
            body = {"error": message}
        elif self.dialect is Dialect.KOBOLDCPP:
            body = {"detail": {"msg": message, "type": "service_unavailable"}}
        elif self.dialect is Dialect.TEXTGEN and status == 401:
            body = {"detail": message}
        return web.json_response(body, status=status, headers=headers)

    def refused(self) -> web.StreamResponse:
        """Moderation, as GPT image models refuse."""
        message = "Your request was rejected by the safety system."
        error = {"message": message, "type": "image_generation_user_error"}
        return web.json_response({"error": error | {"code": "moderation_blocked"}}, status=400)

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        return await self.drawing(request, lambda job: self._draw(request, job))

    async def _draw(self, request: web.Request, job: FakeJob) -> web.StreamResponse:
        asked = job.body or form_fields(job.request)
        if self.dialect is Dialect.GPT_IMAGE and "response_format" in asked:
            return self.error(400, "Unknown parameter: 'response_format'.")
        if self.strict and "size" in asked:
            return self.error(400, "Argument not supported: size")
        width, height = str(asked.get("size", "1024x1024")).split("x")
        seed = asked.get("seed", asked.get("image_seed", 0))
        job.size(int(width), int(height), seed=int(seed))
        if asked.get("stream") in (True, "true") and job.fault is None:
            return await self._stream(request, job)
        await job.work()
        named = self.picture_url or f"{self.url}/files/{self.jobs.index(job)}.png"
        if self.as_url:
            data = [{"url": named} for _ in job.encoded()]
        else:
            data = [{"b64_json": text} for text in job.encoded()]
        return web.json_response({"created": 1, "images" if self.strict else "data": data})

    async def _stream(self, request: web.Request, job: FakeJob) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)

        async def send(kind: str, **fields: object) -> None:
            told = json.dumps({"type": f"image_generation.{kind}", **fields})
            await response.write(f"event: image_generation.{kind}\ndata: {told}\n\n".encode())

        picture = job.encoded()[0]
        asked = job.body or form_fields(job.request)
        for index in range(int(asked.get("partial_images", 0))):
            await send("partial_image", b64_json=picture, partial_image_index=index)
            await job.work()
        await send("completed", b64_json=picture, usage={"total_tokens": 1})
        await response.write_eof()
        return response

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Incorrect API key provided.")
        names = (SD_SERVER_MODEL,) if self.dialect is Dialect.SD_SERVER else MODELS
        listed = [{"id": name, "object": "model"} for name in names]
        return web.json_response({"object": "list", "data": listed})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs[int(request.match_info["index"])]
        pictures = [] if isinstance(job.fault, Drip) else job.pictures()
        if not pictures:
            raise web.HTTPNotFound
        return web.Response(body=pictures[0], content_type="image/png")
