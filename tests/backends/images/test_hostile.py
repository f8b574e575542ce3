"""Hostile answers: each is refused with a typed error, in bounded memory and time."""

import asyncio
import io
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from tests.backends.images.samples import (
    animation,
    bad_archives,
    bad_bodies,
    bad_pictures,
    picture,
    png_chunk,
    zipped,
)  # fmt: skip

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.support.archive import read_zip
from limner.backends.images.support.base64_text import decode_base64
from limner.backends.images.support.checking import PictureLimits, check_picture
from limner.errors import BackendError, BadPicture
from limner.illustration import ImageRequest
from limner.testing.a1111_server import A1111Server
from limner.testing.picture_fault import Body, Sent
from limner.testing.picture_server import FakePictureServer

PICTURES, ARCHIVES, BODIES = bad_pictures(), bad_archives(), bad_bodies()
ROOM = 64 << 20
"""Bytes that judging a sample may take at most."""


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_no_picture_is_refused(name: str) -> None:
    """Typed, in one line, and without taking much memory."""
    tracemalloc.start()
    try:
        with pytest.raises(BadPicture) as caught:
            check_picture(PICTURES[name], server="http://here")
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith("http://here sent no picture: ")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_bad_archive_is_refused(name: str) -> None:
    """Bombs, too many files, cut, encrypted: refused before they fill the memory."""
    data = ARCHIVES[name]
    tracemalloc.start()
    try:
        with pytest.raises(BadPicture):
            read_zip(data, largest=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()


def test_a_nested_archive_is_no_picture() -> None:
    """What is in an archive is judged like anything else, and never unpacked again."""
    inner = zipped({"a.png": picture("PNG")})
    (data,) = read_zip(zipped({"image_0.png": inner}), largest=1 << 20)
    with pytest.raises(BadPicture):
        check_picture(data)


@pytest.mark.real_time
@pytest.mark.parametrize("name", BODIES)
async def test_a_bad_answer_is_refused(name: str) -> None:
    """Whatever a server sends as its whole answer becomes a typed error."""
    body, kind, length = BODIES[name]
    timeouts = Timeouts(connect=5, first_byte=10, idle=10, total=20)
    async with A1111Server([Body(body, kind, length)]) as server:
        async with A1111Backend(server.url, timeouts=timeouts) as backend:
            with pytest.raises(BackendError) as caught:
                await backend.generate(ImageRequest(prompt="a fox"))
    assert str(caught.value).isprintable()


class Flood(FakePictureServer):
    """Answers everything with a body that never ends, packed or not."""

    def __init__(self, *, packed: bool) -> None:
        super().__init__()
        self.packed = packed
        self.sent = 0

    def routes(self) -> list[web.RouteDef]:
        """Whatever is asked."""
        return [web.route("*", "/{rest:.*}", self._flood)]

    async def _flood(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        if self.packed:
            response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        while True:
            await response.write(b" " * 65536)
            self.sent += 65536
            await asyncio.sleep(0)


@pytest.mark.real_time
@pytest.mark.parametrize("packed", [False, True])
async def test_an_endless_body_is_given_up(packed: bool) -> None:
    """A body without end, even one packed to almost nothing, is left when it is too long."""
    async with Flood(packed=packed) as server, A1111Backend(server.url) as backend:
        tracemalloc.start()
        try:
            with pytest.raises(BadPicture, match="more than"):
                await backend.models()
            assert tracemalloc.get_traced_memory()[1] < 3 * ROOM
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_what_rides_behind_a_picture_is_cut_off(kind: str) -> None:
    """A polyglot loses its other half; the picture stays as it was."""
    good = picture(kind)
    for rider in (b"<script>alert(1)</script>", zipped({"a": b"b"}), b"\xff\xd9", b"\0"):
        kept = check_picture(good + rider)
        assert rider not in kept.data or len(rider) < 3
        assert (kept.width, kept.height) == (64, 48)
        assert Pillow.open(io.BytesIO(kept.data)).tobytes() == (
            Pillow.open(io.BytesIO(good)).tobytes()
        )


def test_hidden_parts_of_a_picture_are_cut_out() -> None:
    """Private chunks, comments, Exif: none is kept."""
    png = picture("PNG")
    hidden = png[:33] + png_chunk(b"teSt", b"<script>") + png_chunk(b"tEXt", b"a\0<svg>") + png[33:]
    kept = check_picture(hidden)
    assert kept.data == png
    assert kept.text == {"a": "<svg>"}
    jpeg = picture("JPEG")
    noted = jpeg[:2] + b"\xff\xfe\0\x0a<script>" + jpeg[2:]
    assert b"script" not in check_picture(noted).data
    whole = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(whole, "WEBP", xmp=b"<x:xmpmeta/>", lossless=True)
    kept = check_picture(whole.getvalue())
    assert b"xmpmeta" not in kept.data
    assert kept.text == {"xmp": "<x:xmpmeta/>"}


def test_text_that_a1111_hides_in_exif_is_told() -> None:
    """`parameters` of a JPEG or WebP stand in the user comment."""
    exif = Pillow.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "a fox\nSteps: 9".encode("utf-16-be")
    for kind in ("JPEG", "WEBP"):
        whole = io.BytesIO()
        Pillow.new("RGB", (16, 16)).save(whole, kind, exif=exif)
        kept = check_picture(whole.getvalue())
        assert kept.text == {"parameters": "a fox\nSteps: 9"}
        assert b"UNICODE" not in kept.data


def test_a_text_that_unpacks_to_too_much_is_left_out() -> None:
    """A bomb in a text chunk harms neither memory nor the picture."""
    bomb = b"workflow\0\0" + zlib.compress(bytes(64 << 20))
    png = picture("PNG")
    tracemalloc.start()
    try:
        kept = check_picture(png[:33] + png_chunk(b"zTXt", bomb) + png[33:])
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()
    assert kept.data == png
    assert kept.text == {}


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_kept(kind: str) -> None:
    """One still picture, whatever moved."""
    kept = check_picture(animation(kind))
    assert kept.animated
    with Pillow.open(io.BytesIO(kept.data)) as still:
        assert getattr(still, "n_frames", 1) == 1
        assert still.convert("RGB").getpixel((0, 0))[0] > 200  # type: ignore[index]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_every_limit_holds(kind: str) -> None:
    """Bytes, pixels and sides, each by itself."""
    good = picture(kind)
    check_picture(good, limits=PictureLimits(bytes=len(good), pixels=64 * 48, side=64))
    for tight in (
        PictureLimits(bytes=len(good) - 1), PictureLimits(pixels=64 * 48 - 1),
        PictureLimits(side=63),
    ):  # fmt: skip
        with pytest.raises(BadPicture):
            check_picture(good, limits=tight)


@given(st.data())
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    """A picture with changed bytes is refused, or still a picture that decodes."""
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "AVIF"]))
    damaged = bytearray(picture(kind, size=(16, 16)))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = check_picture(bytes(damaged), limits=PictureLimits(pixels=4096))
    except BadPicture:
        return
    with Pillow.open(io.BytesIO(kept.data)) as still:
        still.load()


@given(st.text(max_size=80))
def test_no_text_makes_base64_crash(text: str) -> None:
    """It is decoded, or refused as no picture."""
    with suppress(BadPicture):
        assert decode_base64(text, largest=100)


@pytest.mark.real_time
async def test_a_refused_picture_leaves_the_backend_of_use() -> None:
    """The next drawing is as good as any."""
    async with A1111Server([Sent(b"<svg/>")]) as server, A1111Backend(server.url) as backend:
        with pytest.raises(BadPicture, match="web page or SVG"):
            await backend.generate(ImageRequest(prompt="a fox"))
        assert (await backend.generate(ImageRequest(prompt="a fox"))).data
