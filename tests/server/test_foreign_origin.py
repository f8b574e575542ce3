"""Pages whose origin only looks like one of this machine: whoever owns a name may begin it so."""

from pathlib import Path

import pytest
from tests.server.served import served

from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

LIKE_OURS = (
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1.evil.example:{port}",
    "http://localhost:{port}.evil.example",
    "http://localhost.evil.example",
    "http://localhost@evil.example",
    "http://evil.example@127.0.0.1:{port}",
    "http://evil.example#@127.0.0.1:{port}",
    "http://[::1].evil.example",
    "http://[::1]evil.example:{port}",
    "http://127.0.0.1:{port}/evil.example",
    "http://127.0.0.1\\.evil.example",
    "//127.0.0.1:{port}",
    "127.0.0.1:{port}",
    "null",
    "http://127.0.0.1%25.evil.example",
)
OURS = ("http://127.0.0.1:1", "http://LOCALHOST:1", "http://[::1]:1", "https://localhost")


async def test_no_page_reads_answers_because_its_origin_begins_like_ours(tmp_path: Path) -> None:
    """Host, port, user and brackets are read to their end; pages of this machine may."""
    async with ChatServer(Reply.stream("A ")) as model, served(tmp_path, llm=model.url) as server:
        port = server.address.rpartition(":")[2]
        origins = [(one.format(port=port), False) for one in LIKE_OURS]
        for origin, ours in (*origins, *((one, True) for one in OURS)):
            for method in ("GET", "OPTIONS"):
                asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
                url = f"{server.address}/v1/models"
                async with server.client.request(method, url, headers=asked) as answer:
                    allowed = answer.headers.get("Access-Control-Allow-Origin")
                    assert allowed == (origin if ours else None), (method, origin)
                    assert answer.status == (403 if not ours else 200 if method == "GET" else 204)
            told = await server.status("POST", "/api/pairing", headers={"Origin": origin}, json={})
            assert told == (202 if ours else 403), origin


@pytest.mark.parametrize(
    "host",
    [
        "[::1].evil.example",
        "[::1]evil.example:80",
        "127.0.0.1:80.evil.example",
        "127.0.0.1%25.evil.example",
        "[::1",
    ],
)
async def test_a_name_that_begins_like_an_address_is_none(tmp_path: Path, host: str) -> None:
    """An address is let in as it cannot be rebound; a name that begins with one can."""
    async with served(tmp_path) as server:
        assert await server.status("GET", "/api/chats", headers={"Host": host}) == 421
