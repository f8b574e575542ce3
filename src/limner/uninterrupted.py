"""Work that is done to its end, even if whoever waits for it is cancelled."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


async def done(task: "asyncio.Future[Any]") -> None:
    """Wait until a task is done, however. If the waiting is cancelled, the task goes on.

    It does what `asyncio.wait` does for one, in a fifth of its time: also for a task that is done
    the event loop has its turn, so that what this task woke comes first.
    """
    ending: asyncio.Future[None] = task.get_loop().create_future()
    wake = partial(_wake, ending)
    task.add_done_callback(wake)
    try:
        await ending
    finally:
        task.remove_done_callback(wake)


async def ended(task: "asyncio.Future[Any]") -> None:
    """Wait until a task has ended, however it ends. If the waiting is cancelled, raise it then."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await done(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def uninterrupted(work: "Coroutine[Any, Any, T] | asyncio.Future[T]") -> T:
    """Do something to its end. If the caller is cancelled meanwhile, it is raised afterwards.

    So a transaction is never cut in the middle, and its connection always comes back.

    Raises:
        asyncio.CancelledError: The caller was cancelled. The work has been done, or has failed
            with the error that is the cause of this one.
    """
    task = asyncio.ensure_future(work)
    try:
        await ended(task)
    except asyncio.CancelledError as cancelled:
        failed = None if task.cancelled() else task.exception()
        raise cancelled from failed
    return task.result()


def _wake(ending: "asyncio.Future[None]", _: "asyncio.Future[Any]") -> None:
    if not ending.done():
        ending.set_result(None)
