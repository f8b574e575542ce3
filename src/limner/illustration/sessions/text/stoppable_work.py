"""Work of a session that can be stopped, and nothing else with it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from limner.errors import JobCancelled
from limner.uninterrupted import done


class StoppableWork:
    """Does one thing after the other, until somebody stops it for good.

    Attributes:
        stopped: Whether somebody has.
    """

    def __init__(self) -> None:
        self.stopped = False
        self._task: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """Stop what is done, and all that would follow. Returns at once."""
        self.stopped = True
        if self._task is not None:
            self._task.cancel()

    async def error_of(self, work: Coroutine[Any, Any, None], name: str) -> Exception | None:
        """Do something; gives its error, ``None`` also if it was stopped.

        Args:
            work: What.
            name: What it is called in its task's name and in the error of one that cancels itself.

        Raises:
            asyncio.CancelledError: Whoever waits was cancelled; the work has ended.
        """
        self._task = asyncio.create_task(work, name=name)
        if self.stopped:
            self._task.cancel()
        try:
            await done(self._task)
        except asyncio.CancelledError:
            self._task.cancel()
            await done(self._task)
            raise
        if self._task.cancelled():
            return None if self.stopped else JobCancelled(f"the {name} cancelled itself")
        failure = self._task.exception()
        if failure is not None and not isinstance(failure, Exception):
            raise failure
        return failure
