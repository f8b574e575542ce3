"""What a worker tells of an order in spans: a part of the trace of whoever placed it.

A worker that takes an order notes where its span is. Whoever goes on with it after a death finds
that, and its own span has a link there.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limner.illustration.generation.easel.picture_spans import PictureSpan, PictureSpans
from limner.server.events import Notes
from limner.server.orders.request_text import Asked
from limner.storage import Order
from limner.tracing import NOWHERE, Carrier, Part, carried

KEPT = 3600.0
"""Seconds for which the span of one that died is known."""


class OrderSpans:
    """Tells of orders.

    Args:
        spans: Tells of their pictures.
        notes: Where all workers look.
        worker: Which worker this is.
    """

    def __init__(self, spans: PictureSpans, notes: Notes, worker: str) -> None:
        self._spans = spans
        self._notes = notes
        self._worker = worker

    @asynccontextmanager
    async def order(self, order: Order, asked: Asked) -> AsyncIterator[PictureSpan]:
        """Tell of an order for the time of the block.

        Args:
            order: It.
            asked: What is asked for.
        """
        name = f"span:{order.id}"
        left = _read(await self._notes.get(name))
        links = [left] if left else []
        facts: dict[str, str | int] = {
            "limner.worker": self._worker,
            "limner.drawing": order.attempt,
            "limner.taken_over": bool(left),
        }
        if order.slot is not None:
            facts |= {
                "limner.message": order.slot.message_id,
                "limner.variant": order.slot.variant,
                "limner.ordinal": order.slot.ordinal,
            }
        with self._spans.picture(
            asked.request.prompt, facts, part=Part.CONSUMER, parent=asked.trace, links=links
        ) as span:
            here = json.dumps(dict(self._spans.tracer.here())).encode()
            await self._notes.put(name, here, ttl=KEPT)
            yield span
            await self._notes.drop(name)  # not where it was cut off: another goes on with it


def _read(note: bytes | None) -> Carrier:
    """Where a span was noted to be.

    Examples:
        >>> dict(_read(b'{"traceparent": "00-1-2-01"}')), dict(_read(b"?")), dict(_read(None))
        ({'traceparent': '00-1-2-01'}, {}, {})
    """
    try:
        told = json.loads(note or b"null")
    except ValueError:
        return NOWHERE
    return carried({str(name): str(value) for name, value in told.items()}) if told else NOWHERE
