"""``GET /metrics``: all figures, as Prometheus and OpenMetrics want them."""

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from limner.server.http.exchange import Exchange, Receive, Scope, Send


class Exposition:
    """Answers ``GET /metrics`` with the figures of a registry.

    Args:
        registry: Where they are.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        encode, kind = choose_encoder(exchange.header("accept") or "")
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await exchange.respond(200, encode(self._registry), headers)
