"""Processes on one PostgreSQL know of one another, and go on with what a dead one was doing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.waiting import pause, until

from limner.errors import WorkTaken
from limner.illustration import PendingDrawing
from limner.storage import Library
from limner.testing.store_contract import a_message, a_slot

pytestmark = pytest.mark.real_time

TTL = 0.3
"""Seconds after which a silent process is dead in these tests."""
Join = Callable[[str], AbstractAsyncContextManager[Library]]


@pytest.fixture
def join(postgres: str, tmp_path: Path) -> Join:
    """Opens the library for a process that is there from then on."""

    @asynccontextmanager
    async def joined(process: str) -> AsyncIterator[Library]:
        async with await Library.open(postgres, pictures=tmp_path) as library:
            await library.join(process)
            yield library

    return joined


async def beats(library: Library, process: str) -> list[tuple[str, int]] | None:
    """What a process takes over, as soon as somebody is dead."""
    found: list[tuple[str, int]] | None = []

    async def something() -> bool:
        nonlocal found
        found = await library.beat(process, ttl=TTL)
        return found != []

    await until(something, every=TTL / 5)
    return found


async def test_the_work_of_one_that_is_silent_becomes_anothers_once(join: Join) -> None:
    """With every answer it wrote or drew for; of several that notice one has each of them."""
    async with join("dead") as dead, join("one") as one, join("two") as two:
        for number in range(6):
            dead.begin_work("dead", "m", number)
        dead.end_work("dead", "m", 5)
        await dead.flush()
        found: list[tuple[str, int]] = []

        async def listen(library: Library, process: str) -> None:
            while len(found) < 5:
                found.extend(await library.beat(process, ttl=TTL) or [])
                await pause(0.01, because="a heartbeat comes from time to time")

        async with asyncio.timeout(30):
            await asyncio.gather(listen(one, "one"), listen(two, "two"))
        assert sorted(found) == [("m", number) for number in range(5)]


async def test_others_are_known_to_be_at_a_message(join: Join) -> None:
    """And at those of a chat, as long as they are; one's own work does not count."""
    async with join("here") as here, join("there") as there:
        await here.save(a_message("m"))
        here.begin_work("here", "m", 0)
        for number in range(2):
            there.begin_work("there", "m", number)
        await asyncio.gather(here.flush(), there.flush())
        chat = a_message("m").chat_id
        assert await here.others_at(message_id="m") == await there.others_at(message_id="m") == 1
        assert await here.others_at(chat_id=chat) == 1
        assert await here.others_at(message_id="other") == await here.others_at(chat_id="no") == 0
        for number in range(2):
            there.end_work("there", "m", number)
        await there.flush()
        assert await here.others_at(message_id="m") == await here.others_at(chat_id=chat) == 0


async def test_one_that_was_taken_for_dead_changes_nothing_any_more(join: Join) -> None:
    """Every change it tries says so, until it is there anew."""
    async with join("dead") as dead, join("alive") as alive:
        await dead.save(a_message("m", a_slot()))
        dead.begin_work("dead", "m", 0)
        await dead.flush()
        assert await beats(alive, "alive") == [("m", 0)]
        with pytest.raises(WorkTaken):
            await dead.save(a_message("m", text="late"))
        with pytest.raises(WorkTaken):
            await dead.append_text("m", 0, "late")
        with pytest.raises(WorkTaken):
            await dead.save_slots(a_slot(pictures=1))
        assert await dead.beat("dead", ttl=TTL) is None
        assert await dead.load("m") == await alive.load("m") == a_message("m", a_slot())
        await dead.join("dead again")
        await dead.save(a_message("m", text="new"))


async def test_one_that_leaves_is_dead_at_once(join: Join) -> None:
    """What it has left is gone on with, and what it has ended is not."""
    async with join("alive") as alive, join("leaving") as leaving:
        await leaving.save(a_message("m", replace(a_slot(), pending=(PendingDrawing(attempt=0),))))
        for variant in (0, 1):
            leaving.begin_work("leaving", "m", variant)
            leaving.end_work("leaving", "m", variant)
        await leaving.leave("leaving")
        assert await alive.beat("alive", ttl=3600.0) == [("m", 0)]


async def test_who_is_committing_is_not_taken_for_dead(join: Join) -> None:
    """However long that takes: either all of it is kept, or others go on with it, never both."""
    async with join("slow") as slow, join("alive") as alive:
        await slow.save(a_message("m"))
        kept = asyncio.Event()

        async def write() -> None:
            for number in range(40):
                await slow.save(a_message("m", text=str(number)))
                kept.set()

        async def take() -> list[tuple[str, int]]:
            await kept.wait()
            return await alive.beat("alive", ttl=0.0) or []

        slow.begin_work("slow", "m", 0)
        writing = asyncio.create_task(write())
        taken = await take()
        try:
            await writing
        except WorkTaken:
            taken = taken or await alive.beat("alive", ttl=0.0) or []
            assert taken == [("m", 0)]
