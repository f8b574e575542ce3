"""How soon another process hears: that a slot is free, that something has happened."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
import uuid
from collections.abc import AsyncIterator

from limner.cluster import ValkeyJournal, ValkeyLimits
from limner.scheduling import Limiter
from limner.server.events import SharedHub


async def wake_ups(place: str, count: int) -> list[float]:
    """Seconds from a slot that is given back to the start of who waits in another process."""
    name, seconds = uuid.uuid4().hex, []
    async with (
        ValkeyLimits.from_url(f"unix://{place}", name=name) as shared,
        _other("wait", place, name) as other,
    ):
        limiter = Limiter(max_concurrent=1, shared=shared)
        for _ in range(count):
            async with limiter.slot():
                await _asked(other, "queue", "queued")
                given = time.monotonic()
            seconds.append(float(await _line(other)) - given)
    return sorted(seconds)


async def events(place: str, count: int) -> list[float]:
    """Seconds from an event at a hub to its reader in another process."""
    name, seconds = uuid.uuid4().hex, []
    async with (
        ValkeyJournal(f"unix://{place}", name=name) as journal,
        _other("listen", place, name) as other,
    ):
        hub = await SharedHub(journal).begin()
        for number in range(count):
            began = time.monotonic()
            hub.publish("thing", {"number": number})
            seconds.append(float(await _line(other)) - began)
        hub.close()
    return sorted(seconds)


@contextlib.asynccontextmanager
async def _other(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The other process, as soon as it is ready."""
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.cluster_reach", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert await _line(other) == "ready"
        yield other
    finally:
        other.kill()
        await other.wait()


async def _line(other: asyncio.subprocess.Process) -> str:
    assert other.stdout is not None
    return (await other.stdout.readline()).decode().strip()


async def _asked(other: asyncio.subprocess.Process, what: str, answer: str) -> None:
    assert other.stdin is not None
    other.stdin.write(f"{what}\n".encode())
    await other.stdin.drain()
    assert await _line(other) == answer


async def wait(place: str, name: str) -> None:
    """Wait for the slot each time that it is asked to, and tell when it has it."""
    async with ValkeyLimits.from_url(f"unix://{place}", name=name) as shared:
        limiter = Limiter(max_concurrent=1, shared=shared)
        await limiter.running()
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            job = limiter.submit(_instant)
            await limiter.running()
            print("queued", flush=True)
            print(await job, flush=True)


async def _instant() -> float:
    return time.monotonic()


async def listen(place: str, name: str) -> None:
    """Tell when an event has come."""
    async with ValkeyJournal(f"unix://{place}", name=name) as journal:
        reader = (await SharedHub(journal).begin()).subscribe()
        print("ready", flush=True)
        while True:
            await reader.wait()
            for _ in (event for event in reader.take() if event.kind == "thing"):
                print(time.monotonic(), flush=True)


def main() -> None:
    """Be the other process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=("wait", "listen"))
    parser.add_argument("place")
    parser.add_argument("name")
    given = parser.parse_args()
    role = wait if given.role == "wait" else listen
    asyncio.run(role(given.place, given.name))


if __name__ == "__main__":
    main()
