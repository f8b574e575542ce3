"""A simulated picture server at work."""

import asyncio
from collections import deque
from contextlib import nullcontext

from limner.errors import BackendBusy
from limner.simulation.server import Server

REACTION = 0.02
"""Seconds that a refusal takes."""


class Serving:
    """Draws or refuses, in virtual time.

    Args:
        server: What it is like.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._places = nullcontext() if server.width is None else asyncio.Semaphore(server.width)
        self._let_in: deque[float] = deque()

    async def draw(self, number: int, seconds: float) -> None:
        """Draw a picture.

        Args:
            number: Which, from 0.
            seconds: How long that takes once it has its turn.

        Raises:
            limner.errors.BackendError: It is refused.
        """
        now = asyncio.get_running_loop().time()
        away = any(begin <= now < end for begin, end in self._server.away)
        if away or number + 1 in self._server.bad:
            await asyncio.sleep(REACTION)
            raise self._server.refusal.error()
        self._enter(now)
        async with self._places:
            await asyncio.sleep(seconds)

    def _enter(self, now: float) -> None:
        """Take a place in the quota, if there is one."""
        quota = self._server.quota
        if quota is None:
            return
        while self._let_in and self._let_in[0] <= now - quota.per:
            self._let_in.popleft()
        if len(self._let_in) >= quota.limit:
            wait = self._let_in[0] + quota.per - now
            words = "the server is busy (429)"
            raise BackendBusy(words, status=429, retry_after=wait)
        self._let_in.append(now)
