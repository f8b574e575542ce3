"""A stream of items through a limiter, never far ahead of who iterates over the results."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any

from limner.scheduling.jobs.job import Job

Submit = Callable[[Any], Job[Any]]
"""Hands the job of one item over."""
MayWait = Callable[[Job[Any]], None]
"""Raises if nobody may wait here for a job, because it would be for ever."""


def iterate(items: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[Any]:
    """Return an async iterator over items of either kind.

    Raises:
        TypeError: They cannot be iterated over.
    """
    if isinstance(items, AsyncIterable):
        return aiter(items)
    iterator = iter(items)

    async def each() -> AsyncIterator[Any]:
        for item in iterator:
            yield item

    return each()


class _Feed:
    """Takes items and hands their jobs over, in a task of its own, as far ahead as is allowed.

    Whoever takes the results waits for `news`: the end of a job, or of the items.
    """

    def __init__(
        self, submit: Submit, may_wait: MayWait, source: AsyncIterator[Any], prefetch: int
    ) -> None:
        self._submit = submit
        self._may_wait = may_wait
        self._source = source
        self._room = asyncio.Semaphore(prefetch)
        self._news = asyncio.Event()
        self.jobs: deque[Job[Any]] = deque()
        """In the order of their items."""
        self.ended: deque[Job[Any]] = deque()
        """In the order in which they ended."""
        self.task = asyncio.get_running_loop().create_task(self._take_all())
        self.task.add_done_callback(lambda task: self._news.set())

    async def _take_all(self) -> None:
        while True:
            await self._room.acquire()
            try:
                item = await anext(self._source)
            except StopAsyncIteration:
                return
            job = self._submit(item)
            self.jobs.append(job)
            if len(self.jobs) == 1:
                self._news.set()  # may it be waited for?
            job.add_done_callback(self._note_end)

    def _note_end(self, job: Job[Any]) -> None:
        self.ended.append(job)
        self._news.set()

    async def news(self) -> None:
        """Wait until something has happened since the last time."""
        if self.jobs:
            self._may_wait(self.jobs[0])  # those behind it have the same options
        await self._news.wait()
        self._news.clear()

    def take(self, job: Job[Any]) -> None:
        """Take a job out: there is room for another."""
        self.jobs.remove(job)
        self._room.release()

    def end(self) -> None:
        """Raise what the items, or the limiter that was to take one, ended with."""
        self.task.result()

    async def aclose(self) -> None:
        """Take no more items, cancel the jobs that are left, and wait for their end."""
        self.task.cancel()
        try:
            await asyncio.wait({self.task})
        finally:  # also if nobody waits for the items' end any more
            for job in self.jobs:
                job.cancel("the iteration was left")
        if not self.task.cancelled():
            self.task.exception()  # it was raised in its place, or is of no interest any more
        while not all(job.done() for job in self.jobs):
            await self.news()
        for job in self.jobs:
            job.exception()  # likewise


async def in_order(
    submit: Submit, may_wait: MayWait, source: AsyncIterator[Any], prefetch: int
) -> AsyncGenerator[Any, None]:
    """Give the results in the order of the items."""
    feed = _Feed(submit, may_wait, source, prefetch)
    try:
        while feed.jobs or not feed.task.done():
            if feed.jobs and feed.jobs[0].done():
                job = feed.jobs[0]
                result = job.result()
                feed.take(job)
                yield result
            else:
                await feed.news()
        feed.end()
    finally:
        await feed.aclose()


async def as_ended(
    submit: Submit, may_wait: MayWait, source: AsyncIterator[Any], prefetch: int
) -> AsyncGenerator[Any, None]:
    """Give the results as they end."""
    feed = _Feed(submit, may_wait, source, prefetch)
    try:
        while feed.jobs or not feed.task.done():
            if feed.ended:
                job = feed.ended.popleft()
                result = job.result()
                feed.take(job)
                yield result
            else:
                await feed.news()
        feed.end()
    finally:
        await feed.aclose()
