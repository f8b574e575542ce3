"""A store that fails under a real `limner serve`: watched from outside, by hand.

    python -m tests.recovery.store_faults [--seed N] [NAME…]

Ten stories are told and drawn through the server for as long as the fault and some seconds more.
Afterwards each text must be whole at its reader's and in the library, and each picture drawn once,
kept and given out; ``/readyz`` must have told. Three talk meanwhile in short turns without
pictures: question and answer must be kept together, each once. The faults last ten seconds, the
lock thirty:

lock        another process holds the database for writing
disk        no file of the server can grow, as on a full disk
postgres    the PostgreSQL server is stopped, and started again
files       one picture's file is removed, one is cut
kill-lock, kill-disk, kill-postgres
            the server is killed in the middle of that, and started again behind it
twins       no fault: a second server on the library is asked for what the first one draws
kills       200 processes that illustrate are killed, while their library is locked and has no room
            now and then; ``--seed N`` repeats a run
kills-postgres
            the same, while the PostgreSQL server of their library is stopped and started
kills-illustrate
            200 `limner illustrate` and `limner resume` that write into a file are killed so

``--times N`` repeats each, which must hold every time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import monotonic

from tests.recovery import command_kills, kill_faults
from tests.recovery.postgres_program import PostgresProgram, running_postgres
from tests.recovery.served_stories import Stage, staged
from tests.waiting import pause, until

from limner.illustration import SlotState

SECONDS = 10.0
"""How long a fault lasts."""
LONG = {"lock": 30.0}
"""Those that last longer."""
SLOW = 0.8
"""Seconds that a picture takes while a second server is asked for it."""
BEFORE = 3.0
"""Seconds of telling before it."""
STORIES = 10
TALKS = 3


def length(seconds: float) -> int:
    """Pieces of a story that goes on for three seconds behind such a fault."""
    return int((BEFORE + seconds + 3.0) * 10)


Fault = Callable[[Stage], contextlib.AbstractAsyncContextManager[None]]

HOLD = """\
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
held.execute("BEGIN IMMEDIATE")
print(flush=True)
sys.stdin.read()
"""


@contextlib.asynccontextmanager
async def locked(stage: Stage) -> AsyncIterator[None]:
    """Another process writes into the database."""
    file = str(Path(stage.place) / "limner.db")
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, file, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    await other.stdout.readline()
    try:
        yield
    finally:
        await other.communicate(b"")


@contextlib.asynccontextmanager
async def full_disk(stage: Stage) -> AsyncIterator[None]:
    """No file of the server can grow: what a full disk does, where none can be had."""
    former = resource.prlimit(stage.server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.server.pid, resource.RLIMIT_FSIZE, (0, former[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):  # it was killed meanwhile
            resource.prlimit(stage.server.pid, resource.RLIMIT_FSIZE, former)


def stopped(program: PostgresProgram) -> Fault:
    """The database's server is away."""

    @contextlib.asynccontextmanager
    async def fault(stage: Stage) -> AsyncIterator[None]:
        await asyncio.to_thread(program.stop)
        try:
            yield
        finally:
            await asyncio.to_thread(program.start)

    return fault


async def through(stage: Stage, fault: Fault, seconds: float) -> None:
    """Tell stories whose middle meets a fault."""
    stage.begin()
    await pause(BEFORE, because="some of the stories are told before it")
    async with fault(stage):
        await pause(seconds, because="that is how long it lasts")
    ended = monotonic()
    await stage.over()
    told = monotonic()
    await stage.settled(STORIES)
    settled = monotonic()
    await stage.check_all_is_kept()
    await stage.talks_kept()
    await until(lambda: stage.server.readiness[-1] == 200)
    said = stage.server.readiness
    assert said[:3] == [200, 503, 200], said  # where much waits to be kept, more may follow
    print(
        f"  {len(stage.drawn)} pictures, each drawn once, {turns(stage)} turns of talks, each kept"
        f" once; /readyz said {said}; the last word"
        f" came {told - ended:.1f} s after the fault, all was kept {settled - told:.1f} s later"
    )


def turns(stage: Stage) -> int:
    """How many questions of talks were answered."""
    return sum(len(talk.said) // 2 for talk in stage.talks)


async def killed(stage: Stage, fault: Fault) -> None:
    """The server dies in the middle of a fault."""
    stage.begin()
    await pause(BEFORE, because="some of the stories are told before it")
    told = {url for one in stage.readers for url in one.pictures}
    before, spoken = await stage.kept(), await stage.talked()
    async with fault(stage):
        await pause(SECONDS / 2, because="that is when it dies")
        late = {url for one in stage.readers for url in one.pictures} - told
        drawn = stage.drawn
        await stage.server.kill()
        await stage.over()
    await stage.server.start()
    await stage.server.recovered()
    await stage.settled(len(before))
    after = await stage.kept()
    talked = await stage.talked()
    for talk in stage.talks:
        # Of the turns of the fault those are lost that were in the server's memory; as soon as
        # who talked goes on, all that was said is there again.
        assert len(talked[talk.number]) >= len(spoken[talk.number])
        talk.check_beginning(talked[talk.number])
        await talk.ask(stage.server.address)
    await stage.talks_kept()
    for number, message in before.items():
        assert after[number].text.startswith(message.text)
        for slot in message.slots:
            again = after[number].slot(slot.id)
            assert again.state is SlotState.READY, again
            if slot.image is not None:
                assert again.image == slot.image
                assert stage.drawn[slot.prompt] == 1
    await stage.check_pictures(sorted(told))
    await stage.check_files()
    lost = [url for url in sorted(late) if await stage.server.get(url) != (200, True)]
    twice = [prompt for prompt, count in stage.drawn.items() if count > 1]
    assert set(twice) <= set(drawn)
    print(
        f"  all that was kept before is whole, all {len(told)} pictures told before are there;"
        f" of {len(late)} told in the fault {len(lost)} are lost with the server's memory, of"
        f" {sum(drawn.values())} drawn by then {len(twice)} were drawn again"
    )


async def damaged(stage: Stage) -> None:
    """Files of pictures are gone or cut while the server works."""
    stage.begin()
    await stage.over()
    await stage.settled(STORIES)
    await stage.check_all_is_kept()
    kept = await stage.kept()
    gone, cut = (slot.image for slot in kept[0].slots[:2])
    assert gone is not None
    assert cut is not None
    gone.path.unlink()  # type: ignore[attr-defined]  # a stored picture
    cut.path.write_bytes(cut.path.read_bytes()[:20])  # type: ignore[attr-defined]  # likewise
    urls = stage.readers[0].pictures
    assert [await stage.server.get(url) for url in urls[:3]] == [(200, False)] * 2 + [(200, True)]
    print("  two placeholders, all others as they were")


async def twins(stage: Stage) -> None:
    """Whoever asks the second server for a picture that the first one draws, waits for it."""
    other = stage.server.another()
    await other.start()
    try:
        stage.begin()
        await until(lambda: sum(len(one.pictures) for one in stage.readers) >= STORIES)
        urls = [url for one in stage.readers for url in one.pictures]
        early = [url.replace(stage.server.address, other.address) for url in urls]
        drawn = stage.drawn.total()
        shown = await asyncio.gather(*(other.get(url) for url in early))
        assert shown == [(200, True)] * len(early), shown
        assert drawn < len(early)
        await stage.over()
        await stage.settled(STORIES)
        await stage.check_all_is_kept()
    finally:
        await other.stop()
    print(f"  {len(early)} pictures seen at the second, {drawn} of them drawn when it was asked")


async def many_killed(name: str, seed: int) -> str:
    """Kill two hundred of a kind; tells what was seen."""
    with tempfile.TemporaryDirectory() as folder:
        if name == "kills-illustrate":
            return await command_kills.kill_commands(Path(folder), seed)
        if name == "kills-postgres":
            with running_postgres() as program:
                return await asyncio.to_thread(kill_faults.kill, Path(folder), seed, program)
        return await asyncio.to_thread(kill_faults.kill, Path(folder), seed)


async def watch(name: str, seed: int) -> None:
    """One of the faults."""
    if name.startswith("kills"):
        print(f"  seed {seed}", flush=True)
        print("  " + await many_killed(name, seed))
        return
    kill = name.startswith("kill-")
    kind = name.removeprefix("kill-")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        faults: dict[str, Fault] = {"lock": locked, "disk": full_disk}
        place, fault = None, faults.get(kind)
        if kind == "postgres":
            program = stack.enter_context(running_postgres())
            place, fault = program.url, stopped(program)
        seconds = LONG.get(name, SECONDS)
        pieces = 30 if fault is None else length(seconds)
        drawing = SLOW if kind == "twins" else 0.1
        async with staged(
            Path(folder), stories=STORIES, length=pieces, place=place, drawing=drawing, talks=TALKS
        ) as stage:
            if fault is None:
                await (twins if kind == "twins" else damaged)(stage)
            elif kill:
                await killed(stage, fault)
            else:
                await through(stage, fault, seconds)


NAMES = (
    *("lock", "disk", "postgres", "files", "kill-lock", "kill-disk", "kill-postgres", "twins"),
    *("kills", "kills-postgres", "kills-illustrate"),
)


def main() -> None:
    """Watch all of them, or those that are named."""
    parser = argparse.ArgumentParser(description="A store that fails, watched from outside.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the kills")
    parser.add_argument("--times", type=int, default=1, help="how often each is watched")
    chosen = parser.parse_args()
    for name in chosen.names or NAMES:
        for time_ in range(chosen.times):
            print(
                name if chosen.times == 1 else f"{name}, {time_ + 1} of {chosen.times}", flush=True
            )
            asyncio.run(watch(name, chosen.seed + time_))


if __name__ == "__main__":
    main()
