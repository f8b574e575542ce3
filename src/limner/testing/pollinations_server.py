"""A fake of Pollinations' two hosts, over real HTTP."""

from typing import Any

from aiohttp import web

from limner.testing.picture_job import FakeJob
from limner.testing.picture_server import FakePictureServer

MODELS = ("flux", "turbo")


class PollinationsServer(FakePictureServer):
    """A fake of the open service and of its gateway at once.

    Args:
        told: The JSON it answers with in the place of a picture.
        **common: As `FakePictureServer`; with a key, only the gateway's routes let anybody in.

    Examples:
        >>> import asyncio
        >>> from limner.backends.images.pollinations.backend import PollinationsBackend
        >>> from limner.illustration import ImageRequest
        >>> async def draw():
        ...     async with PollinationsServer() as server:
        ...         async with PollinationsBackend(server.url) as backend:
        ...             image = await backend.generate(ImageRequest(prompt="a fox / a hare"))
        ...         return image.width, server.requests[0].path.partition("?")[0]
        >>> asyncio.run(draw())
        (768, '/prompt/a%20fox%20%2F%20a%20hare')
    """

    def __init__(self, *args: Any, told: Any = None, **common: Any) -> None:
        super().__init__(*args, **common)
        self.told = told

    def routes(self) -> list[web.RouteDef]:
        """The routes of both hosts."""
        return [
            web.get("/models", self._names),
            web.get("/image/models", self._models),
            web.get("/prompt/{prompt}", self._generate),
            web.get("/image/{prompt}", self._generate),
        ]

    def error(self, status: int, message: str, **headers: str) -> web.StreamResponse:
        """The gateway's error object."""
        code = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 402: "PAYMENT_REQUIRED"}.get(status, "X")
        body = {"status": status, "success": False, "error": {"code": code, "message": message}}
        return web.json_response(body, status=status, headers=headers)

    def refused(self) -> web.StreamResponse:
        """The open service's refusal: an error of its own, it says."""
        message = "NSFW content detected. This request cannot be fulfilled when safe mode is on."
        body = {"error": "Internal Server Error", "message": message}
        return web.json_response(body, status=500)

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        return await self.drawing(request, lambda job: self._draw(request, job))

    async def _draw(self, request: web.Request, job: FakeJob) -> web.StreamResponse:
        asked = request.query
        job.size(
            int(asked.get("width", 1024)), int(asked.get("height", 1024)),
            seed=int(asked.get("seed", 42)),
        )  # fmt: skip
        await job.work()
        if self.told is not None:
            return web.json_response(self.told)
        return web.Response(body=b"".join(job.pictures()), content_type="image/jpeg")

    async def _names(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(list(MODELS))

    async def _models(self, request: web.Request) -> web.StreamResponse:
        listed: list[dict[str, Any]] = [
            {"name": name, "description": name.title(), "output_modalities": ["image"]}
            for name in MODELS
        ]
        return web.json_response([*listed, {"name": "veo", "output_modalities": ["video"]}])
