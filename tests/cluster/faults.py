"""Faults under real servers that share all, with a story of six pictures each time.

    python -m tests.cluster.faults [NAME…] [--rounds N] [--elsewhere]

Each time every picture must be kept exactly once, and nothing be under way any more, within so
many seconds; what a node has left must be begun again within ten. The picture server's own log
tells the most that were drawn at the same time, and how often it was asked for a picture twice.

kill            a server is killed while it draws, and another is started
hang            a server is stopped for longer than it takes to be taken for dead
cut-off         a server's line to Valkey is cut for longer than its leases last, while it draws
end             a server ends in order while it draws, and another is started
valkey-empty    Valkey is killed, and comes back without its memory
valkey-kept     the same, with what it had
promoted        Valkey is killed, and a replica takes its place that lacks its last second
memory          Valkey takes nothing new for three seconds, since its memory is full
stall-2         Valkey stands still for two seconds
stall-7         and for seven: everybody stops what it draws
postgres        PostgreSQL is stopped, and started again

With --elsewhere two workers draw what the servers order, and there is also

work-kill       a worker is killed while it draws, and another is started
work-hang       a worker is stopped for longer than it takes to be given up
work-cut-off    a worker's line to Valkey is cut for longer than its leases last, while it draws
work-end        a worker ends in order while it draws, and another is started
work-all        all are killed, the server that was told the story too, and others are started
"""

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.line import Line
from tests.cluster.stage import AT_ONCE, FOXES, Stage, set_up, slots_of
from tests.waiting import pause, until

SOON = 40.0
"""Seconds after which a fault must be over."""
BACK = 10.0
"""Seconds after which everything must be begun again that a node has left."""
CUT_OFF = 8.0
"""Seconds for which a node hangs, or is cut off: longer than its leases last."""
ROUNDS = 20

Fault = Callable[[Stage], Coroutine[Any, Any, None]]


async def kill(stage: Stage) -> None:
    """See above, as for all."""
    stage.here.kill()
    await stage.replace()


async def hang(stage: Stage) -> None:
    """See above."""
    process = stage.here.process.process
    process.send_signal(signal.SIGSTOP)
    await pause(CUT_OFF, because="it is to be taken for dead")
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


def stall(seconds: float) -> Fault:
    """Have Valkey stand still for so long."""

    async def stalled(stage: Stage) -> None:
        process = stage.valkey.server._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        await pause(seconds, because="it stands still for that long")
        process.send_signal(signal.SIGCONT)

    return stalled


async def promoted(stage: Stage) -> None:
    """See above."""
    await stage.valkey.fail_over(behind=1.0)


async def memory(stage: Stage) -> None:
    """See above."""
    client = stage.valkey.server.client()
    client.config_set("maxmemory", 1)
    await pause(3.0, because="nothing new is taken for that long")
    client.config_set("maxmemory", 0)


async def cut_off(stage: Stage) -> None:
    """See above; the other one has pictures as well, for which places are to be had meanwhile."""
    await stage.there.tell(f"beside {len(stage.cluster.pictures.drawn)}")
    await away(stage.here.line)


async def away(line: Line) -> None:
    """Let nothing through a line for a while."""
    line.cut()
    await pause(CUT_OFF, because="its leases are to end")
    line.heal()


async def postgres(stage: Stage) -> None:
    """See above."""
    await asyncio.to_thread(stage.postgres.stop)
    await asyncio.to_thread(stage.postgres.start)


async def work_kill(stage: Stage) -> None:
    """See above."""
    stage.cluster.hands[-1].kill()
    await stage.cluster.hire(1)


async def work_hang(stage: Stage) -> None:
    """See above."""
    process = stage.cluster.hands[-1].process
    process.send_signal(signal.SIGSTOP)
    await pause(CUT_OFF, because="it is to be given up")
    process.send_signal(signal.SIGCONT)


async def work_cut_off(stage: Stage) -> None:
    """See above."""
    await away(stage.cluster.hands[-1].line)


async def work_end(stage: Stage) -> None:
    """See above."""
    process = stage.cluster.hands[-1].process
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, SOON) == 0
    await stage.cluster.hire(1)


async def work_all(stage: Stage) -> None:
    """See above."""
    stage.here.kill()
    for hand in stage.cluster.hands:
        hand.kill()
    await stage.replace()
    await stage.cluster.hire(2)


ELSEWHERE: dict[str, Fault] = {
    "work-kill": work_kill,
    "work-hang": work_hang,
    "work-cut-off": work_cut_off,
    "work-end": work_end,
    "work-all": work_all,
}
FAULTS: dict[str, Fault] = {
    "kill": kill,
    "hang": hang,
    "cut-off": cut_off,
    "end": end,
    "valkey-empty": valkey_empty,
    "valkey-kept": valkey_kept,
    "promoted": promoted,
    "memory": memory,
    "stall-2": stall(2.0),
    "stall-7": stall(7.0),
    "postgres": postgres,
}
OF_ALL = ("valkey-empty", "valkey-kept", "promoted", "memory", "stall-2", "stall-7", "postgres")
"""What happens to all nodes: what they leave is begun again when that is over."""
NOBODY_LEFT = ("work-all", "cut-off")
"""After what nobody is there who could go on, until others have started or it is over."""
HELD = ("cut-off", "work-cut-off", "stall-7")
"""In what lasts longer than a lease no picture is finished: what runs has to be stopped."""

EVERY = FAULTS | ELSEWHERE


@dataclass(slots=True)
class Seen:
    """What was seen of one kind of fault.

    Attributes:
        seconds: From the fault's beginning until all was kept, each time.
        back: From a drawing's being cut off until it was begun again, the longest of each time.
        asked: How often the picture server was asked for more than there were pictures.
        most: How many were drawn at the same time at most.
        wrong: What was not as it must be.
    """

    seconds: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    asked: int = 0
    most: int = 0
    wrong: list[str] = field(default_factory=list)


async def one_round(stage: Stage, name: str, number: int, seen: Seen) -> None:
    """Tell a story, let something go wrong, and look."""
    pictures, story = stage.cluster.pictures, f"{name} {number}"
    before = len(pictures.drawn)
    stage.ticking.clear()  # so that what a former fault has left can end, and all places are taken
    try:
        await stage.here.tell(story)
        await until(lambda: pictures.running == AT_ONCE, patience=SOON)
    except (TimeoutError, OSError) as error:
        seen.wrong.append(f"{story}: nothing was drawn before anything went wrong: {error!r}")
        seen.wrong.append(f"  see {stage.keep_logs(story)}")
        stage.ticking.set()
        return
    if name not in HELD:
        stage.ticking.set()
    began, wrong = time.monotonic(), len(seen.wrong)
    await EVERY[name](stage)
    stage.ticking.set()
    there = time.monotonic() if name in NOBODY_LEFT else began
    last: list[tuple[str, int, int]] = []

    async def whole() -> bool:
        nonlocal last
        with contextlib.suppress(Exception):  # it may be unable to tell for a while
            slots = await slots_of(stage.there, story)
            last = [(slot["state"], len(slot["alternatives"]), slot["pending"]) for slot in slots]
        return last == [("ready", 1, 0)] * FOXES

    try:
        await until(whole, patience=SOON, every=0.2)
        await until(lambda: not pictures.running, patience=SOON, every=0.05)
        seen.seconds.append(time.monotonic() - began)
    except TimeoutError:
        seen.wrong.append(f"{story}: after {SOON:g} s its pictures are {last}")
    seen.asked += pictures.more_than_once(before)
    most = pictures.most(before)
    seen.most = max(seen.most, most)
    if most > AT_ONCE:
        seen.wrong.append(f"{story}: {most} were drawn at the same time")
    seen.back.append(pictures.back(before, at=began, there=there))
    if name not in OF_ALL and seen.back[-1] > BACK:
        seen.wrong.append(f"{story}: a picture was begun again after {seen.back[-1]:.1f} s")
    if len(seen.wrong) > wrong:
        seen.wrong.append(f"  see {stage.keep_logs(story)}")


async def run(names: list[str], rounds: int, *, elsewhere: bool) -> bool:
    """Let each happen so many times; tells whether all was well."""
    well = True
    async with set_up(servers=2, workers=2 if elsewhere else 0) as stage:
        for name in names:
            seen = Seen()
            for number in range(rounds):
                await one_round(stage, name, number, seen)
            well = well and not seen.wrong
            print(told(name, rounds, seen), flush=True)  # noqa: T201 - a program
    return well


def told(name: str, rounds: int, seen: Seen) -> str:
    """What was seen, in a line, and what was wrong, a line each."""
    times = sorted(seen.seconds)
    middle = f"{times[len(times) // 2]:.1f} s, at most {times[-1]:.1f} s" if times else "never"
    first = (
        f"{name}: {len(times)} of {rounds} times all was kept once, after {middle}; at most "
        f"{seen.most} of {AT_ONCE} at the same time; what was cut off was begun again within "
        f"{max(seen.back, default=0.0):.1f} s; "
        f"asked {seen.asked} times more than there were pictures"
    )
    return "\n  ".join([first, *seen.wrong])


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Faults under servers that share all.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(EVERY))
    parser.add_argument("--elsewhere", action="store_true", help="have workers draw")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    known = EVERY if given.elsewhere else FAULTS
    unknown = set(given.names) - set(known)
    if unknown:
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    return (
        0
        if asyncio.run(run(given.names or list(known), given.rounds, elsewhere=given.elsewhere))
        else 1
    )


if __name__ == "__main__":
    sys.exit(main())
