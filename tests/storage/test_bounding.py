"""How much of pictures is kept for each owner: what goes first, what stays, what is told."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from tests.storage.conftest import MakeLibrary

from limner.illustration import Alternative, Image, MessageState, Slot, SlotState
from limner.illustration.model.pending import asked_for
from limner.storage import Bound, Bounded, Library, keep_within
from limner.storage.database.tables import alternatives
from limner.storage.keeping.loose import now_of
from limner.testing.store_contract import a_message, a_slot

pytestmark = pytest.mark.real_time

SIZE = 1000
HOUR = 3600.0


def big(number: int) -> Image:
    """A picture of a kilobyte, unlike those of other numbers."""
    data = number.to_bytes(4, "big") * (SIZE // 4)
    return Image(data=data, media_type="image/png", width=64, height=64)


def slot_of(message: str, *numbers: int, ordinal: int = 0) -> Slot:
    """A place with these pictures, the last of which is shown."""
    made = tuple(Alternative(big(n), "a fox", id=f"p{n}") for n in numbers)
    return replace(
        a_slot(message, ordinal), state=SlotState.READY, alternatives=made, selected=len(made) - 1
    )


async def keep(library: Library, message: str, owner: str | None, *slots: Slot) -> None:
    """Keep a message of an owner's in a chat of its own."""
    await library.save(
        replace(a_message(message, *slots), chat_id=f"chat of {message}", owner=owner)
    )


async def left(library: Library) -> list[str]:
    """The pictures there are, the oldest first."""
    return [entry.alternative_id for entry in reversed(await library.pictures(limit=500))]


async def age(library: Library, names: Iterator[str] | list[str], seconds: float) -> None:
    """Let pictures have been made so long ago, by the database's clock."""

    def work(connection: Connection) -> None:
        old = alternatives.update().where(alternatives.c.id.in_(list(names)))
        connection.execute(old.values(made_at=now_of(connection) - seconds)).close()

    await library._at_length(work)


async def test_owners_that_keep_to_the_bound_have_no_picture_looked_at(
    make_library: MakeLibrary,
) -> None:
    """A large library costs no more than one sum for each owner, as long as nobody has too much."""
    async with make_library() as library:
        for number, owner in enumerate(("ann", "ben", None)):
            await keep(library, f"m{number}", owner, slot_of(f"m{number}", number))
        asked: list[str] = []

        def note(*said: Any) -> None:
            asked.append(said[2])

        event.listen(Engine, "before_cursor_execute", note)
        try:
            assert await library.surplus(Bound(bytes=SIZE, seconds=HOUR)) == []
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        assert any("sum(" in one for one in asked)
        assert not any("ordinal" in one for one in asked)


async def test_what_is_not_shown_goes_first_then_the_oldest(make_library: MakeLibrary) -> None:
    """Until it fits; nobody else's; and its files are gone, with every way back to them."""
    async with make_library() as library:
        await keep(library, "a", "ann", slot_of("a", 1, 2), slot_of("a", 3, ordinal=1))
        await keep(library, "b", "ann", slot_of("b", 4, 5))
        await keep(library, "c", "bob", slot_of("c", 6, 7, 8))
        bound = Bound(bytes=4 * SIZE)
        told = [Bounded(owner="ann", pictures=1, shown=0, bytes=SIZE)]
        assert await keep_within(library, bound, dry_run=True) == told
        assert len(await left(library)) == 8
        assert await keep_within(library, bound) == told
        assert await left(library) == ["p2", "p3", "p4", "p5", "p6", "p7", "p8"]
        assert await keep_within(library, bound) == []
        two = await keep_within(library, Bound(bytes=2 * SIZE))
        assert two == [
            Bounded(owner="ann", pictures=2, shown=1, bytes=2 * SIZE),
            Bounded(owner="bob", pictures=1, shown=0, bytes=SIZE),
        ]
        assert await left(library) == ["p3", "p5", "p7", "p8"]
        message = await library.load("a")
        assert message is not None
        assert [slot.state for slot in message.slots] == [SlotState.DELETED, SlotState.READY]
        assert (await library.check()).pictures == 4
        assert (await library.check()).orphans == ()
        assert await library.undo("a") is None


async def test_what_is_too_old_goes_by_the_databases_clock(make_library: MakeLibrary) -> None:
    """Whether it is shown or not."""
    async with make_library() as library:
        await keep(library, "a", None, slot_of("a", 1, 2), slot_of("a", 3, ordinal=1))
        await age(library, ["p1", "p2"], 2 * HOUR)
        await age(library, ["p3"], HOUR / 2)
        assert await keep_within(library, Bound(seconds=HOUR)) == [
            Bounded(owner="", pictures=2, shown=1, bytes=2 * SIZE)
        ]
        assert await left(library) == ["p3"]


async def test_what_is_drawn_or_written_is_left_alone(make_library: MakeLibrary) -> None:
    """A place that waits for a picture keeps those it has; so does an answer being written."""
    async with make_library() as library:
        waiting, _ = asked_for(slot_of("a", 1, 2), at=1.0)
        await keep(library, "a", "ann", waiting)
        writing = replace(a_message("b", slot_of("b", 3)), owner="ann", state=MessageState.WRITING)
        await library.save(writing)
        assert await keep_within(library, Bound(bytes=1)) == []
        assert await left(library) == ["p1", "p2", "p3"]


async def test_a_picture_that_two_places_show_counts_once(make_library: MakeLibrary) -> None:
    """It gives room back with the last of them; another owner's keeps its file."""
    async with make_library() as library:
        await keep(library, "a", "ann", slot_of("a", 1))
        await keep(library, "b", "ann", slot_of("b", 1))
        await keep(library, "c", "bob", slot_of("c", 1))
        assert await keep_within(library, Bound(bytes=SIZE)) == []
        await age(library, ["p1"], HOUR)
        await keep(library, "d", "ann", slot_of("d", 2))
        assert await keep_within(library, Bound(bytes=SIZE)) == [
            Bounded(owner="ann", pictures=2, shown=2, bytes=SIZE)
        ]
        assert await left(library) == ["p1", "p2"]
        assert (await library.check()).is_sound
