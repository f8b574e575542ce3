"""The official client, connected to a whole server over HTTP; and what draws for it."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from tests.server.painter import Painter
from tests.server.served import Served

from limner.illustration import Image, ImageRequest

GENERATIONS = ("legacy", "auto")
"""The protocol with a session (until 2025-11-25), and the one without (from 2026-07-28 on)."""
FOX = '<!--img-prompt="a fox"-->'
CROW = '<!--img-prompt="a crow"-->'


class Easel(Painter):
    """Draws when it is let; a prompt that says "broken" fails, and one says how far it is first."""

    def __init__(self) -> None:
        super().__init__(seconds=0.0, fails=_fails)
        self.open = asyncio.Event()
        self.open.set()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw it, once the way is open."""
        self.seconds = 0.0
        if request.progress is not None:
            request.progress(0.4, None)
        return await super().generate(request)

    async def _take_time(self, request: ImageRequest) -> None:
        await self.open.wait()


def _fails(request: ImageRequest) -> Exception | None:
    return RuntimeError("the paint is dry") if "broken" in request.prompt else None


@contextlib.asynccontextmanager
async def connected(
    server: Served, *, mode: str = "auto", token: str | None = None
) -> AsyncIterator[Client]:
    """A client of a server's tools, with a token if one is given."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    timeout = httpx2.Timeout(60.0)
    async with httpx2.AsyncClient(headers=headers, timeout=timeout) as http:
        transport = streamable_http_client(f"{server.address}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


class Progress:
    """Remembers what is told of how a call goes on."""

    def __init__(self) -> None:
        self.told: list[tuple[float, float | None, str]] = []

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        """Take one report."""
        self.told.append((progress, total, message or ""))

    def said(self, words: str) -> bool:
        """Whether these words were told."""
        return any(words in message for _, _, message in self.told)


def text_of(result: types.CallToolResult) -> str:
    """What a model reads."""
    return "\n".join(one.text for one in result.content if isinstance(one, types.TextContent))


def images_of(result: types.CallToolResult) -> list[bytes]:
    """The small copies."""
    return [base64.b64decode(one.data) for one in _kind(result, types.ImageContent)]


def links_of(result: types.CallToolResult) -> list[str]:
    """What the whole pictures are read by."""
    return [str(one.uri) for one in _kind(result, types.ResourceLink)]


def _kind(result: types.CallToolResult, kind: type[Any]) -> list[Any]:
    return [one for one in result.content if isinstance(one, kind)]
