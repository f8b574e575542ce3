"""Metrics of the server itself: readiness, readers of events."""

from collections.abc import Iterable

from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

import limner
from limner.server.events import EventHub
from limner.server.health import Readiness


class ServerMetrics(Collector):
    """Collects the server's state when it is scraped.

    Args:
        readiness: How far it is.
        hub: Knows the readers of events.
    """

    def __init__(self, readiness: Readiness, hub: EventHub) -> None:
        self._readiness = readiness
        self._hub = hub

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        yield InfoMetricFamily("limner", "Which limner this is.", {"version": limner.__version__})
        for name, told, value in (
            ("recovering", "Whether what was left before is still drawn.",
             self._readiness.recovering),
            ("stopping", "Whether nothing new is taken.", self._readiness.stopping),
            ("others_unheard", "Whether nothing is heard of the servers and workers of a library.",
             self._hub.trouble is not None),
            ("event_readers", "Who reads events; the proxy is one.", self._hub.readers),
        ):  # fmt: skip
            gauge = GaugeMetricFamily(f"limner_{name}", told)
            gauge.add_metric([], float(value))
            yield gauge
