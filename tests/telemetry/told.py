"""Spans that are kept in memory, and looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.telemetry.tracer import OpenTelemetryTracer


class Told:
    """All spans that were told of.

    Attributes:
        tracer: Tells of them.
    """

    def __init__(self) -> None:
        self._kept = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.tracer = OpenTelemetryTracer(provider.get_tracer("test"))

    def spans(self, *, prompts: bool = False) -> PictureSpans:
        """What tells of pictures."""
        return PictureSpans(self.tracer, prompts=prompts)

    @property
    def all(self) -> list[ReadableSpan]:
        """All that have ended, in the order in which they began."""
        return sorted(self._kept.get_finished_spans(), key=lambda span: span.start_time or 0)

    def named(self, name: str) -> list[ReadableSpan]:
        """Those of a name."""
        return [span for span in self.all if span.name == name]

    def in_(self, parent: ReadableSpan) -> list[str]:
        """The names of the spans that are parts of one."""
        assert parent.context is not None
        return [
            span.name
            for span in self.all
            if span.parent is not None and span.parent.span_id == parent.context.span_id
        ]

    def says(self, text: str) -> bool:
        """Whether a text stands anywhere in them."""
        return text in "".join(span.to_json() for span in self.all)


def facts(span: ReadableSpan) -> dict[str, Any]:
    """What is told of a span."""
    return dict(span.attributes or {})


def trace_of(span: ReadableSpan) -> str:
    """The trace of a span."""
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


@contextmanager
def under(told: Told, name: str) -> Iterator[None]:
    """Be in a span."""
    with told.tracer.span(name):
        yield
