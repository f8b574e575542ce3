"""A fake picture service that draws in the background, over real HTTP.

It takes a drawing, tells how it stands, hands the picture out by URL, and stops what is taken back:
what services on the web have in common, each in its own words. A fake for a certain one says in
which (`Words`).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from limner.testing.picture_fault import Body as WholeBody
from limner.testing.picture_fault import Cut, Hang, Refused
from limner.testing.picture_job import FakeJob
from limner.testing.picture_server import FakePictureServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a service says.

    Attributes:
        draw: The path that takes a drawing.
        taken: What is answered; gets the server's URL and the drawing's name.
        look: The path that tells how it stands, with ``{id}``.
        standing: What is answered there: URL, name, and ``"waiting"``, ``"running"``, ``"done"``,
            ``"failed"`` or ``"refused"``.
        result: A path that tells of the picture, with ``{id}``, if it is another one.
        found: What is answered there, or when it is done: URL, name, and the picture as base64.
        cancel: Method and path that take it back, with ``{id}``.
        size: The size that a request asks for.
        seed: The seed that it asks for.
        key: The header with the key, and how it stands there.
    """

    draw: str
    taken: Callable[[str, str], Any]
    look: str
    standing: Callable[[str, str, str], Any]
    found: Callable[[str, str, str], Any]
    result: str = ""
    cancel: tuple[str, str] | None = None
    size: Callable[[Any], tuple[int, int]] = lambda asked: (asked["width"], asked["height"])
    seed: Callable[[Any], int] = lambda asked: int(asked.get("seed") or 0)
    key: tuple[str, str] = ("Authorization", "Bearer {key}")


JOBS = Words(
    draw="/jobs",
    taken=lambda url, name: {"id": name, "status": "waiting"},
    look="/jobs/{id}",
    standing=lambda url, name, state: {"id": name, "status": state, "error": f"it {state}"},
    found=lambda url, name, picture: {
        "id": name, "status": "done", "images": [{"url": f"{url}/files/{name}.png"}],
    },
    cancel=("DELETE", "/jobs/{id}"),
)  # fmt: skip
"""A plain one."""


@dataclass(slots=True)
class _Drawing:
    job: FakeJob
    working: "asyncio.Task[None]"


class ServiceServer(FakePictureServer):
    """A fake of a service that draws in the background.

    Args:
        words: What it says.
        **common: As `FakePictureServer`.
    """

    def __init__(self, *args: Any, words: Words = JOBS, **common: Any) -> None:
        super().__init__(*args, **common)
        self.words = words
        self._drawings: dict[str, _Drawing] = {}

    def routes(self) -> list[web.RouteDef]:
        """Taking, looking, fetching, and taking back."""
        words = self.words
        routes = [
            web.post(words.draw, self._take),
            web.get(words.look, self._look),
            web.get("/files/{id}.png", self._file),
            web.get("", self._root) if self.prefix else web.get("/", self._root),
        ]
        if words.result:
            routes.append(web.get(words.result, self._result))
        if words.cancel is not None:
            method, path = words.cancel
            routes.append(web.route(method, path, self._cancel))
        return routes

    def lets_in(self, request: web.Request) -> bool:
        """The key, as the service wants it."""
        name, form = self.words.key
        return self.key is None or request.headers.get(name) == form.format(key=self.key)

    async def __aexit__(self, *error: Any) -> None:
        """Stop, also what is drawn for nobody."""
        for drawing in self._drawings.values():
            drawing.working.cancel()
        await super().__aexit__(*error)

    async def _root(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"service": "fake"})

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Incorrect API key provided.")
        job = self.begin(self.requests_of(request))
        if not isinstance(job.fault, Hang | Refused):
            early = await self.early(job)
            if early is not None:
                job.end()
                return early
        asked = job.body
        with_seed = self.words.seed(asked)
        job.size(*self.words.size(asked), seed=with_seed)
        name = f"job-{len(self.jobs)}"
        working = asyncio.create_task(self._work(job), name=f"fake drawing {name}")
        self._drawings[name] = _Drawing(job, working)
        answer = web.json_response(self.words.taken(self.url, name))
        if isinstance(job.fault, Cut | WholeBody):
            job.end()
            return await self.deliver(request, job, answer)
        return answer

    async def _work(self, job: FakeJob) -> None:
        try:
            if isinstance(job.fault, Hang):
                await job.gone.wait()
            await job.work()
        finally:
            job.end()
            self._changed.set()

    async def _look(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Incorrect API key provided.")
        name = request.match_info["id"]
        drawing = self._drawings.get(name)
        if drawing is None:
            return self.error(404, "no such drawing")
        state = self._state(drawing.job)
        if state == "done" and not self.words.result:
            return await self._told(request, name)
        return web.json_response(self.words.standing(self.url, name, state))

    def _state(self, job: FakeJob) -> str:
        if isinstance(job.fault, Refused):
            return "refused"
        if job.gone.is_set():
            return "failed"
        return "done" if job.ended.is_set() else "running"

    async def _result(self, request: web.Request) -> web.StreamResponse:
        return await self._told(request, request.match_info["id"])

    async def _told(self, request: web.Request, name: str) -> web.StreamResponse:
        job = self._drawings[name].job
        pictures = job.encoded()
        found = self.words.found(self.url, name, pictures[0] if pictures else "")
        if not pictures:  # drawn, and nothing to show for it
            found = self.words.standing(self.url, name, "done")
        return await self.deliver(request, job, web.json_response(found))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        job = self._drawings[request.match_info["id"]].job
        data = job.pictures()[0]
        return await self.deliver(request, job, web.Response(body=data, content_type="image/png"))

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        if not self.lets_in(request):
            return self.error(401, "Incorrect API key provided.")
        self._drawings[request.match_info["id"]].job.stop()
        return web.json_response({})
