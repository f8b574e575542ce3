"""One request and its answer, without a server."""

import asyncio

import pytest

from limner.server.http.exchange import ClientGone, Exchange, Message


class Client:
    """A client that goes away when it is told to."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.exchange = Exchange(
            {"type": "http", "method": "GET", "path": "/", "headers": []}, self.receive, self.send
        )

    async def receive(self) -> Message:
        """Nothing more comes but the news that it is gone."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """It hears all of it."""


async def lasting(clean_up: float) -> None:
    """Work that takes for ever, and some seconds to be stopped."""
    try:
        await asyncio.sleep(10**6)
    finally:
        await asyncio.sleep(clean_up)


async def test_work_for_a_client_that_goes_away_is_stopped_and_has_ended() -> None:
    """Its task goes on, and is told why."""
    client = Client()
    asyncio.get_running_loop().call_later(1, client.gone.set)
    with pytest.raises(ClientGone):
        await client.exchange.unless_gone(lasting(5))
    assert asyncio.get_running_loop().time() == 6.0
    here = asyncio.current_task()
    assert here is not None
    assert here.cancelling() == 0


async def test_a_task_that_others_cancel_as_well_is_cancelled() -> None:
    """A server that stops is obeyed also where the client went away a moment before."""
    client = Client()
    task = asyncio.create_task(client.exchange.unless_gone(lasting(5)))
    await asyncio.sleep(1)
    client.gone.set()
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
