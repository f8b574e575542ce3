"""A fake of NovelAI's picture server, over real HTTP."""

import base64
import io
import json
import zipfile
from typing import Any

from aiohttp import web

from limner.testing.picture_fault import Drip, EmptyAnswer
from limner.testing.picture_job import FakeJob, plain_picture
from limner.testing.picture_server import FakePictureServer

PREVIEWS = 3


class NovelAIServer(FakePictureServer):
    """A fake NovelAI.

    Args:
        told: The JSON it answers with in the place of a picture.
        **common: As `FakePictureServer`; the key is a Bearer token.

    Attributes:
        vibes: What was sent to be made into vibes.

    Examples:
        >>> import asyncio
        >>> from limner.backends.images.novelai.backend import NovelAIBackend
        >>> from limner.illustration import ImageRequest
        >>> async def draw():
        ...     async with NovelAIServer() as server, NovelAIBackend(server.url) as backend:
        ...         image = await backend.generate(ImageRequest(prompt="rain | girl", seed=7))
        ...     return image.width, image.seed, server.jobs[0].body["input"]
        >>> asyncio.run(draw())
        (768, 7, 'rain')
    """

    def __init__(self, *args: Any, told: Any = None, **common: Any) -> None:
        super().__init__(*args, **common)
        self.told = told
        self.vibes: list[dict[str, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        """Drawing by either route, and the account."""
        return [
            web.post("/ai/generate-image", self._generate),
            web.post("/ai/generate-image-stream", self._generate),
            web.get("/user/subscription", self._subscription),
            web.post("/ai/encode-vibe", self._encode),
        ]

    def error(self, status: int, message: str, **headers: str) -> web.StreamResponse:
        """NovelAI's error object."""
        body = {"statusCode": status, "message": message}
        return web.json_response(body, status=status, headers=headers)

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        return await self.drawing(request, lambda job: self._draw(request, job))

    async def _draw(self, request: web.Request, job: FakeJob) -> web.StreamResponse:
        asked = job.body["parameters"]
        job.size(asked["width"], asked["height"], seed=asked.get("seed", 99))
        streams = request.path.endswith("-stream")
        if streams and job.fault is None and self.told is None:
            return await self._stream(request, job)
        await job.work()
        if self.told is not None:
            return web.json_response(self.told, status=201)
        if streams:
            return web.Response(body=b"".join(_events(job)), content_type="text/event-stream")
        return web.Response(body=_zip(job), content_type="binary/octet-stream", status=201)

    async def _stream(self, request: web.Request, job: FakeJob) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in _events(job):
            await response.write(event)
            await job.work()
        await response.write_eof()
        return response

    async def _encode(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Access token is incorrect.")
        self.vibes.append(await request.json())
        return web.Response(body=b"vibe %d" % len(self.vibes))

    async def _subscription(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Access token is incorrect.")
        left = {"fixedTrainingStepsLeft": 9000, "purchasedTrainingSteps": 88}
        return web.json_response({"tier": 3, "active": True, "trainingStepsLeft": left})


def _zip(job: FakeJob) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for number, picture in enumerate(job.pictures()):
            archive.writestr(f"image_{number}.png", picture)
    return whole.getvalue()


def _events(job: FakeJob) -> list[bytes]:
    steps = job.body["parameters"]["steps"]
    preview = base64.b64encode(plain_picture(8, 8, seed=job.seed, kind="JPEG")).decode()
    told: list[dict[str, Any]] = [
        {"event_type": "intermediate", "samp_ix": 0, "step_ix": step, "gen_id": 1, "image": preview}
        for step in range(0, steps, max(1, steps // PREVIEWS))
    ]
    if isinstance(job.fault, Drip):
        told = told[:1]
    if not isinstance(job.fault, EmptyAnswer):
        told.append({"event_type": "final", "samp_ix": 0, "image": job.encoded()[0]})
    return [f"event: {e['event_type']}\ndata: {json.dumps(e)}\n\n".encode() for e in told]
