"""Answers as HTML, block by block, for whoever shows them."""

import asyncio
from pathlib import Path

import pytest
from tests.server.api.running import FOX, running

from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

TALE = f"# A Tale\n\nOnce.\n\n{FOX}\n\nGood *night*."


async def test_blocks_come_in_place_of_words_to_those_who_ask(tmp_path: Path) -> None:
    """Put together they are what the message says when it is loaded."""
    pieces = [TALE[at : at + 12] for at in range(0, len(TALE), 12)]
    async with ChatServer(Reply.stream(*pieces)) as model, running(tmp_path, model) as api:
        async with api.events("?blocks=true") as events, api.events() as others:
            begun = await api.ask("POST", "/chats/tale/messages", {"text": "Tell!"}, status=202)
            await events.until("message.finished")
            await others.until("message.finished")
        shown: list[str] = []
        for told in events.seen:
            if told.kind == "message.blocks":
                assert told.data["message"] == begun["message"]
                shown[told.data["start"] :] = told.data["blocks"]
        kept = await api.ask("GET", f"/messages/{begun['message']}?blocks=true")
        assert shown == kept["blocks"]
        assert shown[0] == "<h1>A Tale</h1>\n"
        assert 'data-slot="0"' in "".join(shown)
        assert "message.text" not in events.kinds()
        assert "message.blocks" not in others.kinds()


async def test_an_answer_that_is_being_written_is_loaded_as_far_as_it_is(tmp_path: Path) -> None:
    """A tag that has only begun is not shown; what the reader says is no HTML."""
    held = asyncio.Event()
    model = ChatServer(Reply.stream("Once.\n\n", 'A fox <!--img-prompt="a f', held))
    async with model, running(tmp_path, model) as api:
        async with api.events("?blocks=true") as events:
            begun = await api.ask("POST", "/chats/tale/messages", {"text": "<b>"}, status=202)
            await events.until("message.blocks", lambda data: "A fox" in "".join(data["blocks"]))
            asked, answer = (await api.ask("GET", "/chats/tale/messages?blocks=true"))["messages"]
            assert answer["blocks"] == ["<p>Once.</p>\n", "<p>A fox</p>\n"]
            assert (asked["blocks"], asked["text"]) == (None, "<b>")
            await api.ask("POST", f"/messages/{begun['message']}/stop")
            held.set()


async def test_who_it_is_and_what_it_has(tmp_path: Path) -> None:
    """The page asks this first."""
    async with running(tmp_path) as api:
        told = await api.ask("GET", "/about")
        assert told["user"] is None
        assert told["version"]
