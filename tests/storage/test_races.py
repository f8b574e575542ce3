"""Several processes that write into one library lose nothing of one another's, and agree."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from tests.storage.conftest import MakeLibrary

from limner.errors import ConfigError, SlotOvertaken
from limner.illustration import Illustrator
from limner.server.tokens import add_token, list_tokens, revoke_token
from limner.storage import Library
from limner.testing import ScriptedBackend
from limner.testing.store_contract import a_message, a_slot
from limner.testing.store_contract.samples import loaded

pytestmark = pytest.mark.real_time


async def test_a_slot_that_was_changed_meanwhile_is_not_written_over(
    make_library: MakeLibrary,
) -> None:
    """Of two that read one state the second to write it is told, and nothing of it is kept."""
    async with make_library() as here, make_library() as there:
        await here.save(a_message("m", a_slot()))
        mine, theirs = (await loaded(here)).slots[0], (await loaded(there)).slots[0]
        assert await there.save_slots(replace(theirs, attempts=7))
        with pytest.raises(SlotOvertaken):
            await here.save_slots(replace(mine, attempts=1))
        assert (await loaded(here)).slots[0].attempts == 7
        again = (await loaded(here)).slots[0]
        assert await here.save_slots(replace(again, attempts=8))


async def test_pictures_of_one_slot_that_several_processes_draw_are_all_kept(
    make_library: MakeLibrary,
) -> None:
    """Whoever finds that another was quicker reads the slot anew."""
    async with make_library() as one, make_library() as two, make_library() as three:
        libraries = (one, two, three)
        await one.save(a_message("m", a_slot(pictures=1)))
        slot_id = (await loaded(one)).slots[0].id

        async def process(library: Library) -> None:
            backend = ScriptedBackend(seconds=0.0)
            async with Illustrator(backend=backend, store=library) as illustrator:
                for _ in range(4):
                    await illustrator.operations.regenerate(slot_id, mode="append")

        await asyncio.gather(*map(process, libraries))
        slot = (await loaded(two)).slots[0]
    assert (len(slot.alternatives), slot.pending) == (13, ())


async def test_a_secret_that_several_make_at_once_is_one(make_library: MakeLibrary) -> None:
    """All of them are given what was kept first."""
    async with make_library() as one, make_library() as two:
        given = await asyncio.gather(
            *(library.first_setting("s", n) for n, library in enumerate((one, two) * 8))
        )
        assert set(given) == {await one.setting("s")}


async def test_tokens_that_are_made_at_once_are_all_kept(make_library: MakeLibrary) -> None:
    """And of two for one name there is one."""
    async with make_library() as one, make_library() as two:
        names = [f"reader{number}" for number in range(8)]
        await asyncio.gather(
            *(add_token((one, two)[n % 2], name, now=1.0) for n, name in enumerate(names))
        )
        assert sorted(token.name for token in await list_tokens(one)) == names
        ends = await asyncio.gather(
            *(add_token(library, "bob", now=1.0) for library in (one, two)), return_exceptions=True
        )
        assert [type(end) for end in ends if not isinstance(end, str)] == [ConfigError]
        gone = await asyncio.gather(*(revoke_token(library, "bob") for library in (one, two)))
        assert sorted(gone) == [False, True]


async def test_a_chat_that_two_begin_keeps_its_first_title(make_library: MakeLibrary) -> None:
    """Both are given the one that is there."""
    async with make_library() as one, make_library() as two:
        made = await asyncio.gather(
            *(library.create_chat(f"title {n}", id="c") for n, library in enumerate((one, two) * 4))
        )
        assert {chat.title for chat in made} == {(await one.create_chat("late", id="c")).title}


async def test_no_number_of_an_answer_is_given_out_twice(postgres: str, tmp_path: Path) -> None:
    """Where the database is a server, also of a message that is not there yet."""
    opened = [await Library.open(postgres, pictures=tmp_path) for _ in range(2)]
    one, two = opened
    async with one, two:
        given = await asyncio.gather(*(each.next_variant("m", count=2) for each in opened * 6))
        assert sorted(given) == list(range(0, 24, 2))
        await one.save(a_message("m", variant=40))
        assert await two.next_variant("m") == 41


async def test_keys_that_grow_fast_do_not_end(make_library: MakeLibrary) -> None:
    """Of text that streams in a row is kept for each beat: two thousand million are soon gone."""
    async with make_library() as library:
        await library.save(a_message("m"))

        def far(connection: Connection) -> None:
            if connection.dialect.name == "postgresql":
                sequence = "SELECT setval('text_chunks_key_seq', 5000000000)"
                connection.execute(text(sequence))
            else:
                row = "INSERT INTO text_chunks (key, answer_key, text) VALUES (5000000000, 1, '')"
                connection.execute(text(row))

        await library._write(far)
        assert await library.append_text("m", 0, " and more")
        assert (await loaded(library)).text.endswith(" and more")
