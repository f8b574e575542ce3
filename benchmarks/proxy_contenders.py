"""Two proxies that `benchmarks.proxy` measures beside `limner serve`, each one uvicorn process.

python -m benchmarks.proxy_contenders bare|pass URL PORT
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from limner.illustration import Illustrator
from limner.server.proxy import (
    IllustratorPictureService,
    ProxyApp,
    ProxySettings,
    Upstream,
    client_session,
)


class Limner:
    """The proxy in mode inline, with its instruction and an illustrator behind it."""

    def __init__(self, url: str) -> None:
        self.settings = ProxySettings(upstreams=(Upstream(url=url),))
        self.app: ProxyApp | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve; the first request builds it on the loop."""
        if self.app is None:
            pictures = IllustratorPictureService(Illustrator(), public_url=self.settings.public_url)
            session = client_session(self.settings)
            self.app = ProxyApp(self.settings, session=session, pictures=pictures)
        await self.app(scope, receive, send)


def pass_through(url: str) -> Starlette:
    """What many write first: Starlette, httpx, every byte passed on unread."""
    # Imported here: limner is measured where httpx is not installed, too.
    import httpx

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx.AsyncClient(timeout=None, limits=limits) as client:
            yield {"client": client}

    async def chat(request: Request) -> StreamingResponse:
        client: httpx.AsyncClient = request.state.client
        asked = client.build_request(
            "POST",
            f"{url}/v1/chat/completions",
            content=await request.body(),
            headers={"content-type": "application/json"},
        )
        answer = await client.send(asked, stream=True)

        async def body() -> AsyncIterator[bytes]:
            try:
                async for data in answer.aiter_raw():
                    yield data
            finally:
                await answer.aclose()

        return StreamingResponse(body(), answer.status_code, media_type="text/event-stream")

    return Starlette(
        routes=[Route("/v1/chat/completions", chat, methods=["POST"])], lifespan=lifespan
    )


def main() -> None:
    """Serve one of them."""
    name, url, port = sys.argv[1:]
    gc.collect()
    gc.freeze()  # as `limner serve` does
    app: Any = Limner(url) if name == "bare" else pass_through(url)
    lifespan: Any = "off" if name == "bare" else "on"
    uvicorn.run(
        app,
        port=int(port),
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        lifespan=lifespan,
        backlog=1024,
    )


if __name__ == "__main__":
    main()
