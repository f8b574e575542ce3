"""What comes together is one transaction, in order, and whoever is at fault fails alone."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from tests.storage.conftest import MakeLibrary
from tests.storage.test_transactions import counted

from limner.errors import UnknownSlot
from limner.storage import Library
from limner.storage.database.sqlite import SqliteDatabase
from limner.testing.store_contract import a_message, a_slot

pytestmark = pytest.mark.real_time


async def test_what_many_streams_keep_at_a_beat_is_one_commit_or_two(
    make_library: MakeLibrary,
) -> None:
    """The first may already be under way when the others come; they all share the next one."""
    async with make_library() as library:
        await asyncio.gather(*(library.save(a_message(f"m{each}")) for each in range(20)))
        counts = counted(library)
        kept = await asyncio.gather(
            *(library.append_text(f"m{each}", 0, "more") for each in range(20))
        )
        assert kept == [True] * 20
        assert counts["commit"] <= 2


async def test_a_slot_takes_along_what_waits(make_library: MakeLibrary) -> None:
    """What was given before it is in the same commit, done before it."""
    async with make_library() as library:
        await library.save(a_message("m"))
        counts = counted(library)
        saving = asyncio.create_task(library.save(a_message("other")))
        await asyncio.sleep(0)
        assert await library.save_slots(a_slot())
        assert saving.done() or counts == {"begin": 1, "commit": 1}
        await saving
        assert counts == {"begin": 1, "commit": 1}


async def test_whoever_is_at_fault_fails_alone(make_library: MakeLibrary) -> None:
    """The others of its group are kept, each once."""

    def wrong(connection: Connection) -> None:
        connection.execute(text("DELETE FROM answers"))
        raise UnknownSlot("nowhere")

    async with make_library() as library:
        given = [
            asyncio.create_task(library.save(a_message("a"))),
            asyncio.create_task(library._write(wrong)),
        ]
        await asyncio.sleep(0)
        results = await asyncio.gather(
            *given, library.append_text("a", 0, "!"), return_exceptions=True
        )
        assert results[0] is None
        assert isinstance(results[1], UnknownSlot)
        assert results[2] is True
        message = await library.load("a")
        assert message is not None
        assert message.text == a_message("a").text + "!"


async def test_what_waits_is_kept_when_the_library_is_closed(place: Path) -> None:
    """A digest that waits for company is committed by the end at the latest."""
    async with await Library.open(place) as library:
        await library.save(a_message("m"))
        library.note_words("m", 0, "abc")
    async with await Library.open(place) as again:
        (where,) = (await again.places(["m"])).values()
        (found,) = await again.answers_like(where, "abc")
        assert found.known


async def test_a_look_up_costs_the_same_however_many_answers_there_are(place: Path) -> None:
    """The statements of a look-up, and the answers it gives, do not grow with the library."""
    async with await Library.open(place) as library:
        for number in range(40):
            await library.save(a_message("m", variant=number))
            library.note_words("m", number, f"said {number}")
        await library.flush()
        (where,) = (await library.places(["m", "unknown"])).values()
        assert [one.variant for one in await library.answers_like(where, "said 7")] == [7]
        assert await library.last_variant("m") == 39
        assert await library.last_variant("unknown") == -1
        database = library._database
        assert isinstance(database, SqliteDatabase)
        assert database._at_hand is not None  # nothing of it went into a thread


async def test_a_text_that_is_changed_is_unknown_again(make_library: MakeLibrary) -> None:
    """A digest never outlives the words it was made of."""
    async with make_library() as library:
        await library.save(a_message("m"))
        library.note_words("m", 0, "abc")
        await library.flush()
        (where,) = (await library.places(["m"])).values()
        assert [one.known for one in await library.answers_like(where, "abc")] == [True]
        assert await library.answers_like(where, "other") == []
        await library.save(a_message("m", text="changed"))
        assert [one.known for one in await library.answers_like(where, "other")] == [False]
        (one,) = await library.answers_like(where, "other")
        assert await library.said_by(one) == "changed"
