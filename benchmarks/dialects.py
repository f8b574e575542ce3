"""What a chunk of a live stream costs in each protocol, beside chat completions, in one run.

    python -m benchmarks.dialects

Method: one process, no network: the machine that reads and writes a stream is fed 2,000 events of
one word each, one at a time, as a live stream brings them; the best of nine rounds, in which the
protocols take turns. CPU time of the process.
"""

import sys
import time
from collections.abc import Sequence

from tests.server.proxy.dialects.speaking import SPOKEN
from tests.server.proxy.streams import RecordingSink

from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.rewriter import StreamRewriter

CHUNKS = 2000
ROUNDS = 9
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


def main() -> int:
    """Measure all; the exit status says whether they keep to `MOST`."""
    words = [f" word{number % 97}" for number in range(CHUNKS)]
    cases: dict[str, tuple[Dialect, Sequence[bytes]]] = {
        str(one): (one.dialect, one.server.events(words)) for one in SPOKEN
    }
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(ROUNDS):
        for name, case in cases.items():
            best[name] = min(best[name], cost(*case))
    chat = best[OPENAI_CHAT.name]
    for name, found in best.items():
        print(f"{name:24} {found:6.2f} us a chunk, {found / chat:.2f} of a chat completion's")
    return int(max(best.values()) > MOST * chat)


if __name__ == "__main__":
    sys.exit(main())
