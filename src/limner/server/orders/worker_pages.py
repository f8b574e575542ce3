"""What a worker shows to whoever watches it: whether it lives and is ready, and its figures."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

import limner
from limner.server.app import AsgiApp
from limner.server.health import Liveness, Readiness, Ready
from limner.server.http.exchange import Exchange, Receive, Scope, Send, local_path
from limner.server.metrics import Exposition
from limner.server.orders.worker import Worker
from limner.server.shutdown import QuietServer
from limner.storage import Library


class WorkerPages:
    """``GET /healthz``, ``/readyz`` and ``/metrics`` of a worker; an ASGI application.

    Args:
        worker: Who works.
        library: What it must be able to write.
        registry: Its figures.

    Attributes:
        readiness: Is told when the worker ends.
    """

    def __init__(self, worker: Worker, library: Library, registry: CollectorRegistry) -> None:
        self.readiness = Readiness()
        registry.register(_WorkerMetrics(worker, self.readiness))
        self._pages: dict[str, AsgiApp] = {
            "/healthz": Liveness(),
            "/readyz": Ready(self.readiness, library.probe, worker.limiter, only_draws=True),
            "/metrics": Exposition(registry),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        page = self._pages.get(local_path(scope))
        if page is not None and scope["method"] in ("GET", "HEAD"):
            await page(scope, receive, send)
        else:
            kind = [(b"content-type", b"text/plain")]
            await Exchange(scope, receive, send).respond(404, b"not found", kind)


class _WorkerMetrics(Collector):
    """Collects the worker's state when it is scraped."""

    def __init__(self, worker: Worker, readiness: Readiness) -> None:
        self._worker = worker
        self._readiness = readiness

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        yield InfoMetricFamily("limner", "Which limner this is.", {"version": limner.__version__})
        for name, told, value in (
            ("worker_orders", "Orders that it has, drawn or waiting for their turn.",
             self._worker.drawing),
            ("stopping", "Whether nothing new is taken.", self._readiness.stopping),
        ):  # fmt: skip
            gauge = GaugeMetricFamily(f"limner_{name}", told)
            gauge.add_metric([], float(value))
            yield gauge


@contextlib.asynccontextmanager
async def shown(pages: WorkerPages, place: socket.socket) -> AsyncIterator[None]:
    """Answer requests for the time of the block.

    Args:
        pages: What answers.
        place: A bound socket; it is closed at the end.
    """
    config = uvicorn.Config(
        pages, ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=1, limit_concurrency=64,
    )  # fmt: skip
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve([place]), name="pages of the worker")
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait((serving,))
