"""A real HTTP server on loopback, for the time of a block."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from aiohttp import web


class LoopbackServer:
    """Starts and ends a server; `routes` and `application` say what it serves.

    Handlers are cancelled when their client goes away, which is how a fake learns of it.

    Args:
        prefix: What stands before the paths of its API.
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self._runner: web.AppRunner | None = None
        self._closing = False
        self._port = 0

    def routes(self) -> Iterable[web.RouteDef]:
        """The protocol's routes; below `prefix`."""
        return ()

    def application(self) -> web.Application:
        """What is served: by default nothing but the routes."""
        return web.Application()

    @property
    def address(self) -> str:
        """The bare address, ``http://127.0.0.1:port``."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The API's root, as clients want it."""
        return self.address + self.prefix

    async def __aenter__(self) -> Self:
        app = self.application()
        app.add_routes(
            web.RouteDef(r.method, self.prefix + r.path, r.handler, r.kwargs) for r in self.routes()
        )
        self._runner = web.AppRunner(
            app, handler_cancellation=True, access_log=None, shutdown_timeout=0.0
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing = True
        if self._runner is not None:
            await self._runner.cleanup()
