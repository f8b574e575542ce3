"""Collects items and handles them together; each gets its own result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from limner.errors import LimiterStopped
from limner.scheduling.limits.validation import check_count, check_seconds

A = TypeVar("A")
B = TypeVar("B")


class Batcher(Generic[A, B]):
    """Hands items over in batches: when one is full, or its first item has waited long enough.

    Args:
        max_size: Items in a full batch, at least 1.
        max_age: Seconds the first item of a batch waits at most.
        handler: ``async (items) -> results``, one result for each item, in the same order. What it
            raises is raised for every item of the batch. Batches may be handled at the same time.

    Raises:
        TypeError: An option of the wrong kind.
        ValueError: Neither ``max_size`` nor ``max_age`` is given, or a number makes no sense.

    Examples:
        >>> import asyncio
        >>> async def double(items):
        ...     return [2 * item for item in items]
        >>> async def main():
        ...     batcher = Batcher(max_size=2, handler=double)
        ...     return await asyncio.gather(batcher.add(1), batcher.add(2))
        >>> asyncio.run(main())
        [2, 4]
    """

    def __init__(
        self,
        *,
        max_size: int | None = None,
        max_age: float | None = None,
        handler: Callable[[list[A]], Awaitable[Sequence[B]]],
    ) -> None:
        if max_size is None and max_age is None:
            raise ValueError("a batch needs an end: give max_size, max_age or both")
        if max_size is not None:
            check_count("max_size", max_size, minimum=1)
        if max_age is not None:
            check_seconds("max_age", max_age)
        if not callable(handler):
            raise TypeError(f"handler must be an async function of the items, not {handler!r}")
        self._max_size = max_size
        self._max_age = max_age
        self._handler = handler
        self._items: list[tuple[A, asyncio.Future[B]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    async def add(self, item: A) -> B:
        """Put an item into the next batch and return its result.

        Cancelling this takes the item out again if its batch has not been handed over.

        Raises:
            LimiterStopped: The batcher was closed.
            TypeError: The handler did not return as many results as it got items.
            BaseException: What the handler raised.
        """
        if self._closed:
            raise LimiterStopped("batcher")
        loop = asyncio.get_running_loop()
        result: asyncio.Future[B] = loop.create_future()
        entry = (item, result)
        self._items.append(entry)
        if self._max_size is not None and len(self._items) >= self._max_size:
            self.flush()
        elif self._max_age is not None and self._timer is None:
            self._timer = loop.call_later(self._max_age, self.flush)
        try:
            return await result
        except asyncio.CancelledError:
            self._items = [other for other in self._items if other is not entry]
            if not self._items:
                self._stop_timer()
            raise

    def flush(self) -> None:
        """Hand over what is there now, if anything; it is handled in a task of its own."""
        self._stop_timer()
        entries, self._items = self._items, []
        if entries:
            task = asyncio.get_running_loop().create_task(self._handle(entries))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def aclose(self) -> None:
        """Hand over what is there, take nothing more, and wait until all has been handled."""
        self._closed = True
        self.flush()
        while self._running:
            await asyncio.wait(list(self._running))

    async def _handle(self, entries: list[tuple[A, asyncio.Future[B]]]) -> None:
        try:
            results = list(await self._handler([item for item, _ in entries]))
            if len(results) != len(entries):
                raise TypeError(
                    f"the handler got {len(entries)} items and returned {len(results)} results"
                )
        except BaseException as error:
            for _, future in entries:
                if not future.done():
                    self._fail(future, error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, future), result in zip(entries, results, strict=True):
                if not future.done():
                    future.set_result(result)

    @staticmethod
    def _fail(future: asyncio.Future[B], error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        elif isinstance(error, StopIteration):  # a future takes none, and a coroutine raises none
            stopped = RuntimeError("the batcher's handler raised StopIteration")
            stopped.__cause__ = error
            future.set_exception(stopped)
        else:
            future.set_exception(error)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
