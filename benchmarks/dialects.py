"""What a chunk of a live stream costs in each protocol, beside chat completions, in one run.

    python -m benchmarks.dialects

Method: one process, no network: the machine that reads and writes a stream is fed 2,000 events of
one word each, one at a time, as a live stream brings them. The protocols take turns, in 15 rounds;
each is compared with the chat completions of its own round. CPU time of the process.
"""

import sys
import time
from collections.abc import Sequence
from statistics import median

from tests.server.proxy.dialects.speaking import SPOKEN
from tests.server.proxy.streams import RecordingSink

from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.rewriter import StreamRewriter

CHUNKS = 2000
ROUNDS = 15
MOST = 1.3
"""How much of what a chat completion's chunk costs another protocol's may."""


def cost(dialect: Dialect, events: Sequence[bytes]) -> float:
    """CPU microseconds a chunk."""
    machine = StreamRewriter(RecordingSink(), dialect)
    began = time.process_time()
    for event in events:
        machine.feed(event)
    machine.finish()
    return (time.process_time() - began) / CHUNKS * 1e6


def measured(rounds: int = ROUNDS) -> dict[str, tuple[float, float]]:
    """Of each protocol, the best cost of a chunk, and the median of its ratios to a chat's."""
    words = [f" word{number % 97}" for number in range(CHUNKS)]
    cases = {str(one): (one.dialect, one.server.events(words)) for one in SPOKEN}
    found: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            found[name].append(cost(*case))
    chat = found[OPENAI_CHAT.name]
    return {
        name: (min(costs), median(one / own for one, own in zip(costs, chat, strict=True)))
        for name, costs in found.items()
    }


def report() -> bool:
    """Print the table; gives whether all keep to `MOST`."""
    print("\n| protocol | us a live chunk, best | of a chat completion's, median |")
    print("|---|--:|--:|")
    found = measured()
    for name, (best, ratio) in found.items():
        print(f"| {name} | {best:.2f} | {ratio:.2f} |")
    return max(ratio for _, ratio in found.values()) <= MOST


if __name__ == "__main__":
    sys.exit(not report())
