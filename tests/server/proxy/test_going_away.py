"""A client that goes away stops the model and the pictures, soon and completely."""

import asyncio
import json
import re
from typing import Any

import aiohttp
import pytest
from tests.server.proxy.serving import Call, Proxy, proxy
from tests.server.proxy.streams import TAG
from tests.waiting import PATIENCE, until

from limner.backends.images.openai.backend import OpenAIImages
from limner.illustration import MessageState
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Hang, Reply
from limner.testing.images_api_server import ImagesApiServer

pytestmark = pytest.mark.real_time

AT_ONCE = 0.2
"""Seconds within which a server is left whose picture nobody will see."""

BODY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Go."}]}


async def stopped(limner: Proxy) -> None:
    """Wait until nothing is drawn, nothing waits and no session is left."""
    await until(lambda: not (limner.backend.running or limner.illustrator.sessions.active()))
    assert limner.illustrator.limiter.is_empty


async def began(limner: Proxy) -> None:
    """Wait until a picture is drawn."""
    await until(lambda: bool(limner.backend.running))


async def soon(*waits: Any) -> None:
    """All of this happens, though the pictures would take an hour and the model never ends."""
    await asyncio.wait_for(asyncio.gather(*waits), PATIENCE)


@pytest.mark.parametrize("http", ["httptools", "h11"])
@pytest.mark.parametrize("mode", ["hold", "append"])
async def test_a_stream_left_stops_the_model_and_the_pictures(mode: str, http: str) -> None:
    """Those that are drawn and those that wait, while the text comes and none was shown yet."""
    reply = Reply.stream("A", *[TAG] * 5, "B", Hang())
    backend = ScriptedBackend(seconds=3600)
    async with ChatServer(reply) as model, proxy(model, backend=backend, http=http) as limner:
        response = await limner.client.post(
            f"{limner.url}/chat/completions",
            json=BODY | {"stream": True},
            headers={"X-Limner-Mode": mode},
        )
        await response.content.readany()
        await began(limner)
        response.close()
        await soon((await model.request()).disconnected.wait(), stopped(limner))
        assert {call.outcome for call in backend.calls} == {"cancelled"}


@pytest.mark.parametrize("http", ["httptools", "h11"])
async def test_a_client_that_leaves_before_the_first_byte_stops_the_model(http: str) -> None:
    """A long prompt is no longer read for nobody."""
    async with ChatServer(Reply.silence()) as model, proxy(model, http=http) as limner:
        for stream in (True, False):
            asking = asyncio.create_task(
                limner.client.post(f"{limner.url}/chat/completions", json=BODY | {"stream": stream})
            )
            request = await model.request(len(model.requests))
            asking.cancel()
            await soon(request.disconnected.wait())


async def test_an_answer_that_waits_for_its_pictures_is_given_up() -> None:
    """Not streamed, in mode hold: the text is complete, the pictures are not."""
    backend = ScriptedBackend(seconds=3600)
    async with ChatServer(Reply.completion(TAG)) as model, proxy(model, backend=backend) as limner:
        asking = asyncio.create_task(
            limner.client.post(
                f"{limner.url}/chat/completions", json=BODY, headers={"X-Limner-Mode": "hold"}
            )
        )
        await began(limner)
        asking.cancel()
        await soon(stopped(limner))


async def links(response: aiohttp.ClientResponse, number: int) -> list[str]:
    """The paths of the pictures that a stream shows, as soon as there are so many."""
    seen = b""
    while len(found := re.findall(rb"(/images/[0-9a-z]+\.png)\)", seen)) < number:
        seen += await response.content.readany()
    return [path.decode() for path in found]


@pytest.mark.parametrize("http", ["httptools", "h11"])
async def test_what_was_shown_is_drawn_to_its_end(http: str) -> None:
    """The reader has stopped in the middle: what is in the text is there, and nothing more."""
    gate = asyncio.Event()
    reply = Reply.stream("A", *[TAG, " b "] * 6, Hang())
    async with ImagesApiServer(gate=gate) as server, OpenAIImages(server.url) as backend:
        async with ChatServer(reply) as model, proxy(model, backend=backend, http=http) as limner:
            response = await limner.client.post(
                f"{limner.url}/chat/completions", json=BODY | {"stream": True}
            )
            paths = await links(response, 6)
            response.close()
            await soon((await model.request()).disconnected.wait())
            gate.set()
            await soon(until(lambda: not limner.illustrator.sessions.active()))
            assert len(server.jobs) == 6
            assert not any(job.gone.is_set() for job in server.jobs)
            for path in paths:
                async with limner.client.get(limner.address + path) as picture:
                    assert picture.headers["cache-control"] == "no-cache"  # no placeholder
            (message,) = await limner.illustrator.store.message_ids("proxy")
            kept = await limner.illustrator.store.load(message)
            assert kept is not None
            assert kept.state is MessageState.CUT


async def test_what_was_not_shown_is_stopped_at_the_server_at_once() -> None:
    """Of twelve pictures that are drawn the reader has seen some: the servers of others are left.

    The best of three tries counts, as machines are busy.
    """
    assert min([await seconds_until_left() for _ in range(3)]) < AT_ONCE


async def seconds_until_left() -> float:
    """How long after a hang-up the servers are left whose pictures were not shown."""
    gate = asyncio.Event()
    reply = Reply.stream("A", *[TAG, " b "] * 12, Hang())
    limits = {"limiter": Limiter(max_concurrent=12)}
    async with ImagesApiServer(gate=gate) as server, OpenAIImages(server.url) as backend:
        async with (
            ChatServer(reply) as model,
            proxy(model, backend=backend, illustrator=limits, hold_timeout=0.3) as limner,
        ):
            response = await limner.client.post(
                f"{limner.url}/chat/completions",
                json=BODY | {"stream": True},
                headers={"X-Limner-Mode": "hold"},
            )
            await soon(server.until(lambda: server.running == 12))
            await links(response, 3)  # each is shown after its time, drawn or not
            response.close()
            left = asyncio.get_running_loop().time()
            await soon(server.until(lambda: server.running < 12))
            taken = asyncio.get_running_loop().time() - left
            gate.set()
            await soon(until(lambda: not limner.illustrator.sessions.active()))
            shown = sum(not job.gone.is_set() for job in server.jobs)
            assert 3 <= shown < 12
            (message,) = await limner.illustrator.store.message_ids("proxy")
            kept = await limner.illustrator.store.load(message)
            assert kept is not None
            states = [str(slot.state) for slot in kept.slots]
            assert states == ["ready"] * shown + ["failed"] * (12 - shown)
    return taken


@pytest.mark.parametrize("raises", [False, True])
async def test_both_ways_of_servers_to_tell_are_understood(raises: bool) -> None:
    """`http.disconnect`, and an error from `send` (ASGI 2.4)."""
    go = asyncio.Event()
    reply = Reply.stream("A", TAG, go, "B", Hang())
    append = {"x-limner-mode": "append"}
    backend = ScriptedBackend(seconds=3600)
    async with ChatServer(reply) as model, proxy(model, backend=backend) as limner:
        body = json.dumps(BODY | {"stream": True}).encode()
        call = Call("POST", "/v1/chat/completions", body, append, raises=raises)
        running = asyncio.create_task(call.run(limner.app))
        await began(limner)
        call.gone.set()
        go.set()
        await soon(running, (await model.request()).disconnected.wait(), stopped(limner))
        assert b"[DONE]" not in call.answer


async def test_pictures_alone_are_given_up() -> None:
    """Nobody draws for a client that is gone."""
    backend = ScriptedBackend(seconds=3600)
    async with ChatServer(Reply.stream("x")) as model, proxy(model, backend=backend) as limner:
        asking = asyncio.create_task(
            limner.client.post(f"{limner.url}/images/generations", json={"prompt": "a", "n": 5})
        )
        await began(limner)
        asking.cancel()
        await soon(stopped(limner))


async def test_who_leaves_after_the_answer_gets_the_pictures_drawn() -> None:
    """A finished answer closes its connection; its pictures are wanted all the same."""
    backend = ScriptedBackend(seconds=0.05)
    reply = Reply.stream("A", TAG)
    async with ChatServer(reply) as model, proxy(model, backend=backend) as limner:
        async with aiohttp.ClientSession() as client:
            async with client.post(
                f"{limner.url}/chat/completions", json=BODY | {"stream": True}
            ) as response:
                await response.read()
        await soon(stopped(limner))
        assert [call.outcome for call in backend.calls] == ["made"]


@pytest.mark.parametrize("mode", ["inline", "hold"])
async def test_a_slow_client_slows_the_model_and_loses_nothing(mode: str) -> None:
    """Back-pressure reaches the model server; memory does not fill."""
    pieces = [f"{i:06d}" + "x" * 60_000 for i in range(400)]
    async with ChatServer(Reply.stream(*pieces)) as model, proxy(model) as limner:
        response = await limner.client.post(
            f"{limner.url}/chat/completions",
            json=BODY | {"stream": True},
            headers={"X-Limner-Mode": mode},
        )
        request = await model.request()
        first = await response.content.readany()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(request.answered.wait(), 0.3)
        body = first + await response.read()
        assert body.count(b"x" * 60_000) == 400
        await soon(request.answered.wait())
