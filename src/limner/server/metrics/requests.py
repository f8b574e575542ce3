"""Metrics of requests and streams."""

import re
from collections.abc import Callable
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from limner.server.guard.request_context import RequestContext

KEPT = 1024
"""Figures that are found at once: those of all labels there can be."""
_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0)
_API = re.compile(r"/api/([a-z]{1,20})(?:/|$)")
_KNOWN = frozenset(
    {
        "/",
        "/healthz",
        "/login",
        "/logout",
        "/mcp",
        "/metrics",
        "/openapi.json",
        "/readyz",
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/images/generations",
        "/v1/models",
    }
)


class RequestMetrics:
    """Counts requests: a `limner.server.guard.Watcher`.

    Args:
        registry: Where the figures are.
        clock: Seconds, as the guard has them.
    """

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._requests = Counter(
            "limner_http_requests",
            "Requests that were answered, by place, method and status.",
            ["place", "method", "status"],
            registry=registry,
        )
        self._refused = Counter(
            "limner_http_refused", "Requests that were refused, by reason.", ["reason"],
            registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "limner_http_seconds",
            "How long requests took.",
            ["place"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._open = Gauge(
            "limner_streams_open", "Streams that are open, by place.", ["place"],
            registry=registry,
        )  # fmt: skip
        self._bytes = Counter(
            "limner_stream_bytes", "Bytes sent in streams.", ["place"], registry=registry
        )
        self._chunks = Counter(
            "limner_stream_chunks",
            "Pieces sent in streams: about one for each token of a model.",
            ["place"],
            registry=registry,
        )

        # To find the figure of some labels costs ten times what counting it does; they are few.
        self._counted = lru_cache(KEPT)(self._requests.labels)
        self._timed = lru_cache(KEPT)(self._seconds.labels)
        self._streamed = lru_cache(KEPT)(self._of_streams)

    def _of_streams(self, place: str) -> tuple[Gauge, Counter, Counter]:
        return self._open.labels(place), self._bytes.labels(place), self._chunks.labels(place)

    def streaming(self, context: RequestContext) -> None:
        """A stream has begun."""
        opened, _, _ = self._streamed(place_of(context.path))
        opened.inc()

    def ended(self, context: RequestContext) -> None:
        """A request has been answered, or will never be."""
        place = place_of(context.path)
        status = str(context.status) if context.status else "gone"
        method = context.method if context.method in METHODS else "other"
        self._counted(place, method, status).inc()
        self._timed(place).observe(self._clock() - context.begun_at)
        if context.refusal is not None:
            self._refused.labels(context.refusal.code).inc()
        if context.streams:
            opened, sent, chunks = self._streamed(place)
            opened.dec()
            sent.inc(context.sent)
            chunks.inc(context.writes)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def place_of(path: str) -> str:
    """A path as a label: one of few, whatever is asked for.

    Examples:
        >>> place_of("/images/00ff.png"), place_of("/api/chats/tale"), place_of("/wp-admin")
        ('/images', '/api/chats', 'other')
        >>> place_of("/chat/completions")
        '/v1/chat/completions'
    """
    if path in _KNOWN:
        return path
    if f"/v1{path}" in _KNOWN:
        return f"/v1{path}"
    if path.startswith("/images/") and path.endswith(".png"):
        return "/images"
    part = _API.match(path)
    return f"/api/{part[1]}" if part and part[1] in _PARTS else "other"


_PARTS = frozenset(
    {"chats", "messages", "slots", "presets", "settings", "queue", "jobs", "events", "gallery",
     "pictures", "models", "library", "search", "drawings", "styles"}
)  # fmt: skip
