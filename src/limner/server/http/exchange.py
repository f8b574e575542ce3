"""One request and its answer, over ASGI 3 (asgi.readthedocs.io), without a framework."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs

from limner.errors import RequestRejected

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

T = TypeVar("T")

FAILURE = "limner.failure"
"""The key of a scope under which stands why it was answered with an error, for the log."""
_CHUNKED = "transfer-encoding"
_READ = "limner.headers"
"""The key of a scope under which its headers are as they were read first."""


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers of a request, names in lower case; of equal ones the last. Read once for all.

    Examples:
        >>> headers_of({"headers": [(b"Host", b"a"), (b"host", b"b")]})
        {'host': 'b'}
    """
    read: dict[str, str] | None = scope.get(_READ)
    if read is None:
        read = scope[_READ] = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
    return read


HANGING_UP = "limner.hanging_up"
"""The key of a scope under which stands who tells of a client that goes away, if somebody does."""


class HangingUp(Protocol):
    """Tells at once when a client goes away. Others learn it from what they receive of it."""

    def when_gone(self, handler: Callable[[], None] | None) -> None:
        """Have a function called then, in the place of the one before; ``None``: none."""
        ...


class ClientGone(Exception):
    """The client has closed its connection: there is nobody to answer."""


class Exchange:
    """One HTTP request, and the way to answer it.

    Args:
        scope: The connection, of type ``http``.
        receive: Gives the request's body, and later tells that the client went away.
        send: Takes the answer.

    Attributes:
        method: The method, in capitals.
        path: The path below the place where this application is mounted.
        headers: The headers of the request, names in lower case; of equal ones the last.
        extra: Headers that every answer gets.
        started: Whether the answer has begun, so that it can no longer become another.
    """

    __slots__ = (
        "_head",
        "_receive",
        "_scope",
        "_send",
        "_whole",
        "extra",
        "headers",
        "method",
        "path",
        "started",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path = local_path(scope)
        self.headers = headers_of(scope)
        self.extra: list[Header] = []
        self.started = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._head: Message | None = None
        self._whole = False

    def forget_headers(self) -> None:
        """Keep them no longer than they are needed, where an answer takes long.

        They are everybody's who has this request, and nobody looks at them again.
        """
        self.headers.clear()
        self._scope["headers"][:] = []

    def failed(self, reason: str) -> None:
        """Have the log say why the answer is an error."""
        self._scope[FAILURE] = reason

    def header(self, name: str) -> str | None:
        """A header of the request, by its name in lower case."""
        return self.headers.get(name)

    def query(self, name: str) -> str | None:
        """A field of the query."""
        fields = parse_qs(self._scope.get("query_string", b"").decode("latin-1"))
        return fields[name][0] if name in fields else None

    @property
    def raw_query(self) -> str:
        """All of the query, as it came."""
        return str(self._scope.get("query_string", b"").decode("latin-1"))

    @property
    def client(self) -> str:
        """The client's address, as far as it is known."""
        client = self._scope.get("client")
        return str(client[0]) if client else ""

    async def body(self, limit: int) -> bytes:
        """The body of the request.

        Raises:
            RequestRejected: It has more bytes than allowed.
            ClientGone: It never came to its end.
        """
        announced = self.header("content-length") or ""
        if announced.isdecimal() and int(announced) > limit:
            raise _too_large(limit)
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
            if not message.get("more_body", False):
                self._whole = True
                return b"".join(parts)

    async def start(self, status: int, headers: Iterable[Header]) -> None:
        """Begin the answer. Its head is sent with the first of its body, or by `send_head`."""
        self.started = True
        self._head = {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, *self.extra],
        }

    async def send_head(self) -> None:
        """Send the head of the answer, if it is not sent yet."""
        if self._head is not None:
            head, self._head = self._head, None
            await self._give(head)

    async def write(self, data: bytes) -> None:
        """Send more of the body; waits while the client does not read."""
        if self._head is not None:
            await self.send_head()
        try:  # as `_give` does; this is called for every chunk of every stream
            await self._send({"type": "http.response.body", "body": data, "more_body": True})
        except OSError:
            raise ClientGone from None

    async def end(self, data: bytes = b"") -> None:
        """Send the last of the body."""
        await self.send_head()
        await self._give({"type": "http.response.body", "body": data, "more_body": False})

    async def respond(self, status: int, body: bytes, headers: Iterable[Header] = ()) -> None:
        """Send a whole answer; to HEAD without its body."""
        length = (b"content-length", str(len(body)).encode())
        await self.start(status, [*headers, length])
        await self.end(b"" if self.method == "HEAD" else body)

    async def unless_gone(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something for as long as the client waits for it.

        Raises:
            ClientGone: The client went away; the work was cancelled and has ended.
        """
        here = asyncio.current_task()
        assert here is not None  # noqa: S101 - a coroutine runs in a task
        # As `asyncio.timeout` does: a task of its own for the work would make every answer later.
        gone = _Gone(here)
        forget = self._when_gone(gone)
        try:
            return await work
        except asyncio.CancelledError:
            if gone.told and here.cancelling() == 1:
                raise ClientGone from None
            raise
        finally:
            if gone.told:
                here.uncancel()
            forget()

    def _when_gone(self, gone: "_Gone") -> Callable[[], object]:
        """Tell when the client goes away; gives what ends that."""
        server: HangingUp | None = self._scope.get(HANGING_UP)
        headers = self.headers
        whole = self._whole or not ("content-length" in headers or _CHUNKED in headers)
        # What still comes of a request has to be received, within its bounds.
        if server is not None and whole:
            server.when_gone(gone.tell)
            return partial(server.when_gone, None)
        watching = asyncio.create_task(self._disconnected())
        watching.add_done_callback(gone.heard)
        return watching.cancel

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _give(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:  # how servers since ASGI 2.4 tell that the client is gone
            raise ClientGone from None


class _Gone:
    """Cancels a task whose client has gone. It is small, since hundreds may wait.

    Args:
        task: The task.

    Attributes:
        told: Whether it was cancelled for that.
    """

    __slots__ = ("_task", "told")

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self._task = task
        self.told = False

    def tell(self) -> None:
        """The client has gone."""
        self.told = self._task.cancel()

    def heard(self, watching: "asyncio.Task[None]") -> None:
        """So says who watched for it, unless nobody wants to know any more."""
        if not watching.cancelled():
            self.tell()


def local_path(scope: Scope) -> str:
    """The path below the place where an application is mounted.

    Examples:
        >>> local_path({"path": "/llm/v1/models", "root_path": "/llm"})
        '/v1/models'
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "").rstrip("/")
    below = path.removeprefix(root) if root and path.startswith(f"{root}/") else path
    return below or "/"


def _too_large(limit: int) -> RequestRejected:
    return RequestRejected(
        f"the request has more than {limit} bytes", status=413, code="request_too_large"
    )
