"""A stream of items through a limiter, in order and never far ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Any

from limner.scheduling.job import DONE
from limner.scheduling.options import JobOptions, options_from
from limner.scheduling.validation import check_count

if TYPE_CHECKING:
    from limner.scheduling.job import Job
    from limner.scheduling.limiter import Limiter


def mapped(
    limiter: Limiter,
    function: Callable[[Any], Any],
    items: Iterable[Any] | AsyncIterable[Any],
    prefetch: int | None,
    options: JobOptions,
) -> AsyncIterator[Any]:
    """Check what `Limiter.map` was given, and return the results to be."""
    if options_from(options).id is not None:
        raise ValueError("map() makes many jobs: they cannot share one id")
    if not callable(function):
        raise TypeError(f"the first argument is the function to run, not {function!r}")
    if prefetch is not None:
        check_count("prefetch", prefetch, minimum=1)
    source = _as_async(items)
    return _results(limiter, function, source, prefetch, options)


def _as_async(items: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[Any]:
    if isinstance(items, AsyncIterable):
        return aiter(items)
    iterator = iter(items)

    async def each() -> AsyncIterator[Any]:
        for item in iterator:
            yield item

    return each()


async def _results(
    limiter: Limiter,
    function: Callable[[Any], Any],
    source: AsyncIterator[Any],
    prefetch: int | None,
    options: JobOptions,
) -> AsyncIterator[Any]:
    ahead: deque[Job[Any]] = deque()
    try:
        more = True
        while more or ahead:
            while more and len(ahead) < _room(limiter, prefetch):
                try:
                    item = await anext(source)
                except StopAsyncIteration:
                    more = False
                else:
                    ahead.append(limiter.submit(function, item, **options))
            if ahead:
                yield await ahead[0]
                ahead.popleft()
    finally:
        for job in ahead:
            job.cancel("the iteration was left")
        for job in ahead:
            if job.state is not DONE:
                await limiter._engine.ended(job)


def _room(limiter: Limiter, prefetch: int | None) -> int:
    if prefetch is not None:
        return prefetch
    return max(2 * limiter.limits.max_concurrent, 1) if limiter.limits.max_concurrent else 16
