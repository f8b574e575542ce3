"""Where spans go, without holding anybody up.

What is not sent yet waits in a bounded line (``OTEL_BSP_MAX_QUEUE_SIZE``, 2048 spans), whose newest
entries push the oldest out, and a thread sends it. Whoever does not take them is told of in one
line of the log, until it takes them again.
"""

import asyncio
import logging
import sys
import threading
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from opentelemetry.sdk.resources import (
    SERVICE_INSTANCE_ID,
    SERVICE_NAME,
    SERVICE_VERSION,
    Resource,
)
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SpanExporter,
    SpanExportResult,
)

import limner
from limner.telemetry.asked import Asked
from limner.telemetry.tracer import OpenTelemetryTracer

log = logging.getLogger("limner.telemetry")

LAST = 3.0
"""Seconds for which the end of a program waits at most until its last spans are sent."""
NAME = "limner"
"""What the service is called if ``OTEL_SERVICE_NAME`` does not say."""


@asynccontextmanager
async def sending(
    asked: Asked, *, exporter: SpanExporter | None = None, last: float = LAST
) -> AsyncIterator[OpenTelemetryTracer]:
    """Send the spans of a program for the time of the block, and what is left at its end.

    The variables of OpenTelemetry say how: whom to sample, how much may wait, when to send.

    Args:
        asked: Where to.
        exporter: Sends them in place of what is asked for.
        last: Seconds that the end waits at most.

    Raises:
        ValueError: A variable makes no sense.
    """
    telling = TellingExporter(exporter or _exporter(asked), asked.shown)
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(telling))
    quiet, before = logging.getLogger("opentelemetry"), logging.getLogger("opentelemetry").level
    quiet.setLevel(logging.CRITICAL)  # one line tells of a failure, not one for each try
    try:
        yield OpenTelemetryTracer(provider.get_tracer(NAME, limner.__version__))
    finally:
        if await _ended(provider, telling, last):
            quiet.setLevel(before)


class TellingExporter(SpanExporter):
    """Has another one send, and says in one line that nobody takes what is sent, or does again.

    Args:
        inner: The other one.
        place: Where to, as it may be shown.
    """

    def __init__(self, inner: SpanExporter, place: str) -> None:
        self._inner = inner
        self._place = place
        self._away = self._over = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send some."""
        if self._over:
            return SpanExportResult.FAILURE
        try:
            sent = self._inner.export(spans)
        except Exception as error:  # it would end the thread that sends
            log.debug("spans are not sent: %r", error)
            sent = SpanExportResult.FAILURE
        if self._over:
            return sent
        away = sent is not SpanExportResult.SUCCESS
        if away and not self._away:
            log.warning(
                "%s takes no spans; they are thrown away until it does, and all else goes on",
                self._place,
            )
        elif self._away and not away:
            log.info("%s takes spans again", self._place)
        self._away = away
        return sent

    def shutdown(self) -> None:
        """Send nothing more, and wait for nothing."""
        if not self._over:
            self._over = True
            self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """It holds nothing back."""
        return True


def _exporter(asked: Asked) -> SpanExporter:
    if asked.console:
        return ConsoleSpanExporter(out=sys.stderr)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def _resource() -> Resource:
    """What every span is of; the variables go before it, but for a name that nobody gave."""
    told = Resource.create()
    own = {SERVICE_VERSION: limner.__version__, SERVICE_INSTANCE_ID: str(uuid.uuid4())}
    if str(told.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        told = told.merge(Resource({SERVICE_NAME: NAME}))
    return Resource(own).merge(told)


async def _ended(provider: TracerProvider, telling: TellingExporter, last: float) -> bool:
    """Send what is left, in a thread that nobody waits for too long; gives whether it is sent."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def finish() -> None:
        if not done.done():
            done.set_result(None)

    def end() -> None:
        provider.shutdown()
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(finish)

    threading.Thread(target=end, name="last spans", daemon=True).start()
    if (await asyncio.wait([done], timeout=last))[0]:
        return True
    telling.shutdown()
    log.info("the last spans are not sent")
    return False
