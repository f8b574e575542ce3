"""Fields of one's own (``extra={…}``) reach the service, joined to what is sent anyway."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from limner.backends.images.horde.backend import HordeBackend
from limner.backends.images.horde.options import HordeOptions
from limner.backends.images.novelai.backend import NovelAIBackend
from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.pollinations.backend import PollinationsBackend
from limner.backends.images.pollinations.options import PollinationsOptions
from limner.errors import ConfigError
from limner.illustration import ImageRequest
from limner.testing.horde_server import HordeServer
from limner.testing.novelai_server import NovelAIServer
from limner.testing.pollinations_server import PollinationsServer

FOX = ImageRequest(prompt="a fox", seed=7)


@pytest.mark.real_time
async def test_the_horde_is_sent_them() -> None:
    """Beside what the worker is told, not in its place."""
    options = HordeOptions(extra='{"params": {"tiling": true}, "workers": ["w-1"]}', steps=9)
    async with HordeServer() as server:
        async with HordeBackend(server.url, options=options, poll=0.01) as backend:
            await backend.generate(FOX)
    body = server.jobs[0].body
    assert body["workers"] == ["w-1"]
    assert (body["params"]["tiling"], body["params"]["steps"]) == (True, 9)


@pytest.mark.real_time
async def test_novelai_is_sent_them() -> None:
    """What is set by a field of one's own goes before limner's."""
    options = NovelAIOptions(extra='{"parameters": {"autoSmea": true, "steps": 3}}')
    async with NovelAIServer(key="pst-1") as server:
        async with NovelAIBackend(server.url, key=server.key, options=options) as backend:
            await backend.generate(FOX)
    sent = server.jobs[0].body["parameters"]
    assert (sent["autoSmea"], sent["steps"], sent["seed"]) == (True, 3, 7)


@pytest.mark.real_time
async def test_pollinations_has_them_in_the_address() -> None:
    """As words of the query."""
    options = PollinationsOptions(extra='{"private": true, "quality": "hd", "n": 2}')
    async with PollinationsServer() as server:
        async with PollinationsBackend(server.url, options=options) as backend:
            await backend.generate(FOX)
    sent = dict(parse_qsl(urlsplit(server.jobs[0].request.path).query))
    assert (sent["private"], sent["quality"], sent["n"]) == ("true", "hd", "2")


@pytest.mark.parametrize(
    "make",
    [lambda: HordeBackend(options=HordeOptions(extra="[1]")),
     lambda: NovelAIBackend(options=NovelAIOptions(extra="{")),
     lambda: PollinationsBackend(options=PollinationsOptions(extra="7"))],
)  # fmt: skip
def test_a_mistake_is_told_before_anything_is_drawn(make: Any) -> None:
    """It must be an object."""
    with pytest.raises(ConfigError, match="extra"):
        make()
