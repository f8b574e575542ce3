"""A connection whose requests must begin soon and briefly, and whose answers must be read.

uvicorn waits for the head of a request as long as the client likes, and keeps all of it: a few
thousand half requests would use up its connections or memory ("slow loris"). And it waits as long
for a client that does not read its answer.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from limner.server.http.exchange import HANGING_UP
from limner.server.light_connection import FewRequests, LightEvent, LightFlow
from limner.server.open_connections import OpenConnections

log = logging.getLogger("limner.access")

HALF_CLOSED = 10.0
"""Seconds for which somebody is answered who sends no more."""
LINGER = 2.0
"""Seconds for which somebody may send on who was refused, and has not read so yet."""
_ANSWER = (
    b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%s"
)


class BoundedConnection(HttpToolsProtocol):
    """Closes connections whose heads are too slow or too large, or that take nothing any more.

    Attributes:
        head_seconds: In which the head of a request must be there, and the first byte of the
            first; between requests uvicorn's ``timeout_keep_alive`` counts.
        head_bytes: What it may have.
        write_seconds: In which a client must have read something of what waits for it.
        others: All connections of the server.
    """

    # In the dictionary that uvicorn's own are in they would be the ones that let it grow by 1.6 KB.
    __slots__ = ("_answered", "_gone", "_half", "_head", "_refused", "_stall", "_timer")

    head_seconds: float = 20.0
    head_bytes: int = 32 << 10
    write_seconds: float = 60.0
    others: OpenConnections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn narrows it, too
        """A client has connected."""
        super().connection_made(transport)
        self.pipeline = FewRequests()  # type: ignore[assignment] # it has what is used of a deque
        self.flow = LightFlow(transport)
        self._head = 0
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._half: asyncio.TimerHandle | None = None
        self._refused = False
        self._answered: RequestResponseCycle | None = None
        self._gone: Callable[[], None] | None = None
        self.others.begin(self, self.client[0] if self.client else "", transport.abort)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection was closed."""
        self._head_ended()
        self._stall_ended()
        if self._half is not None:
            self._half.cancel()
        self.others.end(self)
        self._disconnect()
        self._answered = None
        super().connection_lost(exc)
        scope: dict[str, Any] = cast("dict[str, Any]", self.scope or {})
        scope.pop(HANGING_UP, None)  # nothing but that leads from it back to here
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn closes, whatever was asked
        """The client sends no more, and has gone or waits for its answer: nobody can tell.

        Where a model writes or a picture is drawn until somebody leaves, it has gone. What the API
        answers by itself it may wait for, and is answered for a while.
        """
        cycle = self._answered  # by whose path it goes: others may have been sent ahead behind it
        if cycle is None or cycle.response_complete or not is_brief(cycle.scope["path"]):
            self._leave_answer()  # what is written from here on finds the connection closed
            return False
        self._half = self.loop.call_later(HALF_CLOSED, self.transport.close)
        return True

    def send_400_response(self, msg: str) -> None:
        """What came is no request, as its parser says; of one that is too long it says so, too."""
        if self._head > self.head_bytes:
            self._refuse_head()
        else:
            self._refuse(b"400 Bad Request", "bad_request", "this is no request of HTTP/1.1")

    def when_gone(self, handler: Callable[[], None] | None) -> None:
        """Have a function called when the client goes away; see `HangingUp`.

        One is enough: of the requests of a connection one is answered after the other.
        """
        self._gone = handler
        if handler is None:
            return
        self.flow.resume_reading()  # it may stand still behind a large body that is read by now
        if self.parser is None:
            self.loop.call_soon(handler)

    def pause_writing(self) -> None:
        """More waits for the client than it reads."""
        super().pause_writing()
        self._stall_ended()
        self._stall = self.loop.call_later(self.write_seconds, self._stalled)

    def resume_writing(self) -> None:
        """It has read enough for more."""
        self._stall_ended()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """It has sent something."""
        if self._refused:
            return  # a connection that is closed while something comes is reset, its answer lost
        self._head += len(data)
        super().data_received(data)
        if self._timer is not None and self._head > self.head_bytes and self.parser is not None:
            self._refuse_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._timer is None:
            self._head = 0
            self._await_head()

    def on_headers_complete(self) -> None:
        """The headers of a request are complete."""
        self._head_ended()
        self.others.busy(self)
        # uvicorn counts those that wait for nothing as well: any number of them is "too many".
        self.limit_concurrency = 0 if self.others.too_many else None
        before = self.cycle
        cast("dict[str, Any]", self.scope)[HANGING_UP] = self
        super().on_headers_complete()
        if self.cycle is not before:  # whose task has not begun yet
            self.cycle.message_event = LightEvent()  # type: ignore[assignment] # as with the pipeline
            if not self.pipeline:
                self._answered = self.cycle

    def on_response_complete(self) -> None:
        """A request was answered; one that was sent ahead is answered next."""
        ahead = self.pipeline[-1][0] if self.pipeline else None
        super().on_response_complete()
        self._answered = self._answered if ahead is None else ahead
        if self.cycle is None or self.cycle.response_complete:
            self.others.idle(self, self.transport.abort)
            if self._half is not None:
                self.transport.close()

    def shutdown(self) -> None:
        """The server stops: a request that has not begun never will."""
        self._head_ended()
        super().shutdown()

    def _refuse_head(self) -> None:
        told = f"the head of a request may have {self.head_bytes} bytes"
        self._refuse(b"431 Request Header Fields Too Large", "header_too_large", told)

    def _await_head(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _head_ended(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        told = f"the head of a request must be there within {self.head_seconds:g} s"
        self._refuse(b"408 Request Timeout", "request_timeout", told)

    def _stall_ended(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _stalled(self) -> None:
        client = self.client[0] if self.client else "?"
        log.warning(
            "%s took nothing of its answer for %g s and was given up", client, self.write_seconds
        )
        self.transport.abort()

    def _refuse(self, status: bytes, code: str, told: str) -> None:
        self._head_ended()
        if self.transport is None or self.transport.is_closing():
            return
        client = self.client[0] if self.client else "?"
        log.warning("a request of %s was refused before it was complete (%s)", client, code)
        self._refused = True
        if self._leave_answer():
            self.transport.close()  # nothing can be told in the middle of another answer
            return
        body = b'{"error": {"kind": "%s", "message": "%s"}}' % (code.encode(), told.encode())
        self.transport.write(_ANSWER % (status, len(body), body))
        self.transport.write_eof()
        self._half = self.loop.call_later(LINGER, self.transport.close)

    def _leave_answer(self) -> bool:
        """Have nobody write the answer that is under way; tells whether some of it was sent."""
        cycle = self._answered
        if cycle is None or cycle.response_complete:
            return False
        self._disconnect()
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()
        return cycle.response_started

    def _disconnect(self) -> None:
        """Have whoever answers know that nobody reads it; uvicorn tells who came last alone."""
        waiting = [cycle for cycle, _ in self.pipeline]
        for cycle in (self._answered, *waiting):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()


def is_brief(path: str) -> bool:
    """Whether a path is answered without waiting for a model, a picture or an event.

    Examples:
        >>> is_brief("/api/chats"), is_brief("/healthz"), is_brief("/api/events")
        (True, True, False)
        >>> is_brief("/v1/chat/completions"), is_brief("/images/00ff.png"), is_brief("/api/chat")
        (False, False, True)
    """
    return path.startswith(("/api/", "/healthz", "/readyz", "/metrics")) and path != "/api/events"


def bounded_connection(
    *, head_seconds: float, head_bytes: int, write_seconds: float, connections: int
) -> type[BoundedConnection]:
    """Connections with these bounds, as ``uvicorn.Config(http=...)`` takes them.

    Args:
        head_seconds: See `BoundedConnection`.
        head_bytes: Likewise.
        write_seconds: Likewise.
        connections: How many there may be at the same time.
    """
    bounds: dict[str, Any] = {
        "others": OpenConnections(connections),
        "head_seconds": head_seconds,
        "head_bytes": head_bytes,
        "write_seconds": write_seconds,
    }
    return type("BoundedConnection", (BoundedConnection,), bounds)
