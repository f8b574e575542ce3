"""Finished texts: read out of files, with places for pictures where they ask for none."""

from pathlib import Path
from typing import Any

import pytest
from tests.server.served import Served, served
from tests.waiting import until

from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time

TALE = "The fox ran through the snow to the old lighthouse.\n\nIt slept by the fire."


async def read(it: Served, name: str, data: bytes) -> tuple[int, Any]:
    """What the server makes of a file."""
    url = f"{it.address}/api/manuscripts"
    async with it.client.post(url, params={"name": name}, data=data) as answer:
        return answer.status, await answer.json()


async def test_a_story_in_a_file_becomes_text(tmp_path: Path) -> None:
    """By what it is, and by its name; what is no story is refused by that name."""
    async with served(tmp_path) as it:
        page = b"<!doctype html><title>The Fox</title><script>x()</script><p>The <em>fox</em> ran."
        status, told = await read(it, "tale.html", page)
        assert (status, told["text"].splitlines()[-1]) == (200, "The *fox* ran.")
        begun = it.client.post(f"{it.address}/api/chats/x/illustrate", json=told)
        async with begun as answer:
            assert answer.status == 202
        async with it.client.get(f"{it.address}/api/chats/x") as answer:
            assert (await answer.json())["title"] == "The Fox"
        chat = b'{"user_name":"Ann"}\n{"name":"Ann","mes":"A fox, please.","is_user":true}\n'
        status, told = await read(it, "../../chat.jsonl", chat)
        assert (status, "A fox, please." in told["text"]) == (200, True)
        status, told = await read(it, "story.zip", b"PK\x03\x04 nothing")
        assert (status, told["error"]["field"]) == (422, "name")
        assert "story.zip" in told["error"]["message"]
        assert str(tmp_path) not in told["error"]["message"]


@pytest.mark.parametrize("scenes", ["none", "words", "auto"])
async def test_places_for_pictures_are_found_where_it_asks_for_none(
    tmp_path: Path, scenes: str
) -> None:
    """By its own words where no model is configured; only where that is wished."""
    backend = ScriptedBackend(seconds=0.0)
    async with served(tmp_path, backend=backend) as it:
        url = f"{it.address}/api/chats/tale/illustrate"
        async with it.client.post(url, json={"text": TALE, "scenes": scenes}) as answer:
            assert answer.status == 202
            message = (await answer.json())["message"]
        await until(lambda: not it.running.services.illustrator.sessions.active())
        async with it.client.get(f"{it.address}/api/messages/{message}") as answer:
            slots = (await answer.json())["slots"]
        assert bool(slots) == bool(backend.calls) == (scenes != "none")
        async with it.client.post(url, json={"text": TALE, "scenes": "model"}) as answer:
            assert answer.status == 422
