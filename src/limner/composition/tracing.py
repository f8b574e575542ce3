"""Who is told what happens as spans of a trace, as OpenTelemetry's variables say."""

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from urllib.parse import urlsplit

from limner.composition.backends import Wrap
from limner.config import Settings
from limner.errors import MissingExtra
from limner.errors.installation import needing
from limner.illustration import BackendAddress, ImageBackend
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.telemetry import Asked, asked_for
from limner.tracing import Facts, Tracer

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_tracing(
    settings: Settings, say: Callable[[str], object] = log.warning
) -> AsyncIterator[PictureSpans | None]:
    """Tell of what happens for the time of the block, if that is asked for; ``None``: it is not.

    Nothing of OpenTelemetry is loaded if it is not. What stands against it is said in one line, and
    all else goes on: the variables may be meant for other programs.

    Args:
        settings: Whether prompts are told.
        say: Gets that line.
    """
    asked = asked_for(os.environ)
    async with AsyncExitStack() as stack:
        tracer = None if asked is None else await _opened(stack, asked, say)
        yield None if tracer is None else PictureSpans(tracer, prompts=settings.tracing.prompts)


@asynccontextmanager
async def traced(
    command: str, settings: Settings, say: Callable[[str], object]
) -> AsyncIterator[PictureSpans | None]:
    """Tell of a command for the time of the block, as the span that all others are parts of.

    Args:
        command: Its name.
        settings: As for `open_tracing`.
        say: Likewise.
    """
    async with open_tracing(settings, say) as spans:
        with nullcontext() if spans is None else spans.tracer.span(f"limner {command}"):
            yield spans


async def _opened(
    stack: AsyncExitStack, asked: Asked, say: Callable[[str], object]
) -> Tracer | None:
    try:
        if asked.problem:
            raise ValueError(asked.problem)
        with needing(f"what {asked.by} asks for", extra="otel"):
            from limner.telemetry.sending import sending

            return await stack.enter_async_context(sending(asked))
    except (MissingExtra, ValueError) as error:
        say(f"no spans are sent: {error}")
        return None


def with_spans(spans: PictureSpans | None, wrap: Wrap | None = None) -> Wrap | None:
    """What stands before each picture server and tells of its drawings.

    Args:
        spans: Tells; ``None``: nobody does.
        wrap: What stands before it besides.
    """
    if spans is None:
        return wrap

    def both(backend: ImageBackend, name: str) -> ImageBackend:
        told = spans.drawn_by(backend, server_facts(name))
        return told if wrap is None else wrap(told, name)

    return both


def server_facts(name: str) -> Facts:
    """Which picture server a span is of.

    Args:
        name: The server's, fit to be shown.

    Examples:
        >>> server_facts("comfyui+http://gpu1:8188")["server.port"]
        8188
        >>> server_facts("sketch")
        {'limner.backend': 'sketch', 'limner.backend.kind': 'sketch'}
    """
    address = BackendAddress.parse(name)
    facts: dict[str, str | int] = {"limner.backend": name, "limner.backend.kind": address.kind}
    return {**facts, **place_facts(address.url or "")}


def place_facts(url: str) -> Facts:
    """Where a server is, by OpenTelemetry's names; nothing if that is no address.

    Examples:
        >>> place_facts("https://me:secret@h/v1")
        {'server.address': 'h', 'server.port': 443}
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return {}
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {"server.address": parts.hostname, "server.port": port}
