"""How far a model is read ahead of a client that does not read."""

import asyncio
from typing import Any, cast

import pytest

from limner.server.http.exchange import Exchange, Message
from limner.server.proxy import ProxySettings, Upstream
from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.protocol.pass_through import PassThrough
from limner.server.proxy.relay import READ_AHEAD, Relay

PIECE = b"data: {}\n\n" * 10_000


class Model:
    """An answer of forty pieces, each there as soon as it is read."""

    def __init__(self) -> None:
        self.read = 0
        self.content = self

    async def readany(self) -> bytes:
        """The next piece."""
        await asyncio.sleep(0)
        self.read += 1
        return PIECE if self.read <= 40 else b""

    def close(self) -> None:
        """Nothing is to be given back."""


class Client:
    """A client that reads when it is let."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.got = b""

    async def send(self, message: Message) -> None:
        """Take some of the answer."""
        if message["type"] == "http.response.body":
            await self.reads.wait()
            self.got += message["body"]


@pytest.mark.parametrize("holding", [False, True])
async def test_a_model_is_read_ahead_of_a_client_only_so_far(holding: bool) -> None:
    """Whatever waits for pictures or does not: memory stays bounded, and nothing is lost."""
    model, client = Model(), Client()
    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    exchange = Exchange(scope, cast(Any, None), client.send)
    await exchange.start(200, [])
    settings = ProxySettings(upstreams=(Upstream(url="http://127.0.0.1:9/v1"),))
    relay = Relay(
        exchange,
        cast(Any, model),
        PassThrough(OPENAI_CHAT),
        OPENAI_CHAT,
        server=cast(Any, None),
        settings=settings,
    )
    relaying = asyncio.create_task(relay.run_holding() if holding else relay.run())
    await asyncio.sleep(1)
    assert (model.read - 2) * len(PIECE) <= READ_AHEAD
    client.reads.set()
    await relaying
    assert client.got == PIECE * 40
