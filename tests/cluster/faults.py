"""Faults under real servers that share all, with a story of six pictures each time.

    python -m tests.cluster.faults [NAME…] [--rounds N]

Each time every picture must be kept exactly once, and nothing be under way any more, within so
many seconds; the picture server's own count tells the most that were drawn at the same time. How
often it was asked for more than there were to draw is told.

kill            a server is killed while it draws, and another is started
hang            a server is stopped for longer than it takes to be taken for dead
end             a server ends in order while it draws, and another is started
valkey-empty    Valkey is killed, and comes back without its memory
valkey-kept     the same, with what it had
stall-2         Valkey stands still for two seconds
stall-7         and for seven: everybody stops what it draws
postgres        PostgreSQL is stopped, and started again
"""

import argparse
import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster.replicas import Replica, Replicas
from tests.cluster.valkey import Valkey
from tests.command.commands import Commands
from tests.recovery.postgres_program import PostgresProgram, running_postgres
from tests.waiting import pause, until

from limner.testing.chat_server import Reply

AT_ONCE = 3
"""Pictures that may be drawn at the same time."""
TICK = 0.7
"""Seconds a picture takes at most."""
SOON = 40.0
"""Seconds after which a fault must be over."""
ROUNDS = 20
FOXES = "".join(f'Fox {n}: <!--img-prompt="fox {n}" size="64x64"--> ' for n in range(6))


@dataclass(slots=True)
class Stage:
    """What faults happen to.

    Attributes:
        cluster: The servers, and whom they ask.
        valkey: What they share.
        postgres: Where they keep all.
        here: Tells the story, and is what happens to it.
        there: Is asked afterwards.
    """

    cluster: Replicas
    valkey: Valkey
    postgres: PostgresProgram
    here: Replica
    there: Replica

    async def replace(self) -> None:
        """Start a server in the place of the one that is gone."""
        (self.here,) = await self.cluster.start(1)
        self.here, self.there = self.there, self.here


async def kill(stage: Stage) -> None:
    """See above, as for all."""
    stage.here.kill()
    await stage.replace()


async def hang(stage: Stage) -> None:
    """See above."""
    process = stage.here.process.process
    process.send_signal(signal.SIGSTOP)
    await pause(8.0, because="it is to be taken for dead")
    process.send_signal(signal.SIGCONT)

    async def is_there_anew() -> bool:
        return await stage.here.status("POST", "/api/chats", {"id": "anew"}) == 201

    await until(is_there_anew, every=0.1)


async def end(stage: Stage) -> None:
    """See above."""
    stage.here.process.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(stage.here.process.ended) == 0
    await stage.replace()


async def valkey_empty(stage: Stage) -> None:
    """See above."""
    await asyncio.to_thread(stage.valkey.restart, keeping=False)


async def valkey_kept(stage: Stage) -> None:
    """See above."""
    await asyncio.to_thread(stage.valkey.restart, keeping=True)


def stall(seconds: float) -> Callable[[Stage], Coroutine[Any, Any, None]]:
    """Have Valkey stand still for so long."""

    async def stalled(stage: Stage) -> None:
        process = stage.valkey.server._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        await pause(seconds, because="it stands still for that long")
        process.send_signal(signal.SIGCONT)

    return stalled


async def postgres(stage: Stage) -> None:
    """See above."""
    await asyncio.to_thread(stage.postgres.stop)
    await asyncio.to_thread(stage.postgres.start)


FAULTS: dict[str, Callable[[Stage], Coroutine[Any, Any, None]]] = {
    "kill": kill,
    "hang": hang,
    "end": end,
    "valkey-empty": valkey_empty,
    "valkey-kept": valkey_kept,
    "stall-2": stall(2.0),
    "stall-7": stall(7.0),
    "postgres": postgres,
}


@dataclass(slots=True)
class Seen:
    """What was seen of one kind of fault.

    Attributes:
        seconds: From the fault's beginning until all was kept, each time.
        asked: How often the picture server was asked for more than there were pictures.
        wrong: What was not as it must be.
    """

    seconds: list[float] = field(default_factory=list)
    asked: int = 0
    wrong: list[str] = field(default_factory=list)


async def drawn(server: Replica, story: str) -> list[tuple[str, int, int]]:
    """The slots of a story as they are kept: state, pictures, and what is under way."""
    for chat in (await server.ask("GET", "/api/chats"))["chats"]:
        if chat["title"] == story:
            listed = await server.ask("GET", f"/api/chats/{chat['id']}/messages")
            return [
                (slot["state"], len(slot["alternatives"]), slot["pending"])
                for message in listed["messages"]
                for slot in message["slots"]
            ]
    return []


async def one_round(
    stage: Stage, story: str, fault: Callable[[Stage], Coroutine[Any, Any, None]], seen: Seen
) -> None:
    """Tell a story, let something go wrong, and look."""
    pictures = stage.cluster.pictures
    before, pictures.peak = len(pictures.jobs), pictures.running
    await stage.here.tell(story)
    try:
        await until(lambda: pictures.running == AT_ONCE, patience=SOON)
    except TimeoutError:
        seen.wrong.append(f"{story}: nothing was drawn before anything went wrong")
        return
    began = time.monotonic()
    await fault(stage)
    last: list[tuple[str, int, int]] = []

    async def whole() -> bool:
        nonlocal last
        with contextlib.suppress(Exception):  # it may be unable to tell for a while
            last = await drawn(stage.there, story)
        return last == [("ready", 1, 0)] * 6

    try:
        await until(whole, patience=SOON, every=0.2)
        seen.seconds.append(time.monotonic() - began)
    except TimeoutError:
        seen.wrong.append(f"{story}: after {SOON:g} s its pictures are {last}")
    seen.asked += len(pictures.jobs) - before - 6
    if pictures.peak > AT_ONCE:
        seen.wrong.append(f"{story}: {pictures.peak} were drawn at the same time")


@contextlib.asynccontextmanager
async def ticking(cluster: Replicas) -> AsyncIterator[None]:
    """Let pictures be finished from time to time."""

    async def tick() -> None:
        while True:
            gate, cluster.pictures.gate = cluster.pictures.gate, asyncio.Event()
            if gate is not None:
                gate.set()
            await pause(TICK, because="a picture takes its time")

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()


async def run(names: list[str], rounds: int) -> bool:
    """Let each happen so many times; tells whether all was well."""
    well = True
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="limner-faults-")))
        short = ends.enter_context(tempfile.TemporaryDirectory(prefix="vk-"))
        commands = ends.enter_context(Commands())
        program = ends.enter_context(running_postgres())
        valkey = Valkey(Path(short))
        ends.callback(valkey.close)
        async with Replicas(
            lambda *arguments: commands.start(*arguments, cwd=folder),
            folder,
            library=program.url,
            valkey=valkey.url,
            script=Reply.stream(FOXES),
            gate=asyncio.Event(),
            more=f"max_concurrent = {AT_ONCE}",
        ) as cluster:
            here, there = await cluster.start()
            stage = Stage(cluster, valkey, program, here, there)
            async with ticking(cluster):
                for name in names:
                    seen = Seen()
                    for number in range(rounds):
                        await one_round(stage, f"{name} {number}", FAULTS[name], seen)
                    well = well and not seen.wrong
                    print(told(name, rounds, seen), flush=True)  # noqa: T201 - a program
    return well


def told(name: str, rounds: int, seen: Seen) -> str:
    """What was seen, in a line, and what was wrong, a line each."""
    times = sorted(seen.seconds)
    middle = f"{times[len(times) // 2]:.1f} s, at most {times[-1]:.1f} s" if times else "never"
    first = (
        f"{name}: {len(times)} of {rounds} times all was kept once, after {middle}; "
        f"asked {seen.asked} times more than there were pictures"
    )
    return "\n  ".join([first, *seen.wrong])


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Faults under servers that share all.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FAULTS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    unknown = set(given.names) - set(FAULTS)
    if unknown:
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    return 0 if asyncio.run(run(given.names or list(FAULTS), given.rounds)) else 1


if __name__ == "__main__":
    sys.exit(main())
