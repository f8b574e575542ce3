"""What a server does where a picture's file is gone, the disk is full, or another server draws."""

import asyncio
import resource
from pathlib import Path

import pytest
from tests.server.painter import Painter
from tests.server.served import Served, served
from tests.storage.conftest import file_of, kept_files
from tests.waiting import pause, until

from limner.illustration import Illustrator, Message, MessageState, Slot, SlotId
from limner.prompts import PromptTag
from limner.server.proxy.picture_id import PictureId
from limner.storage import Library
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time


async def drawn(server: Served) -> str:
    """The address of a new picture."""
    asked = {"prompt": "a fox", "response_format": "url"}
    async with server.client.post(server.address + "/v1/images/generations", json=asked) as answer:
        return str((await answer.json())["data"][0]["url"])


async def chat_of(server: Served, url: str) -> tuple[str, str]:
    """The chat and the message of a picture."""
    name = PictureId.read(url.rpartition("/")[2].removesuffix(".png"))
    assert name is not None
    message = await server.library.load(name.message_id)
    assert message is not None
    return message.chat_id, message.id


@pytest.mark.parametrize("cut", [False, True])
async def test_a_picture_whose_file_is_gone_is_a_placeholder(tmp_path: Path, cut: bool) -> None:
    """And an export says so in its place."""
    async with served(tmp_path, backend=Painter(seconds=0.0)) as server:
        url = await drawn(server)
        (file,) = kept_files(server.library, "??/*.png")
        if cut:
            file.write_bytes(file.read_bytes()[:20])
        else:
            file.unlink()
        for query, accept in (("", "image/png"), ("?w=160", "image/webp")):
            async with server.client.get(url + query, headers={"Accept": accept}) as answer:
                assert (answer.status, answer.content_type) == (200, "image/png")
                assert answer.headers["Cache-Control"] == "no-store"
        chat, message = await chat_of(server, url)
        for path in (f"/api/chats/{chat}/export", f"/api/messages/{message}/export"):
            for kind in ("html", "md", "epub", "json"):
                async with server.client.get(f"{server.address}{path}?format={kind}") as answer:
                    assert answer.status == 200
                    assert answer.headers["X-Limner-Missing"] == "1"
                    written = await answer.read()
                if kind in ("html", "md"):
                    assert b"picture missing" in written
                    assert b"1 picture is missing" in written[-400:]


@pytest.mark.parametrize("whole", [False, True])
async def test_what_is_missing_is_drawn_again_when_asked(tmp_path: Path, whole: bool) -> None:
    """With the seed it had, in its place; what is there is left alone."""
    painter = Painter(seconds=0.0)
    async with served(tmp_path, backend=painter) as server:
        url = await drawn(server)
        chat, message_id = await chat_of(server, url)
        await drawn(server)
        before = await server.library.load(message_id)
        assert before is not None
        assert before.slots[0].image is not None
        file_of(before.slots[0].image).unlink()
        path = "/api/library/repair" if whole else f"/api/chats/{chat}/repair"
        for missing in (1, 0):
            async with server.client.post(server.address + path) as answer:
                assert answer.status == 202
                told = await answer.json()
            slots = [str(before.slots[0].id)] * missing
            assert told == {"missing": missing, "slots": slots, "refused": []}
            await until(lambda: not server.running.services.background.running)
        after = await server.library.load(message_id)
        assert after is not None
        assert after.slots[0].image is not None
        assert after.slots[0].image.seed == before.slots[0].image.seed
        assert len(after.slots[0].alternatives) == 1
        async with server.client.get(f"{server.address}/api/chats/{chat}/export") as answer:
            assert answer.headers["X-Limner-Missing"] == "0"


async def test_it_is_not_ready_while_its_library_cannot_be_written(tmp_path: Path) -> None:
    """Reading is not enough; it lives all the same, and is ready again when there is room."""
    async with served(tmp_path) as server:
        assert await server.status("GET", "/readyz") == 200
        former = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, former[1]))
        try:
            assert await server.status("GET", "/readyz") == 503
            assert await server.status("GET", "/healthz") == 200
            assert await server.status("GET", "/api/chats") == 200
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, former)
        assert await server.status("GET", "/readyz") == 200


async def test_a_server_waits_for_a_picture_that_another_draws(tmp_path: Path) -> None:
    """Both have the library open; whoever asks the second sees what the first draws."""
    message_id = "0123456789abcdef0123456789ab"
    slot = Slot.of(SlotId(message_id, 0, 0), PromptTag("a fox", "<x>", 0, 3))
    first = Message(id=message_id, text="<x>", slots=(slot,), state=MessageState.COMPLETE)
    go, backend = asyncio.Event(), ScriptedBackend(seconds=0.0)
    async with (
        await Library.open(tmp_path) as library,
        Illustrator(backend=backend, store=library) as other,
        served(tmp_path) as server,
    ):
        await library.save(first)

        async def draw() -> None:
            await go.wait()
            await other.operations.regenerate(slot.id, mode="append")

        drawing = asyncio.create_task(draw())
        url = f"{server.address}/images/{PictureId(message_id, 0, 0).written()}.png"
        asking = asyncio.create_task(server.client.get(url, headers={"Accept": "image/png"}))
        await pause(0.1, because="the second server looks and finds nothing yet")
        assert not asking.done()
        go.set()
        await drawing
        answer = await asking
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-cache"
        assert (await answer.read()) == backend_picture(await library.load(message_id))


def backend_picture(message: Message | None) -> bytes:
    """What was drawn."""
    assert message is not None
    assert message.slots[0].image is not None
    return message.slots[0].image.data
