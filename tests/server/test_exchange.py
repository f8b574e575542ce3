"""One request and its answer, without a server."""

import asyncio
from collections.abc import Callable

import pytest

from limner.server.http.exchange import HANGING_UP, ClientGone, Exchange, Message

ways = pytest.mark.parametrize("way", ["received", "told", "told, with a body"])


class Client:
    """A client that goes away when it is told to.

    Args:
        way: How its server lets know of that: by what is received of it, or at once. What has a
            body is received all the same.
    """

    def __init__(self, way: str) -> None:
        self.handler: Callable[[], None] | None = None
        self.received = 0
        self._gone = asyncio.Event()
        headers = [(b"content-length", b"9")] if "body" in way else []
        scope: Message = {"type": "http", "method": "GET", "path": "/", "headers": headers}
        if "told" in way:
            scope[HANGING_UP] = self
        self.exchange = Exchange(scope, self.receive, self.send)

    def when_gone(self, handler: Callable[[], None] | None) -> None:
        """It calls this then."""
        self.handler = handler

    def go(self) -> None:
        """It goes away."""
        self._gone.set()
        if self.handler is not None:
            self.handler()

    async def receive(self) -> Message:
        """Nothing more comes but the news that it is gone."""
        self.received += 1
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """It hears all of it."""


async def lasting(clean_up: float) -> None:
    """Work that takes for ever, and some seconds to be stopped."""
    try:
        await asyncio.sleep(10**6)
    finally:
        await asyncio.sleep(clean_up)


@ways
async def test_work_for_a_client_that_goes_away_is_stopped_and_has_ended(way: str) -> None:
    """Its task goes on, and is told why; nobody is told of a client that goes later."""
    client = Client(way)
    asyncio.get_running_loop().call_later(1, client.go)
    with pytest.raises(ClientGone):
        await client.exchange.unless_gone(lasting(5))
    assert asyncio.get_running_loop().time() == 6.0
    here = asyncio.current_task()
    assert here is not None
    assert here.cancelling() == 0
    assert client.handler is None
    assert client.received == (way != "told")


async def test_whoever_has_sent_all_of_a_request_is_not_received_from() -> None:
    """Its server tells when it goes: a task that watches would make every answer later."""
    client = Client("told, with a body")
    sent: list[Message] = [{"type": "http.request", "body": b"Go.", "more_body": False}]

    async def receive() -> Message:
        return sent.pop() if sent else await client.receive()

    exchange = Exchange(client.exchange._scope, receive, client.send)
    assert await exchange.body(9) == b"Go."
    asyncio.get_running_loop().call_later(1, client.go)
    with pytest.raises(ClientGone):
        await exchange.unless_gone(lasting(0))
    assert client.received == 0


@ways
async def test_work_that_has_ended_is_not_stopped(way: str) -> None:
    """By a client that goes away behind it."""
    client = Client(way)
    await client.exchange.unless_gone(asyncio.sleep(1))
    client.go()
    await asyncio.sleep(1)
    here = asyncio.current_task()
    assert here is not None
    assert here.cancelling() == 0


@ways
async def test_a_task_that_others_cancel_as_well_is_cancelled(way: str) -> None:
    """A server that stops is obeyed also where the client went away a moment before."""
    client = Client(way)
    task = asyncio.create_task(client.exchange.unless_gone(lasting(5)))
    await asyncio.sleep(1)
    client.go()
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
