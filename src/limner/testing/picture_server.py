"""The ground for fake picture servers: real HTTP on loopback, drawings that count, faults.

A fake for a protocol derives from `FakePictureServer`, names its routes, and answers the one that
draws through `drawing`, which does everything that is the same for all: it records the request,
asks for the key, takes the next fault, holds the drawing at the gate, counts what runs, and
notices a client that goes away::

    class MyServer(FakePictureServer):
        def routes(self) -> list[web.RouteDef]:
            return [web.post("/draw", self._draw)]

        async def _draw(self, request: web.Request) -> web.StreamResponse:
            return await self.drawing(request, self._answer)

        async def _answer(self, job: FakeJob) -> web.Response:
            job.size(job.body["width"], job.body["height"], seed=job.body["seed"])
            await job.work()                                  # waits at the gate
            return web.json_response({"images": job.encoded()})

A protocol that draws in the background (queue, websocket) uses `begin`, `FakeJob.work` and
`FakeJob.end` by itself. Nothing sleeps: what must happen at a certain moment waits for an
`asyncio.Event` of the test. Pictures are PNGs of one colour, which the seed decides.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from aiohttp import web

from limner.testing.loopback_server import LoopbackServer
from limner.testing.picture_fault import (
    Body,
    Busy,
    Cut,
    Drip,
    Fault,
    Hang,
    Refused,
    Rejected,
    ServerError,
    WrongType,
)
from limner.testing.picture_job import FakeJob, Recorded, huge_picture, plain_picture

__all__ = ["FakeJob", "FakePictureServer", "Faults", "Recorded", "huge_picture", "plain_picture"]

Faults: TypeAlias = Sequence[Fault | None] | Callable[[Recorded], Fault | None]
"""One for each drawing in order, then none; or what a function makes of the request."""

PAGE = b"<!doctype html><html><head><title>Router login</title></head><body></body></html>"


class FakePictureServer(LoopbackServer):
    """A picture server that does what a test says.

    Args:
        faults: What goes wrong, drawing by drawing.
        key: What a client must show; see `lets_in`.
        gate: Holds every drawing until it is set.
        prefix: Where the API's root is.

    Attributes:
        requests: Every request, in order.
        jobs: Every drawing, in order.
        running: Drawings that run now.
        peak: How many ran at the same time at most.
        gate: See above; may be set anew between drawings.
    """

    def __init__(
        self,
        faults: Faults = (),
        *,
        key: str | None = None,
        gate: asyncio.Event | None = None,
        prefix: str = "",
    ) -> None:
        super().__init__(prefix)
        self._next_fault = _faults(faults)
        self.key = key
        self.gate = gate
        self.requests: list[Recorded] = []
        self.jobs: list[FakeJob] = []
        self.running = 0
        self.peak = 0
        self._recorded: dict[int, Recorded] = {}  # by the identity of what is answered now
        self._changed = asyncio.Event()

    # What a protocol says

    def lets_in(self, request: web.Request) -> bool:
        """Whether a request shows the key; as ``Authorization: Bearer``, unless overridden."""
        return self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}"

    def error(self, status: int, message: str, **headers: str) -> web.StreamResponse:
        """An error in the protocol's own shape."""
        body = {"error": {"message": message, "type": "error", "code": None}}
        return web.json_response(body, status=status, headers=headers)

    def refused(self) -> web.StreamResponse:
        """A content filter's no in the protocol's own shape."""
        body = {"error": {"message": "not that", "type": "x", "code": "content_policy_violation"}}
        return web.json_response(body, status=400)

    # What is the same for all

    def application(self) -> web.Application:
        """What is served; every request is recorded."""
        return web.Application(client_max_size=64 << 20, middlewares=[self._recording])

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        server = self._runner.server if self._runner is not None else None
        return len(server.connections) if server is not None else 0

    async def job(self, index: int = 0) -> FakeJob:
        """The drawing with this index, as soon as it runs."""
        await self.until(lambda: len(self.jobs) > index)
        await self.jobs[index].started.wait()
        return self.jobs[index]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds that requests and drawings change."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    def asked(self, part: str) -> list[Recorded]:
        """The requests whose path has this in it."""
        return [request for request in self.requests if part in request.path]

    def begin(self, request: Recorded) -> FakeJob:
        """A drawing begins: it counts as running until `FakeJob.end`."""
        job = FakeJob(self, request, self._next_fault(request))
        self.jobs.append(job)
        self.running += 1
        self.peak = max(self.peak, self.running)
        job.started.set()
        self._changed.set()
        return job

    async def drawing(
        self,
        request: web.Request,
        answer: Callable[[FakeJob], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Answer a request that draws and blocks until the picture is there."""
        recorded = self.requests_of(request)
        if not self.lets_in(request):
            return self.error(401, "Incorrect API key provided.")
        job = self.begin(recorded)
        try:
            early = await self.early(job)
            if early is not None:
                return early
            return await self.deliver(request, job, await answer(job))
        except (asyncio.CancelledError, ConnectionError):
            if not self._closing and not isinstance(job.fault, Cut | Body):
                job.gone.set()
            raise
        finally:
            job.end()
            self._changed.set()

    async def early(self, job: FakeJob) -> web.StreamResponse | None:
        """The answer in the place of a drawing, where its fault is of that kind."""
        fault = job.fault
        if isinstance(fault, Busy):
            wait = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
            return self.error(fault.status, "busy; slow down", **wait)
        if isinstance(fault, ServerError | Rejected):
            return self.error(fault.status, fault.message)
        if isinstance(fault, Refused):
            return self.refused()
        if isinstance(fault, WrongType):
            return web.Response(body=PAGE, content_type="text/html")
        if isinstance(fault, Hang):
            await job.gone.wait()
            return self.error(500, "stopped")
        return None

    async def deliver(
        self, request: web.Request, job: FakeJob, response: web.StreamResponse
    ) -> web.StreamResponse:
        """Send an answer, slowly or not wholly, where its fault is of that kind."""
        fault = job.fault
        body = bytes(response.body) if _has_bytes(response) else b""  # type: ignore[attr-defined]
        if isinstance(fault, Body):
            return await _send_false(request, fault)
        if not body or not isinstance(fault, Drip | Cut):
            return response
        slow = web.StreamResponse(headers={"Content-Type": response.content_type})
        await slow.prepare(request)
        if isinstance(fault, Cut):
            await slow.write(body[: len(body) // 2])
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("cut off, as the fault says")
        for at in range(0, len(body), fault.size):
            await slow.write(body[at : at + fault.size])
            await asyncio.sleep(fault.pause)
        await slow.write_eof()
        return slow

    def requests_of(self, request: web.Request) -> Recorded:
        """What was recorded of a request that is being answered."""
        return self._recorded[id(request)]

    @web.middleware
    async def _recording(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        data = b"" if request.headers.get("Upgrade") else await request.read()
        recorded = Recorded(request.method, request.path_qs, headers, data)
        self._recorded[id(request)] = recorded
        self.requests.append(recorded)
        self._changed.set()
        try:
            return await handler(request)
        finally:
            del self._recorded[id(request)]


def _faults(faults: Faults) -> Callable[[Recorded], Fault | None]:
    if callable(faults):
        return faults
    waiting = list(faults)
    return lambda request: waiting.pop(0) if waiting else None


def _has_bytes(response: web.StreamResponse) -> bool:
    return isinstance(response, web.Response) and isinstance(response.body, bytes)


async def _send_false(request: web.Request, fault: Body) -> web.StreamResponse:
    headers = {"Content-Type": fault.content_type}
    if fault.length is not None:
        headers["Content-Length"] = str(fault.length)
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(fault.data)
    if fault.length is not None and request.transport is not None:
        request.transport.close()
        raise ConnectionResetError("shorter than it says, as the fault says")
    await response.write_eof()
    return response
