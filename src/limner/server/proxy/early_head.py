"""An answer that begins before the model does: whoever waits for it is told that all is well."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from limner.server.http.exchange import ClientGone, Exchange, Header
from limner.server.proxy.relay import KEEP_ALIVE


@contextmanager
def early_head(exchange: Exchange, headers: list[Header], *, after: float) -> Iterator[None]:
    """Begin a stream of events after some seconds, and keep it alive, for the time of the block.

    Proxies give up a server that says nothing for a minute, and a large model thinks longer. An
    answer that was begun so is `started`: whatever goes wrong then can only be told in it.

    Args:
        exchange: The client.
        headers: Those of the stream.
        after: Seconds of silence, each time.
    """
    tasks: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()
    # A task for each question would make every answer later.
    timer = loop.call_later(
        after, lambda: tasks.append(loop.create_task(_told(exchange, headers, after)))
    )
    try:
        yield
    finally:
        timer.cancel()
        for task in tasks:
            task.cancel()


async def _told(exchange: Exchange, headers: list[Header], pause: float) -> None:
    with suppress(ClientGone):  # whoever answers hears of it as well
        await exchange.start(200, headers)
        while True:
            await exchange.write(KEEP_ALIVE)
            await asyncio.sleep(pause)
