"""What the proxy adds to a stream, beside a minimal pass-through and LiteLLM, in one run.

    python -m benchmarks.proxy [--rounds N] [--litellm PATH] [--soak SECONDS]

Method: model server, proxy and client are three processes on loopback; the contenders take turns,
each round with a fresh proxy of one uvicorn worker (uvloop, httptools). CPU is the proxy's own
processor time, which other work on the machine does not change. *TTFT*: requests one after the
other on one connection, from the request to the first chunk. *Burst*: the model writes as fast as
it is read. *Paced*: so many streams of 100 chunks a second. LiteLLM is measured where its command
is given, with fewer chunks, since it is slow.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import uvloop

from benchmarks.proxy_client import Answer, Client, at_once

TICKS = os.sysconf("SC_CLK_TCK")
BURSTS = ((1, 2000), (16, 500), (64, 500))
PACED = (8, 32)
RATE = 100
SOAK_STREAMS, SOAK_RATE = 200, 50
LITELLM = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_MASTER_KEY": "sk-bench",
    "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
}
"""No network, no database, the key that the clients send."""


@dataclass(slots=True)
class Measured:
    """What was measured of one contender, a value for each round."""

    ttft: list[float] = field(default_factory=list)
    burst: dict[int, list[float]] = field(default_factory=dict)
    burst_cpu: list[float] = field(default_factory=list)
    paced_cpu: dict[int, list[float]] = field(default_factory=dict)
    delay: dict[int, list[float]] = field(default_factory=dict)
    rss: list[float] = field(default_factory=list)
    lost: int = 0


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid: int) -> float:
    """Memory a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: list[str], **more: str) -> Iterator[subprocess.Popen[str]]:
    """A process, ended at the end."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | more
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def contender(name: str, upstream: int, litellm: str | None) -> Iterator[tuple[int, int]]:
    """A fresh proxy; gives its port and process id."""
    port, url = free_port(), f"http://127.0.0.1:{upstream}"
    with contextlib.ExitStack() as stack:
        if name == "litellm":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            config = Path(folder) / "config.yaml"
            config.write_text(
                "model_list:\n  - model_name: bench\n    litellm_params:\n"
                f"      model: openai/bench\n      api_base: {url}/v1\n      api_key: sk-x\n"
            )
            command = [
                str(litellm),
                "--config",
                str(config),
                "--port",
                str(port),
                "--host",
                "127.0.0.1",
            ]
        else:
            command = [sys.executable, "-m", "benchmarks.proxy_contenders", name, url, str(port)]
        process = stack.enter_context(running(command, **LITELLM))
        until = time.monotonic() + 120
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port, process.pid


def checked(found: Measured, answers: list[Answer]) -> list[Answer]:
    """The answers; those with a chunk lost or out of order are counted."""
    found.lost += sum(not answer.ordered for answer in answers)
    return answers


async def measure(found: Measured, port: int, pid: int, *, slow: bool) -> None:
    """One round of one contender."""
    share = 10 if slow else 1
    async with Client(port) as client:
        for _ in range(20 // share):
            await client.ask(20, 0)
        answers = [await client.ask(3, 0) for _ in range(200 // share)]
        found.ttft.append(1e3 * median(a.first for a in checked(found, answers)))
    for streams, chunks in BURSTS:
        before, began = cpu_seconds(pid), time.monotonic()
        answers = checked(found, await at_once(port, streams, chunks // share, 0, timed=False))
        seconds = time.monotonic() - began
        total = sum(answer.chunks for answer in answers)
        found.burst.setdefault(streams, []).append(total / seconds)
    found.burst_cpu.append(1e6 * (cpu_seconds(pid) - before) / total)
    for streams in PACED if not slow else PACED[:1]:
        before = cpu_seconds(pid)
        answers = checked(found, await at_once(port, streams, 3 * RATE, RATE, timed=True))
        total = sum(answer.chunks for answer in answers)
        found.paced_cpu.setdefault(streams, []).append(1e6 * (cpu_seconds(pid) - before) / total)
        found.delay.setdefault(streams, []).append(
            median(delay for answer in answers for delay in answer.delays)
        )
    found.rss.append(rss_mb(pid))


async def soak(port: int, pid: int, seconds: int) -> None:
    """200 streams at once, each checked to the last chunk; prints what came of it."""
    await at_once(port, SOAK_STREAMS, 2 * SOAK_RATE, SOAK_RATE, timed=False)
    memory = [rss_mb(pid)]
    waiting = asyncio.create_task(
        at_once(port, SOAK_STREAMS, seconds * SOAK_RATE, SOAK_RATE, timed=True)
    )
    before = cpu_seconds(pid)
    while not waiting.done():
        await asyncio.wait([waiting], timeout=seconds / 5)
        memory.append(rss_mb(pid))
    answers = waiting.result()
    total = sum(answer.chunks for answer in answers)
    wrong = sum(not answer.ordered for answer in answers)
    cpu = 1e6 * (cpu_seconds(pid) - before) / total
    delays = sorted(delay for answer in answers for delay in answer.delays)
    print(
        f"\nSoak: {SOAK_STREAMS} streams of {SOAK_RATE} chunks/s for {seconds} s: {total:,} chunks,"
        f" {wrong} answers with a chunk lost or out of order; {cpu:.0f} us CPU a chunk; delay"
        f" median {median(delays):.1f}, 99th percentile {delays[int(len(delays) * 0.99)]:.1f} ms;"
        f" MB held at the start, on the way and at the end: {', '.join(f'{m:.0f}' for m in memory)}"
    )


def cell(values: list[float], digits: int = 0) -> str:
    """A median with its spread."""
    if not values:
        return "-"
    low, high = min(values), max(values)
    return f"{median(values):,.{digits}f} [{low:,.{digits}f}..{high:,.{digits}f}]"


def report(found: dict[str, Measured]) -> None:
    """Print the tables."""
    direct = median(found["direct"].ttft)
    print(
        "\n| | TTFT, ms | added TTFT, ms | chunks/s, 1 stream | 16 | 64 | CPU us/chunk, burst 64 "
        "| paced x 8 | paced x 32 | delay ms, x 8 | x 32 | MB | answers damaged |"
    )
    print("|---|" + "--:|" * 12)
    for name, m in found.items():
        cells = [
            cell(m.ttft, 2),
            f"{median(m.ttft) - direct:.2f}",
            *(cell(m.burst[streams]) for streams, _ in BURSTS),
            cell(m.burst_cpu, 1),
            *(cell(m.paced_cpu.get(streams, [])) for streams in PACED),
            *(cell(m.delay.get(streams, []), 2) for streams in PACED),
            cell(m.rss),
            str(m.lost),
        ]
        if name == "direct":
            cells[5:8] = ["-", "-", "-"]
            cells[10] = "-"
        print(f"| {name} | " + " | ".join(cells) + " |")
    for other in [name for name in ("pass", "litellm") if name in found]:
        print(f"\nlimner / {other}, median of the rounds' ratios:", ratios(found, other, direct))


def ratios(found: dict[str, Measured], other: str, direct: float) -> str:
    """How limner stands to another, round by round."""
    mine, theirs = found["limner"], found[other]

    def ratio(a: list[float], b: list[float]) -> float:
        return median(x / y for x, y in zip(a, b, strict=True))

    pairs = {
        "added TTFT": (median(mine.ttft) - direct) / (median(theirs.ttft) - direct),
        "CPU burst": ratio(mine.burst_cpu, theirs.burst_cpu),
        "memory": ratio(mine.rss, theirs.rss),
    }
    for streams, values in theirs.paced_cpu.items():
        pairs[f"CPU paced x {streams}"] = ratio(mine.paced_cpu[streams], values)
    for streams, _ in BURSTS:
        pairs[f"chunks/s x {streams}"] = ratio(mine.burst[streams], theirs.burst[streams])
    return "; ".join(f"{name} {value:.2f}" for name, value in pairs.items())


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--litellm", help="LiteLLM's command, in an environment of its own")
    parser.add_argument("--soak", type=int, default=30, help="seconds of the soak; 0: none")
    options = parser.parse_args()
    names = ["pass", "limner", *(["litellm"] if options.litellm else [])]
    found = {name: Measured() for name in ("direct", *names)}
    with running([sys.executable, "-m", "benchmarks.proxy_upstream"]) as model:
        assert model.stdout is not None
        upstream = int(model.stdout.readline())
        for _ in range(options.rounds):
            uvloop.run(measure(found["direct"], upstream, model.pid, slow=False))
            for name in names:
                with contender(name, upstream, options.litellm) as (port, pid):
                    uvloop.run(measure(found[name], port, pid, slow=name == "litellm"))
        report(found)
        if options.soak:
            with contender("limner", upstream, None) as (port, pid):
                uvloop.run(soak(port, pid, options.soak))


if __name__ == "__main__":
    main()
