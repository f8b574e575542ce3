"""``GET /metrics``: all figures, as Prometheus and OpenMetrics want them."""

import json

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from limner.server.http.exchange import Exchange, Receive, Scope, Send

ADMIN = "limner.admin"
"""The key of a scope under which whoever checks tokens says who may do everything."""
NOT_ALLOWED = "the figures are of all users, so only an admin's token is shown them"


class Exposition:
    """Answers ``GET /metrics`` with the figures of a registry, which are of all users together.

    Whoever has theirs to themselves is not told.

    Args:
        registry: Where they are.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        if not scope.get(ADMIN, True):
            told = json.dumps({"error": {"kind": "not_allowed", "message": NOT_ALLOWED}}).encode()
            await exchange.respond(403, told, [(b"content-type", b"application/json")])
            return
        encode, kind = choose_encoder(exchange.header("accept") or "")
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await exchange.respond(200, encode(self._registry), headers)
