"""What is little is committed in the event loop, and nothing there ever waits."""

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from tests.waiting import until

from limner.errors import UnknownSlot
from limner.storage import Library
from limner.storage.database.sqlite import HERE, SqliteDatabase
from limner.testing.store_contract import a_message, a_slot

pytestmark = pytest.mark.real_time


def here(library: Library) -> list[str]:
    """The statements of the event loop's own connection, from now on."""
    database = library._database
    assert isinstance(database, SqliteDatabase)
    said: list[str] = []
    _, driver = database._at_hand or database._take_in_hand()
    driver.set_trace_callback(said.append)
    return said


async def test_text_is_committed_in_the_loop_and_slots_are_not(place: Path) -> None:
    """A few rows cost less than a step into a thread; a slot is many statements."""
    async with await Library.open(place) as library:
        said = here(library)
        await library.save(a_message("m"))
        assert await library.append_text("m", 0, " More.")
        assert said.count("COMMIT") == 2
        await library.save_slots(a_slot("m"))
        assert said.count("COMMIT") == 2
        found = await library.load("m")
        assert found is not None
        assert (found.text, found.slots) == (a_message("m").text + " More.", (a_slot("m"),))


async def test_a_lock_that_somebody_holds_does_not_hold_up_the_loop(place: Path) -> None:
    """What meets one goes into the thread, waits there, and is kept once."""
    async with await Library.open(place) as library:
        await library.save(a_message("m"))
        other = sqlite3.connect(place / "limner.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        appending = asyncio.ensure_future(library.append_text("m", 0, "!"))
        await until(lambda: library._commits._working is not None)
        assert time.monotonic() - began < 2
        assert not appending.done()
        other.execute("COMMIT")
        other.close()
        assert await appending
        found = await library.load("m")
        assert found is not None
        assert found.text == a_message("m").text + "!"


async def test_the_log_of_changes_is_brought_in_now_and_then(place: Path) -> None:
    """It does not grow with what is kept, although the loop never waits for the disk."""
    async with await Library.open(place) as library:
        said = here(library)
        for number in range(6 * HERE):
            await library.save(a_message(f"m{number}", text="snow " * 800))
        log = (place / "limner.db-wal").stat().st_size
        assert log < 16 << 20
        assert (place / "limner.db").stat().st_size > 1 << 20
        assert 5 * HERE < said.count("COMMIT") < 6 * HERE


async def test_what_fails_in_the_loop_changes_nothing_and_is_told(place: Path) -> None:
    """Its error is its own, and what was done before it in the transaction is undone."""

    def wrong(connection: Connection) -> None:
        connection.execute(text("DELETE FROM answers"))
        raise UnknownSlot("nowhere")

    async with await Library.open(place) as library:
        await library.save(a_message("m"))
        database = library._database
        assert database.write_here(wrong) is None
        with pytest.raises(UnknownSlot):
            await library._write(wrong, brief=True)
        assert await library.load("m") == a_message("m")
        assert await library.append_text("m", 0, "!")
