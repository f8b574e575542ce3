"""`limner mcp`: tools for a model, over standard input and output."""

import asyncio
import sys
from typing import TYPE_CHECKING

import typer

from limner.cli.illustrate import PictureTimeout
from limner.cli.serve import (
    Backend,
    ConfigOption,
    Llm,
    MaxConcurrent,
    MinInterval,
    Verbose,
)
from limner.cli.shared.library_place import LibraryOption
from limner.cli.shared.options import SharedLimits, settings_with

if TYPE_CHECKING:
    from limner.config import Settings


def mcp(
    backend: Backend = None,
    llm: Llm = None,
    library: LibraryOption = None,
    config: ConfigOption = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    shared_limits: SharedLimits = None,
    picture_timeout: PictureTimeout = None,
    verbose: Verbose = False,
) -> int:
    """Let a program with a language model draw: tools by the Model Context Protocol.

    Claude Desktop, LM Studio, Cursor and their like start it and talk to it over standard input
    and output; docs/mcp.md says how each is told to. Pictures are kept in the same library as
    those of `limner serve`. Where that runs, connect to its /mcp instead: all share one limit then.
    """
    from limner.composition import check_backends

    settings = settings_with(
        config,
        llm=llm,
        backend=backend,
        max_concurrent=max_concurrent,
        min_interval=min_interval,
        shared_limits=shared_limits,
        picture_timeout=picture_timeout,
        library=library,
    )
    check_backends(settings)
    return _mcp(settings, level="debug" if verbose else "warning")


def _mcp(settings: "Settings", level: str) -> int:
    from limner.backends.http.secrets import Secrets
    from limner.errors.installation import needing
    from limner.server.from_settings import secrets_of
    from limner.server.logs import Correlation, logging_to

    with needing("limner mcp", extra="mcp"):
        import mcp.server  # noqa: F401 - before a library is begun
    with logging_to(
        sys.stderr,
        correlation=Correlation(),
        secrets=Secrets(secrets_of(settings)),
        level=level,
        as_json=False,
    ):
        asyncio.run(_run(settings))
    return 0


async def _run(settings: "Settings") -> None:
    from limner.cli.shared.interrupt import on_interrupt
    from limner.composition import begin_library, open_library, open_tracing
    from limner.server.mcp.stdio import serve_stdio, tool_services

    stop = asyncio.Event()
    with on_interrupt(stop.set):
        async with open_library(begin_library(settings), settings, begin=True) as library:
            if await library.is_open_elsewhere():
                typer.echo(
                    "limner: somebody else has this library open, with a limit of their own; where "
                    "limner serve runs, its address with /mcp shares its limit",
                    err=True,
                )
            async with (
                open_tracing(settings) as spans,
                tool_services(settings, library, spans) as services,
            ):
                await serve_stdio(services, settings, stop=stop)
