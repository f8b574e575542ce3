"""Work that goes on after the request for it was answered."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)


class BackgroundTasks:
    """Knows every task that runs in the background, until it has ended.

    Examples:
        >>> async def main():
        ...     background = BackgroundTasks()
        ...     task = background.start(asyncio.sleep(0, "done"), name="nap")
        ...     running = background.running
        ...     await background.aclose()
        ...     return running, background.running
        >>> asyncio.run(main())
        (1, 0)
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def running(self) -> int:
        """How many have not ended."""
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T], *, name: str) -> "asyncio.Task[T]":
        """Let something run. What it raises is logged unless somebody has looked at it."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("%s: %s: %s", task.get_name(), type(error).__name__, error)

    async def aclose(self) -> None:
        """Stop what runs, and wait for its end."""
        while tasks := set(self._tasks):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
