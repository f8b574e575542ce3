"""The operations that wait for their turn at a message: counted, held, dropped."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from limner.illustration.keyed_lock import KeyedLock
from limner.scheduling import JobState, LimiterGroup

T = TypeVar("T")


class OperationQueue:
    """One serial queue for each message, in front of the lock that sessions use as well.

    A pause holds operations that have not begun, and nothing else: a picture that is being drawn
    and a session that commits go on, so a message that is paused for ever loses nothing. An
    operation inside of another on the same message belongs to that one and never waits here.

    Args:
        lock: Whose turn it is to change a message.
        idle_timeout: Seconds after which a message nobody works on is forgotten, if not paused.

    Examples:
        >>> import asyncio
        >>> from limner.testing import run_virtual
        >>> async def main():
        ...     queue, done = OperationQueue(KeyedLock()), []
        ...     async def work():
        ...         done.append(asyncio.get_running_loop().time())
        ...     queue.pause("m")
        ...     waits = asyncio.create_task(queue.perform("m", work))
        ...     await asyncio.sleep(5)
        ...     held = queue.length("m"), list(done)
        ...     queue.resume("m")
        ...     await waits
        ...     return held, done
        >>> run_virtual(main())
        ((1, []), [5.0])
    """

    def __init__(self, lock: KeyedLock, *, idle_timeout: float = 300.0) -> None:
        self._lock = lock
        self._queues: LimiterGroup[str] = LimiterGroup(max_concurrent=1, idle_timeout=idle_timeout)

    async def perform(self, message_id: str, operation: Callable[[], Awaitable[T]]) -> T:
        """Run an operation in its turn and give what it returns, or raise what it raises.

        Raises:
            limner.errors.JobCancelled: `clear` dropped it before it began.
        """
        if self._lock.inside(message_id):
            return await self._lock.perform(message_id, operation)
        async with self._queues[message_id].slot():
            return await self._lock.perform(message_id, operation)

    def pause(self, message_id: str) -> None:
        """Let no operation of a message begin until `resume`. Twice is fine."""
        self._queues[message_id].pause()

    def resume(self, message_id: str) -> None:
        """Let those begin that wait, in the order in which they came."""
        if message_id in self._queues:
            self._queues[message_id].resume()

    def paused(self, message_id: str) -> bool:
        """Whether the operations of a message are held. Asking never creates anything."""
        return message_id in self._queues and self._queues[message_id].paused

    def length(self, message_id: str) -> int:
        """How many operations of a message wait for their turn. Asking never creates anything."""
        return self._queues[message_id].queued() if message_id in self._queues else 0

    def clear(self, message_id: str, *, reason: str = "the operation was dropped") -> int:
        """Drop the operations of a message that wait; tells how many there were.

        Args:
            message_id: The message.
            reason: Why; whoever waits for one of them gets it as `limner.errors.JobCancelled`.
        """
        if message_id not in self._queues:
            return 0
        waiting = self._queues[message_id].jobs(JobState.QUEUED)
        return sum(job.cancel(reason) for job in waiting)
