"""The first request of a conversation, where users have theirs to themselves."""

from pathlib import Path

import pytest
from tests.server.test_roles import house

pytestmark = pytest.mark.real_time


async def test_a_first_request_that_is_refused_begins_no_chat(tmp_path: Path) -> None:
    """Its name is free for whoever begins it; a chat that has begun stays, whatever is refused."""
    async with house(tmp_path, household=False) as home:
        library = home.server.library
        refused: tuple[tuple[str, str, dict[str, object]], ...] = (
            ("POST", "/chats/new/messages", {"text": ""}),
            ("POST", "/chats/new/messages", {"text": "Go.", "unknown": 1}),
            ("POST", "/chats/new/illustrate", {}),
            ("PATCH", "/chats/new/settings", {"preset": "there is none of this name"}),
        )
        for method, path, body in refused:
            assert (await home.ask("anna", method, path, body))[0] == 422, path
            assert await library.chat_owners(["new"]) == {}, path
        text = {"text": "A tale."}
        assert (await home.ask("ben", "POST", "/chats/new/illustrate", text))[0] == 202
        for method, path, body in refused:
            assert (await home.ask("anna", method, path, body))[0] == 404, path
            assert (await home.ask("ben", method, path, body))[0] == 422, path
        assert await library.chat_owners(["new"]) == {"new": "ben"}
        assert (await home.ask("ben", "GET", "/chats/new"))[1]["title"] == "A tale."
