"""Whether the server lives, and whether it is ready to work."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from limner.errors import StorageError
from limner.server.http.exchange import Exchange, Header, Receive, Scope, Send

PATIENCE = 2.0
"""Seconds the library may take to be written."""

_HEADERS: list[Header] = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


@dataclass(slots=True)
class Readiness:
    """Whether the server is starting, recovering, ready or stopping.

    Attributes:
        recovering: Whether pictures that a former process left are still being drawn; this does
            not keep the server from working.
        recovery_failed: Whether what was left could not be taken up.
        stopping: Whether it takes nothing new any more.
    """

    recovering: bool = False
    recovery_failed: bool = False
    stopping: bool = False


class Liveness:
    """``GET /healthz``: it answers, so it lives."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await Exchange(scope, receive, send).respond(200, b'{"status": "ok"}', _HEADERS)


class Ready:
    """``GET /readyz``: 200 if the library can be written and the server is not stopping.

    It answers within `PATIENCE`: a write that takes longer goes on, and whoever asks meanwhile
    hears of the same one.

    Args:
        readiness: How far the server is.
        probe: Writes something small into the library.
    """

    def __init__(self, readiness: Readiness, probe: Callable[[], Awaitable[object]]) -> None:
        self._readiness = readiness
        self._probe = probe
        self._probing: asyncio.Task[bool] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        library = "ok" if await self.library_answers() else "unavailable"
        ready = library == "ok" and not self._readiness.stopping
        told = {
            "status": "ready" if ready else "not_ready",
            "library": library,
            "recovering": self._readiness.recovering,
            "recovery_failed": self._readiness.recovery_failed,
            "stopping": self._readiness.stopping,
        }
        exchange = Exchange(scope, receive, send)
        await exchange.respond(200 if ready else 503, json.dumps(told).encode(), _HEADERS)

    async def library_answers(self) -> bool:
        """Whether the library can be written within a bound."""
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._is_written(), name="probe of the library")
        probing = self._probing  # a later one may take its place while this one is waited for
        done, _ = await asyncio.wait((probing,), timeout=PATIENCE)
        return bool(done) and probing.result()

    async def _is_written(self) -> bool:
        try:
            await self._probe()
        except StorageError:
            return False
        return True
