"""The drawings of a session that have not ended: known, found, and stopped together."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator

from limner.illustration.generation.drawing_task import DrawingTask, Stop

GRACE = 30.0
"""Seconds a picture that is stopped is given to end before everybody goes on without it."""


class DrawingTasks:
    """Starts drawings, keeps them until they have ended, and stops them."""

    def __init__(self) -> None:
        self._tasks: dict[DrawingTask, None] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[DrawingTask]:
        return iter(tuple(self._tasks))

    def begin(self, task: DrawingTask, on_end: Callable[[DrawingTask], None]) -> DrawingTask:
        """Start a drawing; ``on_end`` is called when it has ended and is kept here no more."""

        def ended(task: DrawingTask) -> None:
            del self._tasks[task]
            on_end(task)

        self._tasks[task] = None
        task.begin(ended)
        return task

    def jobs(self) -> Iterator[str]:
        """The limiter's jobs for them, in order."""
        for task in self:
            if task.mark.job_id is not None:
                yield task.mark.job_id

    async def stop(self, why: Stop) -> None:
        """Stop all of them; see `stop_tasks`."""
        await stop_tasks(self, lambda _: why)

    async def give_up(self, error: Exception, left: Exception, tried: Collection[str]) -> None:
        """Stop all of them: what was not tried has not failed.

        Args:
            error: Why those fail that were tried.
            left: What those get who wait for one of the others, which stay asked for.
            tried: The jobs of those that were.
        """

        def why(task: DrawingTask) -> Stop:
            if task.mark.job_id in tried:
                return Stop(error=error)
            return Stop(error=left, leave=True)

        await stop_tasks(self, why)


async def stop_tasks(tasks: Iterable[DrawingTask], why: Callable[[DrawingTask], Stop]) -> None:
    """Stop drawings and wait until they have really ended.

    A backend that does not stop within `GRACE` seconds is left behind (its limiter slot stays
    taken until it ends) and logged.

    Args:
        tasks: Which.
        why: Says for each why.
    """
    everything = list(tasks)
    if not all(task.begun for task in everything):
        # A task that is cancelled before its first step could not keep what becomes of its slot.
        await asyncio.sleep(0)
    for task in everything:
        task.stop(why(task))
    if everything:
        await asyncio.wait([task.task for task in everything], timeout=GRACE)
    for task in everything:
        if not task.task.done():
            await task.abandon()
