"""What `limner serve` costs when its library is full, and under a load that goes on and on."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import uvloop

from benchmarks.proxy_client import Answer, Client, Talk, at_once, talk
from benchmarks.proxy_servers import Server, server

CHUNKS = 20
SWIPES = 50
GREETING = "The fox looks up from the hearth. Who comes so late in the night?"
LOAD, LOAD_SECONDS = 100, 60
SOAK_STREAMS, SOAK_RATE = 200, 50
CONNECTIONS = 32
FILLING = 8
"""Connections that fill a library."""
BEFORE = 50
"""Answers before the load, so that everything is warm."""


def greeted(number: int) -> Talk:
    """A chat that begins as many others do."""
    return [{"role": "assistant", "content": GREETING}, *talk(number)]


def swiped(number: int) -> Talk:
    """The same question again: each answer to it is one more of the same message."""
    return talk(-1 - number // SWIPES)


async def asked(
    port: int, talks: Sequence[Talk], chunks: int = CHUNKS, *, pause: float = 0.0
) -> list[Answer]:
    """One answer after the other, over one connection, with so many seconds between them."""
    answers = []
    async with Client(port) as client:
        for one in talks:
            answers.append(await client.ask(chunks, 0, messages=one))
            await asyncio.sleep(pause)
    return answers


def cost(one: Server, talks: Sequence[Talk]) -> tuple[float, list[float]]:
    """CPU ms of an answer, whatever is done for it and whenever, and each one's first byte in ms.

    Raises:
        AssertionError: A chunk was lost or came out of order.
    """
    before = one.idle()
    answers = uvloop.run(asked(one.port, talks))
    assert all(answer.ordered for answer in answers)
    used = one.idle() - before
    return 1e3 * used / len(talks), sorted(1e3 * answer.first for answer in answers)


def growth(upstream: int, chats: int, answers: int) -> None:
    """Print what answers cost at the beginning, and when there are so many chats."""
    print("\n| | CPU ms, empty | then | ratio | first byte ms | then | ratio | p99 | then | MB |")
    print("|---|" + "--:|" * 9)
    kinds = {"unique": talk, "equal greeting": greeted, f"{SWIPES} swipes": swiped}
    for name, kind in kinds.items():
        _grown(upstream, chats, answers, name, kind)


def _grown(upstream: int, chats: int, answers: int, name: str, kind: Callable[[int], Talk]) -> None:
    numbers = iter(range(10**9))

    def some(count: int) -> list[Talk]:
        return [kind(next(numbers)) for _ in range(count)]

    with server("serve", upstream) as one:
        cost(one, some(20))
        cpu, first = cost(one, some(answers))
        uvloop.run(_filled(one.port, some(chats)))
        cpu_then, first_then = cost(one, some(answers))
        memory = one.memory()
    late = int(answers * 0.99)
    begun, then = median(first), median(first_then)
    cells = [f"{cpu:.2f} | {cpu_then:.2f} | {cpu_then / cpu:.2f}"]
    cells += [f"{begun:.2f} | {then:.2f} | {then / begun:.2f}"]
    cells += [f"{first[late]:.1f} | {first_then[late]:.1f} | {memory:.0f}"]
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


async def _filled(port: int, talks: Sequence[Talk]) -> None:
    parts = (talks[at::FILLING] for at in range(FILLING))
    await asyncio.gather(*(asked(port, part, 1) for part in parts))


def load(upstream: int) -> None:
    """Print what so many answers a second leave behind a second after the last one."""
    with server("serve", upstream) as one:
        uvloop.run(asked(one.port, [talk(-1 - number) for number in range(BEFORE)]))
        before = one.idle()
        late = uvloop.run(_loaded(one.port))
        time.sleep(1)
        used, kept = one.cpu() - before, _kept(one) - BEFORE
        more = one.idle() - before - used
    count = LOAD * LOAD_SECONDS
    print(
        f"\nLoad: {LOAD} answers a second for {LOAD_SECONDS} s: {kept} of {count} are whole one"
        f" second after the end, and {1e3 * more:.0f} ms of CPU are used later than that;"
        f" {1e3 * used / count:.2f} ms of CPU an answer; the latest question went out"
        f" {late:.2f} s late",
        flush=True,
    )


async def _loaded(port: int) -> float:
    """Ask at a steady pace; gives by how much it was missed at worst."""
    began, latest = time.monotonic(), 0.0
    numbers = iter(range(LOAD * LOAD_SECONDS))

    async def some() -> None:
        nonlocal latest
        async with Client(port) as client:
            for number in numbers:
                wait = began + number / LOAD - time.monotonic()
                await asyncio.sleep(max(0.0, wait))
                latest = max(latest, -wait)
                await client.ask(CHUNKS, 0, messages=talk(number))

    await asyncio.gather(*(some() for _ in range(CONNECTIONS)))
    return latest


def _kept(one: Server) -> int:
    """Answers that stand complete in its library."""
    query = "SELECT count(*) FROM answers WHERE role = 'assistant' AND state = 'complete'"
    with contextlib.closing(sqlite3.connect(Path(one.library) / "limner.db")) as database:
        return int(database.execute(query).fetchone()[0])


def soak(name: str, upstream: int, seconds: int) -> None:
    """Print what came of 200 streams at once, each checked to its last chunk."""
    with server(name, upstream) as one:
        uvloop.run(at_once(one.port, SOAK_STREAMS, 2 * SOAK_RATE, SOAK_RATE, timed=False))
        before, held = one.idle(), one.memory()
        answers = uvloop.run(
            at_once(one.port, SOAK_STREAMS, seconds * SOAK_RATE, SOAK_RATE, timed=True)
        )
        used, then = one.idle() - before, one.memory()
    total = sum(answer.chunks for answer in answers)
    wrong = sum(not answer.ordered for answer in answers)
    delays = sorted(delay for answer in answers for delay in answer.delays)
    print(
        f"\nSoak, {name}: {SOAK_STREAMS} streams of {SOAK_RATE} chunks/s for {seconds} s: {total:,}"
        f" chunks, {wrong} answers with a chunk lost or out of order; {1e6 * used / total:.0f} us"
        f" CPU a chunk; delay median {median(delays):.1f}, 99th percentile"
        f" {delays[int(len(delays) * 0.99)]:.1f} ms; MB {held:.0f}, then {then:.0f}",
        flush=True,
    )
