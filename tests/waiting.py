"""How tests wait in real time: for a condition, with a deadline; or a while, for a reason.

Nothing else in the tests sleeps on a real clock: `test_sleeps` looks. What happens on virtual time
sleeps as it likes.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

PATIENCE = 60.0
"""Seconds after which what has not come is missing: far more than it takes on a busy machine."""

LOOK = 0.005
"""Seconds between two looks at what tells nobody that it has changed."""


async def until(
    condition: Callable[[], bool | Awaitable[bool]],
    *,
    patience: float = PATIENCE,
    every: float = LOOK,
) -> None:
    """Wait for a condition that no event tells of.

    Args:
        condition: Whether it holds; may be a coroutine function.
        patience: Seconds after which it is missing.
        every: Seconds between two looks.

    Raises:
        TimeoutError: It did not come to hold.
    """
    async with asyncio.timeout(patience):
        while True:
            holds = condition()
            if await holds if inspect.isawaitable(holds) else holds:
                return
            await asyncio.sleep(every)


async def pause(seconds: float, *, because: str) -> None:
    """Let real time pass where time itself is what is tested, never to wait for something.

    Args:
        seconds: How long.
        because: Why no condition can be waited for instead.
    """
    assert because
    await asyncio.sleep(seconds)
