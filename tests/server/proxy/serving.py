"""A proxy as people run it: uvicorn on loopback, a fake model server behind it, real HTTP."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import uvicorn
from tests.waiting import until

from limner.illustration import Illustrator
from limner.scheduling import Limiter
from limner.server.http.exchange import Message
from limner.server.proxy import (
    IllustratorPictureService,
    Instruction,
    ProxyApp,
    ProxySettings,
    Upstream,
    client_session,
)
from limner.server.proxy.dialects.every import DIALECTS
from limner.server.proxy.protocol.dialect import Dialect
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer

INSTRUCTION = {"preset", "every_words", "depth", "tag_example"}
"""Options of `proxy` that say what models are told."""


def once() -> dict[str, Any]:
    """Options of an illustrator that tries nothing twice."""
    return {"limiter": Limiter(max_concurrent=3)}


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the test's."""
        yield


@dataclass(slots=True)
class Proxy:
    """A running proxy.

    Attributes:
        url: Where clients find it, with ``/v1``.
        address: The bare address.
        app: The application.
        pictures: Its pictures.
        illustrator: What draws.
        backend: What the illustrator draws with.
        client: An HTTP client.
    """

    url: str
    address: str
    app: ProxyApp
    pictures: IllustratorPictureService
    illustrator: Illustrator
    backend: ScriptedBackend
    client: aiohttp.ClientSession

    async def ask(self, *, headers: dict[str, str] | None = None, **fields: Any) -> bytes:
        """The whole answer to a streamed question, as bytes."""
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
        url = f"{self.url}/chat/completions"
        async with self.client.post(url, json=body | fields, headers=headers) as response:
            assert response.status == 200
            return await response.read()


@contextlib.asynccontextmanager
async def serve(app: Any, *, http: str = "httptools") -> AsyncIterator[str]:
    """Serve an ASGI application with uvicorn; gives its bare address."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, lifespan="off", log_level="error", http=http, timeout_graceful_shutdown=1
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await until(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@contextlib.asynccontextmanager
async def proxy(
    *servers: ChatServer | Upstream,
    backend: Any = None,
    illustrator: dict[str, Any] | None = None,
    http: str = "httptools",
    pictures: dict[str, Any] | None = None,
    dialects: Sequence[Dialect] = DIALECTS,
    **options: Any,
) -> AsyncIterator[Proxy]:
    """A proxy before these model servers."""
    drawing = backend or ScriptedBackend(seconds=0.0)
    upstreams = tuple(s if isinstance(s, Upstream) else Upstream(url=s.url) for s in servers)
    told = {name: options.pop(name) for name in INSTRUCTION & options.keys()}
    settings = ProxySettings(upstreams=upstreams, **options)
    async with contextlib.AsyncExitStack() as stack:
        illustrating = await stack.enter_async_context(
            Illustrator(backend=drawing, **(illustrator or {}))
        )
        made = IllustratorPictureService(
            illustrating, public_url=settings.public_url, **(pictures or {})
        )
        stack.push_async_callback(made.aclose)
        session = await stack.enter_async_context(client_session(settings))
        app = ProxyApp(
            settings,
            session=session,
            pictures=made,
            instruction=Instruction(**({"preset": None} | told)),
            dialects=dialects,
        )
        address = await stack.enter_async_context(serve(app, http=http))
        client = await stack.enter_async_context(aiohttp.ClientSession())
        yield Proxy(f"{address}/v1", address, app, made, illustrating, drawing, client)


def recognised() -> asyncio.Event:
    """Set as soon as the conversations are recognised, or cannot be, that are asked about now."""
    done = asyncio.Event()
    looking = {task for task in asyncio.all_tasks() if task.get_name() == "recognising a chat"}

    def found(task: "asyncio.Task[Any]") -> None:
        looking.discard(task)
        if not looking:
            done.set()

    for task in looking:
        task.add_done_callback(found)
    if not looking:
        done.set()
    return done


@dataclass(slots=True)
class Call:
    """One request straight to an ASGI application, without a server.

    Attributes:
        sent: What the application sent, in order.
        gone: Set to make the client go away.
    """

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    raises: bool = False
    _asked: bool = False

    async def run(self, app: Any, **scope: Any) -> "Call":
        """Make the call."""
        path, _, query = self.path.partition("?")
        made: dict[str, Any] = {
            "type": "http",
            "method": self.method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in self.headers.items()],
            "client": ("127.0.0.1", 1),
        }
        await app(made | scope, self._receive, self._send)
        return self

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self.raises and self.gone.is_set():
            raise OSError("the client is gone")  # as servers since ASGI 2.4 do
        self.sent.append(message)
        self.changed.set()

    @property
    def status(self) -> int:
        """The status of the answer."""
        return int(self.sent[0]["status"])

    @property
    def answer(self) -> bytes:
        """The body of the answer."""
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.answer)

    def header(self, name: str) -> str | None:
        """A header of the answer."""
        found = dict(self.sent[0]["headers"]).get(name.encode())
        return None if found is None else found.decode()
