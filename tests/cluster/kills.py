"""Real servers and workers that are killed at random moments, several at once.

    python -m tests.cluster.kills [--kills N] [--seed N]

Two stories are told at a time, at servers that chance names. At a moment that chance names one to
three of the six nodes are killed, and others are started in their places. In the end each picture
that was asked for must be kept exactly once and nothing be under way; the picture server's log
tells the most that were drawn at the same time, how often it was asked twice, and how long it took
until what was cut off was begun again, which must not be more than ten seconds; where all workers
were killed, from the moment when there was one again.
"""

import argparse
import asyncio
import contextlib
import random
import sys
from dataclasses import dataclass, field

from tests.cluster.faults import BACK, SOON
from tests.cluster.replicas import Hand, Replica
from tests.cluster.stage import AT_ONCE, FOXES, Stage, set_up, slots_of
from tests.waiting import pause, until

SERVERS, WORKERS = 3, 3
LATEST = 2.5
"""Seconds after which the latest kill of a round comes, from the beginning of its stories."""


@dataclass(slots=True)
class Seen:
    """What was seen.

    Attributes:
        kills: How many nodes were killed.
        pictures: How many pictures were asked for, and kept.
        back: From a drawing's being cut off until it was begun again, the longest of each round.
        wrong: What was not as it must be.
    """

    kills: int = 0
    pictures: int = 0
    back: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Crew:
    """Who lives.

    Attributes:
        servers: These servers.
        workers: And these workers.
    """

    servers: list[Replica]
    workers: list[Hand]

    def lose(self, count: int, chance: random.Random) -> tuple[list[Replica], list[Hand]]:
        """Kill so many; one server is left at least, since somebody must be there to be asked."""
        nodes: list[Replica | Hand] = [*self.servers[1:], *self.workers]
        chance.shuffle(self.servers)
        dead = chance.sample(nodes, count)
        for node in dead:
            node.kill()
        servers = [one for one in self.servers if one in dead]
        workers = [one for one in self.workers if one in dead]
        self.servers = [one for one in self.servers if one not in dead]
        self.workers = [one for one in self.workers if one not in dead]
        return servers, workers

    async def hire(self, stage: Stage, servers: int, workers: int) -> None:
        """Start others."""
        cluster = stage.cluster
        new = await asyncio.gather(cluster.start(servers), cluster.hire(workers))
        self.servers += new[0]
        self.workers += new[1]


async def one_round(
    stage: Stage, crew: Crew, number: int, chance: random.Random, seen: Seen
) -> None:
    """Tell stories, kill some nodes meanwhile, and look."""
    pictures, clock = stage.cluster.pictures, asyncio.get_running_loop()
    before, wrong = len(pictures.drawn), len(seen.wrong)
    stories = [f"story {number} {letter}" for letter in "ab"]
    telling = [asyncio.create_task(chance.choice(crew.servers).tell(story)) for story in stories]
    await pause(chance.random() * LATEST, because="nodes die at any moment")
    servers, workers = crew.lose(chance.choice((1, 2, 2, 3)), chance)
    killed_at = clock.time()
    seen.kills += len(servers) + len(workers)
    await asyncio.wait(telling)
    somebody = bool(crew.workers)
    await crew.hire(stage, len(servers), len(workers))
    there = killed_at if somebody else clock.time()
    for story, told_ in zip(stories, telling, strict=True):
        await look(crew.servers[0], story, whole=told_.exception() is None, seen=seen)
    if (most := pictures.most(before)) > AT_ONCE:
        seen.wrong.append(f"round {number}: {most} were drawn at the same time")
    seen.back.append(pictures.back(before, at=killed_at, there=there))
    if seen.back[-1] > BACK:
        seen.wrong.append(f"round {number}: begun again after {seen.back[-1]:.1f} s")
    if len(seen.wrong) > wrong:
        names = [f"server {stage.cluster.replicas.index(one)}" for one in servers]
        names += [f"worker {stage.cluster.hands.index(one)}" for one in workers]
        seen.wrong.append(f"  killed: {names}; see {stage.keep_logs(f'round {number}')}")


async def look(server: Replica, story: str, *, whole: bool, seen: Seen) -> None:
    """Wait until all pictures of a story are kept once, and nothing is under way.

    Args:
        server: Who is asked.
        story: Which.
        whole: Whether it was told to its end, so that all pictures must be there.
        seen: Is told.
    """
    last: list[tuple[str, int, int]] = []

    async def kept() -> bool:
        nonlocal last
        with contextlib.suppress(Exception):  # it may be unable to tell for a while
            slots = await slots_of(server, story)
            last = [(slot["state"], len(slot["alternatives"]), slot["pending"]) for slot in slots]
            return set(last) <= {("ready", 1, 0)} and (len(last) == FOXES or not whole)
        return False

    try:
        await until(kept, patience=SOON, every=0.2)
    except TimeoutError:
        seen.wrong.append(f"{story}: after {SOON:g} s its pictures are {last}")
    seen.pictures += len(last)


async def run(kills: int, seed: int) -> Seen:
    """Kill so many nodes; gives what was seen."""
    seen, chance, number = Seen(), random.Random(seed), 0
    async with set_up(servers=SERVERS, workers=WORKERS) as stage:
        crew = Crew(list(stage.cluster.replicas), list(stage.cluster.hands))
        while seen.kills < kills:
            await one_round(stage, crew, number, chance, seen)
            number += 1
            if number % 10 == 0:
                print(told(stage, number, seen), flush=True)  # noqa: T201 - a program
        print(told(stage, number, seen))  # noqa: T201 - likewise
    return seen


def told(stage: Stage, rounds: int, seen: Seen) -> str:
    """What was seen, in a line."""
    pictures = stage.cluster.pictures
    back = sorted(seen.back)
    return (
        f"{seen.kills} kills in {rounds} rounds: {seen.pictures} pictures kept once, at most "
        f"{pictures.most()} of {AT_ONCE} at the same time, {pictures.more_than_once()} of them "
        f"asked for once more; what was cut off was begun again after "
        f"{back[len(back) // 2]:.1f} s, at most {back[-1]:.1f} s; {len(seen.wrong)} wrong"
    )


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Servers and workers that are killed at random.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    seen = asyncio.run(run(given.kills, given.seed))
    print(*seen.wrong, sep="\n", end="")  # noqa: T201 - a program
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
