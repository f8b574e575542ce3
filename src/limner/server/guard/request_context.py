"""One request on its way in and out: its identity, its limits, and what became of it."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

from limner.server.guard.refusal import Refusal
from limner.server.guard.rules import GuardRules
from limner.server.http.exchange import FAILURE, Header, Message, Receive, Scope, Send, headers_of
from limner.server.proxy.dialects.every import spoken_at
from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT

log = logging.getLogger(__name__)

_STRICT: tuple[Header, ...] = (
    # Nobody keeps what does not say otherwise: it is private, or true for this moment only.
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    # Other sites learn nothing. Our own pages must say where a form is from: with no-referrer
    # browsers send its "Origin: null", as a sandboxed page of others would.
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""What every answer gets that does not say otherwise."""

_STREAMS = (b"text/event-stream", b"application/x-ndjson")

LINGER = 10.0
"""Seconds in which a client that was refused may send the rest of its request."""


class Watcher(Protocol):
    """Is told of every request."""

    def streaming(self, context: "RequestContext") -> None:
        """Its answer is a stream, which has begun."""
        ...

    def ended(self, context: "RequestContext") -> None:
        """It has been answered, or will never be."""
        ...


class RequestContext:
    """A request as the guard sees it.

    Args:
        scope: The request.
        receive: Gives its body.
        send: Takes its answer.
        rules: How long and large its body may be.
        clock: Seconds.
        watcher: Is told when its answer streams.

    Attributes:
        id: Its identity in logs and answers.
        owner: Whose token it showed.
        reads: Whose pictures and texts it may see; ``None``: everybody's.
        status: Of its answer; 0 as long as there is none.
        sent: Bytes of the answer's body.
        writes: How many pieces it came in.
        streams: Whether it is a stream of events.
        refusal: Why it was refused, if it was.
        mode: How its answer is illustrated and why not, if it is one of a model.
        extra: More headers of its answer.
    """

    __slots__ = (
        "_body",
        "_cut",
        "_deadline",
        "_receive",
        "_rules",
        "_scope",
        "_send",
        "_sends",
        "_task",
        "_watcher",
        "_whole",
        "begun_at",
        "client",
        "extra",
        "headers",
        "id",
        "method",
        "mode",
        "over",
        "owner",
        "path",
        "reads",
        "refusal",
        "sent",
        "status",
        "streams",
        "writes",
    )

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        rules: GuardRules,
        clock: Callable[[], float],
        watcher: Callable[["RequestContext"], None] = lambda context: None,
    ) -> None:
        self.id = secrets.token_hex(8)
        self._scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = headers = headers_of(scope)
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._sends = has_body and "expect" not in headers
        client = scope.get("client")
        self.client = str(client[0]) if client else ""
        self.owner: str | None = None
        self.reads: str | None = None
        self.status, self.sent, self.writes = 0, 0, 0
        self.streams = self.over = False
        self.refusal: Refusal | None = None
        self.mode = ""
        self.extra: list[Header] = []
        self.begun_at = clock()
        self._deadline = asyncio.get_running_loop().time() + rules.body_seconds
        self._rules = rules
        self._receive, self._send = receive, send
        self._body, self._whole = 0, False
        self._watcher = watcher
        self._task = asyncio.current_task()
        self._cut = False

    def receive(self) -> Awaitable[Message]:
        """The next of the request; one that is too slow or too large has gone, for the server."""
        return self._receive() if self._whole else self._received()

    async def _received(self) -> Message:
        if self.refusal is None:
            try:
                async with asyncio.timeout_at(self._deadline):
                    message = await self._receive()
            except TimeoutError:
                told = f"the body did not come within {self._rules.body_seconds:g} s"
                self.refusal = Refusal(408, "request_timeout", told)
            else:
                self._count(message)
                if self.refusal is None:
                    return message
        return {"type": "http.disconnect"}

    def _count(self, message: Message) -> None:
        if message["type"] != "http.request":
            self._whole = True
            return
        self._body += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._body > self._rules.body_bytes:
            self._whole = False
            self.refusal = too_large(self._rules.body_bytes)

    def send(self, message: Message) -> Awaitable[None]:
        """Send some of the answer."""
        if message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
            self.writes += 1
            self.over = not message.get("more_body", False)
            if self.over and self._is_sending:
                return self._end_when_all_came(message)
        elif message["type"] == "http.response.start":
            return self._start(message)
        return self._send(message)

    async def _start(self, message: Message) -> None:
        self._begin(message)
        try:
            await self._send(message)
        except asyncio.CancelledError:
            self.status = 0  # the client had not read what came before: none of this has gone out
            raise

    async def _end_when_all_came(self, message: Message) -> None:
        """Send the last of an answer, and end it when the client has sent what it sends."""
        await self._send({**message, "more_body": True})
        try:
            await self._take_the_rest()
        finally:  # also where the server stops, and cannot wait for that
            await self._send({"type": "http.response.body", "body": b""})

    def _begin(self, message: Message) -> None:
        self.status = message["status"]
        headers: list[Header] = [(n.lower(), v) for n, v in message.get("headers", ())]
        given = dict(headers)
        self.mode = given.get(b"x-limner-mode", b"").decode("latin-1")
        wanted = (*self.extra, *_STRICT, (b"x-request-id", self.id.encode()))
        message["headers"] = [*headers, *(one for one in wanted if one[0] not in given)]
        if given.get(b"content-type", b"").startswith(_STREAMS):
            self.streams = True
            self._watcher(self)

    @property
    def failure(self) -> str | None:
        """Why it was answered with an error, where whoever answered it says so."""
        return self._scope.get(FAILURE)

    @property
    def _is_sending(self) -> bool:
        """Whether some of the request's body may still come."""
        return self._sends and not self._whole

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal, unless the answer has begun; what still comes is thrown away."""
        self.refusal = refusal
        if self.status:
            return
        body = refusal.body(self.path)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
            *refusal.headers,
        ]
        told = b"" if self.method == "HEAD" else body
        try:
            await self.send(
                {"type": "http.response.start", "status": refusal.status, "headers": headers}
            )
            await self.send({"type": "http.response.body", "body": told})
        except OSError:
            return  # the client has gone: there is nobody to tell

    def unanswered(self) -> Refusal:
        """Why nobody answered it."""
        if self._cut:
            return stopping()
        log.error("%s %s was left without an answer", self.method, self.path)
        return failed()

    async def has_gone(self) -> bool:
        """Whether the client has gone, as far as the server knows; what still comes is dropped."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.0):
                while (await self._receive())["type"] != "http.disconnect":
                    pass
                return True
        return False

    async def _take_the_rest(self) -> None:
        """Let the client send what it is about to send, for a while.

        A connection that is closed while something still comes is reset, and the answer is lost
        to whoever has not read it by then.
        """
        until = min(self._deadline, asyncio.get_running_loop().time() + LINGER)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while True:
                    message = await self._receive()
                    if message["type"] != "http.request" or not message.get("more_body", False):
                        return

    def cut(self) -> None:
        """The server cannot wait for it any longer: its work is stopped, and it is told so."""
        if self._task is not None and not self._cut:
            self._cut = True
            self._task.cancel()

    @property
    def is_wanted(self) -> bool:
        """Whether nobody wants its task to end, and it has no answer yet."""
        return not self.status and self._task is not None and not self._task.cancelling()

    def part(self) -> None:
        """It is answered: its task, whose context leads to it, is none of its concern any more."""
        self._task = None

    async def end_cut(self) -> bool:
        """End a request that was cut; ``False``: somebody else wants its task to end."""
        if not self._cut or self._task is None or self._task.uncancel() > 0:
            return False
        if self.over:
            return True
        if not self.status:
            await self.refuse(stopping())
            return True
        self.refusal = stopping()
        try:
            # Front-ends wait for ever on a stream that is just cut.
            spoken = spoken_at(self.path) or OPENAI_CHAT
            rest = spoken.last(self.refusal.body(self.path)) if self.streams else b""
            await self.send({"type": "http.response.body", "body": rest})
        except OSError:
            return True
        return True


def too_large(limit: int) -> Refusal:
    """The refusal of a body over the size limit."""
    return Refusal(413, "request_too_large", f"the request may have {limit} bytes")


def failed() -> Refusal:
    """The refusal of a request that nobody answered, though somebody waits for it."""
    return Refusal(500, "server_error", "limner failed; its log says why")


def stopping() -> Refusal:
    """The refusal of new requests while the server stops."""
    told = "this server is stopping; ask again in a moment"
    return Refusal(503, "server_stopping", told, ((b"retry-after", b"5"),))
