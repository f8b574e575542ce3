"""Work that happens whole or not at all, even if whoever waits for it is cancelled."""

import asyncio
from typing import TypeVar

T = TypeVar("T")


async def uninterrupted(task: "asyncio.Future[T]") -> T:
    """Wait for the work to its end. A cancellation meanwhile is raised when it has ended.

    So a transaction is never cut in the middle, and its connection always comes back.

    Raises:
        asyncio.CancelledError: The caller was cancelled. The work has been done, or has failed
            with the error that is the cause of this one.
    """
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError as cancelled:
        if task.cancelled():
            raise
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue  # once is enough: the first cancellation is raised below
        failed = None if task.cancelled() else task.exception()
        raise cancelled from failed
