"""``/mcp``: the tools over HTTP (streamable HTTP), behind the server's guard."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from limner.closing import Closing
from limner.config import Settings
from limner.errors import MissingExtra
from limner.errors.installation import needing
from limner.server.guard.guard import OWNER
from limner.server.http.exchange import Exchange, Receive, Scope, Send
from limner.server.services import Services

if TYPE_CHECKING:  # only loaded where somebody uses it
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

log = logging.getLogger(__name__)

SESSIONS = 1000
"""Clients that may be connected at the same time, over the protocol's older versions."""
ENDING = 2.0
"""Seconds in which calls may still answer when what they wait for has been stopped."""
IDLE = 30 * 60.0
"""Seconds after which one is forgotten that asks nothing and listens to nothing."""


class McpApp(Closing):
    """Answers ``/mcp``. What it needs is loaded, off the loop, when somebody asks first.

    Whoever asks is known by the guard, and so is what is theirs; a session that one token has begun
    is not there for another one.

    Args:
        services: What the tools work with.
        settings: How.
        public_url: Under which browsers reach the server.
    """

    def __init__(self, services: Services, settings: Settings, *, public_url: str) -> None:
        self._services = services
        self._settings = settings
        self._public_url = public_url
        self._beginning: asyncio.Task[StreamableHTTPSessionManager] | None = None
        self._running: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._calls = 0
        self._answered = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            manager = await self._begun()
        except MissingExtra as missing:
            log.warning("%s", missing)
            body = json.dumps({"error": {"kind": "missing_extra", "message": str(missing)}})
            kind = [(b"content-type", b"application/json")]
            await Exchange(scope, receive, send).respond(501, body.encode(), kind)
            return
        with self._answering(scope["method"]):
            await manager.handle_request(_of_owner(_anew(scope)), receive, send)

    @contextmanager
    def _answering(self, method: str) -> Iterator[None]:
        """Count a request that has an end of its own; those that listen have none."""
        calls = method == "POST"
        self._calls += calls
        try:
            yield
        finally:
            self._calls -= calls
            if not self._calls:
                self._answered.set()

    async def _begun(self) -> "StreamableHTTPSessionManager":
        """What answers, begun once, whoever of those who wait for it goes away."""
        beginning = self._beginning
        if beginning is None or (beginning.done() and beginning.exception() is not None):
            beginning = self._beginning = asyncio.create_task(self._begin(), name="mcp begins")
        return await asyncio.shield(beginning)

    async def _begin(self) -> "StreamableHTTPSessionManager":
        manager = await asyncio.to_thread(self._make)
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._run(manager, begun), name="mcp")
        await begun
        return manager

    def _make(self) -> "StreamableHTTPSessionManager":
        with needing("/mcp", extra="mcp"):
            from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

            from limner.server.mcp.tool_server import ToolServer, who_asked
        tools = ToolServer(
            self._services,
            self._settings,
            public_url=self._public_url,
            caller_of=who_asked,
        )
        return StreamableHTTPSessionManager(
            tools.server(),
            max_request_body_size=self._settings.serve.body_bytes,
            session_idle_timeout=IDLE,
            max_sessions=SESSIONS,
        )

    async def _run(
        self, manager: "StreamableHTTPSessionManager", begun: "asyncio.Future[None]"
    ) -> None:
        try:
            async with manager.run():
                begun.set_result(None)
                await self._stop.wait()
        except Exception as error:
            if begun.done():
                raise
            begun.set_exception(error)

    async def aclose(self) -> None:
        """End every stream; calls that are at their end may still say so. Twice is fine."""
        self._answered.clear()
        if self._calls:
            with suppress(TimeoutError):
                async with asyncio.timeout(ENDING):
                    await self._answered.wait()
        self._stop.set()
        if self._beginning is not None:
            await asyncio.wait([self._beginning])
        if self._running is not None:
            await asyncio.wait([self._running])


def _anew(scope: Scope) -> Scope:
    """The request without what it has heard last: nothing is kept here to be told again.

    The package answers one that names it with nothing at all.
    """
    headers = [(name, value) for name, value in scope["headers"] if name != b"last-event-id"]
    return {**scope, "headers": headers}


def _of_owner(scope: Scope) -> Scope:
    """The request in its owner's name, by which sessions are told apart."""
    from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
    from mcp.server.auth.provider import AccessToken

    owner: Any = scope.get(OWNER)
    if not isinstance(owner, str):
        return scope
    return {**scope, "user": AuthenticatedUser(AccessToken(token="", client_id=owner, scopes=[]))}
