"""A measured backend can all that the backend can."""

from prometheus_client import CollectorRegistry

from limner.backends.images.pool import Member, PoolBackend
from limner.backends.images.support.capabilities import Checkable, quota_of
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.illustration.capabilities import identity_of, unwrapped
from limner.server.metrics import BackendMetrics
from limner.testing import ScriptedBackend


class Server(ScriptedBackend):
    """A backend that tells all it can."""

    identity = "server:1"
    closed = False

    async def models(self) -> list[ModelInfo]:
        """One model."""
        return [ModelInfo(name="fox-1")]

    async def check(self) -> ServerFacts:
        """Be there."""
        return ServerFacts(kind="a server")

    async def aclose(self) -> None:
        """Note it."""
        self.closed = True


async def test_a_pool_asks_measured_members_what_they_have() -> None:
    """It tells their models and their identity, and closes them."""
    measured, server = BackendMetrics(CollectorRegistry()).measured, Server()
    async with PoolBackend([Member(name="one", backend=measured(server, "one"))]) as pool:
        assert [model.name for model in await pool.models()] == ["fox-1"]
        assert (await pool.check()).notes == ("one: a server",)
        assert pool.identity == "server:1"
    assert server.closed


def test_measuring_adds_no_ability() -> None:
    """What the backend cannot do is not claimed for it."""
    backend = BackendMetrics(CollectorRegistry()).measured(ScriptedBackend(), "plain")
    assert identity_of(backend) is None
    assert quota_of(backend) is None
    assert not isinstance(unwrapped(backend), Checkable)
