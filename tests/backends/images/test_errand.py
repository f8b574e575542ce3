"""A picture that somebody had asked for, and died: the next one waits for it, and asks no more."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

import pytest
from tests.waiting import until

from limner.backends.images.comfyui import ComfyUIBackend, PollIntervals, Workflow
from limner.backends.images.horde.backend import HordeBackend
from limner.backends.images.pool import PoolBackend, make_pool
from limner.errors import BackendError
from limner.illustration import Image, ImageBackend, ImageRequest, make_backend
from limner.illustration.model.errand import Errand, Note
from limner.testing.comfyui_server import ComfyUIServer
from limner.testing.horde_server import HordeServer
from limner.testing.picture_server import FakePictureServer

pytestmark = pytest.mark.real_time

Two: TypeAlias = tuple[FakePictureServer, Callable[[], ImageBackend]]


@contextlib.asynccontextmanager
async def comfyui() -> AsyncIterator[Two]:
    """A ComfyUI, and what makes backends for it."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(ComfyUIServer(gate=asyncio.Event()))

        def make() -> ImageBackend:
            backend = ComfyUIBackend(server.url)
            stack.push_async_callback(backend.aclose)
            return backend

        yield server, make


@contextlib.asynccontextmanager
async def horde() -> AsyncIterator[Two]:
    """A horde, and what makes backends for it."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(HordeServer(gate=asyncio.Event()))

        def make() -> ImageBackend:
            backend = HordeBackend(server.url, poll=0.01)
            stack.push_async_callback(backend.aclose)
            return backend

        yield server, make


STREAMING: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {
        "width": "%width%", "height": "%height%", "batch_size": 1, "color": 3368652}},
    "2": {"class_type": "ImageAddNoise", "inputs": {
        "image": ["1", 0], "seed": 42, "strength": 0.3}},
    "3": {"class_type": "SaveImageWebsocket", "inputs": {"images": ["2", 0]}},
    "4": {"class_type": "PreviewAny", "inputs": {"source": "said: %prompt%"}},
}  # fmt: skip
"""A workflow that keeps no file of its picture."""


@contextlib.asynccontextmanager
async def streaming() -> AsyncIterator[tuple[ComfyUIServer, Callable[[], ImageBackend]]]:
    """A ComfyUI whose pictures come over the websocket, and what makes backends for it."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(ComfyUIServer(gate=asyncio.Event()))

        def make() -> ImageBackend:
            workflow = Workflow.parse(json.dumps(STREAMING))
            pace = PollIntervals(poll=0.01, quiet=0.1)
            backend = ComfyUIBackend(server.url, workflow=workflow, pace=pace)
            stack.push_async_callback(backend.aclose)
            return backend

        yield server, make


Place: TypeAlias = Callable[[], AbstractAsyncContextManager[Two]]
BOTH = pytest.mark.parametrize("place", [comfyui, horde])


def fox(left: Note | None, noted: list[Note]) -> ImageRequest:
    """A request that somebody may have begun."""
    return ImageRequest(prompt="a fox", errand=Errand(left, note=noted.append))


async def begun(
    server: FakePictureServer, backend: ImageBackend
) -> tuple[Note, "asyncio.Task[Image]"]:
    """Ask for a picture; what was noted when it is under way."""
    noted: list[Note] = []
    drawing = asyncio.create_task(backend.generate(fox(None, noted)))
    await until(lambda: bool(noted) and bool(server.jobs))
    return noted[-1], drawing


@BOTH
async def test_what_one_has_asked_for_the_next_waits_for(place: Place) -> None:
    """The server draws it once, and both would get the same picture."""
    async with place() as (server, make):
        left, first = await begun(server, make())
        second = asyncio.create_task(make().generate(fox(left, [])))
        assert server.gate is not None
        server.gate.set()
        assert (await first).data == (await second).data
        assert (await first).seed == (await second).seed
        assert len(server.jobs) == 1


@BOTH
async def test_what_is_there_no_more_is_asked_for_anew(place: Place) -> None:
    """So is what somebody stopped, or another server has."""
    async with place() as (server, make):
        left, first = await begun(server, make())
        first.cancel()
        await asyncio.wait([first])
        assert server.gate is not None
        server.gate.set()
        noted: list[Note] = []
        assert (await make().generate(fox(left, noted))).data
        assert len(server.jobs) == 2
        assert noted[-1]["id"] != left["id"]
        assert (await make().generate(fox({**noted[-1], "place": "another"}, []))).data
        assert len(server.jobs) == 3


@BOTH
async def test_who_waits_for_it_no_more_takes_it_back(place: Place) -> None:
    """As if it had been asked for by that one itself."""
    async with place() as (server, make):
        left, first = await begun(server, make())
        looked = len(server.requests)
        second = asyncio.create_task(make().generate(fox(left, [])))
        await until(lambda: len(server.requests) > looked + 2)
        second.cancel()
        await asyncio.wait([second])
        await until(server.jobs[0].gone.is_set)
        first.cancel()
        await asyncio.wait([first])
        assert len(server.jobs) == 1


async def test_a_stream_goes_to_whoever_takes_the_place_of_the_dead() -> None:
    """Its picture is kept nowhere: the next one listens under the name that was told."""
    async with streaming() as (server, make):
        left, first = await begun(server, make())
        server.worker.sockets.drop(left["client"])
        await until(lambda: left["client"] not in server.worker.sockets.by_id)
        second = asyncio.create_task(make().generate(fox(left, [])))
        await until(lambda: left["client"] in server.worker.sockets.by_id)
        assert server.gate is not None
        server.gate.set()
        image = await second
        assert str(image.seed) == left["seed"]
        with pytest.raises(BackendError, match="lost with the websocket"):
            await first
        assert len(server.jobs) == 1


async def test_a_stream_that_nobody_heard_is_asked_for_again_with_the_same_seed() -> None:
    """So that a server that still remembers how far it was only repeats the picture."""
    async with streaming() as (server, make):
        left, first = await begun(server, make())
        server.worker.sockets.drop(left["client"])
        assert server.gate is not None
        server.gate.set()
        with pytest.raises(BackendError, match="lost with the websocket"):
            await first
        noted: list[Note] = []
        image = await make().generate(fox(left, noted))
        assert str(image.seed) == left["seed"] == noted[-1]["seed"]
        assert noted[-1]["id"] != left["id"]
        assert [job.body["prompt_id"] for job in server.jobs] == [left["id"], noted[-1]["id"]]


@contextlib.asynccontextmanager
async def pools() -> AsyncIterator[tuple[list[ComfyUIServer], Callable[[], PoolBackend]]]:
    """Two ComfyUIs, and what makes pools of both."""
    async with contextlib.AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(ComfyUIServer(gate=asyncio.Event())) for _ in range(2)
        ]

        def make() -> PoolBackend:
            pool = make_pool([f"comfyui+{server.url}" for server in servers], make_backend)
            stack.push_async_callback(pool.aclose)
            return pool

        yield servers, make


async def test_a_pool_lets_a_picture_go_to_the_server_that_was_asked_for_it() -> None:
    """Also where it would have taken another one."""
    async with pools() as (servers, make):
        pool = make()
        _, one = await begun(servers[0], pool)
        left, first = await begun(servers[1], pool)
        second = asyncio.create_task(make().generate(fox(left, [])))
        await until(lambda: len(servers[1].asked(f"/history/{left['id']}")) > 1)
        for server in servers:
            assert server.gate is not None
            server.gate.set()
        assert (await first).data == (await second).data
        assert (await second).info["member"] == f"comfyui+{servers[1].url}"
        assert (await one).data
        assert [len(server.jobs) for server in servers] == [1, 1]


async def test_a_pool_has_a_picture_drawn_elsewhere_whose_server_is_away() -> None:
    """It is asked for once more then, and that one is noted."""
    async with pools() as (servers, make):
        pool = make()
        _, one = await begun(servers[0], pool)
        left, first = await begun(servers[1], pool)
        await servers[1].__aexit__(None, None, None)
        assert servers[0].gate is not None
        servers[0].gate.set()
        noted: list[Note] = []
        image = await make().generate(fox(left, noted))
        assert image.info["member"] == f"comfyui+{servers[0].url}"
        assert noted[-1]["place"] != left["place"]
        assert (await one).data and (await first).data  # noqa: PT018 - both
