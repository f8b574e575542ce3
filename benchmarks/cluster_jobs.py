"""One process of limner's that shares limits with others; see `benchmarks.cluster`.

    python -m benchmarks.cluster_jobs SOCKET NAME LIMIT JOBS

It says "ready", begins when told, and says its times, as Bottleneck's does. Nothing is loaded that
a program of somebody's own would not load for this.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time

from limner.cluster import ValkeyLimits
from limner.scheduling import Limiter


async def work(place: str, name: str, limit: int, jobs: int) -> None:
    """Do so many jobs that do nothing."""
    async with ValkeyLimits.from_url(f"unix://{place}", name=name) as shared:
        limiter = Limiter(max_concurrent=limit, shared=shared)
        await limiter.run(asyncio.sleep, 0)  # a server that has just begun lets nobody in at first
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        began, cpu = time.monotonic(), _cpu()
        await asyncio.gather(*(limiter.run(asyncio.sleep, 0) for _ in range(jobs)))
        told = {"seconds": time.monotonic() - began, "cpu": _cpu() - cpu}
        print(json.dumps(told), flush=True)
        await asyncio.to_thread(sys.stdin.readline)


def _cpu() -> float:
    mine = resource.getrusage(resource.RUSAGE_SELF)
    return mine.ru_utime + mine.ru_stime


if __name__ == "__main__":
    place, name, limit, jobs = sys.argv[1:]
    asyncio.run(work(place, name, int(limit), int(jobs)))
