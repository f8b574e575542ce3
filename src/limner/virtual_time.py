"""An event loop that owns time.

It is asyncio's own loop with another selector: where the real one would sleep until the next
timer, this one moves the clock there at once. The clock starts at 0 and is exact: a timer for
the instant 2.5 runs when ``loop.time() == 2.5``.

Only pure asyncio code can run on it: tasks, futures, timers, queues. Sockets, subprocesses and
threads live in real time, where nobody can know whether to wait for them, so they are refused.
"""

import asyncio
import math
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, NoReturn, TypeVar

from limner.errors import LimnerError

T = TypeVar("T")


class Deadlock(LimnerError, RuntimeError):
    """Every task waits, and no timer is left that could wake one.

    Attributes:
        tasks: What waited, as asyncio shows it, in no particular order.
    """

    def __init__(self, tasks: list[str]) -> None:
        self.tasks = tasks
        waiting = "\n  ".join(tasks) or "(the loop has no task)"
        super().__init__(f"deadlock: nothing can ever happen again; waiting:\n  {waiting}")


class _JumpingSelector(selectors.BaseSelector):
    """Watches nothing; waiting moves the loop's clock instead."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(
        self, fileobj: Any, events: int, data: Any = None
    ) -> selectors.SelectorKey:  # asyncio registers its own wake-up socket, and nothing else
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        key = self._keys[fd] = selectors.SelectorKey(fileobj, fd, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj if isinstance(fileobj, int) else fileobj.fileno())

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._loop._jump()
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time. See the module's text for what it can run."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_JumpingSelector(self))
        self._clock_resolution = math.ulp(0.0)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def _jump(self) -> None:
        # The heap is asyncio's own; its first entry is the next timer, because the loop drops
        # cancelled ones from the front before it asks the selector to wait.
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        if not scheduled:
            raise Deadlock([repr(task) for task in asyncio.all_tasks(self)])
        self._now = max(self._now, scheduled[0].when())
        # asyncio runs timers earlier than now + resolution: the smallest step that makes "now" due.
        self._clock_resolution = math.ulp(self._now)

    def run_in_executor(self, *args: Any, **kwargs: Any) -> NoReturn:  # type: ignore[override]  # none is right
        """Refuse: a thread lives in real time."""
        raise RuntimeError("a thread cannot take part in virtual time; use a real event loop")

    def _add_reader(self, fd: Any, *args: Any) -> Any:
        if self._ssock is not None and fd == self._ssock.fileno():  # type: ignore[attr-defined]
            return super()._add_reader(fd, *args)  # type: ignore[misc]
        raise RuntimeError("a socket cannot take part in virtual time; use a real event loop")


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on virtual time.

    Tasks it leaves behind are cancelled and waited for, as `asyncio.run` does.

    Args:
        main: The coroutine.

    Returns:
        What it returns.

    Raises:
        Deadlock: Every task waits and no timer is left. The message lists the tasks.

    Examples:
        >>> import asyncio
        >>> async def nap():
        ...     await asyncio.sleep(3600)
        ...     return asyncio.get_running_loop().time()
        >>> run_virtual(nap())
        3600.0
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
