"""A collector that takes spans as OpenTelemetry's protocol has them (OTLP over HTTP)."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Span:
    """A span as it was sent.

    Attributes:
        name: What is done.
        service: Of which service it is.
        process: By which of its processes.
        trace: Of which trace.
        id: It.
        parent: What it is a part of; empty: nothing.
        facts: What is told of it.
        links: The spans it has to do with.
    """

    name: str
    service: str
    process: str
    trace: str
    id: str
    parent: str
    facts: dict[str, Any] = field(default_factory=dict)
    links: tuple[str, ...] = ()


class Collector:
    """Listens for the time of a block.

    Attributes:
        spans: What came.
        raw: The same as bytes.
        url: Where it listens.
    """

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.raw = b""
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(self.path, body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, body: bytes) -> None:
        """Take what was sent."""
        assert path == "/v1/traces"
        self.raw += body
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            told = _facts(group.resource.attributes)
            for scope in group.scope_spans:
                self.spans += [
                    Span(
                        one.name,
                        told["service.name"],
                        told["service.instance.id"],
                        one.trace_id.hex(),
                        one.span_id.hex(),
                        one.parent_span_id.hex(),
                        _facts(one.attributes),
                        tuple(link.span_id.hex() for link in one.links),
                    )
                    for one in scope.spans
                ]

    def named(self, name: str) -> list[Span]:
        """Those of a name."""
        return [one for one in self.spans if one.name == name]

    def below(self, parent: Span) -> list[Span]:
        """Those that are parts of one."""
        return [one for one in self.spans if one.parent == parent.id]


def _facts(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
