"""Pictures for foreign front-ends: held until they are drawn, then kept and asked about."""

import asyncio
import io

import PIL.Image
import pytest
from tests.server.painter import Painter
from tests.server.proxy.serving import Call, Proxy, once, proxy
from tests.server.proxy.streams import TAG, texts

from limner.errors import BackendUnavailable
from limner.prompts import find_pictures
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

VARY = "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, Origin"
BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


async def path_of(limner: Proxy) -> str:
    """The path of a picture in a new answer."""
    (picture,) = find_pictures(texts(await limner.ask())[0])
    return f"/images/{picture.id}.png"


def format_of(data: bytes) -> tuple[str | None, int]:
    """Encoding and width of a picture."""
    with PIL.Image.open(io.BytesIO(data)) as picture:
        return picture.format, picture.width


async def test_the_answer_waits_for_the_picture() -> None:
    """Then it may be kept by anybody, from anywhere, who asks each time whether it is another."""
    async with ChatServer(Reply.stream(TAG)) as model:
        async with proxy(model, backend=Painter(seconds=0.2)) as limner:
            path = await path_of(limner)
            assert limner.illustrator.sessions.active()
            call = await Call("GET", path).run(limner.app)
            assert call.status == 200
            assert call.header("content-type") == "image/png"
            assert call.header("cache-control") == "no-cache"
            assert call.header("access-control-allow-origin") == "*"
            assert call.header("cross-origin-resource-policy") == "cross-origin"
            assert format_of(call.answer) == ("PNG", 512)
            head = await Call("HEAD", path).run(limner.app)
            assert head.answer == b""
            assert head.header("content-length") == str(len(call.answer))
            tag = call.header("etag") or ""
            again = await Call("GET", path, headers={"if-none-match": f'"x", W/{tag}'}).run(
                limner.app
            )
            assert (again.status, again.answer) == (304, b"")
            for name in ("etag", "cache-control", "vary", "access-control-allow-origin"):
                assert again.header(name) == call.header(name)
            async with limner.client.get(limner.address + path) as response:
                assert await response.read() == call.answer


async def test_a_browser_gets_the_encoding_and_size_it_asks_for() -> None:
    """Made once, told apart by ETag, never larger than the picture."""
    async with (
        ChatServer(Reply.stream(TAG)) as model,
        proxy(model, backend=Painter(seconds=0)) as p,
    ):
        path = await path_of(p)
        seen = set()
        for accept, query, expected in (
            (BROWSER, "", ("WEBP", 512)),
            ("image/avif", "", ("AVIF", 512)),
            (BROWSER, "?w=100", ("WEBP", 160)),
            ("image/png", "?w=320", ("PNG", 320)),
            ("*/*", "?w=5000", ("PNG", 512)),
        ):
            call = await Call("GET", path + query, headers={"accept": accept}).run(p.app)
            assert format_of(call.answer) == expected
            assert call.header("vary") == VARY
            assert call.header("content-type") == f"image/{expected[0].lower()}"
            seen.add(call.header("etag"))
        assert len(seen) == 5


async def test_there_is_always_a_picture() -> None:
    """Unknown, failed or late: a frame of the size that was asked for, which nobody keeps."""
    failing = ScriptedBackend(seconds=0, fails=lambda request: BackendUnavailable("no"))
    for backend in (failing, ScriptedBackend(seconds=3600)):
        async with ChatServer(Reply.stream(TAG)) as model:
            async with proxy(model, backend=backend, illustrator=once(), image_wait=0.1) as limner:
                known, unknown = await path_of(limner), f"/images/{'0' * 32}.png"
                for path, whole in ((known, 512), (unknown, 768), ("/images/a.png", 768)):
                    for query, width in (("", whole), ("?w=160", 160)):
                        call = await Call("GET", path + query).run(limner.app)
                        assert (call.status, call.header("cache-control")) == (200, "no-store")
                        assert format_of(call.answer) == ("PNG", width)
                        assert call.header("access-control-allow-origin") == "*"


async def test_one_client_may_hold_only_so_many() -> None:
    """Who asks for more gets what is there at once."""
    async with ChatServer(Reply.stream(TAG)) as model:
        async with proxy(model, backend=ScriptedBackend(seconds=3600), image_waits=2) as limner:
            path = await path_of(limner)
            calls = [Call("GET", path) for _ in range(3)]
            tasks = [asyncio.create_task(call.run(limner.app)) for call in calls]
            done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            assert [task.result().header("cache-control") for task in done] == ["no-store"]
            for call in calls:
                call.gone.set()
            await asyncio.wait(waiting)
            assert limner.illustrator.sessions.active()


async def test_who_waits_and_leaves_does_not_stop_the_picture() -> None:
    """Others wait for it too."""
    async with ChatServer(Reply.stream(TAG)) as model:
        async with proxy(model, backend=Painter(seconds=0.2)) as limner:
            path = await path_of(limner)
            call = Call("GET", path)
            leaving = asyncio.create_task(call.run(limner.app))
            call.gone.set()
            await leaving
            assert call.sent == []
            assert (await Call("GET", path).run(limner.app)).header("etag")


async def test_only_pictures_are_there() -> None:
    """Other methods and other paths are no way in."""
    async with ChatServer(Reply.stream(TAG)) as model, proxy(model) as limner:
        assert (await Call("POST", "/images/00.png").run(limner.app)).status == 405
        for path in ("/images/../x.png", "/images/00.svg", "/images/", "/images/XY.png"):
            assert (await Call("GET", path).run(limner.app)).status == 404
