"""A fake of the AI Horde, over real HTTP.

Requests are taken at once and drawn in the background; what is asked about them, and how often,
is recorded. Pictures are WebP, by URL on the server itself or as base64, as the request says.
"""

import asyncio
import base64
from typing import Any

from aiohttp import web

from limner.testing.picture_fault import Body, Cut, Drip, EmptyAnswer, GarbageBase64, Refused
from limner.testing.picture_job import FakeJob, plain_picture
from limner.testing.picture_server import FakePictureServer

API = "/api/v2"
MODELS = (("Deliberate", 3), ("AlbedoBase XL (SDXL)", 9), ("stable_diffusion", 7))
WARNING = {"code": "NoAvailableWorker", "message": "No available workers can fulfill this request."}


class HordeServer(FakePictureServer):
    """A fake horde.

    Args:
        censored: Whether workers censor what they draw.
        faulted: Whether the workers fail.
        possible: Whether there is a worker for it.
        picture_url: The URL it names, in the place of its own.
        wait: Seconds it says it will take, while a drawing waits.
        shut: With which status it refuses to be looked at, look by look; 0: it answers.
        **common: As `FakePictureServer`; the key is the header ``apikey``.

    Attributes:
        withdrawn: Names of the requests that were taken back.

    Examples:
        >>> from limner.backends.images.horde.backend import HordeBackend
        >>> from limner.illustration import ImageRequest
        >>> async def draw():
        ...     async with HordeServer() as server, HordeBackend(server.url, poll=0.01) as backend:
        ...         image = await backend.generate(ImageRequest(prompt="a fox", seed=7))
        ...         return image.media_type, image.seed, image.info["worker"]
        >>> asyncio.run(draw())
        ('image/webp', 7, 'a friendly worker')
    """

    def __init__(
        self,
        *args: Any,
        censored: bool = False,
        faulted: bool = False,
        possible: bool = True,
        picture_url: str | None = None,
        wait: float = 0.05,
        shut: tuple[int, ...] = (),
        **common: Any,
    ) -> None:
        super().__init__(*args, **common)
        self.censored = censored
        self.faulted = faulted
        self.possible = possible
        self.picture_url = picture_url
        self.wait = wait
        self.withdrawn: list[str] = []
        self._shut = list(shut)
        self._drawing: dict[str, asyncio.Task[None]] = {}

    def routes(self) -> list[web.RouteDef]:
        """What a client of it needs."""
        return [
            web.post(f"{API}/generate/async", self._take),
            web.get(f"{API}/generate/check/{{name}}", self._check),
            web.get(f"{API}/generate/status/{{name}}", self._status),
            web.delete(f"{API}/generate/status/{{name}}", self._withdraw),
            web.get(f"{API}/status/models", self._models),
            web.get(f"{API}/status/heartbeat", self._heartbeat),
            web.get(f"{API}/find_user", self._user),
            web.get("/r2/{name}.webp", self._file),
        ]

    def lets_in(self, request: web.Request) -> bool:
        """The key is in a header of its own."""
        return self.key is None or request.headers.get("apikey") == self.key

    def error(self, status: int, message: str, **headers: str) -> web.StreamResponse:
        """The Horde's words and its code for them."""
        code = {401: "InvalidAPIKey", 403: "KudosUpfront", 429: "TooManyPrompts"}.get(status, "Odd")
        return web.json_response({"message": message, "rc": code}, status=status, headers=headers)

    def refused(self) -> web.StreamResponse:
        """The filter for prompts."""
        body = {"message": "This prompt appears to violate the terms.", "rc": "CorruptPrompt"}
        return web.json_response(body, status=400)

    async def __aexit__(self, *error: Any) -> None:
        """Stop, also what is drawn for nobody."""
        for drawing in self._drawing.values():
            drawing.cancel()
        await super().__aexit__(*error)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "No user matching sent API Key.")
        asked = self.requests_of(request)
        job = self.begin(asked)
        if isinstance(job.fault, Refused) or type(job.fault).__name__ in (
            "Busy", "ServerError", "Rejected", "WrongType",
        ):  # fmt: skip
            job.end()
            early = await self.early(job)
            return early if early is not None else self.refused()
        params = asked.body["params"]
        job.size(params["width"], params["height"], seed=int(params.get("seed", 99)))
        name = f"request-{self.jobs.index(job)}"
        self._drawing[name] = asyncio.create_task(self._draw(job))
        body = {"id": name, "kudos": 10.0, "warnings": [WARNING], "message": "Be kind."}
        return web.json_response(body, status=202)

    async def _draw(self, job: FakeJob) -> None:
        try:
            if type(job.fault).__name__ == "Hang":
                await job.gone.wait()
            await job.work()
        finally:
            job.end()
            self._changed.set()

    def _job(self, request: web.Request) -> FakeJob | None:
        name = request.match_info["name"]
        known = name in self._drawing and name not in self.withdrawn
        return self.jobs[int(name.rpartition("-")[2])] if known else None

    def _missing(self) -> web.StreamResponse:
        body = {"message": "Image Waiting Prompt not found.", "rc": "RequestNotFound"}
        return web.json_response(body, status=404)

    def _standing(self, job: FakeJob) -> dict[str, Any]:
        done = job.ended.is_set() and not self.faulted and self.possible
        return {
            "finished": int(done), "processing": int(not done), "waiting": 0, "restarted": 0,
            "done": done, "faulted": self.faulted, "wait_time": 0 if done else self.wait,
            "queue_position": 0 if done else 2, "kudos": 12.0, "is_possible": self.possible,
        }  # fmt: skip

    async def _check(self, request: web.Request) -> web.StreamResponse:
        status = self._shut.pop(0) if self._shut else 0
        if status:
            return self.error(status, "not now")
        job = self._job(request)
        return self._missing() if job is None else web.json_response(self._standing(job))

    async def _status(self, request: web.Request) -> web.StreamResponse:
        job = self._job(request)
        if job is None:
            return self._missing()
        answer = web.json_response({**self._standing(job), "generations": self._generations(job)})
        if isinstance(job.fault, Body | Cut | Drip):
            return await self.deliver(request, job, answer)
        return answer

    def _generations(self, job: FakeJob) -> list[dict[str, Any]]:
        if isinstance(job.fault, EmptyAnswer):
            return []
        if job.body.get("r2", True):
            img = self.picture_url or f"{self.url}/r2/{self.jobs.index(job)}.webp"
        elif isinstance(job.fault, GarbageBase64):
            img = job.encoded()[0]
        else:
            img = base64.b64encode(_webp(job)).decode()
        return [{
            "img": img, "seed": str(job.seed), "id": "g-1", "censored": self.censored,
            "worker_id": "w-1", "worker_name": "a friendly worker", "model": MODELS[0][0],
            "state": "ok", "gen_metadata": [],
        }]  # fmt: skip

    async def _withdraw(self, request: web.Request) -> web.StreamResponse:
        job = self._job(request)
        if job is None:
            return self._missing()
        self.withdrawn.append(request.match_info["name"])
        job.stop()
        return web.json_response({**self._standing(job), "generations": []})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs[int(request.match_info["name"])]
        return web.Response(body=_webp(job), content_type="image/webp")

    async def _models(self, request: web.Request) -> web.StreamResponse:
        listed = [
            {"name": name, "count": count, "performance": 1.0, "queued": 0.0, "eta": 0,
             "jobs": 0.0, "type": "image"} for name, count in MODELS
        ]  # fmt: skip
        return web.json_response(listed)

    async def _heartbeat(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"message": "OK", "version": "4.46.0"})

    async def _user(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            body = {"message": "No user matching sent API Key.", "rc": "UserNotFound"}
            return web.json_response(body, status=404)
        return web.json_response({"username": "me#1", "kudos": 1234.0})


def _webp(job: FakeJob) -> bytes:
    if job.fault is None or isinstance(job.fault, Drip):
        return plain_picture(job.width, job.height, seed=job.seed, kind="WEBP")
    return job.pictures()[0]
