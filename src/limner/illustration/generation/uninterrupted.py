"""Things that must be finished even if whoever does them is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def ended(task: "asyncio.Future[Any]") -> None:
    """Wait until a task has ended, however it ends. If the waiting is cancelled, raise it then."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Do something to its end. If the caller is cancelled meanwhile, it is raised afterwards."""
    task = asyncio.create_task(work)
    try:
        await ended(task)
    except asyncio.CancelledError:
        if not task.cancelled():
            task.exception()  # the cancellation goes before; this counts as seen
        raise
    return task.result()
