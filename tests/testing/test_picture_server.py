"""The ground of fake picture servers does what its faults say, and counts."""

import asyncio
import base64

import aiohttp
import pytest
from aiohttp import web

from limner.testing.picture_fault import (
    Busy,
    Cut,
    Drip,
    EmptyAnswer,
    Fault,
    GarbageBase64,
    Hang,
    Refused,
    ServerError,
    WrongType,
)  # fmt: skip
from limner.testing.picture_server import FakeJob, FakePictureServer


class Easel(FakePictureServer):
    """The simplest protocol there is."""

    def routes(self) -> list[web.RouteDef]:
        """One route that draws."""
        return [web.post("/draw", self._draw)]

    async def _draw(self, request: web.Request) -> web.StreamResponse:
        return await self.drawing(request, self._answer)

    async def _answer(self, job: FakeJob) -> web.StreamResponse:
        await job.work()
        return web.json_response({"images": job.encoded()})


@pytest.mark.real_time
async def test_it_counts_what_runs_and_holds_it_at_the_gate() -> None:
    """Running and peak follow the drawings; a request is recorded with its body."""
    gate = asyncio.Event()
    async with Easel(gate=gate) as server, aiohttp.ClientSession() as client:
        asked = [asyncio.create_task(client.post(f"{server.url}/draw", json=n)) for n in range(3)]
        await server.until(lambda: server.running == 3)
        gate.set()
        for answer in await asyncio.gather(*asked):
            assert base64.b64decode((await answer.json())["images"][0])[:4] == b"\x89PNG"
        await server.until(lambda: server.running == 0)
        assert server.peak == 3
        assert sorted(request.body for request in server.asked("/draw")) == [0, 1, 2]


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Busy(3.0), 429), (ServerError(), 500), (Refused(), 400), (WrongType(), 200),
        (EmptyAnswer(), 200), (GarbageBase64(), 200), (Drip(size=40, pause=0.0), 200), (None, 200),
    ],
)  # fmt: skip
async def test_each_fault_has_its_status(fault: Fault | None, status: int) -> None:
    """A fault is for one drawing; the next is well."""
    async with Easel([fault]) as server, aiohttp.ClientSession() as client:
        async with client.post(f"{server.url}/draw") as answer:
            assert answer.status == status
            await answer.read()
            if isinstance(fault, Busy):
                assert answer.headers["Retry-After"] == "3"
        async with client.post(f"{server.url}/draw") as answer:
            assert len((await answer.json())["images"]) == 1


@pytest.mark.real_time
async def test_a_client_that_goes_away_is_noticed() -> None:
    """The drawing is marked as gone, and no longer runs."""
    async with Easel([Hang()]) as server, aiohttp.ClientSession() as client:
        asked = asyncio.create_task(client.post(f"{server.url}/draw"))
        job = await server.job()
        asked.cancel()
        await job.gone.wait()
        await job.ended.wait()
        assert server.running == 0


@pytest.mark.real_time
async def test_a_cut_answer_breaks_off() -> None:
    """The connection is reset in the middle; that is not the client going away."""
    async with Easel([Cut()]) as server, aiohttp.ClientSession() as client:
        with pytest.raises((aiohttp.ClientError, OSError)):
            async with client.post(f"{server.url}/draw") as answer:
                await answer.read()
        assert not server.jobs[0].gone.is_set()


@pytest.mark.real_time
async def test_without_the_key_nobody_comes_in() -> None:
    """A wrong key is a 401 in the protocol's own shape, and no drawing."""
    async with Easel(key="right") as server, aiohttp.ClientSession() as client:
        async with client.post(f"{server.url}/draw") as answer:
            assert answer.status == 401
        assert server.jobs == []
