"""A picture in a page of others shows how far it is, and then itself: one request for all of it."""

import asyncio
import contextlib
import io
from pathlib import Path

import PIL.Image
import pytest
from tests.server.live.easel import GREEN, Easel, picture, tags
from tests.server.live.watching import BROWSER, shown, size, told
from tests.server.painter import colour_of
from tests.server.served import served
from tests.waiting import until

from limner.errors import BackendRejected
from limner.server.proxy.live.frame import frame
from limner.server.proxy.live.stage import NEXT_START, drawing, failed, queued
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

ONE = {"max_concurrent": 1}


async def test_it_shows_its_place_then_its_progress_then_itself(tmp_path: Path) -> None:
    """In its own size from the first frame on; at the end the very bytes that were drawn."""
    easel = Easel()
    story = tags(["a fox", "an owl"], ' size="640x384"')
    async with (
        ChatServer(Reply.stream(story)) as model,
        served(tmp_path, backend=easel, llm=model.url, settings=ONE) as server,
    ):
        first, second = await told(server)
        await until(lambda: bool(easel.requests))
        async with shown(server, first) as fox, shown(server, second) as owl:
            head = fox.answer.headers
            assert head["Cache-Control"] == "no-store, no-transform"
            assert head["X-Accel-Buffering"] == "no"
            assert "Sec-Fetch-Dest" in head["Vary"]
            frames = [await fox.frame()]
            assert frames[0] == frame((640, 384), drawing())
            assert await owl.frame() == frame((640, 384), queued(0))
            easel.tell(0.25)
            frames.append(await fox.frame())
            assert frames[1] == frame((640, 384), drawing(fraction=0.25))
            easel.tell(0.5, picture("yellow", (32, 32), "JPEG"))
            frames.append(await fox.frame())
            assert colour_of_middle(frames[2]) == (255, 255, 0)
            easel.done.set()
            frames.append(await fox.last())
            assert frames[3] == picture(GREEN, (640, 384))
            assert await owl.last() == picture(GREEN, (640, 384))
            assert {size(one) for one in frames} == {(640, 384)}


async def test_a_failed_picture_says_why_and_a_plain_answer_says_it_too(tmp_path: Path) -> None:
    """In words, in the size that was asked for."""
    easel = Easel(error=BackendRejected("the prompt is too long for this model"))
    async with (
        ChatServer(Reply.stream(tags(["a fox"]))) as model,
        served(tmp_path, backend=easel, llm=model.url) as server,
    ):
        (path,) = await told(server)
        async with shown(server, path) as fox, shown(server, path + "?w=320") as small:
            await fox.frame()
            await small.frame()
            easel.done.set()
            (session,) = server.running.services.illustrator.sessions.active()
            await session.lifetime.ended.wait()
            message = await server.library.load(session.message_id)
            assert message is not None
            assert message.slots[0].failure is not None
            why = failed(message.slots[0].failure.reason)
            assert await fox.last() == frame((768, 512), why)
            assert await small.last() == frame((320, 213), why)
        async with server.client.get(server.address + path) as answer:
            assert await answer.read() == frame((768, 512), why)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "image/png"},
        BROWSER | {"Sec-Fetch-Mode": "cors"},
        BROWSER | {"Origin": "https://chat.example"},
        BROWSER | {"Sec-Fetch-Dest": "empty"},
        BROWSER | {"Sec-Fetch-Dest": "document"},
    ],
)
async def test_whoever_is_no_img_gets_the_finished_bytes(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    """Programs, exports, downloads, and scripts that read pixels; all of them wait."""
    easel = Easel()
    async with (
        ChatServer(Reply.stream(tags(["a fox"]))) as model,
        served(tmp_path, backend=easel, llm=model.url) as server,
    ):
        (path,) = await told(server)
        asking = asyncio.create_task(server.client.get(server.address + path, headers=headers))
        await until(lambda: bool(easel.requests))
        easel.done.set()
        answer = await asking
        assert answer.content_type.startswith("image/")
        assert "Sec-Fetch-Dest" in answer.headers["Vary"]
        assert colour_of(await answer.read()) == "green"


async def test_a_browser_that_does_not_say_what_it_asks_for_is_known_by_what_it_accepts(
    tmp_path: Path,
) -> None:
    """Over plain http from another machine browsers say no more."""
    bare = {name: BROWSER[name] for name in ("Accept", "User-Agent")}
    async with (
        ChatServer(Reply.stream(tags(["a fox"]))) as model,
        served(tmp_path, backend=Easel(), llm=model.url) as server,
    ):
        (path,) = await told(server)
        async with shown(server, path, bare) as fox:
            assert size(await fox.frame()) == (768, 512)


async def test_a_browser_keeps_connections_for_others(tmp_path: Path) -> None:
    """The fifth picture is sent to another name of this machine, where there is room again."""
    async with (
        ChatServer(Reply.stream(tags("abcdefghijklm"))) as model,
        served(tmp_path, backend=Easel(), llm=model.url) as server,
        contextlib.AsyncExitStack() as stack,
    ):
        paths = await told(server)
        for path in paths[:4]:
            await stack.enter_async_context(shown(server, path))
        _, _, port = server.address.rpartition(":")
        url = server.address + paths[4]
        async with server.client.get(url, headers=BROWSER, allow_redirects=False) as answer:
            assert answer.status == 307
            assert answer.headers["Location"] == f"http://pictures-1.localhost:{port}{paths[4]}"
        named = BROWSER | {"Host": f"pictures-1.localhost:{port}"}
        for path in paths[4:8]:
            await stack.enter_async_context(shown(server, path, named))
        async with server.client.get(url, headers=BROWSER, allow_redirects=False) as answer:
            assert "pictures-2.localhost" in answer.headers["Location"]


async def test_where_there_is_no_other_name_the_fifth_is_a_still_picture(tmp_path: Path) -> None:
    """It ends at once, and says that the picture comes with the next loading of the page."""
    elsewhere = BROWSER | {"Host": "192.168.1.5:8750"}
    async with (
        ChatServer(Reply.stream(tags("abcdef"))) as model,
        served(tmp_path, backend=Easel(), llm=model.url) as server,
        contextlib.AsyncExitStack() as stack,
    ):
        paths = await told(server)
        four = [await stack.enter_async_context(shown(server, p, elsewhere)) for p in paths[:4]]
        async with server.client.get(server.address + paths[4], headers=elsewhere) as answer:
            assert answer.content_type == "image/png"
            assert answer.headers["Cache-Control"] == "no-store"
            assert size(await answer.read()) == (768, 512)
        four[0].answer.close()

        async def has_room() -> bool:
            async with server.client.get(server.address + paths[4], headers=elsewhere) as answer:
                return answer.content_type == "multipart/x-mixed-replace"

        await until(has_room)
        other = elsewhere | {"User-Agent": "Mozilla/5.0 Chrome/150.0"}
        async with shown(server, paths[5], other) as another_browser:
            await another_browser.frame()


async def test_a_server_that_stops_shows_its_pictures_and_ends_those_that_wait(
    tmp_path: Path,
) -> None:
    """Nothing is torn: what is there is shown, what is not says when it will be."""
    easel, hold = Easel(), Easel()
    story = tags(["a fox"])
    async with ChatServer(Reply.stream(story)) as model:
        easel.done.set()
        async with served(tmp_path, backend=easel, llm=model.url) as server:
            (drawn,) = await told(server)
            async with server.client.get(server.address + drawn) as answer:
                assert colour_of(await answer.read()) == "green"
        async with served(tmp_path, backend=hold, llm=model.url, grace=30.0) as server:
            (waiting,) = await told(server)
            await until(lambda: bool(hold.requests))
            async with shown(server, waiting) as fox:
                await fox.frame()
                server.stop.set()
                await until(lambda: server.running.readiness.stopping)
                assert await server.status("GET", "/api/chats") == 503
                async with server.client.get(server.address + drawn) as answer:
                    assert colour_of(await answer.read()) == "green"
                hold.done.set()
                assert await fox.last() == picture(GREEN)
        async with served(tmp_path, backend=Easel(), llm=model.url) as server:
            (waiting,) = await told(server)
            async with shown(server, waiting) as fox:
                await fox.frame()
                server.stop.set()
                assert await fox.last() == frame((768, 512), NEXT_START)


def colour_of_middle(data: bytes) -> tuple[int, int, int]:
    """The colour in the middle of a picture, told roughly."""
    with PIL.Image.open(io.BytesIO(data)) as opened:
        seen = opened.convert("RGB").getpixel((opened.width // 2, opened.height // 2))
    assert isinstance(seen, tuple)
    return tuple(255 if one > 250 else 0 if one < 5 else one for one in seen)  # type: ignore[return-value]
