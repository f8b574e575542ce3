"""Conversations: listed, counted, renamed, deleted, searched, branched."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from tests.storage.conftest import MakeLibrary

from limner.errors import UnknownSlot
from limner.illustration import (
    Change,
    Failure,
    Message,
    MessageState,
    PendingDrawing,
    SlotState,
)
from limner.storage import Chat, ChatSummary, Library
from limner.testing.store_contract import WILD, a_message, a_slot

pytestmark = pytest.mark.real_time


def ticking() -> Callable[[], float]:
    """A clock that goes on by a second each time it is read."""
    seconds = iter(range(1, 10_000))
    return lambda: float(next(seconds))


def in_chat(chat_id: str, message: Message) -> Message:
    """The message in another chat."""
    return replace(message, chat_id=chat_id)


async def test_a_chat_is_created_once(make_library: MakeLibrary) -> None:
    """Creating gives the chat; again with its id gives the same one, unchanged."""
    async with make_library() as library:
        first = await library.create_chat("Foxes", id="c")
        assert first == Chat(id="c", title="Foxes", created_at=first.created_at)
        assert await library.create_chat("Other", id="c") == first
        made = await library.create_chat()
        assert made.id not in ("", "c")
        assert made.title is None


async def test_old_messages_without_a_chat_make_one(make_library: MakeLibrary) -> None:
    """R39: a message saved under a chat nobody created makes that chat."""
    async with make_library() as library:
        await library.save(in_chat("new", a_message("m")))
        chat = await library.chat("new")
        assert chat is not None
        assert (chat.title, chat.messages) == (None, 1)


async def test_chats_are_listed_by_their_last_change(place: Path) -> None:
    """The one changed last comes first; pages follow each other without gap or repetition."""
    async with await Library.open(place, clock=ticking()) as library:
        for number in range(5):
            await library.create_chat(id=str(number))
        await library.save(in_chat("2", a_message("m")))
        listed = [chat.id for chat in await library.chats()]
        assert listed == ["2", "4", "3", "1", "0"]
        paged, after = [], None
        while page := await library.chats(limit=2, after=after):
            paged += [chat.id for chat in page]
            after = page[-1].id
        assert paged == listed


async def test_chats_know_what_is_in_them(make_library: MakeLibrary) -> None:
    """A summary counts messages, pictures, failures and answers being written."""
    failed = replace(a_slot(ordinal=1), state=SlotState.FAILED, failure=Failure("X", "no"))
    async with make_library() as library:
        await library.save(in_chat("c", a_message("m", a_slot(pictures=2), failed)))
        writing = replace(a_message("n", a_slot("n", pictures=1)), state=MessageState.WRITING)
        await library.save(in_chat("c", writing))

        async def counts() -> tuple[int, int, int, int]:
            chat = await library.chat("c")
            assert isinstance(chat, ChatSummary)
            return chat.messages, chat.pictures, chat.failed, chat.writing

        assert await counts() == (2, 3, 1, 1)
        await library.delete("m")
        assert await counts() == (1, 1, 0, 1)
        await library.restore("m")
        assert await counts() == (2, 3, 1, 1)
        await library.save(in_chat("d", a_message("n", a_slot("n", pictures=1))))
        assert await counts() == (1, 2, 1, 0)
        other = await library.chat("d")
        assert other is not None
        assert (other.messages, other.pictures) == (1, 1)
        assert [entry.chat_id for entry in await library.pictures(chat_id="d")] == ["d"]


async def test_messages_come_in_the_order_of_their_first_save(make_library: MakeLibrary) -> None:
    """Saving again moves nothing; the selected answers are shown; pages follow each other."""
    async with make_library() as library:
        for name in "zax":
            await library.save(in_chat("c", a_message(name)))
        await library.save(in_chat("c", a_message("a", variant=1, text="second")))
        await library.save(in_chat("c", a_message("z", text="again")))
        await library.save(in_chat("other", a_message("o")))
        assert await library.message_ids("c") == ["z", "a", "x"]
        texts = [message.text for message in await library.messages("c")]
        assert texts == ["again", "second", "text of x"]
        page = await library.messages("c", limit=1, after="z")
        assert [message.id for message in page] == ["a"]
        assert await library.messages("nothing") == []


async def test_a_chat_is_renamed_deleted_and_restored(make_library: MakeLibrary) -> None:
    """A deleted chat and its messages are gone until it is restored, and only they come back."""
    async with make_library() as library:
        await library.create_chat("Foxes", id="c")
        assert await library.rename_chat("c", WILD)
        for name in "abc":
            await library.save(in_chat("c", a_message(name, a_slot(name, pictures=1))))
        await library.delete("a")
        before = await library.chat("c")
        assert before is not None
        assert before.title == WILD
        assert await library.delete_chat("c")
        assert not await library.delete_chat("c")
        assert not await library.rename_chat("c", "x")
        assert await library.chat("c") is None
        assert await library.chats() == []
        assert await library.load("b") is None
        assert await library.pictures() == []
        assert await library.restore_chat("c")
        assert await library.chat("c") == before
        assert await library.message_ids("c") == ["b", "c"]
        assert not await library.restore_chat("nothing")


async def test_a_restored_chat_counts_what_it_did(make_library: MakeLibrary) -> None:
    """Pictures, failures and texts being written, of all answers of each message; and later on."""
    failed = replace(a_slot(ordinal=1), state=SlotState.FAILED, failure=Failure("X", "no"))
    async with make_library() as library:
        await library.save(in_chat("c", a_message("m", a_slot(pictures=2), failed)))
        await library.save(in_chat("c", a_message("m", a_slot(pictures=3), variant=1)))
        writing = replace(a_message("n", a_slot("n", pictures=1)), state=MessageState.WRITING)
        await library.save(in_chat("c", writing))
        await library.save(in_chat("c", a_message("bare")))
        await library.save(in_chat("c", a_message("gone", a_slot("gone", pictures=1))))
        await library.save(in_chat("other", a_message("o", a_slot("o", pictures=1))))
        await library.delete("gone")
        before = [await library.chat(name) for name in ("c", "other")]
        assert before[0] is not None
        assert (before[0].messages, before[0].pictures) == (3, 6)
        assert (before[0].failed, before[0].writing) == (1, 1)
        await library.delete_chat("c")
        assert await library.restore_chat("c")
        assert [await library.chat(name) for name in ("c", "other")] == before
        await library.delete("m")
        left = await library.chat("c")
        assert left is not None
        assert (left.messages, left.pictures, left.failed, left.writing) == (2, 1, 0, 1)


async def test_a_long_chat_is_restored_in_as_many_statements_as_a_short_one(
    make_library: MakeLibrary,
) -> None:
    """Nobody else writes meanwhile, so what it takes must not grow with the messages."""
    async with make_library() as library:
        asked = []
        for chat_id, count in (("short", 1), ("long", 30)):
            for number in range(count):
                name = f"{chat_id}{number}"
                await library.save(in_chat(chat_id, a_message(name, a_slot(name, pictures=1))))
            await library.delete_chat(chat_id)
            asked.append(await statements_of(library, partial(library.restore_chat, chat_id)))
            chat = await library.chat(chat_id)
            assert chat is not None
            assert (chat.messages, chat.pictures) == (count, count)
        assert len(asked[0]) == len(asked[1]), asked[1]


async def test_nothing_is_looked_for_among_all_that_failed_or_is_written(place: Path) -> None:
    """What SQLite counts it finds by the message, however much of the library is in a state."""
    async with await Library.open(str(place)) as library:

        def plans(connection: Connection, asked: list[str]) -> list[str]:
            rows = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}") for one in asked]
            return [str(row[3]) for found in rows for row in found]

        async def steps(doing: Callable[[], Awaitable[Any]]) -> list[str]:
            asked = await statements_of(library, doing)
            counting = [one for one in asked if re.match(r"UPDATE|SELECT", one)]
            return await library._read(lambda connection: plans(connection, counting))

        kept = in_chat("c", a_message("m", a_slot(pictures=1)))
        await library.save(kept)
        taken = await steps(lambda: library.save_slots(*kept.slots))
        taken += await steps(lambda: library.delete("m"))
        taken += await steps(lambda: library.restore("m"))
        await library.delete_chat("c")
        taken += await steps(lambda: library.restore_chat("c"))
        assert any("INDEX" in step for step in taken)
        assert not [step for step in taken if "_state" in step]


async def statements_of(library: Library, doing: Callable[[], Awaitable[Any]]) -> list[str]:
    """What the database is asked in the thread that writes while something is done."""
    asked: list[str] = []

    def hear(connection: Connection, listener: Callable[[str], None] | None) -> bool:
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):  # much is asked there past SQLAlchemy
            driver.set_trace_callback(listener)
        return isinstance(driver, sqlite3.Connection)

    def note(*said: Any) -> None:
        asked.append(said[2])

    if await library._write(lambda connection: hear(connection, asked.append)):
        await doing()
        await library._write(lambda connection: hear(connection, None))
        return asked
    event.listen(Engine, "before_cursor_execute", note)
    try:
        await doing()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return asked


async def test_a_message_saved_into_a_deleted_chat_brings_it_back(
    make_library: MakeLibrary,
) -> None:
    """R52: a late answer is not lost, and the messages deleted with the chat stay deleted."""
    async with make_library() as library:
        await library.save(in_chat("c", a_message("a")))
        await library.delete_chat("c")
        await library.save(in_chat("c", a_message("b")))
        assert await library.message_ids("c") == ["b"]


async def test_a_branch_has_all_its_messages_had(make_library: MakeLibrary) -> None:
    """D8: a branch copies answers, slots and pictures up to the message, under ids of its own."""
    slots = (a_slot("b", pictures=2), replace(a_slot("b", 1), pending=(PendingDrawing(attempt=0),)))
    async with make_library() as library:
        await library.create_chat("Foxes", id="c")
        await library.save(in_chat("c", a_message("a", a_slot("a", pictures=1))))
        await library.save(in_chat("c", a_message("b", *slots)))
        await library.save(in_chat("c", a_message("b", variant=1, text="second")))
        await library.append_text("b", 1, " and more")
        await library.save(in_chat("c", a_message("gone")))
        await library.delete("gone")
        await library.save(in_chat("c", a_message("last")))
        branch = await library.branch("c", "b")
        first, second = await library.messages(branch)
        assert (first.text, second.text) == ("text of a", "second and more")
        assert not {first.id, second.id} & {"a", "b"}
        copy = await library.load(second.id, 0)
        assert copy is not None
        its = tuple(replace(slot, id=replace(slot.id, message_id=second.id)) for slot in slots)
        assert copy.slots == its
        chat, source = await library.chat(branch), await library.chat("c")
        assert chat is not None
        assert source is not None
        assert (chat.title, chat.messages, chat.pictures) == ("Foxes", 2, 3)
        assert (source.messages, source.pictures) == (3, 3)
        assert await library.branch("c", "a", id="named") == "named"
        assert [message.text for message in await library.messages("named")] == ["text of a"]
        with pytest.raises(UnknownSlot):
            await library.branch("c", "nothing")


async def test_a_branch_and_its_source_are_apart(make_library: MakeLibrary) -> None:
    """D8: what is changed in one is not changed in the other, and neither's pictures get lost."""
    async with make_library() as library:
        before, after = a_slot("a", pictures=2), a_slot("a", pictures=1)
        source = in_chat("c", a_message("a", before))
        await library.save(source)
        branch = await library.branch("c", "a")
        (copy,) = await library.messages(branch)
        await library.save_slots(after, change=Change(kind="x", before=(before,), after=(after,)))
        await library.append_text(copy.id, 0, "!")
        assert await library.messages(branch) == [replace(copy, text="text of a!")]
        assert await library.undo(copy.id) is None
        await library.delete_chat("c")
        await library.gc(grace=-60.0, keep_deleted=-60.0)
        assert (await library.check()).is_sound
        assert [made.image.data for made in copy.slots[0].alternatives] == [
            made.image.data for made in before.alternatives
        ]
        assert await library.restore("a") is False


async def test_a_branch_of_a_text_being_written_is_cut(make_library: MakeLibrary) -> None:
    """Nobody goes on writing the copy."""
    async with make_library() as library:
        await library.save(
            in_chat("c", replace(a_message("a", text="so"), state=MessageState.WRITING))
        )
        await library.append_text("a", 0, " far")
        (copy,) = await library.messages(await library.branch("c", "a"))
        assert (copy.text, copy.state) == ("so far", MessageState.CUT)


async def test_phrases_are_found(make_library: MakeLibrary) -> None:
    """The phrase is taken as it stands, in any case, in the newest message first."""
    async with make_library() as library:
        await library.save(in_chat("c", a_message("a", text="The Fox, 100% red")))
        await library.save(in_chat("c", a_message("b", text="1000 red foxes" + " and" * 100)))
        await library.save(in_chat("c", a_message("gone", text="a red fox")))
        await library.delete("gone")
        found = await library.search("fox")
        assert [passage.message_id for passage in found] == ["b", "a"]
        assert [passage.message_id for passage in await library.search("100% r")] == ["a"]
        assert found[0].excerpt.startswith("1000 red foxes")
        assert found[0].excerpt.endswith("…")
        assert await library.search("f_x") == []
