"""What `limner serve` adds to a stream, beside its bare proxy and its neighbours, in one run.

    python -m benchmarks.proxy [--rounds N] [--litellm PATH] [--chats N] [--soak SECONDS]

Method: model server, proxy and client are three processes on loopback; the contenders take turns,
each round with a fresh process of one worker. *serve* is the command as users start it, with its
library, guard, log and metrics; *bare* the `ProxyApp` alone, which keeps nothing; *pass* a minimal
Starlette and httpx pass-through that reads nothing; nginx and LiteLLM are measured where they are
there, LiteLLM with fewer chunks, since it is slow. CPU is the process's own, of all its threads;
after each phase it is waited for until that clock stands still, so what is done late counts too.
*TTFT*: requests one after the other on one connection, from the request to the first chunk; with
a pause of 50 ms behind each answer, in which what is kept of it is kept, and at once.
*Answer*: answers of 20 chunks, one after the other. *Burst*: the model writes as fast as it is
read. *Live*: so many streams of 100 chunks a second. Every answer is in a chat of its own. Last
comes what a live chunk costs in each other protocol, without a network (`benchmarks.dialects`).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from statistics import median

import uvloop

from benchmarks import dialects
from benchmarks.proxy_client import Answer, at_once, talk
from benchmarks.proxy_library import asked, cost, growth, load, soak
from benchmarks.proxy_servers import Server, model_server, nginx, server

BURSTS = ((1, 2000), (16, 500), (64, 500))
LIVE = (8, 32)
RATE = 100
ASKED = 200
TTFT = {"TTFT ms": 0.05, "TTFT ms, at once": 0.0}
"""Seconds between an answer and the next question; at once, what is done late for the one delays
the other."""
DIRECT = "direct"

Found = dict[str, list[float]]
"""What was measured of one contender: for each figure, a value for each round."""

WANTED = (
    ("CPU ms an answer", "serve", 5.0),
    ("delay ms, x 32", "serve", 1.0),
)
"""Figures, of whom, and how much they may be."""
RATIOS = (
    ("CPU us a live chunk, x 8", "bare", "at most 1.15"),
    ("CPU us a live chunk, x 32", "bare", "at most 1.15"),
    ("CPU us a live chunk, x 8", "pass", "at most 0.75"),
    ("CPU us a live chunk, x 32", "pass", "at most 0.75"),
    ("added TTFT ms", "pass", "at most 0.85"),
    ("added TTFT ms, at once", "pass", "at most 0.85"),
    ("chunks/s, x 64", "pass", "at least 3"),
    ("MB", "pass", "-"),
    ("added TTFT ms", "litellm", "-"),
    ("CPU ms an answer", "litellm", "-"),
    ("CPU us a live chunk, x 8", "litellm", "-"),
    ("chunks/s, x 64", "litellm", "-"),
)
"""What of `limner serve` is told as a part of another's."""

_numbers = count(1)


def checked(answers: list[Answer]) -> list[Answer]:
    """The answers.

    Raises:
        SystemExit: One of them has a chunk lost or out of order.
    """
    if not all(answer.ordered for answer in answers):
        raise SystemExit("a chunk was lost or came out of order")
    return answers


def measure(found: Found, one: Server, *, slow: bool = False) -> None:
    """One round of one contender."""
    share = 10 if slow else 1

    def talks(many: int) -> list[list[dict[str, str]]]:
        return [[dict(said) for said in talk(next(_numbers))] for _ in range(many // share)]

    uvloop.run(asked(one.port, talks(50)))
    one.idle()
    for figure, pause in TTFT.items():
        answers = checked(uvloop.run(asked(one.port, talks(ASKED), 3, pause=pause)))
        found[figure].append(1e3 * median(answer.first for answer in answers))
    found["CPU ms an answer"].append(cost(one, talks(ASKED))[0])
    for streams, chunks in BURSTS:
        one.idle()
        burst(found, one, streams, chunks // share)
    for streams in LIVE[:1] if slow else LIVE:
        live(found, one, streams)
    found["MB"].append(one.memory())


def burst(found: Found, one: Server, streams: int, chunks: int) -> None:
    """How much comes through where nothing waits for the model."""
    answers = checked(uvloop.run(at_once(one.port, streams, chunks, 0, timed=False)))
    total = sum(answer.chunks for answer in answers)
    found[f"chunks/s, x {streams}"].append(total / max(answer.seconds for answer in answers))


def live(found: Found, one: Server, streams: int) -> None:
    """What a chunk costs that comes when the model has written it, and how late it comes."""
    before = one.idle()
    answers = checked(uvloop.run(at_once(one.port, streams, 3 * RATE, RATE, timed=True)))
    used = one.idle() - before
    delays = sorted(delay for answer in answers for delay in answer.delays)
    found[f"CPU us a live chunk, x {streams}"].append(1e6 * used / len(delays))
    found[f"delay ms, x {streams}"].append(median(delays))
    found[f"delay p99 ms, x {streams}"].append(delays[int(len(delays) * 0.99)])


def report(found: dict[str, Found]) -> None:
    """Print the tables."""
    for name, values in found.items():
        if name != DIRECT:
            for figure in TTFT:
                pairs = zip(values[figure], found[DIRECT][figure], strict=True)
                values[f"added {figure}"] = [mine - theirs for mine, theirs in pairs]
    figures = list(found["serve"])
    print("\n| median [lowest..highest] | " + " | ".join(found) + " |")
    print("|---|" + "--:|" * len(found))
    for figure in figures:
        cells = (cell(figure, values.get(figure, [])) for values in found.values())
        print(f"| {figure} | " + " | ".join(cells) + " |")
    print("\n| of `limner serve` | as a part of | median of the rounds' ratios | wanted |")
    print("|---|---|--:|--:|")
    for figure, name, wanted in RATIOS:
        if name in found and found[name].get(figure):
            pairs = zip(found["serve"][figure], found[name][figure], strict=True)
            ratio = median(mine / theirs for mine, theirs in pairs)
            print(f"| {figure} | {name} | {ratio:.2f} | {wanted} |")
    for figure, name, most in WANTED:
        print(f"| {figure} | - | {median(found[name][figure]):.2f} | at most {most:g} |")


def cell(figure: str, values: list[float]) -> str:
    """A median with its spread."""
    if not values:
        return "-"
    digits = 0 if figure == "MB" or figure.startswith("chunks") else 2
    shown: Callable[[float], str] = f"{{:,.{digits}f}}".format
    return f"{shown(median(values))} [{shown(min(values))}..{shown(max(values))}]"


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--litellm", default="", help="its command, in an environment of its own")
    parser.add_argument("--chats", type=int, default=10_000, help="0: no growth is measured")
    parser.add_argument("--soak", type=int, default=60, help="seconds of the soak; 0: none")
    options = parser.parse_args()
    names = ["serve", "bare", "pass", *(["nginx"] if nginx() else [])]
    names += ["litellm"] if options.litellm else []
    found: dict[str, Found] = {name: defaultdict(list) for name in (DIRECT, *names)}
    with model_server() as model:
        for _ in range(options.rounds):
            measure(found[DIRECT], model)
            for name in names:
                with server(name, model.port, options.litellm) as one:
                    measure(found[name], one, slow=name == "litellm")
        if options.rounds:
            report(found)
        if options.chats:
            growth(model.port, options.chats, ASKED)
            load(model.port)
        for name in ("serve", "pass") if options.soak else ():
            soak(name, model.port, options.soak)
    if not dialects.report():
        raise SystemExit(f"a protocol's chunk costs more than {dialects.MOST} of a chat's")


if __name__ == "__main__":
    main()
