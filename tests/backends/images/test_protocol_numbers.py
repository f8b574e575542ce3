"""Numbers and keys as each server understands them."""

import pytest

from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.a1111.wire import Flavour
from limner.backends.images.horde.options import HordeOptions
from limner.backends.images.horde.wire import payload
from limner.backends.images.pollinations.backend import PollinationsBackend
from limner.errors import BackendRejected
from limner.illustration import ImageRequest
from limner.testing.a1111_server import A1111Server
from limner.testing.pollinations_server import PollinationsServer


@pytest.mark.real_time
async def test_koboldcpp_draws_every_seed_that_is_told() -> None:
    """Half of ours are negative there, and would be drawn by lot and told as repeatable."""
    async with A1111Server(flavour=Flavour.KOBOLDCPP) as server:
        async with A1111Backend(server.url) as backend:
            image = await backend.generate(ImageRequest(prompt="a fox", seed=(1 << 32) - 1))
    assert image.seed == server.jobs[0].seed == (1 << 31) - 1


@pytest.mark.real_time
async def test_pollinations_draws_another_picture_each_time() -> None:
    """Without a seed of ours its own is always 42; the one that was sent is told."""
    async with PollinationsServer() as server, PollinationsBackend(server.url) as backend:
        images = [await backend.generate(ImageRequest(prompt="a fox")) for _ in range(3)]
    assert [job.seed for job in server.jobs] == [image.seed for image in images]
    assert len({image.seed for image in images}) == 3


def test_the_horde_is_told_that_any_model_will_do() -> None:
    """Without the field it draws with one old model."""
    assert payload(ImageRequest(prompt="a fox"), HordeOptions())["models"] == []


@pytest.mark.real_time
async def test_an_a1111_key_without_a_colon_is_a_token() -> None:
    """As koboldcpp's password, and that of proxies; a wrong one is told."""
    async with A1111Server(key="a-token") as server:
        async with A1111Backend(server.url, key="a-token") as backend:
            await backend.generate(ImageRequest(prompt="a fox"))
        async with A1111Backend(server.url, key="another") as backend:
            with pytest.raises(BackendRejected, match="LIMNER_A1111_KEY"):
                await backend.check()
