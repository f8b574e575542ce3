"""The whole server as one ASGI application: who answers what."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from limner.server.http.exchange import Exchange, Receive, Scope, Send, local_path
from limner.server.proxy.protocol.errors import error_body

AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_ASKED_OF_MODELS = (
    *("/chat/completions", "/completion", "/messages", "/responses"),
    *("/ollama/", "/kobold/", "/llamacpp/"),
)


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
        api: Answers everything that nobody else does.
        pages: Those who answer one path, by path and method; GET also means HEAD.
        folders: Those who answer for files, by how the paths of these begin.
    """

    def __init__(
        self,
        *,
        proxy: Proxy,
        api: AsgiApp,
        pages: Mapping[tuple[str, str], AsgiApp],
        folders: Mapping[str, AsgiApp] = MappingProxyType({}),
    ) -> None:
        self._folders = dict(folders)
        self._proxy = proxy
        self._api = api
        self._pages = dict(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._proxy.serves(scope):
            await self._proxy(scope, receive, send)
            return
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        path = local_path(scope)
        below = self._pages.get((method, path), self._api)
        if method == "GET":
            found = (app for place, app in self._folders.items() if path.startswith(place))
            below = next(found, below)
        await below(scope, receive, send)


class WithoutModels:
    """A proxy as long as no model server is known: it draws, and says what is missing.

    Args:
        proxy: Answers everything that needs no model.
    """

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    def serves(self, scope: Scope) -> bool:
        """Whether a request is for it."""
        return self._proxy.serves(scope)

    def stop(self) -> None:
        """Have no more pictures waited for than are now."""
        self._proxy.stop()

    async def aclose(self) -> None:
        """Let nobody wait for a picture any more. Twice is fine."""
        await self._proxy.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = local_path(scope)
        under, path = path.startswith("/v1/"), path.removeprefix("/v1")
        exchange = Exchange(scope, receive, send)
        kind = [(b"content-type", b"application/json")]
        drawn = path.startswith("/images/")
        if scope["method"] == "POST" and (
            path.startswith(_ASKED_OF_MODELS) or (under and not drawn)
        ):
            told = "no model server is known; start limner serve with --llm URL"
            body = error_body(told, kind="server_error", code="no_model_server")
            await exchange.respond(503, body, kind)
        elif scope["method"] in ("GET", "HEAD") and path == "/models":
            await exchange.respond(200, b'{"object":"list","data":[]}', kind)
        elif scope["method"] in ("GET", "HEAD") and path.startswith("/models/"):
            told = "no model server is known; start limner serve with --llm URL"
            body = error_body(told, kind="not_found_error", code="model_not_found")
            await exchange.respond(404, body, kind)
        else:
            await self._proxy(scope, receive, send)
