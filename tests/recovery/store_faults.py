"""A store that fails under a real `limner serve`: watched from outside, by hand.

    python -m tests.recovery.store_faults [NAME…]

Ten stories are told and drawn through the server for as long as the fault and some seconds more.
Afterwards each text must be whole at its reader's and in the library, and each picture drawn once,
kept and given out; ``/readyz`` must have told. The faults last ten seconds:

lock        another process holds the database for writing
disk        no file of the server can grow, as on a full disk
postgres    the PostgreSQL server is stopped, and started again
files       one picture's file is removed, one is cut
kill-lock, kill-disk, kill-postgres
            the server is killed in the middle of that, and started again behind it
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from tests.recovery.postgres_program import PostgresProgram, running_postgres
from tests.recovery.served_stories import Stage, staged
from tests.waiting import pause

from limner.illustration import SlotState

SECONDS = 10.0
"""How long a fault lasts."""
BEFORE = 3.0
"""Seconds of telling before it."""
STORIES = 10
LENGTH = int((BEFORE + SECONDS + 3.0) * 10)

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


async def through(stage: Stage, fault: Fault) -> None:
    """Tell stories whose middle meets a fault."""
    stage.begin()
    await pause(BEFORE, because="some of the stories are told before it")
    async with fault(stage):
        await pause(SECONDS, because="that is how long it lasts")
    await stage.over()
    await stage.settled(STORIES)
    await stage.check_all_is_kept()
    assert stage.server.readiness == [200, 503, 200], stage.server.readiness
    print(f"  {len(stage.drawn)} pictures, each drawn once; /readyz said 200, 503, 200")


async def killed(stage: Stage, fault: Fault) -> None:
    """The server dies in the middle of a fault."""
    stage.begin()
    await pause(BEFORE, because="some of the stories are told before it")
    told = {url for one in stage.readers for url in one.pictures}
    before = await stage.kept()
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


async def watch(name: str) -> None:
    """One of the faults."""
    kill = name.startswith("kill-")
    kind = name.removeprefix("kill-")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        faults: dict[str, Fault] = {"lock": locked, "disk": full_disk}
        place, fault = None, faults.get(kind)
        if kind == "postgres":
            program = stack.enter_context(running_postgres())
            place, fault = program.url, stopped(program)
        length = 30 if kind == "files" else LENGTH
        async with staged(Path(folder), stories=STORIES, length=length, place=place) as stage:
            if fault is None:
                await damaged(stage)
            else:
                await (killed if kill else through)(stage, fault)


NAMES = ("lock", "disk", "postgres", "files", "kill-lock", "kill-disk", "kill-postgres")


def main() -> None:
    """Watch all of them, or those that are named."""
    for name in sys.argv[1:] or NAMES:
        print(name, flush=True)
        asyncio.run(watch(name))


if __name__ == "__main__":
    main()
