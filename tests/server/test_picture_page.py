"""A picture's own page is its owner's; there is none for what is no picture."""

from pathlib import Path

import pytest
from tests.server.live.easel import tags
from tests.server.live.watching import told
from tests.server.served import TOKEN, served

from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time


async def test_what_belongs_to_others_is_not_there(tmp_path: Path) -> None:
    """Where users have their conversations to themselves; the picture itself is open to all."""
    tokens = {"anna": TOKEN, "bert": TOKEN[::-1]}
    async with (
        ChatServer(Reply.stream(tags(["a fox"]))) as model,
        served(tmp_path, llm=model.url, household=False, tokens=tokens) as server,
    ):
        server.client.headers["Authorization"] = f"Bearer {TOKEN}"
        (path,) = await told(server)
        page = path.replace("/images/", "/picture/").removesuffix(".png")
        text = await server.text(page)
        assert f'src="..{path}"' in text
        assert "a fox" in text
        bert = {"Authorization": f"Bearer {TOKEN[::-1]}"}
        for method in ("GET", "POST"):
            assert await server.status(method, page, headers=bert) == 404
        assert await server.status("GET", path, headers=bert) == 200
        del server.client.headers["Authorization"]
        assert await server.status("GET", page) == 401


@pytest.mark.parametrize("name", ["0" * 20, "00ff"])
async def test_an_unknown_picture_has_a_page_that_says_so(tmp_path: Path, name: str) -> None:
    """In words, for people."""
    async with served(tmp_path) as server:
        async with server.client.get(f"{server.address}/picture/{name}") as answer:
            assert (answer.status, answer.content_type) == (404, "text/html")
            assert "There is no such picture" in await answer.text()
