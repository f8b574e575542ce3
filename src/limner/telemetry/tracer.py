"""`limner.tracing.Tracer` by OpenTelemetry's packages."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from limner.errors import JobCancelled
from limner.tracing import NO_FACTS, NOWHERE, Carrier, Facts, Part, Span

_KINDS: Mapping[Part, trace.SpanKind] = {
    Part.INSIDE: trace.SpanKind.INTERNAL,
    Part.SERVER: trace.SpanKind.SERVER,
    Part.CLIENT: trace.SpanKind.CLIENT,
    Part.PRODUCER: trace.SpanKind.PRODUCER,
    Part.CONSUMER: trace.SpanKind.CONSUMER,
}


class OpenTelemetryTracer:
    """Begins spans that OpenTelemetry's packages sample and send.

    What is under way is kept in the context of tasks, so that which is begun by a task of a span is
    part of that span.

    Args:
        tracer: Of the packages.
    """

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer
        self._headers = TraceContextTextMapPropagator()

    def begin(
        self,
        name: str,
        *,
        part: Part = Part.INSIDE,
        facts: Facts = NO_FACTS,
        parent: Carrier = NOWHERE,
        links: Sequence[Carrier] = (),
    ) -> Span:
        """Begin a span; see `limner.tracing.Tracer`."""
        return _Told(self._begun(name, part, facts, self._context(parent), links), self._headers)

    def span(
        self,
        name: str,
        *,
        part: Part = Part.INSIDE,
        facts: Facts = NO_FACTS,
        parent: Carrier = NOWHERE,
        links: Sequence[Carrier] = (),
    ) -> AbstractContextManager[Span]:
        """A span for the time of a block; see `limner.tracing.Tracer`."""
        context = self._context(parent)
        return self._block(self._begun(name, part, facts, context, links), context)

    def here(self) -> Carrier:
        """The place in the trace of what is under way here."""
        headers: dict[str, str] = {}
        self._headers.inject(headers)
        return headers

    @contextmanager
    def _block(self, begun: trace.Span, context: Context | None) -> Iterator[Span]:
        told = _Told(begun, self._headers)
        token = attach(trace.set_span_in_context(begun, context))
        try:
            yield told
        except (asyncio.CancelledError, JobCancelled):
            told.add({"limner.outcome": "cancelled"})
            raise
        except BaseException as error:
            told.failed(type(error).__name__)
            raise
        finally:
            detach(token)
            told.end()

    def _begun(
        self,
        name: str,
        part: Part,
        facts: Facts,
        context: Context | None,
        links: Sequence[Carrier],
    ) -> trace.Span:
        return self._tracer.start_span(
            name,
            context,
            _KINDS[part],
            facts,
            [trace.Link(found) for one in links if (found := self._place(one)) is not None],
            record_exception=False,
            set_status_on_exception=False,
        )

    def _context(self, parent: Carrier) -> Context | None:
        """Where a span belongs; ``None``: to what is under way here."""
        return self._headers.extract(parent) if parent and self._place(parent) else None

    def _place(self, carrier: Carrier) -> trace.SpanContext | None:
        found = trace.get_current_span(self._headers.extract(carrier)).get_span_context()
        return found if found.is_valid else None


class _Told:
    """A span that is told of."""

    def __init__(self, span: trace.Span, headers: TraceContextTextMapPropagator) -> None:
        self._span = span
        self._headers = headers
        self._over = False

    def add(self, facts: Facts) -> None:
        """Tell more of it."""
        self._span.set_attributes(facts)

    def failed(self, kind: str) -> None:
        """It went wrong."""
        self._span.set_attributes({"error.type": kind, "limner.outcome": "failed"})
        self._span.set_status(trace.StatusCode.ERROR)

    def place(self) -> Carrier:
        """Where it is in its trace."""
        headers: dict[str, str] = {}
        self._headers.inject(headers, trace.set_span_in_context(self._span))
        return headers

    def end(self) -> None:
        """It is over. Twice is fine."""
        if not self._over:
            self._over = True
            self._span.end()
