"""Servers that tell where a picture is: in their line, or being drawn."""

import asyncio
from collections.abc import Callable

import pytest

from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions, PollIntervals
from limner.backends.images.comfyui.history import read_ahead
from limner.backends.images.horde.backend import HordeBackend
from limner.backends.images.pool import Member, PoolBackend
from limner.illustration import ImageBackend, ImageRequest, Whereabouts
from limner.testing import ScriptedBackend
from limner.testing.a1111_server import A1111Server
from limner.testing.comfyui_server import ComfyUIServer
from limner.testing.horde_server import HordeServer

Heard = list[Whereabouts]


def drawing(
    backend: ImageBackend, heard: Heard, changed: asyncio.Event, name: str = "a fox"
) -> "asyncio.Task[object]":
    """A picture being drawn, whose whereabouts are heard."""

    def hear(place: Whereabouts) -> None:
        heard.append(place)
        changed.set()

    request = ImageRequest(prompt=name, width=64, height=64, whereabouts=hear)
    return asyncio.create_task(backend.generate(request))


async def until(changed: asyncio.Event, there: Callable[[], bool]) -> None:
    """Wait for news until they are these."""
    while not there():
        await changed.wait()
        changed.clear()


@pytest.mark.real_time
@pytest.mark.parametrize("websocket", [True, False])
async def test_comfyui_tells_how_many_are_before_ours(websocket: bool) -> None:
    """Two wait behind one that is drawn; each comes nearer, and is drawn."""
    gate, changed = asyncio.Event(), asyncio.Event()
    first, second, third = Heard(), Heard(), Heard()
    async with ComfyUIServer(gate=gate) as server:
        async with ComfyUIBackend(
            server.url,
            options=ComfyUIOptions(websocket=websocket),
            pace=PollIntervals(poll=0.01, quiet=0.02),
        ) as backend:
            tasks = [drawing(backend, first, changed, "one")]
            await until(changed, lambda: Whereabouts(drawn=True, ahead=0) in first)
            tasks.append(drawing(backend, second, changed, "two"))
            await until(changed, lambda: Whereabouts(drawn=False, ahead=1) in second)
            tasks.append(drawing(backend, third, changed, "three"))
            await until(changed, lambda: Whereabouts(drawn=False, ahead=2) in third)
            assert not any(place.drawn for place in second + third)
            gate.set()
            await asyncio.gather(*tasks)
    for heard in (first, second, third):
        drawn = [bool(place.drawn) for place in heard]
        assert drawn == sorted(drawn)  # what is drawn does not wait again


@pytest.mark.real_time
async def test_a1111_tells_by_name_what_waits_and_what_is_drawn() -> None:
    """The second waits while the first is drawn."""
    gate, changed = asyncio.Event(), asyncio.Event()
    first, second = Heard(), Heard()
    async with A1111Server(gate=gate) as server:
        async with A1111Backend(server.url, poll=0.01) as backend:
            tasks = [drawing(backend, first, changed)]
            await until(changed, lambda: Whereabouts(drawn=True) in first)
            tasks.append(drawing(backend, second, changed))
            await until(changed, lambda: Whereabouts(drawn=False) in second)
            assert Whereabouts(drawn=True) not in second
            gate.set()
            await asyncio.gather(*tasks)


@pytest.mark.real_time
async def test_the_horde_tells_a_place_and_never_that_it_draws() -> None:
    """Its fraction is a guess by the clock; if that were a sign, nothing would ever be dead."""
    gate, changed = asyncio.Event(), asyncio.Event()
    heard = Heard()
    async with HordeServer(gate=gate) as server:
        async with HordeBackend(server.url, poll=0.01) as backend:
            task = drawing(backend, heard, changed)
            await until(changed, lambda: len(heard) >= 2)
            gate.set()
            await task
    assert {place.drawn for place in heard} == {False}
    assert all(place.ahead is not None for place in heard)


async def test_a_pool_tells_who_has_it() -> None:
    """First it waits in the pool, then it is at a member; what that tells has its name."""
    heard, changed = Heard(), asyncio.Event()
    member = Member(name="attic", backend=ScriptedBackend())
    async with PoolBackend([member]) as pool:
        await drawing(pool, heard, changed)
    assert heard == [Whereabouts(drawn=False), Whereabouts(server="attic")]


@pytest.mark.parametrize("queue", [None, [], {"queue_pending": 3}, {"queue_pending": [[], ["x"]]}])
def test_a_queue_is_read_leniently(queue: object) -> None:
    """Whatever is missing: nobody is before it."""
    assert read_ahead(queue, "p") == 0
