"""``GET /api/events``: one reader's events, as an HTTP response that does not end by itself."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from limner.errors import StorageError
from limner.server.events.hub import RETURNS, EventHub
from limner.server.events.subscription import End, Subscription
from limner.server.events.wire_event import WireEvent

log = logging.getLogger(__name__)

HEARTBEAT = 15.0
"""Seconds without an event after which a comment shows that the connection lives."""
STUCK = 30.0
"""Seconds one write may take before the reader is given up."""
RETRY = 1000
"""Milliseconds after which a browser comes back."""

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


async def _always() -> bool:
    return True


async def _all(events: list[WireEvent]) -> list[WireEvent]:
    return events


class EventResponse(Response):
    """Writes what a subscription gets, until it or its reader ends.

    What has come since the last write goes out in one. A reader whose connection takes nothing
    any more is given up, so that neither memory nor the shutdown hangs on it.

    Args:
        hub: Where the subscription is from; it is told when the reader leaves.
        reader: The subscription.
        heartbeat: Seconds without an event until a comment is sent.
        stuck: Seconds one write may take.
        pick: Picks those events that the reader may hear of.
        admitted: Tells whether the reader may still hear any; who may not is left.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        hub: EventHub,
        reader: Subscription,
        *,
        heartbeat: float = HEARTBEAT,
        stuck: float = STUCK,
        pick: Callable[[list[WireEvent]], Awaitable[list[WireEvent]]] = _all,
        admitted: Callable[[], Awaitable[bool]] = _always,
    ) -> None:
        super().__init__()
        self._hub = hub
        self._reader = reader
        self._heartbeat = heartbeat
        self._stuck = stuck
        self._pick = pick
        self._admitted = admitted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        gone = asyncio.create_task(_gone(receive), name="reader of events leaves")
        writing = asyncio.create_task(self._write(send), name="events")
        try:
            await asyncio.wait([gone, writing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self._reader)
            # Where nothing happens meanwhile, either, what was told takes up no room for ever.
            asyncio.get_running_loop().call_later(RETURNS + 1, self._hub.forget)
            await _stopped(gone, writing)
        if writing.done() and not writing.cancelled() and (error := writing.exception()):
            raise error

    async def _write(self, send: Send) -> None:
        reader = self._reader
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        data = b"retry: %d\n\n" % RETRY
        while True:
            ended = reader.end
            if not await self._admitted():
                log.info("a reader of events is not let in any more and was left")
                await send({"type": "http.response.body", "body": b""})
                return
            try:
                picked = await self._pick(reader.take())
            except StorageError as error:
                log.warning("a reader of events has to come back for what it may hear: %s", error)
                return
            data += b"".join(event.frame for event in picked)
            more = ended is None
            body = {"type": "http.response.body", "body": data, "more_body": more}
            try:
                async with asyncio.timeout(self._stuck):
                    await send(body)
            except TimeoutError:
                log.warning(
                    "a reader of events took nothing for %g s and was given up", self._stuck
                )
                return
            if not more:
                if ended is End.SLOW:
                    log.info("a reader of events was too slow and has to come back")
                return
            data = await self._next()

    async def _next(self) -> bytes:
        """Wait for events; gives a comment if there are none for too long."""
        try:
            async with asyncio.timeout(self._heartbeat):
                await self._reader.wait()
        except TimeoutError:
            return b": still here\n\n"
        return b""


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stopped(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
