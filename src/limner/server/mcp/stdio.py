"""The tools for a program that has started this process: over standard input and output."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from typing import TYPE_CHECKING, cast

from limner.composition import open_pipeline
from limner.config import Settings
from limner.errors.installation import needing
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.server.events import EventHub
from limner.server.from_settings import default_preferences, text_clients
from limner.server.mcp.standard_streams import Lines, Writing, taken_streams
from limner.server.preferences import LiveSettings
from limner.server.services import Services
from limner.server.story import TextServers
from limner.storage import Library

if TYPE_CHECKING:
    import anyio


@contextlib.asynccontextmanager
async def tool_services(
    settings: Settings, library: Library, spans: PictureSpans | None = None
) -> AsyncIterator[Services]:
    """What the tools work with, where there is no server: its own limiter, over the same library.

    The budget of the settings holds, counted in the library, and so does what people chose on the
    server's page. What a former process left is not taken up: a server may be at it.

    Args:
        settings: How they work.
        library: Where all is kept.
        spans: Tells of pictures; by default nobody is told.

    Raises:
        limner.errors.LimnerError: An address, a key or the library cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        hub = EventHub(now=time.time())
        chosen = await LiveSettings.load(library, defaults=default_preferences(settings))
        texts = TextServers(text_clients(settings), preferred=lambda: chosen.now.model)
        stack.push_async_callback(texts.aclose)
        pipeline = await stack.enter_async_context(
            open_pipeline(
                settings,
                store=library,
                ledger=library,
                compose=chosen.compose,
                refiner=texts,
                spans=spans,
            )
        )
        services = Services.make(
            illustrator=pipeline.illustrator, library=library, hub=hub, settings=chosen, texts=texts
        )
        yield await stack.enter_async_context(services)


async def serve_stdio(services: Services, settings: Settings, *, stop: asyncio.Event) -> None:
    """Answer whoever has started this process, until that closes, or `stop` is set.

    Standard output carries the protocol and nothing else.

    Raises:
        limner.errors.MissingExtra: The protocol's package is not installed.
    """
    with needing("limner mcp", extra="mcp"):
        from mcp.server.stdio import stdio_server

        from limner.server.mcp.caller import Caller
        from limner.server.mcp.tool_server import ToolServer
    tools = ToolServer(services, settings, public_url=None, caller_of=lambda _: Caller())
    server = tools.server()
    with taken_streams() as (source, sink):
        # It asks no more of a file than to give lines and to take text.
        coming = cast("anyio.AsyncFile[str]", Lines(source))
        going = cast("anyio.AsyncFile[str]", Writing(sink))

        async def answer() -> None:
            async with stdio_server(coming, going) as (reading, writing):
                await server.run(reading, writing, server.create_initialization_options())

        await _until(stop, answer())


async def _until(stop: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do something to its end, or until it is to stop; then wait until it has stopped."""
    doing, stopping = asyncio.create_task(work, name="mcp"), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([doing, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (doing, stopping):
            task.cancel()
        await asyncio.wait([doing, stopping])
    if not doing.cancelled():
        doing.result()
