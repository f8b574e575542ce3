"""How fast the limiter is, beside its neighbours, in one run.

Method: the contenders take turns (A B C A B C …), so that a busy machine is busy for all of them;
each figure is the median over the rounds with the lowest and highest. Times are processor time of
this process. Neighbours are measured only if they are installed.

    python benchmarks/limiter.py [--rounds N]

- *yield*: 20 000 jobs that yield once, at 10 at a time, all waiting at once, through gather.
- *uncontended*: one ``async with`` after another.
- *waiting*: traced memory of 100 000 jobs waiting through submit().
- *depth*: submit, cancel and finish one job while 100 or 100 000 others wait.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import statistics
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from limner.scheduling import Limiter

JOBS = 20_000
ENTRIES = 20_000
DEEP = 100_000

Bench = Callable[[], Coroutine[Any, Any, float]]


async def work() -> None:
    """Yield once, so that jobs really queue."""
    await asyncio.sleep(0)


def optional(name: str) -> Any:
    """Return a module, or ``None`` if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


async def gathered(call: Callable[[], Awaitable[object]]) -> float:
    """Return jobs a second."""
    begin = time.process_time()
    await asyncio.gather(*(call() for _ in range(JOBS)))
    return JOBS / (time.process_time() - begin)


async def within(lock: Any) -> float:
    """Return jobs a second through ``async with lock``."""

    async def call() -> None:
        async with lock:
            await work()

    return await gathered(call)


async def entered(lock: Any) -> float:
    """Return microseconds for one uncontended ``async with``."""
    begin = time.process_time()
    for _ in range(ENTRIES):
        async with lock:
            pass
    return (time.process_time() - begin) / ENTRIES * 1e6


async def limner_run() -> float:
    """Return jobs a second through run()."""
    limiter = Limiter(max_concurrent=10)
    return await gathered(lambda: limiter.run(work))


async def aiometer_run(module: Any) -> float:
    """Return jobs a second through aiometer.run_all."""
    begin = time.process_time()
    await module.run_all([work] * JOBS, max_at_once=10)
    return JOBS / (time.process_time() - begin)


def throughput() -> dict[str, Bench]:
    """The contenders of the yield row."""
    found: dict[str, Bench] = {
        "asyncio.Semaphore": lambda: within(asyncio.Semaphore(10)),
        "limner run()": limner_run,
        "limner async with": lambda: within(Limiter(max_concurrent=10)),
    }
    if anyio := optional("anyio"):
        found["anyio.CapacityLimiter"] = lambda: within(anyio.CapacityLimiter(10))
    if aiometer := optional("aiometer"):
        found["aiometer.run_all"] = lambda: aiometer_run(aiometer)
    if aiolimiter := optional("aiolimiter"):
        found["aiolimiter (no concurrency limit)"] = lambda: within(
            aiolimiter.AsyncLimiter(1e9, 1.0)
        )
    return found


def entry() -> dict[str, Bench]:
    """The contenders of the uncontended row."""
    found: dict[str, Bench] = {
        "asyncio.Semaphore": lambda: entered(asyncio.Semaphore(10)),
        "limner async with": lambda: entered(Limiter(max_concurrent=10)),
    }
    if anyio := optional("anyio"):
        found["anyio.CapacityLimiter"] = lambda: entered(anyio.CapacityLimiter(10))
    if aiolimiter := optional("aiolimiter"):
        found["aiolimiter"] = lambda: entered(aiolimiter.AsyncLimiter(1e9, 1.0))
    return found


async def waiting_bytes() -> float:
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
    """Return microseconds to submit, cancel and finish while so many wait."""
    limiter = Limiter(max_concurrent=1)
    leave = asyncio.Event()
    limiter.submit(leave.wait)
    for _ in range(depth):
        limiter.submit(work)
    gc.collect()
    gc.disable()
    begin = time.process_time()
    for _ in range(3000):
        limiter.submit(work, priority=9).cancel()
        await limiter.run(max, 1, 2, weight=0)
    took = (time.process_time() - begin) / 3000 * 1e6
    gc.enable()
    await limiter.stop(timeout=0)
    return took


def compare(title: str, contenders: dict[str, Bench], rounds: int, unit: str) -> None:
    """Measure in turns and print a table."""
    results: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, bench in contenders.items():
            gc.collect()
            results[name].append(asyncio.run(bench()))
    base = statistics.median(results["asyncio.Semaphore"])
    print(f"\n{title} ({unit})")
    for name, values in results.items():
        middle = statistics.median(values)
        spread = f"[{min(values):,.2f}..{max(values):,.2f}]"
        print(f"  {name:36} {middle:12,.2f} {spread:28} {middle / base:6.2f} x Semaphore")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    compare(f"yield: {JOBS} jobs at 10", throughput(), rounds, "jobs/s")
    compare("uncontended", entry(), rounds, "us")
    print(f"\nwaiting: {asyncio.run(waiting_bytes()):.0f} bytes a job")
    for depth in (100, DEEP):
        values = [asyncio.run(at_depth(depth)) for _ in range(3)]
        print(f"depth {depth:>7}: {min(values):.2f} us")


if __name__ == "__main__":
    main()
