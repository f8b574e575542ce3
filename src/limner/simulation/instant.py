"""Waiting for an instant."""

import asyncio


async def until(instant: float) -> None:
    """Sleep until exactly this instant: adding and subtracting could miss it by a rounding."""
    loop = asyncio.get_running_loop()
    if instant <= loop.time():
        return
    reached: asyncio.Future[None] = loop.create_future()
    timer = loop.call_at(instant, _release, reached)
    try:
        await reached
    finally:
        timer.cancel()


def _release(reached: asyncio.Future[None]) -> None:
    if not reached.done():  # it may have been cancelled in this very instant
        reached.set_result(None)
