"""A call is one transaction, also when it is cancelled; nothing stays behind."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from tests.examples import share
from tests.storage.conftest import MakeLibrary

from limner.storage import Library
from limner.storage.database.postgres import PostgresDatabase
from limner.storage.database.sqlite import SqliteDatabase
from limner.testing.store_contract import a_message, a_slot

pytestmark = pytest.mark.real_time


def engines(library: Library) -> list[Engine]:
    """What the library's transactions run on."""
    database = library._database
    if isinstance(database, SqliteDatabase):
        return [database.writer, database.reader]
    assert isinstance(database, PostgresDatabase)
    return [database.engine.sync_engine]


def counted(library: Library) -> Counter[str]:
    """Counts the beginnings and ends of transactions from now on."""
    counts: Counter[str] = Counter()
    for engine in engines(library):
        for name in ("begin", "commit", "rollback"):
            event.listen(engine, name, lambda _, name=name: counts.update([name]))
    database = library._database
    if isinstance(database, SqliteDatabase):
        _, driver = database._at_hand or database._take_in_hand()
        told = {"BEGIN IMMEDIATE": ["begin"], "COMMIT": ["commit"]}
        driver.set_trace_callback(lambda sql: counts.update(told.get(sql, [])))
    return counts


async def test_ten_pictures_are_committed_in_one_transaction(make_library: MakeLibrary) -> None:
    """A commit of many pictures begins and commits once."""
    async with make_library() as library:
        await library.save(a_message("m", *(a_slot(ordinal=each) for each in range(10))))
        counts = counted(library)
        await library.save_slots(*(a_slot(ordinal=each, pictures=1) for each in range(10)))
        assert counts == {"begin": 1, "commit": 1}


async def test_a_failure_in_the_middle_changes_nothing(make_library: MakeLibrary) -> None:
    """What cannot be kept whole is not kept: the former state stays."""
    async with make_library() as library:
        first = a_message("m", a_slot())
        await library.save(first)
        twins = a_slot(pictures=2)
        one, two = twins.alternatives
        twins = replace(twins, alternatives=(one, replace(two, id=one.id)))
        with pytest.raises(Exception, match=r"(?i)unique"):
            await library.save(a_message("m", twins, text="changed"))
        assert await library.load("m") == first
        assert all(engine.pool.checkedout() == 0 for engine in engines(library))  # type: ignore[attr-defined]  # pools count


async def _cut(library: Library, delays: list[int]) -> None:
    """Begin saving and appending; cancel each call after some steps of the loop."""
    tasks: list[asyncio.Future[Any]] = []
    for number, delay in enumerate(delays):
        slots = (a_slot(str(number), ordinal, pictures=1) for ordinal in range(3))
        saving = asyncio.create_task(library.save(a_message(str(number), *slots)))
        appending = asyncio.ensure_future(library.append_text("m", 0, "x"))
        tasks += [saving, appending]
        for _ in range(delay):
            await asyncio.sleep(0)
        saving.cancel()
        appending.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _whole(place: Path, delays: list[int]) -> None:
    async with await Library.open(place) as library:
        await library.save(a_message("m", text="-"))
        await _cut(library, delays)
        for number in range(len(delays)):
            message = await library.load(str(number))
            assert message is None or [len(slot.alternatives) for slot in message.slots] == [1] * 3
            await library.delete(str(number))
        text = await library.load("m")
        assert text is not None
        assert text.text.strip("x") == "-"
        assert all(engine.pool.checkedout() == 0 for engine in engines(library))  # type: ignore[attr-defined]  # pools count
        await library.gc(grace=-60.0, keep_deleted=-60.0)
        assert (await library.check()).orphans == ()


@settings(max_examples=share(10), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_a_cancelled_call_happened_whole_or_not_at_all(place: Path, delays: list[int]) -> None:
    """Wherever a call is cut: no half message, no connection kept, and the next call works."""
    asyncio.run(_whole(place, delays))


async def test_cancelled_calls_to_postgres_give_their_connections_back(
    postgres: str, tmp_path: Path
) -> None:
    """The same over a server: its few connections are all free afterwards."""
    async with await Library.open(postgres, pictures=tmp_path) as library:
        await library.save(a_message("m", text="-"))
        await _cut(library, [0, 1, 5, 20, 40, 60, 100])
        message = await library.load("m")
        assert message is not None
        assert message.text.strip("x") == "-"
        assert all(engine.pool.checkedout() == 0 for engine in engines(library))  # type: ignore[attr-defined]  # pools count


@pytest.mark.parametrize("steps", [0, 1, 3, 10])
async def test_opening_can_be_cancelled(place: Path, steps: int) -> None:
    """Whoever gives up opening leaves nothing open: no file says that somebody is there."""
    opening = asyncio.create_task(Library.open(place))
    for _ in range(steps):
        await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert list((place / "pictures" / ".open").iterdir()) == []


async def test_lost_connections_are_made_anew(postgres: str, tmp_path: Path) -> None:
    """A server that was restarted between two calls is met with fresh connections."""
    async with await Library.open(postgres, pictures=tmp_path) as library:
        await library.save(a_message("m"))
        other = await asyncpg.connect(postgres)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='limner'"
        )
        await other.close()
        assert await library.load("m") == a_message("m")
        assert await library.append_text("m", 0, "!")


async def test_closing_waits_for_what_is_under_way(place: Path) -> None:
    """A call that has begun when the library is closed is done whole."""
    library = await Library.open(place)
    saving = asyncio.create_task(library.save(a_message("m", a_slot(pictures=3))))
    await asyncio.sleep(0)
    await library.aclose()
    await saving
    async with await Library.open(place) as again:
        assert await again.load("m") == a_message("m", a_slot(pictures=3))
