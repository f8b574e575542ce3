"""NovelAI, against a fake of it."""

import asyncio
import io
import json
import zipfile
from functools import partial

import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.novelai.backend import NovelAIBackend
from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.support.checking import PictureLimits
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendUnavailable,
    BadPicture,
)
from limner.illustration import ImageRequest, make_backend
from limner.testing.backend_contract import CHECKS, BackendCase, Check
from limner.testing.novelai_server import NovelAIServer
from limner.testing.picture_fault import Body, Busy, Refused, Rejected, Sent
from limner.testing.picture_server import FakePictureServer

FOX = ImageRequest(prompt="a fox", negative_prompt="blur", width=768, height=512, seed=7)


def connect(
    server: FakePictureServer, timeouts: Timeouts, *, stream: bool = False
) -> NovelAIBackend:
    """A backend for a fake that runs."""
    options = NovelAIOptions(stream=stream)
    return NovelAIBackend(server.url, key=server.key, timeouts=timeouts, options=options)


ZIPPED = BackendCase(serve=NovelAIServer, connect=connect, without=(Refused,))
STREAMED = BackendCase(
    serve=NovelAIServer, connect=partial(connect, stream=True), without=(Refused,)
)


@pytest.mark.real_time
@pytest.mark.parametrize("case", [ZIPPED, STREAMED], ids=["zip", "stream"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(check: Check, case: BackendCase) -> None:
    """Everything that every backend must do."""
    await check(case)


@pytest.mark.real_time
async def test_previews_come_while_it_draws() -> None:
    """Each with a fraction that grows; the final picture is the large one."""
    seen: list[tuple[float, bytes | None]] = []
    request = ImageRequest(prompt="a fox", progress=lambda *told: seen.append(told))
    async with NovelAIServer() as server, connect(server, Timeouts(), stream=True) as backend:
        image = await backend.generate(request)
    assert server.requests[0].path == "/ai/generate-image-stream"
    assert server.jobs[0].body["parameters"]["stream"] == "sse"
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] < 1
    assert all(preview and preview.startswith(b"\xff\xd8") for _, preview in seen)
    assert (image.width, image.height) == (768, 512)


@pytest.mark.real_time
async def test_the_seed_is_read_from_the_picture() -> None:
    """Where none was asked for, the picture's own text tells which was used."""
    text, whole = PngInfo(), io.BytesIO()
    text.add_text("Comment", json.dumps({"seed": 4242}))
    Pillow.new("RGB", (64, 64)).save(whole, "PNG", pnginfo=text)
    async with NovelAIServer([Sent(whole.getvalue())]) as server:
        async with connect(server, Timeouts()) as backend:
            image = await backend.generate(ImageRequest(prompt="a fox", width=64, height=64))
    assert image.seed == 4242
    assert b"Comment" not in image.data


@pytest.mark.real_time
async def test_a_tag_sets_what_is_open_to_it() -> None:
    """Steps and sampler, not the model."""
    attributes = {"steps": "12", "scale": "99", "model": "x", "sampler": "k_euler"}
    request = ImageRequest(prompt="a fox", width=770, height=500, attributes=attributes)
    async with NovelAIServer() as server, connect(server, Timeouts()) as backend:
        image = await backend.generate(request)
    parameters = server.jobs[0].body["parameters"]
    assert (parameters["steps"], parameters["sampler"], parameters["scale"]) == (12, "k_euler", 5.0)
    ignored = image.info["ignored"]
    assert isinstance(ignored, dict)
    assert set(ignored) == {"scale", "model"}
    assert image.info["asked_for"] == "770x500"
    assert image.info["steps"] == 12


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (Rejected(400, "steps must be less"), BackendRejected, "steps must be less"),
        (Rejected(401, "Access token is incorrect."), BackendRejected, "LIMNER_NOVELAI_KEY"),
        (Rejected(402, "Anlas depletion"), BackendRejected, "Anlas depletion.*28 steps"),
        (Rejected(404, "Not Found"), BackendRejected, "image.novelai.net"),
        (Rejected(409, "conflict"), BackendRejected, "conflict"),
        (Busy(3.0), BackendBusy, "one picture at a time"),
        (Rejected(500, "Internal Server Error"), BackendUnavailable, "Internal Server Error"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_every_error_says_what_to_do(
    fault: Rejected | Busy, kind: type[BackendError], said: str, stream: bool
) -> None:
    """NovelAI's words, and what a person can do, by either route."""
    async with NovelAIServer([fault]) as server:
        async with connect(server, Timeouts(), stream=stream) as backend:
            with pytest.raises(kind, match=said):
                await backend.generate(FOX)


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("told", "kind", "said"),
    [
        ({"statusCode": 402, "message": "Anlas depletion"}, BackendRejected, "Opus"),
        ({"statusCode": 429, "message": "locked"}, BackendBusy, "one picture"),
        ({"message": "no luck"}, BackendUnavailable, "no luck"),
        ({}, BackendUnavailable, "without saying why"),
    ],
)
async def test_an_error_in_the_place_of_a_picture_is_told(
    told: object, kind: type[BackendError], said: str
) -> None:
    """A status that says all is well does not make JSON a picture."""
    async with NovelAIServer(told=told) as server, connect(server, Timeouts()) as backend:
        with pytest.raises(kind, match=said):
            await backend.generate(FOX)


STREAMS: list[tuple[bytes, type[BackendError], str]] = [
    (b'event: error\ndata: {"message": "out of memory"}\n\n', BackendUnavailable, "out of memory"),
    (b'event: error\ndata: {"statusCode": 402, "message": "x"}\n\n', BackendRejected, "Anlas"),
    (b"event: error\ndata: what?\n\n", BackendUnavailable, "without saying why"),
    (b'data: {"event_type": "final"}\n\n', BackendUnavailable, "before the picture"),
    (b'data: {"event_type": "final", "image": "%%%"}\n\n', BadPicture, "base64"),
    (b'data: {"event_type": "intermediate", "image": "%%%"}\n\n', BackendUnavailable, "ended"),
    (b"data: []\n\n: nothing\n\n", BackendUnavailable, "before the picture"),
]


@pytest.mark.real_time
@pytest.mark.parametrize(("body", "kind", "said"), STREAMS)
async def test_a_stream_that_ends_badly_is_told(
    body: bytes, kind: type[BackendError], said: str
) -> None:
    """An error inside a stream that began well, nonsense, or no picture at its end."""
    request = ImageRequest(prompt="a fox", progress=lambda *_: None)
    async with NovelAIServer([Body(body, "text/event-stream")]) as server:
        async with connect(server, Timeouts(), stream=True) as backend:
            with pytest.raises(kind, match=said):
                await backend.generate(request)


def packed(*files: bytes) -> bytes:
    """An archive that is much smaller than what is in it."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(files):
            archive.writestr(f"../{number}.png", data)
    return whole.getvalue()


@pytest.mark.real_time
@pytest.mark.parametrize("body", [packed(b"\0" * (64 << 20)), packed(*[b"x"] * 17), b"PK\3\4 no"])
async def test_a_hostile_archive_is_refused(body: bytes) -> None:
    """A bomb, too many files, a broken one."""
    async with NovelAIServer([Body(body, "application/zip")]) as server:
        async with connect(server, Timeouts()) as backend:
            with pytest.raises(BadPicture, match="archive"):
                await backend.generate(FOX)


@pytest.mark.real_time
async def test_what_is_in_an_archive_has_a_bound() -> None:
    """Also where it is packed so little that it is no bomb."""
    noise = bytes(range(256)) * 40
    limits = PictureLimits(bytes=len(noise) // 3)
    async with NovelAIServer([Body(packed(noise), "application/zip")]) as server:
        async with NovelAIBackend(server.url, limits=limits) as backend:
            with pytest.raises(BadPicture, match="in its archive is too large"):
                await backend.generate(FOX)


@pytest.mark.real_time
async def test_the_account_is_looked_at_without_drawing() -> None:
    """Anlas are told; a wrong token is a rejection that says where the right one belongs."""
    async with NovelAIServer(key="pst-secret") as server:
        async with NovelAIBackend(server.url, key="pst-secret") as backend:
            facts = await backend.check()
        async with NovelAIBackend(server.url, key="pst-other") as backend:
            with pytest.raises(BackendRejected, match="LIMNER_NOVELAI_KEY"):
                await backend.check()
    assert facts.kind == "NovelAI"
    assert list(facts.notes) == ["Anlas left: 9088"]
    assert server.jobs == []


async def test_without_a_token_nothing_is_asked() -> None:
    """It is told before any request where the token belongs."""
    async with NovelAIBackend() as backend:
        with pytest.raises(BackendRejected, match="LIMNER_NOVELAI_KEY"):
            await backend.generate(FOX)
        with pytest.raises(BackendRejected, match="LIMNER_NOVELAI_KEY"):
            await backend.check()


@pytest.mark.real_time
async def test_cancelling_closes_the_connection() -> None:
    """That is all NovelAI offers."""
    async with NovelAIServer(gate=asyncio.Event()) as server:
        async with connect(server, Timeouts(), stream=True) as backend:
            drawing = asyncio.create_task(backend.generate(FOX))
            job = await server.job()
            drawing.cancel()
            await job.gone.wait()
            await asyncio.wait([drawing])
    assert drawing.cancelled()


def test_the_address_is_read_as_people_write_it() -> None:
    """NovelAI's own needs none; the route is dropped."""
    for written, shown in (
        ("novelai", "https://image.novelai.net"),
        ("novelai?model=nai-diffusion-5-full&stream=true", "https://image.novelai.net"),
        ("novelai+http://here:1/ai/generate-image/", "http://here:1"),
        ("novelai+http://here:1/ai/generate-image-stream", "http://here:1"),
    ):
        assert repr(make_backend(written)) == f"NovelAIBackend({shown!r})"
