"""Hostile answers of the services that draw elsewhere: each is refused with a typed error."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.backends.images.samples import bad_archives, bad_bodies, bad_pictures

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.horde.backend import HordeBackend
from limner.backends.images.horde.options import HordeOptions
from limner.backends.images.novelai.backend import NovelAIBackend
from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.pollinations.backend import PollinationsBackend
from limner.backends.images.support.server import PictureServer
from limner.errors import BackendError, BadPicture
from limner.illustration import ImageRequest
from limner.testing.horde_server import HordeServer
from limner.testing.novelai_server import NovelAIServer
from limner.testing.picture_fault import Body, Fault, Sent
from limner.testing.picture_server import FakePictureServer
from limner.testing.pollinations_server import PollinationsServer

PICTURES, ARCHIVES, BODIES = bad_pictures(), bad_archives(), bad_bodies()
GOOD = BODIES.pop("the picture itself")
del ARCHIVES["no archive"]  # the same
SHORT = Timeouts(connect=5, first_byte=10, idle=10, total=20)
FOX = ImageRequest(prompt="a fox", width=64, height=64, progress=lambda *_: None)

ServerKind = type[FakePictureServer]
Connect = Callable[[str], PictureServer]


def horde(url: str, *, r2: bool) -> PictureServer:
    """A backend for a fake horde."""
    return HordeBackend(url, options=HordeOptions(r2=r2), timeouts=SHORT, poll=0.001)


def novelai(url: str, *, stream: bool) -> PictureServer:
    """A backend for a fake NovelAI."""
    return NovelAIBackend(url, options=NovelAIOptions(stream=stream), timeouts=SHORT)


WAYS: dict[str, tuple[ServerKind, Connect]] = {
    "horde by URL": (HordeServer, lambda url: horde(url, r2=True)),
    "horde as base64": (HordeServer, lambda url: horde(url, r2=False)),
    "novelai as zip": (NovelAIServer, lambda url: novelai(url, stream=False)),
    "novelai as stream": (NovelAIServer, lambda url: novelai(url, stream=True)),
    "pollinations": (PollinationsServer, lambda url: PollinationsBackend(url, timeouts=SHORT)),
}


async def refusals(way: str, faults: list[Fault]) -> list[BackendError]:
    """How a backend takes these drawings, one after another."""
    serve, connect = WAYS[way]
    errors: list[BackendError] = []
    async with serve(faults) as server, connect(server.url) as backend:
        for fault in faults:
            try:
                image = await backend.generate(FOX)
            except BackendError as error:
                errors.append(error)
            else:
                raise AssertionError(f"{fault!r:.200} was taken for {image}")
        assert (await backend.generate(FOX)).data  # and the backend is still of use
        assert server.running == 0
    return errors


@pytest.mark.real_time
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_no_picture_is_refused(way: str) -> None:
    """However it comes, as URL, base64, archive, event or body."""
    errors = await refusals(way, [Sent(data) for data in PICTURES.values()])
    assert len(errors) == len(PICTURES)
    assert all(isinstance(error, BackendError) for error in errors)
    assert sum(isinstance(error, BadPicture) for error in errors) > 0.8 * len(errors)


@pytest.mark.real_time
@pytest.mark.parametrize("way", WAYS)
async def test_a_bad_answer_is_refused(way: str) -> None:
    """Whatever comes as the whole answer becomes a typed error, on one line."""
    faults: list[Fault] = [Body(*body) for body in BODIES.values()]
    for error in await refusals(way, faults):
        assert str(error).isprintable()
        assert len(str(error)) < 1000


@pytest.mark.real_time
@pytest.mark.parametrize("way", ["novelai as zip", "pollinations"])
async def test_a_picture_is_welcome_where_bytes_are_due(way: str) -> None:
    """Content decides, not what it should have been packed in."""
    serve, connect = WAYS[way]
    async with serve([Body(*GOOD)]) as server, connect(server.url) as backend:
        assert (await backend.generate(FOX)).media_type == "image/png"


@pytest.mark.real_time
async def test_a_bad_archive_is_refused() -> None:
    """Bombs, too many files, cut, encrypted."""
    faults: list[Any] = [Body(data, "application/zip") for data in ARCHIVES.values()]
    errors = await refusals("novelai as zip", faults)
    assert all(isinstance(error, BadPicture) for error in errors)


@pytest.mark.real_time
async def test_a_stream_without_end_is_bounded() -> None:
    """Events that lead nowhere end with the time limit."""
    event = b'data: {"event_type": "intermediate", "step_ix": 1, "image": "aaaa"}\n\n'
    short = Timeouts(connect=5, first_byte=0.3, idle=0.3, total=0.4)

    async with NovelAIServer([Body(event * 100, "text/event-stream", length=1 << 30)]) as server:
        options = NovelAIOptions(stream=True)
        async with NovelAIBackend(server.url, options=options, timeouts=short) as backend:
            async with asyncio.timeout(20):
                with pytest.raises(BackendError):
                    await backend.generate(FOX)
