"""A whole server: the real listening, guard, library and limiter, with a fake model behind it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from limner.config import Settings
from limner.illustration import ImageBackend
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.server.from_settings import configured_admins, configured_tokens
from limner.server.listener import BoundSocket, listen
from limner.server.logs import Correlation
from limner.server.running_server import RunningServer, running
from limner.server.tokens import TokenBook
from limner.storage import Library
from limner.testing import ScriptedBackend

TOKEN = "a-token-that-nobody-guesses"
PATIENCE = 30.0
"""Seconds within which something must happen; far more than it takes."""


@dataclass(slots=True)
class Served:
    """A server that is listened at.

    Attributes:
        address: Where.
        client: An HTTP client without cookies.
        running: The server.
        library: Its library.
        stop: Ends it when set.
        task: Ends when it has stopped.
    """

    address: str
    client: aiohttp.ClientSession
    running: RunningServer
    library: Library
    stop: asyncio.Event
    task: "asyncio.Task[None]"

    async def status(self, method: str, path: str, **options: Any) -> int:
        """The status of an answer whose body is not read."""
        url = self.address + path
        async with self.client.request(method, url, allow_redirects=False, **options) as answer:
            return answer.status

    async def text(self, path: str, **options: Any) -> str:
        """The body of an answer."""
        async with self.client.get(self.address + path, **options) as answer:
            return await answer.text()

    async def raw(self, sent: bytes) -> bytes:
        """What comes back over a connection until it is closed."""
        host, port = self.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(sent)
            await writer.drain()
            async with asyncio.timeout(PATIENCE):
                return await reader.read()
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def served(
    place: Path,
    *,
    backend: ImageBackend | None = None,
    llm: str | None = None,
    settings: Mapping[str, Any] | None = None,
    busy_timeout: float = 5.0,
    spans: PictureSpans | None = None,
    **options: Any,
) -> AsyncIterator[Served]:
    """A server over a library in this place; the options are those of the table ``serve``."""
    chosen = Settings(llm_url=llm, serve={"grace": 0.0, **options}, **(settings or {}))
    correlation = Correlation()
    async with contextlib.AsyncExitStack() as stack:
        library = await stack.enter_async_context(
            await Library.open(place, busy_timeout=busy_timeout)
        )
        tokens = TokenBook(
            library,
            configured_tokens(chosen),
            admins=configured_admins(chosen),
            clock=time.monotonic,
        )
        listening = BoundSocket("127.0.0.1", 0)
        server = await stack.enter_async_context(
            running(
                chosen,
                library=library,
                tokens=tokens,
                public_url=chosen.serve.public_url or listening.url,
                correlation=correlation,
                backend=backend or ScriptedBackend(seconds=0.0),
                spans=spans,
            )
        )
        stop, ready = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(
            listen(server, listening, chosen.serve, stop=stop, ready=ready.set)
        )
        await ready.wait()
        client = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )
        try:
            yield Served(listening.url, client, server, library, stop, task)
        finally:
            stop.set()
            await client.close()
            await task
