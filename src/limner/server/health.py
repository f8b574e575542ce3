"""Whether the server lives, and whether it is ready to work."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from limner.errors import SharedLimitsUnavailable, StorageError
from limner.scheduling import Limiter
from limner.server.http.exchange import Exchange, Header, Receive, Scope, Send

PATIENCE = 2.0
"""Seconds the library may take to be written, and whoever keeps shared limits to answer."""

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


async def limits_trouble(limiter: Limiter) -> str | None:
    """Why limits that are shared cannot be reached, so that no picture begins; ``None``: they can.

    Examples:
        >>> asyncio.run(limits_trouble(Limiter())) is None
        True
    """
    if limiter.shared is None:
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            await limiter.running()
    except SharedLimitsUnavailable as error:
        return str(error)
    except TimeoutError:
        return str(SharedLimitsUnavailable("no answer in time"))
    return None


class Ready:
    """``GET /readyz``: 200 if the library can be written and the server is not stopping.

    Without its shared limits it draws nothing, and says so; what else a server does, it goes on to
    do, so it is ready all the same, but a worker is not.

    It answers within `PATIENCE`: a write that takes longer goes on, and whoever asks meanwhile
    hears of the same one.

    Args:
        readiness: How far the server is.
        probe: Writes something small into the library.
        limiter: Through which it draws.
        only_draws: Whether it does nothing else.
        others: Gives why nothing is heard of other servers and of workers; ``None``: it is.
        ordered: Whether workers draw for it, of whom it has to hear.
    """

    def __init__(
        self,
        readiness: Readiness,
        probe: Callable[[], Awaitable[object]],
        limiter: Limiter | None = None,
        *,
        only_draws: bool = False,
        others: Callable[[], str | None] = lambda: None,
        ordered: bool = False,
    ) -> None:
        self._readiness = readiness
        self._probe = probe
        self._limiter = limiter
        self._only_draws = only_draws
        self._others = others
        self._ordered = ordered
        self._probing: asyncio.Task[bool] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answers, trouble = await asyncio.gather(self.library_answers(), self._trouble())
        ready = answers and not self._readiness.stopping
        if trouble is not None and self._only_draws:
            ready = False
        others = self._others()
        if self._ordered and others is not None:
            trouble = trouble or others
        able = "ready" if trouble is None and others is None else "degraded"
        told = {
            "status": able if ready else "not_ready",
            "library": "ok" if answers else "unavailable",
            **({} if trouble is None else {"pictures": f"{trouble}; no picture is begun"}),
            **({} if others is None else {"others": others}),
            "recovering": self._readiness.recovering,
            "recovery_failed": self._readiness.recovery_failed,
            "stopping": self._readiness.stopping,
        }
        exchange = Exchange(scope, receive, send)
        await exchange.respond(200 if ready else 503, json.dumps(told).encode(), _HEADERS)

    async def _trouble(self) -> str | None:
        return None if self._limiter is None else await limits_trouble(self._limiter)

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
