"""A whole library copied to another place, between databases of either kind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from limner.errors import OutputError
from limner.illustration import (
    Alternative,
    Change,
    Cost,
    DrawingRecord,
    Image,
    Message,
    MessageState,
    Slot,
    SlotId,
)
from limner.illustration.model.pending import asked_for, made
from limner.prompts import find_prompts
from limner.storage import Library
from limner.storage.copying import COPIED, IDENTITY

pytestmark = pytest.mark.real_time

STORY = 'A half \ud83d, a NUL \x00, <!--img-prompt="a fox"--> and <!--img-prompt="an owl"-->'
PICTURES = [
    Image(data=b"\x89PNG" + bytes([n]) * 99, media_type="image/png", width=64, height=48, seed=n)
    for n in range(3)
]


async def fill(library: Library) -> None:
    """Keep something of every kind."""
    fox, owl = (Slot.of(SlotId("m", 0, at), tag) for at, tag in enumerate(find_prompts(STORY)))
    fox, first = asked_for(fox, at=1.0)
    fox = made(fox, first, Alternative(PICTURES[0], "a fox", request_key="k"))
    owl, _ = asked_for(owl, at=2.0, size="64x64", seed=7)
    message = Message(id="m", chat_id="tale", text=STORY, slots=(fox, owl), owner="ann")
    await library.save(replace(message, state=MessageState.COMPLETE))
    kept = await library.load("m")
    assert kept is not None
    before = kept.slots[0]
    asked, second = asked_for(before, at=3.0)
    after = made(asked, second, Alternative(PICTURES[1], "a fox"))
    await library.save_slots(
        after, change=Change(kind="regenerate", before=(before,), after=(after,))
    )
    await library.append_text("m", 0, " More.")
    await library.save(Message(id="gone", chat_id="tale", text="Deleted."))
    await library.delete("gone")
    await library.record(
        DrawingRecord(at=4.0, owner="ann", message_id="m", id="d", costs=(Cost.of(0.5, "USD"),))
    )
    await library.name_answer("what a server calls it", "m", 0)
    await library.set_setting("server", {"max_concurrent": 2})
    await library.set_setting(IDENTITY, "the old one")
    await library.save_preset("mine", name="Mine", template="…", attributes={"a": 1})
    await library.keep_reference("ann.png", PICTURES[2], meant_for=frozenset({"here"}))


async def content(library: Library) -> dict[str, list[Any]]:
    """All rows that a copy has as well."""

    def work(connection: Any) -> dict[str, list[Any]]:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
                if row[0] != IDENTITY
            ]
            for table in COPIED
        }

    return await library._read(work)


@asynccontextmanager
async def opened(place: str | Path, pictures: Path) -> AsyncIterator[Library]:
    """A library."""
    async with await Library.open(place, pictures=pictures) as library:
        yield library


async def test_a_copy_of_a_copy_is_what_was_there_at_first(postgres: str, tmp_path: Path) -> None:
    """From SQLite to PostgreSQL and back: every row and every picture, and it can be gone on with.

    It is another library to whoever looks: it shares no events with the one it was copied from.
    """
    async with opened(tmp_path / "old", tmp_path / "old/pictures") as old:
        await fill(old)
        was = await content(old)
        assert [name for name, rows in was.items() if not rows] == []
        async with opened(postgres, tmp_path / "there") as there:
            steps: list[tuple[int, int]] = []
            copied = await old.copy_to(there, on_picture=lambda *step: steps.append(step))
            assert (copied.pictures, copied.missing, steps) == (3, (), [(3, 3)])
            assert copied.rows["messages"] == 2
            assert await content(there) == was
            assert await there.setting(IDENTITY) != await old.setting(IDENTITY)
            async with opened(tmp_path / "new", tmp_path / "new/pictures") as new:
                await there.copy_to(new)
                assert await content(new) == was
                await goes_on(new)
            await goes_on(there)


async def goes_on(library: Library) -> None:
    """What can be done with a library can be done with a copy."""
    message = await library.load("m")
    assert message is not None
    assert message.text == f"{STORY} More."
    assert [made.image.data for made in message.slots[0].alternatives] == [
        picture.data for picture in PICTURES[:2]
    ]
    assert await library.undo("m") is not None
    assert await library.restore("gone")
    await library.save(Message(id="new", chat_id="another", text="Once more."))
    assert await library.spent("USD") == 500_000
    assert (await library.check()).missing == ()


async def test_what_is_there_is_never_mixed_with_a_copy(tmp_path: Path) -> None:
    """It is refused, and both are as they were."""
    async with (
        opened(tmp_path / "old", tmp_path / "old/pictures") as old,
        opened(tmp_path / "new", tmp_path / "new/pictures") as new,
    ):
        await fill(old)
        await new.save(Message(id="own", text="Mine."))
        before = await content(new)
        with pytest.raises(OutputError, match="copy into an empty place"):
            await old.copy_to(new)
        with pytest.raises(OutputError):
            await old.copy_to(old)
        assert await content(new) == before


async def test_a_picture_that_is_gone_is_missing_in_the_copy_too(tmp_path: Path) -> None:
    """All else is copied, and it is told which."""
    async with (
        opened(tmp_path / "old", tmp_path / "old/pictures") as old,
        opened(tmp_path / "new", tmp_path / "new/pictures") as new,
    ):
        await fill(old)
        was = await content(old)
        lost = next((tmp_path / "old/pictures").glob("??/*.png"))
        lost.write_bytes(b"damaged")
        copied = await old.copy_to(new)
        assert [digest[:2] for digest in copied.missing] == [lost.parent.name]
        assert copied.pictures == 2
        assert await content(new) == was


async def test_a_copy_that_is_broken_off_leaves_nothing_in_the_tables(tmp_path: Path) -> None:
    """Only pictures, which the next clean-up removes; it can be begun again."""
    async with (
        opened(tmp_path / "old", tmp_path / "old/pictures") as old,
        opened(tmp_path / "new", tmp_path / "new/pictures") as new,
    ):
        await fill(old)

        def break_off(done: int, of: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await old.copy_to(new, on_picture=break_off)
        assert not any((await content(new)).values())
        await old.copy_to(new)
        assert await content(new) == await content(old)


async def test_what_is_written_meanwhile_is_not_held_up(postgres: str, tmp_path: Path) -> None:
    """The copy is of one moment."""
    async with (
        opened(postgres, tmp_path / "there") as there,
        opened(tmp_path / "new", tmp_path / "new/pictures") as new,
    ):
        await fill(there)

        async def tell() -> None:
            for number in range(20):
                await there.save(Message(id=f"more-{number}", text="More."))

        await asyncio.gather(there.copy_to(new), tell())
        assert (await new.load("m")) is not None
        assert len(await there.message_ids("default")) == 20
