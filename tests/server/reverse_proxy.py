"""A small reverse proxy, as people put one before the server: under a path, with own headers."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

_OF_CONNECTION = {"connection", "transfer-encoding", "content-length", "date"}


@dataclass(slots=True)
class ReverseProxy:
    """Sends what comes below a path on to a server.

    Attributes:
        port: Where it listens.
        prefix: The path; everything else is answered by `others`.
        target: The server's address.
        strips: Whether it takes the path off.
        keeps_host: Whether the server is told by which name the browser called.
        headers: What it sets in every answer of the server.
        others: What else it shows, by path: the HTML of another application on this host.
        paths: The paths below the prefix that it was asked for, as it sent them on.
    """

    port: int
    prefix: str = ""
    target: str = ""
    strips: bool = True
    keeps_host: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path in self.others:
            return web.Response(text=self.others[request.path], content_type="text/html")
        if not request.path.startswith(self.prefix):
            return web.Response(status=404)
        path = request.raw_path
        if self.strips:
            path = path.removeprefix(self.prefix) or "/"
        self.paths.append(path)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _OF_CONNECTION}
        if not self.keeps_host:
            headers["Host"] = self.target.removeprefix("http://")
        async with (
            aiohttp.ClientSession(auto_decompress=False) as client,
            client.request(
                request.method,
                self.target + path,
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer,
        ):
            made = web.StreamResponse(status=answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _OF_CONNECTION:
                    made.headers.add(name, value)
            made.headers.update(self.headers)
            await made.prepare(request)
            async for data in answer.content.iter_any():
                await made.write(data)
            await made.write_eof()
        return made


@contextlib.asynccontextmanager
async def reverse_proxy(prefix: str = "") -> AsyncIterator[ReverseProxy]:
    """A reverse proxy that listens; its target and its ways are set afterwards."""
    made = ReverseProxy(0, prefix)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made._answer)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.port = runner.addresses[0][1]
        yield made
    finally:
        await runner.cleanup()
