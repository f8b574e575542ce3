"""Text is never later because of pictures."""

import asyncio
import re
import statistics
import time

import pytest
from aiohttp import web
from tests.server.proxy.serving import Proxy, proxy
from tests.server.proxy.streams import TAG
from tests.waiting import pause

from limner.server.proxy import Upstream
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Hang, Reply

pytestmark = pytest.mark.real_time

CLOSE = 0.005
"""Seconds between the medians of the ways a text can take."""
CHUNKS = 60


async def delays(limner: Proxy, mode: str) -> list[float]:
    """From the model's write of each chunk to its arrival, in seconds."""
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
    found = []
    async with limner.client.post(
        f"{limner.url}/chat/completions", json=body, headers={"X-Limner-Mode": mode}
    ) as response:
        while data := await response.content.readany():
            now = time.monotonic()
            found += [now - float(sent) for sent in re.findall(rb"t=([0-9.]+);", data)]
    return found


async def test_hanging_pictures_do_not_delay_the_text() -> None:
    """With a picture server that never answers, text comes as fast as without pictures."""

    async def chat(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for i in range(CHUNKS):
            text = f"t={time.monotonic():.6f}; " + (TAG if i % 6 == 0 else "")
            (event,) = Reply.stream(text, role=False, finish=None, done=False).steps
            assert isinstance(event, bytes)
            await response.write(event)
            await pause(0.004, because="the delay of each word of a model's pace is measured")
        await response.write(b"data: [DONE]\n\n")
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    runner = web.AppRunner(app, shutdown_timeout=0.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        upstream = Upstream(url=f"http://127.0.0.1:{runner.addresses[0][1]}")
        backend = ScriptedBackend(seconds=3600)
        async with proxy(upstream, backend=backend) as limner:
            for _attempt in range(3):  # the machine may be busy with something else
                off = await delays(limner, "off")
                inline = await delays(limner, "inline")
                assert len(off) == len(inline) == CHUNKS
                late = statistics.median(inline) - statistics.median(off)
                if late < CLOSE:
                    break
            assert late < CLOSE
            assert len(backend.calls) == 3
    finally:
        await runner.cleanup()


async def test_a_picture_server_that_hangs_leaves_models_alone() -> None:
    """Text, models and side requests are answered while every place is taken."""
    async with ChatServer(Reply.stream("A", *[TAG] * 8, "B")) as model:
        async with proxy(model, backend=ScriptedBackend(seconds=3600)) as limner:
            for _ in range(3):
                assert (await limner.ask()).endswith(b"data: [DONE]\n\n")
            async with limner.client.get(f"{limner.url}/models") as response:
                assert response.status == 200


async def test_an_answer_begins_before_its_first_word() -> None:
    """Who waits for a model that still reads the question knows that it is being answered."""
    async with ChatServer(Reply.stream(Hang(), role=False)) as model, proxy(model) as limner:
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
        url = f"{limner.url}/chat/completions"
        async with asyncio.timeout(limner.app.settings.keep_alive / 2):
            response = await limner.client.post(url, json=body)
        assert response.status == 200
        response.close()
