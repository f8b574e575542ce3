"""How soon everything stops for a client that goes away, under uvicorn.

    python -m benchmarks.going_away [--times N]

Method: a client reads a streamed answer of a real proxy over loopback until its picture is being
drawn and its text hangs, and closes its connection. Measured from there: until the model server
sees its own connection closed, and until the picture is no longer drawn. All of them share one
event loop, so what one does keeps the others waiting: the figures are upper bounds.
"""

import argparse
import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median

import aiohttp
import uvicorn

from limner.illustration import Illustrator
from limner.server.proxy import (
    IllustratorPictureService,
    ProxyApp,
    ProxySettings,
    Upstream,
    client_session,
)
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Hang, Reply

TAG = '<!--img-prompt="a fox in the snow"-->'


@asynccontextmanager
async def proxy(model: ChatServer, backend: ScriptedBackend) -> AsyncIterator[str]:
    """A proxy before a model server; gives its address."""
    settings = ProxySettings(upstreams=(Upstream(url=model.url),))
    async with AsyncExitStack() as stack:
        illustrator = await stack.enter_async_context(Illustrator(backend=backend))
        pictures = IllustratorPictureService(illustrator, public_url=settings.public_url)
        stack.push_async_callback(pictures.aclose)
        session = await stack.enter_async_context(client_session(settings))
        app = ProxyApp(settings, session=session, pictures=pictures)
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def once() -> tuple[float, float]:
    """Milliseconds until the model server and until the picture has stopped."""
    backend = ScriptedBackend(seconds=3600)
    reply = Reply.stream("Once ", TAG, " more ", Hang())
    async with (
        ChatServer(reply) as model,
        proxy(model, backend) as address,
        aiohttp.ClientSession() as client,
    ):
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
        response = await client.post(f"{address}/v1/chat/completions", json=body)
        seen = b""
        while b"more" not in seen:
            seen += await response.content.readany()
        while not backend.running:  # noqa: ASYNC110 - the backend has no event for it
            await asyncio.sleep(0.001)
        request = await model.request()
        began = time.monotonic()

        async def text_stopped() -> float:
            await request.disconnected.wait()
            return time.monotonic() - began

        async def picture_stopped() -> float:
            while backend.running:  # noqa: ASYNC110
                await asyncio.sleep(0.0005)
            return time.monotonic() - began

        response.close()
        text, picture = await asyncio.gather(text_stopped(), picture_stopped())
        return 1e3 * text, 1e3 * picture


async def measure(times: int) -> None:
    """Measure and print."""
    found = [await once() for _ in range(times)]
    for name, values in zip(("model", "picture"), zip(*found, strict=True), strict=True):
        print(f"{name} stopped after {median(values):.1f} ms (at most {max(values):.1f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=50)
    asyncio.run(measure(parser.parse_args().times))
