"""The pool over real HTTP: a server is killed in the middle and comes back on its port."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import pytest
from aiohttp import web

from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.openai.backend import OpenAIImages
from limner.backends.images.openai.options import OpenAIOptions
from limner.backends.images.pool import Member, MemberChanged, MemberState, PoolBackend
from limner.illustration.model.image import ImageRequest
from limner.scheduling import Limiter, Rate
from limner.testing.a1111_server import A1111Server
from limner.testing.images_api_server import ImagesApiServer
from limner.testing.picture_fault import Busy, ServerError


class Wire:
    """The way to a server, which can be cut and mended: a relay on a port of its own."""

    def __init__(self, server: A1111Server) -> None:
        self.server = server
        self.port = 0
        self._listener: asyncio.Server | None = None
        self._is_cut = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.cut()

    async def mend(self) -> None:
        """Listen, on the port of before."""
        self._is_cut = False
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse connections and reset those that are open."""
        assert self._listener is not None
        self._is_cut = True
        self._listener.close()
        for writer in self._writers:
            writer.transport.abort()
        if self._relays:
            await asyncio.wait(self._relays)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = int(self.server.address.rpartition(":")[2])
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
        if self._is_cut:  # while it was being connected
            writer.transport.abort()
            up_writer.transport.abort()
            return
        self._writers |= {writer, up_writer}
        for source, target in ((reader, up_writer), (up_reader, writer)):
            relay = asyncio.create_task(self._pass_on(source, target))
            self._relays.add(relay)
            relay.add_done_callback(self._relays.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        except OSError:
            pass  # cut
        finally:
            self._writers.discard(target)
            target.close()


def member(name: str, url: str, at_once: int = 2) -> Member:
    """A member at a server."""
    return Member(name=name, backend=A1111Backend(url), limiter=Limiter(max_concurrent=at_once))


@pytest.mark.real_time
async def test_a_server_that_is_killed_loses_its_work_to_the_others_and_comes_back() -> None:
    """Three servers over HTTP: every picture is drawn, and the mended one draws again."""
    down, again = asyncio.Event(), asyncio.Event()
    gate = asyncio.Event()

    def hear(change: MemberChanged) -> None:
        if change.name == "mortal":
            if change.state is MemberState.DOWN:
                down.set()
            elif down.is_set() and change.state is MemberState.READY:
                again.set()

    async with (
        A1111Server() as one,
        A1111Server() as two,
        A1111Server(gate=gate) as third,
        Wire(third) as wire,
    ):
        members = [member("one", one.url), member("two", two.url), member("mortal", wire.url)]
        async with PoolBackend(members, threshold=2, probe_after=0.1) as pool:
            pool.on(hear)
            limiter = Limiter(max_concurrent=6)

            async def draw(n: int) -> object:
                request = ImageRequest(prompt=f"fox {n}", width=64, height=64, seed=n)
                return (await limiter.run(pool.generate, request)).info["member"]

            drawing = [asyncio.create_task(draw(n)) for n in range(40)]
            await third.until(lambda: third.running >= 1)  # and held at the gate
            await wire.cut()
            gate.set()
            drawn = await asyncio.gather(*drawing)
            assert set(drawn) == {"one", "two"}
            await down.wait()
            await wire.mend()
            while not again.is_set():  # nothing but pictures tells that it is whole again
                drawn = await asyncio.gather(*(draw(n) for n in range(6)))
            assert "mortal" in drawn
            status = {each.name: each for each in pool.status()}
    assert status["mortal"].state is MemberState.READY
    assert status["mortal"].done >= 1
    assert status["mortal"].failed >= 2


@pytest.mark.real_time
async def test_a_busy_and_a_failing_server_lose_their_pictures() -> None:
    """429 and 500 over HTTP: the third server draws all of it."""
    async with (
        A1111Server(faults=lambda _: Busy(retry_after=30)) as one,
        A1111Server(faults=lambda _: ServerError()) as two,
        A1111Server() as three,
    ):
        members = [member(f"{n}", each.url) for n, each in enumerate((one, two, three))]
        async with PoolBackend(members) as pool:
            requests = [ImageRequest(prompt=f"fox {n}", width=64, height=64) for n in range(8)]
            images = await asyncio.gather(*(pool.generate(request) for request in requests))
            assert {image.info["member"] for image in images} == {"2"}
            busy, failing, _ = pool.status()
    assert (busy.state, busy.failed <= 2) == (MemberState.COOLING, True)
    assert (failing.state, failing.failed in (3, 4)) == (MemberState.DOWN, True)
    assert "CUDA out of memory" in failing.error


class QuotaServer(ImagesApiServer):
    """An Images API that tells its quota."""

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        response = await super()._generate(request)
        response.headers["RateLimit-Policy"] = '"pictures";q=50;w=60'
        response.headers["RateLimit"] = f'"pictures";r={50 - len(self.jobs)};t=60'
        return response


@pytest.mark.real_time
async def test_the_quota_in_a_servers_headers_is_learnt() -> None:
    """From the first answer on the member keeps to it."""
    async with QuotaServer() as server:
        backend = OpenAIImages(server.url, options=OpenAIOptions(model="dall-e-3"))
        async with PoolBackend([Member(name="api", backend=backend)]) as pool:
            await pool.generate(ImageRequest(prompt="a fox", width=64, height=64))
            assert pool.status()[0].learned.rates == (Rate(50, 60),)
            assert pool.status()[0].learned.why == "its headers allow 50 in 60 s"
