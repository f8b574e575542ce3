"""A real Valkey server, a line to it that can be cut, and limiters that share limits there."""

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.valkey import Valkey
from tests.waiting import until

from limner.cluster import OnOutage, ValkeyLimits
from limner.errors import SharedLimitsUnavailable
from limner.scheduling import Limiter

TTL = 1.0
"""Seconds after which a silent process has lost its leases in these tests."""


@pytest.fixture(scope="session")
def make_valkey() -> Iterator[Callable[..., Valkey]]:
    """Starts servers."""
    with ExitStack() as ends:

        def make(**config: object) -> Valkey:
            folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="vk-"))
            valkey = Valkey(Path(folder), **config)
            ends.callback(valkey.close)
            return valkey

        yield make


@pytest.fixture(scope="session")
def shared_valkey(make_valkey: Callable[..., Valkey]) -> Valkey:
    """A server that several tests use, each under names of its own."""
    return make_valkey()


class Cluster:
    """Limiters that share limits at a server, as if each were a process of its own."""

    def __init__(self, valkey: Valkey, ends: AsyncExitStack) -> None:
        self.valkey = valkey
        self.ports: list[ValkeyLimits] = []
        self._name = uuid.uuid4().hex
        self._ends = ends

    def connect(self, url: str | None = None, on_outage: OnOutage = OnOutage.STOP) -> ValkeyLimits:
        """Make a port, as for another process."""
        port = ValkeyLimits.from_url(
            url or self.valkey.url, name=self._name, ttl=TTL, on_outage=on_outage
        )
        self.ports.append(port)
        self._ends.push_async_callback(port.aclose)
        return port

    def limiter(self, port: ValkeyLimits | None = None, **limits: Any) -> Limiter:
        """Make a limiter that shares limits."""
        return Limiter(shared=port or self.connect(), **limits)

    async def arrived(self) -> None:
        """Wait until what was said has reached everybody, and what follows from it."""
        for _ in range(2):
            for port in self.ports:
                with suppress(SharedLimitsUnavailable):  # one that is not used yet
                    await port.look()
        await asyncio.sleep(0)


@asynccontextmanager
async def cluster_at(valkey: Valkey) -> AsyncIterator[Cluster]:
    """Limiters that share limits at a server which is trusted by somebody new."""
    await until(lambda: valkey.age() > TTL + 1)  # else it might have known somebody
    async with AsyncExitStack() as ends:
        yield Cluster(valkey, ends)
