"""A span for each request that asks for something."""

from contextlib import AbstractContextManager

from limner.server.guard.request_context import RequestContext
from limner.server.metrics.requests import METHODS, place_of
from limner.tracing import Facts, Part, Span, Tracer, carried

_LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestSpans:
    """Tells of requests: a `limner.server.guard.Watcher`.

    A request that only looks has a span where it is a part of its caller's trace; a probe has none.
    Never told are paths, which name pictures and chats, queries, headers, and who asks.

    Args:
        tracer: Who is told.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._open: dict[RequestContext, tuple[AbstractContextManager[Span], Span]] = {}

    def begin(self, context: RequestContext) -> None:
        """A request has come; what is begun in its task from now on is a part of its span."""
        parent = carried(context.headers)
        looks = context.method in _LOOKS and not parent
        if looks or context.path in _PROBES:
            return
        method = context.method if context.method in METHODS else "_OTHER"
        facts: dict[str, str] = {"http.request.method": method, "limner.request": context.id}
        name, place = method, place_of(context.path)
        if place != "other":
            facts["http.route"] = place
            name = f"{method} {place}"
        block = self._tracer.span(name, part=Part.SERVER, facts=facts, parent=parent)
        self._open[context] = block, block.__enter__()

    def streaming(self, context: RequestContext) -> None:
        """A stream has begun, which says nothing new."""

    def ended(self, context: RequestContext) -> None:
        """A request has been answered, or will never be."""
        if context not in self._open:
            return
        block, span = self._open.pop(context)
        span.add(_ended(context))
        if context.status >= 500:
            span.failed(str(context.status))
        block.__exit__(None, None, None)


def _ended(context: RequestContext) -> Facts:
    facts: dict[str, str | int] = {}
    if context.status:
        facts["http.response.status_code"] = context.status
    else:
        facts["limner.outcome"] = "gone"
    if context.refusal is not None:
        facts["limner.refused"] = context.refusal.code
    if context.mode:
        facts["limner.mode"] = context.mode.partition(";")[0].partition(" ")[0]
    return facts
