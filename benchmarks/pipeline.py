"""How long after the text the pictures are done, against the lower bound and a polling pipeline.

Run ``python -m benchmarks.pipeline``. Time is virtual, so the numbers are exact and the same on
every machine: they tell what the pipeline adds to the unavoidable, not how fast the machine is.
"""

import asyncio
import heapq
import random
import statistics
from collections.abc import AsyncIterator
from dataclasses import dataclass

from benchmarks.polling_baseline import POLL, PollingPipeline
from limner import Illustrator, Limiter
from limner.testing import ScriptedBackend, run_virtual

CHARACTERS_PER_SECOND = 400
CHUNK = 4
ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Workload:
    """A stream: `tags` tags evenly spread over `seconds`, each picture taking `picture` seconds.

    Attributes:
        name: For the table.
        tags: How many; the last one ends the text.
        picture: Seconds a picture takes.
        places: How many may be drawn at the same time.
        seconds: How long the text streams.
    """

    name: str
    tags: int
    picture: float
    places: int
    seconds: float

    def text(self, rng: random.Random) -> str:
        """The text; its length varies by up to one poll so that polling meets every phase."""
        length = int((self.seconds + rng.uniform(0, POLL)) * CHARACTERS_PER_SECOND)
        tags = [f'<!--img-prompt="a fox, picture {n}"-->' for n in range(self.tags)]
        filler = (length - sum(map(len, tags))) // self.tags
        return "".join("x" * filler + tag for tag in tags)


WORKLOADS = (
    Workload("a", tags=10, picture=2.0, places=3, seconds=10.0),
    Workload("b", tags=30, picture=1.0, places=5, seconds=15.0),
    Workload("c", tags=5, picture=3.0, places=5, seconds=6.0),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run showed, in seconds.

    Attributes:
        to_call: From a tag's last character to the backend's call, the longest of all tags,
            beyond what the lower bound waits as well.
        to_done: From the end of the text to the finished message.
        bound: The least possible for that.
        lost: Pictures that never came.
    """

    to_call: float
    to_done: float
    bound: float
    lost: int


async def stream(text: str, closed: list[float]) -> AsyncIterator[str]:
    """The text in chunks at a steady pace, noting the instant each tag is closed."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for at in range(0, len(text), CHUNK):
        await asyncio.sleep(began + at / CHARACTERS_PER_SECOND - loop.time())
        closed += [loop.time()] * text.count(">", at, at + CHUNK)
        yield text[at : at + CHUNK]


def best_starts(closed: list[float], picture: float, places: int) -> list[float]:
    """When each picture starts if it starts as soon as its tag is closed and a place is free."""
    free = [0.0] * places
    starts = []
    for instant in closed:
        starts.append(max(instant, heapq.heappop(free)))
        heapq.heappush(free, starts[-1] + picture)
    return starts


def outcome(
    workload: Workload, backend: ScriptedBackend, closed: list[float], ended: float, done: float
) -> Outcome:
    """Compare what happened with the least possible."""
    starts = best_starts(closed, workload.picture, workload.places)
    delays = [call.began - best for call, best in zip(backend.calls, starts, strict=False)]
    return Outcome(
        to_call=max(delays),
        to_done=done - ended,
        bound=max(starts) + workload.picture - ended,
        lost=workload.tags - len(backend.calls),
    )


async def limner_run(workload: Workload, text: str) -> Outcome:
    """One run of limner's pipeline."""
    loop = asyncio.get_running_loop()
    closed: list[float] = []
    ended = 0.0

    async def source() -> AsyncIterator[str]:
        nonlocal ended
        async for chunk in stream(text, closed):
            yield chunk
        ended = loop.time()

    backend = ScriptedBackend(seconds=workload.picture)
    limiter = Limiter(max_concurrent=workload.places)
    async with Illustrator(backend=backend, limiter=limiter) as illustrator:
        await illustrator.illustrate(source())
    return outcome(workload, backend, closed, ended, loop.time())


async def polling_run(workload: Workload, text: str, phase: float) -> Outcome:
    """One run of the polling pipeline."""
    loop = asyncio.get_running_loop()
    closed: list[float] = []
    backend = ScriptedBackend(seconds=workload.picture)
    pipeline = PollingPipeline(backend)
    running = asyncio.create_task(pipeline.run(first_poll=phase))
    async for chunk in stream(text, closed):
        pipeline.text += chunk
    pipeline.ended = True
    ended = loop.time()
    await running
    return outcome(workload, backend, closed, ended, loop.time())


def row(workload: Workload, name: str, outcomes: list[Outcome]) -> str:
    """One line of the table: medians over the rounds."""
    to_done = statistics.median(o.to_done for o in outcomes)
    bound = statistics.median(o.bound for o in outcomes)
    ratio = statistics.median(o.to_done / o.bound for o in outcomes)
    delay = max(o.to_call for o in outcomes)
    losing = sum(o.lost > 0 for o in outcomes)
    return (
        f"| {workload.name} N={workload.tags} L={workload.picture:g} k={workload.places} | {name} "
        f"| {delay:.3f} | {to_done:.3f} | {bound:.3f} | {ratio:.2f} | {losing} of {len(outcomes)} |"
    )


def main() -> None:
    """Print the table."""
    rng = random.Random(20261123)
    print(
        "| workload | pipeline | tag closed -> call, worst, s | end of text -> done, s "
        "| lower bound, s | ratio | runs that lost a picture |"
    )
    print("|---|---|---|---|---|---|---|")
    for workload in WORKLOADS:
        texts = [workload.text(rng) for _ in range(ROUNDS)]
        phases = [rng.uniform(0, POLL) for _ in texts]
        ours = [run_virtual(limner_run(workload, text)) for text in texts]
        theirs = [
            run_virtual(polling_run(workload, text, phase))
            for text, phase in zip(texts, phases, strict=True)
        ]
        print(row(workload, "limner", ours))
        print(row(workload, "polling", theirs))


if __name__ == "__main__":
    main()
