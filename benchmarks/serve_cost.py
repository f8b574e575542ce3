"""What an answer costs `limner serve` as users start it, beside the bare proxy, in one run.

    python -m benchmarks.serve_cost [--rounds N] [--chats N] [--answers N]

Method: model server, server and client are three processes on loopback. The server is the real
command with its library, guard, log and metrics; beside it stands the bare `ProxyApp` of
`benchmarks.proxy`, which keeps nothing. CPU is the server's own processor time, all threads, which
other work on the machine does not change much; after each phase it is waited for until the server
is idle, so that what is done late counts as well. *Growth*: requests to an empty library and to the
same library when it holds so many chats, each of the same kind: a chat of its own (unique), a chat
that begins with the same greeting, and another answer to the same question (swipe).
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from statistics import median

import uvloop

from benchmarks.proxy import contender, cpu_seconds, free_port, rss_mb, running
from benchmarks.proxy_client import Answer, Client, at_once

CHUNKS = 20
STREAMS = (8, 32)
RATE = 100
SWIPES = 50
GREETING = "The fox looks up from the hearth. Who comes so late in the night?"

Talk = Sequence[dict[str, str]]


@contextlib.contextmanager
def serve(upstream: int, library: str) -> Iterator[tuple[int, int]]:
    """`limner serve` with a library; gives its port and process id."""
    port = free_port()
    command = [sys.executable, "-m", "limner", "serve", "--port", str(port)]
    command += ["--llm", f"http://127.0.0.1:{upstream}", "--library", library]
    with running(command, LIMNER_CONFIG="") as process:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port, process.pid


def idle(pid: int) -> float:
    """Wait until a process does nothing any more; gives the processor time it has used."""
    last = cpu_seconds(pid)
    while True:
        time.sleep(0.5)
        now = cpu_seconds(pid)
        if now - last <= 0.011:
            return now
        last = now


def unique(number: int) -> Talk:
    """A chat of its own."""
    return [{"role": "user", "content": f"Tell me tale number {number}, please."}]


def greeted(number: int) -> Talk:
    """A chat that begins as many others do."""
    return [
        {"role": "assistant", "content": GREETING},
        {"role": "user", "content": f"It is me, traveller {number}."},
    ]


def swiped(number: int) -> Talk:
    """The same question again: each answer to it is one more of the same message."""
    return unique(-1 - number // SWIPES)


async def asked(port: int, talks: Sequence[Talk]) -> list[Answer]:
    """One answer after the other, over one connection."""
    async with Client(port) as client:
        return [await client.ask(CHUNKS, 0, messages=talk) for talk in talks]


def cost(port: int, pid: int, talks: Sequence[Talk]) -> tuple[float, float, float]:
    """CPU ms of an answer, and its first byte in ms: in the middle and at the 99th percentile."""
    before = idle(pid)
    answers = uvloop.run(asked(port, talks))
    assert all(answer.ordered for answer in answers)
    used = idle(pid) - before
    first = sorted(1e3 * answer.first for answer in answers)
    return 1e3 * used / len(talks), median(first), first[int(len(first) * 0.99)]


def live(port: int, pid: int, streams: int) -> tuple[float, float]:
    """CPU us of a chunk of so many streams, and its delay in ms."""
    before = idle(pid)
    answers = uvloop.run(at_once(port, streams, 3 * RATE, RATE, timed=True))
    assert all(answer.ordered for answer in answers)
    used = idle(pid) - before
    total = sum(answer.chunks for answer in answers)
    return 1e6 * used / total, median(d for answer in answers for d in answer.delays)


def measured(port: int, pid: int, answers: int) -> dict[str, float]:
    """One round of one contender."""
    cost(port, pid, [unique(10**6 + number) for number in range(20)])
    talks = [unique(10**7 + number) for number in range(answers)]
    cpu, first, _ = cost(port, pid, talks)
    found = {"CPU ms an answer": cpu, "first byte, ms": first}
    for streams in STREAMS:
        chunk, delay = live(port, pid, streams)
        found |= {f"CPU us a chunk, x {streams}": chunk, f"delay ms, x {streams}": delay}
    return found


def compared(upstream: int, rounds: int, answers: int) -> None:
    """Print both contenders and their ratio."""
    rows: dict[str, dict[str, list[float]]] = {"limner": {}, "serve": {}}
    for _ in range(rounds):
        for name, found in rows.items():
            with contextlib.ExitStack() as stack:
                if name == "serve":
                    place = stack.enter_context(tempfile.TemporaryDirectory())
                    port, pid = stack.enter_context(serve(upstream, place))
                else:
                    port, pid = stack.enter_context(contender(name, upstream, None))
                for key, value in measured(port, pid, answers).items():
                    found.setdefault(key, []).append(value)
    print("\n| | bare ProxyApp | limner serve | ratio |\n|---|--:|--:|--:|")
    for key, bare in rows["limner"].items():
        full = rows["serve"][key]
        ratio = median(b / a for a, b in zip(bare, full, strict=True))
        print(f"| {key} | {median(bare):.2f} | {median(full):.2f} | {ratio:.2f} |", flush=True)


def growth(upstream: int, chats: int, answers: int) -> None:
    """Print what requests cost at the beginning, and when there are many chats."""
    print("\n| | CPU ms, empty | then | ratio | first byte ms | then | p99 | then |")
    print("|---|" + "--:|" * 7)
    kinds = {"unique": unique, "equal greeting": greeted, f"{SWIPES} swipes": swiped}
    for name, kind in kinds.items():
        with tempfile.TemporaryDirectory() as place, serve(upstream, place) as (port, pid):
            cost(port, pid, [kind(number) for number in range(20)])
            first = cost(port, pid, [kind(20 + number) for number in range(answers)])
            began = time.monotonic()
            filling = [kind(20 + answers + number) for number in range(chats)]
            cost(port, pid, filling)
            rate = len(filling) / (time.monotonic() - began)
            end = 20 + answers + chats
            then = cost(port, pid, [kind(end + number) for number in range(answers)])
            memory = rss_mb(pid)
        cells = f"{first[0]:.2f} | {then[0]:.2f} | {then[0] / first[0]:.2f}"
        cells += f" | {first[1]:.2f} | {then[1]:.2f} | {first[2]:.1f} | {then[2]:.1f}"
        print(f"| {name} | {cells} | ({chats} at {rate:.0f}/s, {memory:.0f} MB)", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--chats", type=int, default=10_000, help="0: no growth is measured")
    options = parser.parse_args()
    with running([sys.executable, "-m", "benchmarks.proxy_upstream"]) as model:
        assert model.stdout is not None
        upstream = int(model.stdout.readline())
        if options.rounds:
            compared(upstream, options.rounds, options.answers)
        if options.chats:
            growth(upstream, options.chats, options.answers)


if __name__ == "__main__":
    main()
