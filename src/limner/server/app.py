"""The whole server as one ASGI application: who answers what."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from limner.server.http.exchange import Receive, Scope, Send, local_path

AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Proxy(Protocol):
    """What speaks OpenAI's protocol: `limner.server.proxy.ProxyApp`."""

    def serves(self, scope: Scope) -> bool:
        """Whether a request is for it."""
        ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ...

    def stop(self) -> None:
        """Have no more pictures waited for than are now."""
        ...

    async def aclose(self) -> None:
        """Let nobody wait for a picture any more. Twice is fine."""
        ...


class ServerApp:
    """Sends each request to who answers it; a stream goes to the proxy with nothing in between.

    Args:
        proxy: Speaks OpenAI's protocol.
        api: Makes what answers everything that nobody else does. It is done off the loop, when
            somebody asks first: most of a start would be loading it, and who has a front-end of
            another kind never asks.
        pages: Those who answer one path, by path and method; GET also means HEAD.
        folders: Those who answer for files, by how the paths of these begin.
    """

    def __init__(
        self,
        *,
        proxy: Proxy,
        api: Callable[[], AsgiApp],
        pages: Mapping[tuple[str, str], AsgiApp],
        folders: Mapping[str, AsgiApp] = MappingProxyType({}),
    ) -> None:
        self._folders = dict(folders)
        self._proxy = proxy
        self._make_api = api
        self._api: asyncio.Task[AsgiApp] | None = None
        self._pages = dict(pages)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request."""
        if self._proxy.serves(scope):
            return self._proxy(scope, receive, send)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        path = local_path(scope)
        below = self._pages.get((method, path), self._ask_api)
        if method == "GET":
            found = (app for place, app in self._folders.items() if path.startswith(place))
            below = next(found, below)
        return below(scope, receive, send)

    async def _ask_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        making = self._api
        if making is None or (making.done() and making.exception() is not None):
            making = self._api = asyncio.create_task(asyncio.to_thread(self._make_api))
        api = await asyncio.shield(making)  # others wait for it, too
        await api(scope, receive, send)
