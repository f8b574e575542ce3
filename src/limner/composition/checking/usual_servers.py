"""The servers that people run on their own machine, looked for at the ports they usually have."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from limner.backends.images.support.capabilities import Checkable
from limner.composition.backends import closing, make_backend_at
from limner.composition.text_models import text_model
from limner.config import Settings, UpstreamSettings
from limner.errors import LimnerError

TEXTS = (
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("LM Studio", "http://127.0.0.1:1234/v1"),
    ("llama.cpp", "http://127.0.0.1:8080/v1"),
    ("KoboldCpp", "http://127.0.0.1:5001/v1"),
    ("text-generation-webui", "http://127.0.0.1:5000/v1"),
    ("vLLM", "http://127.0.0.1:8000/v1"),
    ("Jan", "http://127.0.0.1:1337/v1"),
)
PICTURES = (
    ("AUTOMATIC1111, Forge, SD.Next", "a1111+http://127.0.0.1:7860"),
    ("ComfyUI", "comfyui+http://127.0.0.1:8188"),
    ("Draw Things", "a1111+http://127.0.0.1:7859"),
    ("SwarmUI", "comfyui+http://127.0.0.1:7801/ComfyBackendDirect"),
    ("KoboldCpp", "a1111+http://127.0.0.1:5001"),
)

OPEN = 1.0
"""Seconds in which a server on this machine takes a connection."""
ANSWER = 8.0
"""Seconds in which it tells what it is."""


@dataclass(frozen=True, slots=True)
class FoundText:
    """A model server.

    Attributes:
        name: What usually is at its port.
        url: Its address.
        models: What it can write with.
    """

    name: str
    url: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPictures:
    """A server that draws.

    Attributes:
        name: What it says that it is.
        address: How a setting names it.
    """

    name: str
    address: str


async def text_servers(places: Sequence[tuple[str, str]] = TEXTS) -> list[FoundText]:
    """Those that are there and have a model."""
    found = await asyncio.gather(*(_text(name, url) for name, url in places))
    return [one for one in found if one is not None and one.models]


async def picture_servers(places: Sequence[tuple[str, str]] = PICTURES) -> list[FoundPictures]:
    """Those that are there and are what they should be."""
    found = await asyncio.gather(*(_pictures(address) for _, address in places))
    return [one for one in found if one is not None]


async def _text(name: str, url: str) -> FoundText | None:
    if not await _is_open(url):
        return None
    with suppress(LimnerError, TimeoutError):
        async with asyncio.timeout(ANSWER):
            async with text_model(UpstreamSettings(url=url, key=None), Settings()) as client:
                return FoundText(name, url, tuple(await client.models()))
    return None


async def _pictures(address: str) -> FoundPictures | None:
    if not await _is_open(address.partition("+")[2]):
        return None
    with suppress(LimnerError, TimeoutError):
        async with asyncio.timeout(ANSWER), closing(make_backend_at(address, Settings())) as made:
            if isinstance(made, Checkable):
                facts = await made.check()
                return FoundPictures(str(facts.kind), address)
    return None


async def _is_open(url: str) -> bool:
    """Whether something listens there."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(OPEN):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
