"""Two hundred processes that are killed while their library fails now and then.

One in a file is locked, one in a database has its server stopped; files cannot grow in either.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.recovery.postgres_program import PostgresProgram
from tests.recovery.test_kill import Mortals, Witness, logged, story

KILLS = 200
LONGEST = 0.6
"""Seconds after which a process is killed at the latest."""
PATIENCE = 0.05
"""Seconds for which a process waits for a lock before it is an outage."""

LOCKER = """\
import random, sqlite3, sys, threading
chance, over = random.Random(sys.argv[2]), threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
while not over.wait(chance.uniform(0.05, 0.3)):
    held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0.02)
    try:
        held.execute("BEGIN IMMEDIATE")
        over.wait(chance.uniform(0.05, 0.3))
    except sqlite3.Error:
        pass  # it is not there yet, or somebody else writes
    finally:
        held.close()
"""


@contextlib.contextmanager
def locking(place: Path, seed: int) -> Iterator[None]:
    """Have another process hold a library's database again and again."""
    place.mkdir()
    command = [sys.executable, "-c", LOCKER, str(place / "limner.db"), str(seed)]
    locker = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        yield
    finally:
        locker.communicate()


@contextlib.contextmanager
def stopping(program: PostgresProgram, seed: int) -> Iterator[None]:
    """Have a library's server stopped and started again and again."""
    chance, over = random.Random(seed), threading.Event()

    def come_and_go() -> None:
        while not over.wait(chance.uniform(1.0, 4.0)):
            program.stop()
            over.wait(chance.uniform(0.0, 0.3))
            program.start()

    coming = threading.Thread(target=come_and_go)
    coming.start()
    try:
        yield
    finally:
        over.set()
        coming.join()


def kill(folder: Path, seed: int, program: PostgresProgram | None = None) -> str:
    """Kill them, look into the library after each death, and tell what was seen.

    Args:
        folder: Where the library is, or its pictures.
        seed: Of the chances.
        program: The library's server, where it is in a database.

    Raises:
        AssertionError: Something that was kept is lost, or was drawn again.
    """
    chance, witness, mortals = random.Random(seed), Witness(), Mortals()
    kills = full = number = 0
    place, log = folder / "kept", folder / "log"
    library: dict[str, object] = {"place": str(place)}
    faults: contextlib.AbstractContextManager[None]
    if program is None:
        faults = locking(place, seed)
    else:
        library = {"place": program.url, "pictures": str(place)}
        # What brings it up to date takes longer than its server ever stays on a busy machine.
        mortals.order(do="look", **library, log=str(log))
        faults = stopping(program, seed)
    try:
        with faults:
            while kills < KILLS:
                number += 1
                name, text = f"tale{number}", story(number, chance)
                witness.texts[name] = text
                order = {**library, "log": str(log), "message": name, "text": text}
                killed = True
                while killed:
                    dies = kills < KILLS
                    begin = chance.uniform(0, LONGEST / 2)
                    no_room = [begin, begin + chance.uniform(0.02, 0.3)]
                    is_full = chance.random() < 0.5
                    full += is_full
                    life = mortals.order(
                        do="live", **order, insert=chance.choice(("live", "batch")),
                        seconds=0.006, seed=chance.randrange(10**6), busy=PATIENCE,
                        young=chance.random() < 0.2, full=no_room if is_full else None,
                        kill_after=chance.uniform(0, LONGEST) if dies else None,
                    )  # fmt: skip
                    assert life["code"] in (0, -9), life
                    seen = life["seen"] or mortals.order(do="look", **order)["seen"]
                    witness.sees(seen)
                    killed = life["killed"]
                    kills += killed
                witness.sees_the_end(mortals.order(do="look", **order)["seen"], name)
        end = mortals.order(do="look", **order)["seen"]
    finally:
        mortals.end()
    drawn = logged(end, "finish ")
    again = sum(count - 1 for count in drawn.values())
    return (
        f"{kills} killed, {full} of all that lived had no room for a while, the"
        f" {'lock' if program is None else 'server'} came and went:"
        f" {number} stories whole, {len(drawn)} pictures there; {again} were drawn again of which"
        " only the dead knew, none that was kept"
    )
