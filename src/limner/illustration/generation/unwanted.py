"""Pictures of a session that nobody wants any more, though the session goes on."""

import asyncio
from collections.abc import Awaitable, Callable

from limner.errors import JobCancelled
from limner.illustration.model.slot import SlotId

Keeps = Callable[[SlotId], bool]
"""Which of a session's pictures go on."""
Stops = Callable[[Exception, Keeps], Awaitable[None]]


class Unwanted:
    """Stops the pictures that are unwanted now, and those that are found later."""

    def __init__(self) -> None:
        self._stop: Stops | None = None
        self._wishes: list[tuple[str, Keeps]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, stop: Stops) -> None:
        """From now on there may be some; what was wished before holds as well.

        Args:
            stop: Stops all that are under way but those that are kept; ends when they have ended.
        """
        self._stop = stop
        self.found()

    def add(self, reason: str, keep: Keeps = lambda _: False) -> None:
        """From now on only these are wanted; returns at once.

        Args:
            reason: Why the others are not.
            keep: Which go on; none by default.
        """
        self._wishes.append((reason, keep))
        self.found()

    def found(self) -> None:
        """There are more pictures than before."""
        if self._wishes and self._stop is not None:
            task = asyncio.create_task(self._heed(self._stop), name="stop of unwanted pictures")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stopped(self) -> None:
        """Wait until the unwanted ones have ended."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _heed(self, stop: Stops) -> None:
        for reason, keep in self._wishes:
            await stop(JobCancelled(reason), keep)
