"""What a response says again leads to the same pictures, also where they had no address yet."""

import asyncio
from pathlib import Path

import pytest
from tests.server.proxy.dialects.speaking import BY_NAME
from tests.server.proxy.streams import TAG
from tests.server.served import Served, served
from tests.waiting import PATIENCE

from limner.testing.chat_server import ChatServer, Hang, Reply

pytestmark = pytest.mark.real_time

SPOKEN = BY_NAME["openai responses"]
PIECES = ("A fox. ", TAG, " It ran. ", TAG)


async def read(server: Served, mode: str, *, until: bytes = b"") -> bytes:
    """A stream; at these bytes it is stopped at limner."""
    url, wish = f"{server.address}/v1/responses", {"X-Limner-Mode": mode}
    async with server.client.post(url, json=SPOKEN.asks("Go."), headers=wish) as response:
        got = b""
        while until and until not in got:
            got += await response.content.readany()
        if until:
            async with server.client.post(f"{server.address}/api/stop", json={}) as stopped:
                assert stopped.status == 200
        return got + await asyncio.wait_for(response.read(), PATIENCE)


@pytest.mark.parametrize("mode", ["inline", "hold", "append"])
async def test_the_last_event_has_the_addresses_that_were_said(tmp_path: Path, mode: str) -> None:
    """Whether the model writes as it goes or all at once."""
    live = SPOKEN.server.stream(*PIECES)
    at_once = Reply((b"".join(SPOKEN.server.events(PIECES)),), headers=live.headers)
    async with ChatServer([live, at_once]) as model, served(tmp_path, llm=model.url) as server:
        for _ in range(2):
            got = await read(server, mode)
            assert SPOKEN.ends_well(got)
            assert SPOKEN.text(got).count("/images/") == 2
            assert b"promised" not in got


async def test_so_has_the_last_one_of_a_response_that_is_stopped(tmp_path: Path) -> None:
    """It was never written by a model."""
    reply = SPOKEN.server.stream("A fox. ", TAG, " It ran.", Hang())
    async with ChatServer(reply) as model, served(tmp_path, llm=model.url) as server:
        got = await read(server, "inline", until=b"It ran.")
    assert SPOKEN.ends_well(got)
    assert SPOKEN.text(got).count("/images/") == 1
    assert b"promised" not in got
