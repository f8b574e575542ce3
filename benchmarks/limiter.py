"""How fast the limiter is, beside its neighbours, in one run.

    python -m benchmarks.limiter [--rounds N]

Method: the contenders take turns (A B C A B C …), so that a busy machine is busy for all of them;
each figure is the median over the rounds with the lowest and highest. Neighbours are measured only
if they are installed. Python's limiters are compared by processor time, which leaves out the
machine's other work. Bottleneck mostly waits for timers of its own, so beside it both times count.

- *yield*: 20 000 jobs that yield once, at 10 at a time, all waiting at once.
- *uncontended*: one acquire and release after another.
- *waiting*: memory of one job of 100 000 that wait.
- *depth*: submit, cancel and finish one job while 100 or 100 000 others wait.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
from collections.abc import Callable, Iterable, Mapping
from statistics import median

from benchmarks.limiter_contenders import (
    DEEP,
    Measure,
    Timing,
    at_depth,
    contexts,
    entered,
    rate_only,
    submitted_bytes,
    task_bytes,
    throughput,
    within,
)
from benchmarks.limiter_node import NAMES, Node, find_node

Turn = Callable[[], Timing]
Timings = dict[str, list[Timing]]

SEMAPHORE, RUN, WITH = "asyncio.Semaphore", "limner run()", "limner async with"


def in_loop(measure: Measure) -> Turn:
    """Return what runs a measurement on a new loop."""
    return lambda: asyncio.run(measure())


def in_turns(contenders: Mapping[str, Turn], rounds: int) -> Timings:
    """Measure every contender in every round."""
    found: Timings = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, turn in contenders.items():
            gc.collect()
            found[name].append(turn())
    return found


def rates(timings: Iterable[Timing], *, wall: bool = False) -> list[float]:
    """Return jobs a second."""
    return [timing.jobs / (timing.wall if wall else timing.cpu) for timing in timings]


def micros(timings: Iterable[Timing], *, wall: bool = False) -> list[float]:
    """Return microseconds a job."""
    return [1e6 / rate for rate in rates(timings, wall=wall)]


def cell(values: list[float], digits: int) -> str:
    """Write a median with its spread."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:,.{digits}f} [{low:,.{digits}f}..{high:,.{digits}f}]"


def table(head: list[str], rows: Iterable[list[str]]) -> None:
    """Print a Markdown table, first column left, others right."""
    print("\n| " + " | ".join(head) + " |")
    print("|---|" + "--:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


def ratio(over: list[float], under: list[float]) -> float:
    """Return the ratio of two medians."""
    return median(over) / median(under)


def show_throughput(node: Node | None, rounds: int) -> Timings:
    """Measure and print the yield table."""
    turns = {name: in_loop(measure) for name, measure in throughput().items()}
    turns |= {name: in_loop(within(make)) for name, make in rate_only().items()}
    if node:
        turns |= {title: node.timing("yield", name) for name, title in NAMES.items()}
    found = in_turns(turns, rounds)
    base = rates(found[SEMAPHORE])
    table(
        ["yield", "jobs per CPU second", "jobs per second", "CPU, ÷ Semaphore"],
        [
            [
                name,
                cell(rates(timings), 0),
                cell(rates(timings, wall=True), 0),
                f"{ratio(rates(timings), base):.2f}",
            ]
            for name, timings in found.items()
        ],
    )
    return found


def show_uncontended(node: Node | None, rounds: int) -> Timings:
    """Measure and print the uncontended table."""
    turns = {name: in_loop(entered(make)) for name, make in (contexts() | rate_only()).items()}
    if node:
        turns |= {title: node.timing("uncontended", name) for name, title in NAMES.items()}
    found = in_turns(turns, rounds)
    table(
        ["uncontended", "CPU us", "us", "CPU, ÷ Semaphore"],
        [
            [
                name,
                cell(micros(timings), 2),
                cell(micros(timings, wall=True), 2),
                f"{ratio(micros(timings), micros(found[SEMAPHORE])):.1f}",
            ]
            for name, timings in found.items()
        ],
    )
    return found


def show_waiting(node: Node | None) -> float:
    """Measure and print the memory of a waiting job."""
    submitted = asyncio.run(submitted_bytes())
    rows = [["limner submit()", f"{submitted:,.0f}"]]
    for name, make in contexts().items():
        rows.append([f"{name}, its task included", f"{asyncio.run(task_bytes(make)):,.0f}"])
    if node:
        rows += [[title, f"{node.waiting_bytes(name):,.0f}"] for name, title in NAMES.items()]
    table(["waiting", "bytes a job"], rows)
    return submitted


def show_depth(rounds: int) -> float:
    """Measure and print what the length of the queue costs; return the ratio."""
    found: dict[int, list[float]] = {100: [], DEEP: []}
    for _ in range(rounds):
        for depth, values in found.items():
            values.append(asyncio.run(at_depth(depth)))
    table(["waiting jobs", "CPU us a job"], [[f"{d:,}", cell(v, 2)] for d, v in found.items()])
    return ratio(found[DEEP], found[100])


def compare_throughput(found: Timings) -> list[list[str]]:
    """Return the rows that answer what is wanted of the throughput."""
    ours = found[RUN]
    rows = [
        ["run() ÷ Semaphore", f"{ratio(rates(ours), rates(found[SEMAPHORE])):.2f}", "at least 1.0"]
    ]
    if bottleneck := found.get(NAMES["bottleneck"]):
        by_wall = ratio(rates(ours, wall=True), rates(bottleneck, wall=True))
        by_cpu = ratio(rates(ours), rates(bottleneck))
        rows.append(["run() ÷ Bottleneck, by the clock", f"{by_wall:.0f}", "at least 100"])
        rows.append(["run() ÷ Bottleneck, by processor time", f"{by_cpu:.0f}", "-"])
    rivals = [name for name in throughput() if name not in (RUN, WITH)]
    faster = [name for name in rivals if median(rates(found[name])) > median(rates(ours))]
    place = f"{len(faster) + 1} of {len(rivals) + 1}"
    after = f" (after {', '.join(faster)})" if faster else ""
    rows.append(["run() among Python's with concurrency control", place + after, "1"])
    return rows


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description="How fast the limiter is.")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    node = find_node()
    rows = compare_throughput(show_throughput(node, rounds))
    entry = show_uncontended(node, rounds)
    alone = ratio(micros(entry[WITH]), micros(entry[SEMAPHORE]))
    rows.append(["uncontended ÷ Semaphore", f"{alone:.1f}", "at most 4"])
    rows.append(["bytes a waiting job, submit()", f"{show_waiting(node):,.0f}", "under 700"])
    rows.append(["100,000 against 100 waiting", f"{show_depth(3):.2f}", "at most 1.1"])
    table(["", "in this run", "wanted"], rows)


if __name__ == "__main__":
    main()
