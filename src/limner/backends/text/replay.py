"""A text that is there already, given out as if it were being written."""

import asyncio
import math
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from limner.illustration.sessions.text.chunks import Chunks, read_chunks

_PIECE = re.compile(r"\s*\S{1,12}\s?|\s+")
"""About a token: a word with the blank after it; long words in parts."""


def replay(chunks: Chunks, *, speed: float | None) -> AsyncGenerator[str, None]:
    """Pace a text, in pieces of about a word.

    A piece is given out at the instant its last character would have been written. Delays do not
    add up: after a late piece the next comes the sooner. Only time spent waiting for the source
    itself is not caught up, so a slow source is never followed by a burst.

    Args:
        chunks: A text, or its pieces.
        speed: Characters a second; ``None`` or infinity: as fast as they are taken, in the
            pieces in which they came.

    Returns:
        The pieces. Joined they are the text.

    Raises:
        ValueError: The speed is not above 0.

    Examples:
        >>> from limner.testing import run_virtual
        >>> async def listen():
        ...     clock = asyncio.get_running_loop().time
        ...     return [(clock(), word) async for word in replay("Once upon a time", speed=2)]
        >>> run_virtual(listen())
        [(2.5, 'Once '), (5.0, 'upon '), (6.0, 'a '), (8.0, 'time')]
    """
    if speed is not None and not speed > 0:
        raise ValueError(f"speed must be above 0 characters a second, not {speed}")
    if speed is None or math.isinf(speed):
        return _as_they_come(chunks)
    return _paced(chunks, speed)


async def _as_they_come(chunks: Chunks) -> AsyncGenerator[str, None]:
    async with aclosing(read_chunks(chunks)) as source:
        async for chunk in source:
            if chunk:
                yield chunk


async def _paced(chunks: Chunks, speed: float) -> AsyncGenerator[str, None]:
    loop = asyncio.get_running_loop()
    start, written = loop.time(), 0
    asked = start
    async with aclosing(read_chunks(chunks)) as source:
        async for chunk in source:
            start += loop.time() - asked
            for piece in _PIECE.findall(chunk):
                written += len(piece)
                await _sleep_until(start + written / speed)
                yield piece
            asked = loop.time()


async def _sleep_until(when: float) -> None:
    """Sleep until an instant of the loop's clock; other tasks get their turn in any case."""
    loop = asyncio.get_running_loop()
    if when <= loop.time():
        await asyncio.sleep(0)
        return
    wake = loop.create_future()
    timer = loop.call_at(when, _wake, wake)
    try:
        await wake
    finally:
        timer.cancel()


def _wake(sleeper: asyncio.Future[None]) -> None:
    """Wake a sleeper, unless it was cancelled at this very instant."""
    if not sleeper.done():
        sleeper.set_result(None)
