"""The servers of the settings looked over, and those beside them that nobody has named yet."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from limner.backends.images.support.capabilities import KnowsServer
from limner.composition.backends import backend_addresses, closing, make_backend_at
from limner.composition.checking.checkup import Finding, advice_for, check_pictures, check_text
from limner.composition.checking.usual_servers import (
    PICTURES,
    TEXTS,
    picture_servers,
    text_servers,
)
from limner.composition.text_models import model_for, model_servers, text_model
from limner.config import Settings, UpstreamSettings
from limner.errors import BackendTimeout
from limner.illustration import BackendAddress

USUAL = "sketch"
"""What draws where nobody has said anything."""
CHOSEN_SERVERS = "servers"
"""Under which a library keeps the servers that were picked on the page, by their kind."""
ANSWER = 20.0
"""Seconds in which a server tells what it is, where nobody waits for that."""


@dataclass(frozen=True, slots=True)
class UnusedServer:
    """A server on this machine that the settings do not name.

    Attributes:
        kind: ``"text"`` or ``"pictures"``.
        name: What it is.
        address: How the settings would name it.
        models: What it can write with.
    """

    kind: str
    name: str
    address: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfiguredServer:
    """A server that the settings name.

    Attributes:
        kind: ``"model"`` or ``"picture"``.
        ask: Asks it what it is, which costs nothing and draws nothing, within `ANSWER`; gives no
            finding where there is no server to ask.
    """

    kind: str
    ask: Callable[[], Awaitable[list[Finding]]]


def configured_servers(settings: Settings, *, draws: bool = True) -> list[ConfiguredServer]:
    """Each server that is asked for something: first those that write.

    Args:
        settings: Name them.
        draws: Whether those that draw are among them.

    Examples:
        >>> both = Settings(llm_url="http://h/v1", backend="a1111+http://h:7860")
        >>> [one.kind for one in configured_servers(both)]
        ['model', 'picture']
    """
    writing = [
        ConfiguredServer("model", partial(_asked_text, server, settings))
        for server in model_servers(settings)
    ]
    drawing = [
        ConfiguredServer("picture", partial(_asked_pictures, address, settings))
        for address in (backend_addresses(settings) if draws else ())
    ]
    return [*writing, *drawing]


async def _asked_text(server: UpstreamSettings, settings: Settings) -> list[Finding]:
    async with text_model(server, settings) as client:
        name = client.server
        model = model_for(server, settings)
        return await _in_time(name, check_text(name, client, model=model, ask=False))


async def _asked_pictures(address: str, settings: Settings) -> list[Finding]:
    async with closing(make_backend_at(address, settings)) as backend:
        if not isinstance(backend, KnowsServer):
            return []  # it draws by itself
        name = str(BackendAddress.parse(address))
        return await _in_time(name, check_pictures(name, lambda: backend, draw=False))


async def _in_time(server: str, findings: AsyncIterator[Finding]) -> list[Finding]:
    try:
        async with asyncio.timeout(ANSWER):
            return [finding async for finding in findings]
    except TimeoutError:
        late = BackendTimeout(f"{server} does not answer within {ANSWER:g} s", server=server)
    advice = advice_for(late)
    return [Finding(server=server, step="reachable", ok=False, said=str(late), advice=advice)]


async def picture_findings(settings: Settings, *, able: bool) -> AsyncIterator[Finding]:
    """Look over what draws.

    Args:
        settings: Name it.
        able: Whether to have a picture drawn.
    """
    for address in backend_addresses(settings):
        looked_at = check_pictures(
            str(BackendAddress.parse(address)),
            partial(make_backend_at, address, settings),
            draw=able,
            patience=settings.picture_timeout,
        )
        async for finding in looked_at:
            yield finding


async def text_findings(settings: Settings, *, able: bool) -> AsyncIterator[Finding]:
    """Look over who writes; nothing where nobody does.

    Args:
        settings: Name them.
        able: Whether to have a word said.
    """
    for server in model_servers(settings):
        model = model_for(server, settings)
        async with text_model(server, settings) as client:
            async for finding in check_text(client.server, client, model=model, ask=able):
                yield finding


async def all_findings(settings: Settings, able: bool) -> AsyncIterator[Finding]:
    """Look over what draws and who writes; see `picture_findings` and `text_findings`."""
    async for finding in picture_findings(settings, able=able):
        yield finding
    async for finding in text_findings(settings, able=able):
        yield finding


async def unused_servers(
    settings: Settings,
    *,
    texts: Sequence[tuple[str, str]] = TEXTS,
    pictures: Sequence[tuple[str, str]] = PICTURES,
) -> list[UnusedServer]:
    """Look for servers at their usual places on this machine that are not in use.

    Args:
        settings: Name those in use.
        texts: Where model servers usually are.
        pictures: Where servers that draw usually are.
    """
    used = {_place(one.url) for one in model_servers(settings)}
    used |= {_place(one) for one in backend_addresses(settings)}
    writing, drawing = await asyncio.gather(
        text_servers([one for one in texts if _place(one[1]) not in used]),
        picture_servers([one for one in pictures if _place(one[1]) not in used]),
    )
    return [
        *(UnusedServer("text", one.name, one.url, one.models) for one in writing),
        *(UnusedServer("pictures", one.name, one.address) for one in drawing),
    ]


def with_chosen(settings: Settings, chosen: Mapping[str, Any]) -> Settings:
    """The settings with servers that somebody picked on the page, where they name none.

    Args:
        settings: What the configuration says; where it says something, that rules.
        chosen: The address of a server by its kind, as `UnusedServer` has them.

    Examples:
        >>> with_chosen(Settings(), {"pictures": "a1111+http://127.0.0.1:7860"}).backend
        'a1111+http://127.0.0.1:7860'
        >>> with_chosen(Settings(backend="horde"), {"pictures": "sketch"}).backend
        'horde'
    """
    changes: dict[str, Any] = {}
    text, pictures = chosen.get("text"), chosen.get("pictures")
    if isinstance(text, str) and not model_servers(settings):
        changes["llm_url"] = text
    if isinstance(pictures, str) and settings.backend == USUAL and not settings.backends:
        changes["backend"] = pictures
    return settings.model_copy(update=changes)


def _place(address: str) -> tuple[str | None, int | None]:
    """The machine and port of an address, whichever name this machine has in it."""
    parts = urlsplit(address.partition("+")[2] if "+http" in address else address)
    try:
        port = parts.port
    except ValueError:
        return None, None
    return ("127.0.0.1" if parts.hostname == "localhost" else parts.hostname), port
