"""The Python limiters that are measured, and how: throughput, one entry, memory."""

from __future__ import annotations

import asyncio
import gc
import importlib
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from limner.scheduling import Limiter

JOBS = 20_000
WIDTH = 10
DEEP = 100_000


@dataclass(frozen=True, slots=True)
class Timing:
    """What a number of jobs took: seconds of processor time and of the clock on the wall."""

    jobs: int
    cpu: float
    wall: float


Measure = Callable[[], Coroutine[Any, Any, Timing]]
Enter = Callable[[], Callable[[], AbstractAsyncContextManager[object]]]
"""Makes a limiter, and returns what gives one ``async with`` of it."""


class Stopwatch:
    """Takes both times at once."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def read(self, jobs: int) -> Timing:
        """Return what so many jobs took since the watch was made."""
        return Timing(jobs, time.process_time() - self.cpu, time.perf_counter() - self.wall)


async def work() -> None:
    """Yield once, so that jobs really queue."""
    await asyncio.sleep(0)


def optional(name: str) -> Any:
    """Return a module, or ``None`` if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def pyrate(module: Any) -> Callable[[], AbstractAsyncContextManager[object]]:
    """Return pyrate-limiter's acquire as a context; it has nothing to release."""
    limiter = module.Limiter(module.Rate(10**9, 1000))

    class Acquired(AbstractAsyncContextManager[object]):
        async def __aenter__(self) -> object:
            return await limiter.try_acquire_async("work")

        async def __aexit__(self, *_: object) -> None:
            return None

    return Acquired


def again(lock: Any) -> Callable[[], Any]:
    """Return what gives the same lock each time."""
    return lambda: lock


def contexts() -> dict[str, Enter]:
    """Return the limiters that limit how many run at once, by name."""
    found: dict[str, Enter] = {
        "asyncio.Semaphore": lambda: again(asyncio.Semaphore(WIDTH)),
        "limner async with": lambda: again(Limiter(max_concurrent=WIDTH)),
    }
    if anyio := optional("anyio"):
        found["anyio.Semaphore"] = lambda: again(anyio.Semaphore(WIDTH))
        found["anyio.CapacityLimiter"] = lambda: again(anyio.CapacityLimiter(WIDTH))
    return found


def rate_only() -> dict[str, Enter]:
    """Return those that limit rates only: theirs is set so high that it never binds."""
    found: dict[str, Enter] = {}
    if aiolimiter := optional("aiolimiter"):
        found["aiolimiter (rate only)"] = lambda: again(aiolimiter.AsyncLimiter(1e9, 1.0))
    if module := optional("pyrate_limiter"):
        found["pyrate-limiter (rate only)"] = lambda: pyrate(module)
    return found


async def gathered(call: Callable[[], Awaitable[object]]) -> Timing:
    """Run all the jobs at once."""
    watch = Stopwatch()
    await asyncio.gather(*(call() for _ in range(JOBS)))
    return watch.read(JOBS)


def within(make: Enter) -> Measure:
    """Measure jobs in an ``async with``."""

    async def measure() -> Timing:
        enter = make()

        async def call() -> None:
            async with enter():
                await work()

        return await gathered(call)

    return measure


def entered(make: Enter) -> Measure:
    """Measure one ``async with`` after another."""

    async def measure() -> Timing:
        enter = make()
        watch = Stopwatch()
        for _ in range(JOBS):
            async with enter():
                pass
        return watch.read(JOBS)

    return measure


async def limner_run() -> Timing:
    """Measure jobs through run()."""
    limiter = Limiter(max_concurrent=WIDTH)
    return await gathered(lambda: limiter.run(work))


async def aiometer_run() -> Timing:
    """Measure jobs through aiometer.run_all."""
    run_all = importlib.import_module("aiometer").run_all
    watch = Stopwatch()
    await run_all([work] * JOBS, max_at_once=WIDTH)
    return watch.read(JOBS)


def throughput() -> dict[str, Measure]:
    """Return the contenders with concurrency control, by name."""
    found = {name: within(make) for name, make in contexts().items()}
    found["limner run()"] = limner_run
    if optional("aiometer"):
        found["aiometer.run_all"] = aiometer_run
    return found


async def task_bytes(make: Enter) -> float:
    """Return the traced bytes of one task that waits for a limiter, the task included."""
    enter, leave = make(), asyncio.Event()

    async def call() -> None:
        async with enter():
            await leave.wait()

    holders = [asyncio.create_task(call()) for _ in range(WIDTH)]
    await asyncio.sleep(0)
    waiting: list[asyncio.Task[None] | None] = [None] * DEEP
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(DEEP):
        waiting[number] = asyncio.create_task(call())
    for _ in range(3):
        await asyncio.sleep(0)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    leave.set()
    await asyncio.gather(*holders, *(task for task in waiting if task))
    return used / DEEP


async def submitted_bytes() -> float:
    """Return the traced bytes of one job that waits through submit()."""
    limiter = Limiter(max_concurrent=1)
    limiter.submit(asyncio.sleep, 3600)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(DEEP):
        limiter.submit(asyncio.sleep, number)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    await limiter.stop(timeout=0)
    return used / DEEP


async def at_depth(depth: int) -> float:
    """Return microseconds to submit, cancel and finish a job while so many wait."""
    limiter = Limiter(max_concurrent=1)
    leave = asyncio.Event()
    limiter.submit(leave.wait)
    for _ in range(depth):
        limiter.submit(work)
    gc.collect()
    gc.disable()
    watch = Stopwatch()
    for _ in range(3000):
        limiter.submit(work, priority=9).cancel()
        await limiter.run(max, 1, 2, weight=0)
    took = watch.read(3000).cpu / 3000 * 1e6
    gc.enable()
    await limiter.stop(timeout=0)
    return took
