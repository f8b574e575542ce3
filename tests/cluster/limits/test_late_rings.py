"""A ring at the door of a process whose exchanges are late: nothing starts that may be stopped."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from typing import cast

import pytest

from limner.cluster import ValkeyLimits
from limner.cluster.limits.server import ValkeyServer
from limner.cluster.limits.wire import Answer, News
from limner.scheduling import Limiter
from limner.testing.shared_limits_contract import Watch

TTL = 10.0


class SlowServer:
    """A server that lets a job start when it is told to, and whose answers take their time.

    Attributes:
        slow: Seconds until it answers.
    """

    def __init__(self) -> None:
        self.slow = 0.0
        self._ticket = 0
        self._granted = asyncio.Event()

    def grant(self) -> None:
        """Let the job start: a ring tells it, and every answer until it was heard."""
        self._granted.set()

    @property
    def _news(self) -> News:
        return News(1, (("granted", str(self._ticket), "900"),))

    async def call(self, prefix: str, arguments: Sequence[str | int]) -> Answer:
        """Answer an exchange."""
        for what, ticket, *_ in json.loads(str(arguments[8])):
            self._ticket = ticket if what == "ask" else self._ticket
        await asyncio.sleep(self.slow)
        untold = self._granted.is_set() and not arguments[3]
        now = round(asyncio.get_running_loop().time() * 1_000_000)
        return Answer(status="ok", at=now, epoch="1", news=(self._news,) if untold else ())

    async def rings(self, channel: str) -> AsyncGenerator[News | None, None]:
        """Ring once."""
        yield None
        await self._granted.wait()
        yield self._news
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(("rung", "answered"), [(1.0, 2.0), (7.5, 9.0)])
async def test_a_job_starts_by_a_ring_only_while_answers_come(rung: float, answered: float) -> None:
    """Else the answer that is late brings its grant: by the ring it would begin, and be stopped."""
    server, watch = SlowServer(), Watch()
    async with ValkeyLimits(cast(ValkeyServer, server), ttl=TTL) as port:
        job = Limiter(shared=port, max_concurrent=1).submit(watch.work, "", TTL)
        await asyncio.sleep(0.5)
        server.slow = answered - TTL / 5  # a heartbeat after the first exchange
        await asyncio.sleep(rung - 0.5)
        server.grant()
        server.slow = 0.0
        assert await job == ""
        assert watch.names == [""]
        assert watch.starts[0][0] == (rung if rung < TTL / 5 else answered)
