"""A picture that somebody had asked for, and died: the next one waits for it, and asks no more."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import pytest
from tests.waiting import until

from limner.backends.images.comfyui import ComfyUIBackend
from limner.backends.images.horde.backend import HordeBackend
from limner.illustration import Image, ImageBackend, ImageRequest
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
        assert (await make().generate(fox({**noted[-1], "server": "http://other"}, []))).data
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
