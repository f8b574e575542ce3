"""What a store knows about all its messages."""

# ruff: noqa: S101 - these checks are assertions

import asyncio
from dataclasses import replace

from limner.illustration import (
    Alternative,
    Cost,
    DrawingLimit,
    DrawingRecord,
    MessageState,
    PendingDrawing,
    Slot,
    SlotId,
    SlotState,
)
from limner.testing.store_contract.samples import Check, Store, a_message, a_picture, a_slot


async def unfinished_slots_come_in_the_order_they_were_asked_for(store: Store) -> None:
    """The slot whose first drawing was asked for first; before it, what is only to be shown."""

    def waiting(message_id: str, ordinal: int, *since: float) -> Slot:
        drawings = (
            PendingDrawing(attempt=number, requested_at=at) for number, at in enumerate(since)
        )
        return replace(a_slot(message_id, ordinal), pending=tuple(drawings))

    await store.save(a_message("b", waiting("b", 0, 5.0, 2.0), a_slot("b", 1, pictures=1)))
    await store.save(a_message("a", waiting("a", 0, 3.0), waiting("a", 1, 1.5)))
    await store.save(a_message("C", waiting("C", 0, 2.0)))
    expected = [SlotId("a", 0, 1), SlotId("C", 0, 0), SlotId("b", 0, 0), SlotId("a", 0, 0)]
    assert await store.unfinished() == expected
    made = a_slot("a", 1, pictures=1)
    kept = replace(made, state=SlotState.DRAWING, selected=None)
    await store.save_slots(kept)
    assert await store.unfinished() == expected, "its picture is there, but not shown"
    await store.save_slots(made)
    assert await store.unfinished() == expected[1:]
    await store.save_slots(replace(made, pending=waiting("a", 1, 9.0).pending))
    assert await store.unfinished() == [*expected[1:], expected[0]], "another one is asked for"


async def answers_being_written_are_known(store: Store) -> None:
    """Answers whose text is still being written are listed until they are saved as ended."""
    for message_id, variant in (("a", 0), ("b", 0), ("b", 1)):
        await store.save(
            replace(a_message(message_id, variant=variant), state=MessageState.WRITING)
        )
    await store.save(a_message("c"))
    assert sorted(await store.writing()) == [("a", 0), ("b", 0), ("b", 1)]
    await store.save(a_message("b", variant=0))
    assert sorted(await store.writing()) == [("a", 0), ("b", 1)]


async def messages_stand_in_the_order_of_their_first_save(store: Store) -> None:
    """A conversation's messages are listed as they were begun, without deleted ones."""
    for name in ("z", "a", "x", "z"):
        await store.save(a_message(name))
    await store.save(replace(a_message("o"), chat_id="other"))
    assert await store.message_ids("chat") == ["z", "a", "x"]
    await store.delete("a")
    assert await store.message_ids("chat") == ["z", "x"]
    await store.restore("a")
    assert await store.message_ids("chat") == ["z", "a", "x"]


async def pictures_are_found_by_their_request(store: Store) -> None:
    """A picture of an identical request is found, also in a deleted message."""
    made = Alternative(a_picture(3), "a fox", request_key="key")
    await store.save(a_message("m", replace(a_slot(), alternatives=(made,))))
    found = await store.picture("key")
    assert found == a_picture(3)
    assert found.data == a_picture(3).data
    assert await store.picture("other") is None
    await store.delete("m")
    assert await store.picture("key") == a_picture(3)


async def drawings_are_counted(store: Store) -> None:
    """The ledger counts by instant, owner and message, and knows the first."""
    assert await store.count() == 0
    assert await store.oldest(since=0.0) is None
    for at, owner, message_id in ((5.0, "ann", "m"), (3.0, "bob", "m"), (9.5, "ann", "n")):
        await store.record(DrawingRecord(at=at, owner=owner, message_id=message_id))
    assert await store.count() == 3
    assert await store.count(since=5.0) == 2, "an instant counts itself"
    assert await store.count(owner="ann") == 2
    assert await store.count(message_id="m") == 2
    assert await store.count(since=4.0, owner="ann", message_id="m") == 1
    assert await store.count(owner="eve") == 0
    assert await store.oldest(since=0.0) == 3.0
    assert await store.oldest(since=3.5) == 5.0
    assert await store.oldest(since=6.0, owner="ann") == 9.5
    assert await store.oldest(since=0.0, owner="eve") is None


async def a_drawing_is_admitted_up_to_a_limit(store: Store) -> None:
    """Looking and remembering are one step, however many ask at once; the limit reached is told."""
    limits = (
        DrawingLimit(most=3), DrawingLimit(most=2, since=5.0, owner="ann"),
        DrawingLimit(most=2, message_id="m"),
    )  # fmt: skip

    async def admit(at: float, owner: str, message_id: str) -> int | None:
        return await store.admit(DrawingRecord(at=at, owner=owner, message_id=message_id), limits)

    assert await admit(4.0, "ann", "m") is None, "what was before an instant does not count"
    at_once = await asyncio.gather(*(admit(6.0, "ann", "m") for _ in range(4)))
    assert sorted(at_once, key=str) == [2, 2, 2, None]
    assert await admit(7.0, "bob", "n") == 2, "what is reached holds whoever asks"
    assert await store.count() == 2


async def what_drawings_cost_is_reserved_and_settled(store: Store) -> None:
    """A limit in money counts what is expected until it is settled, and then what it was."""
    day = DrawingLimit(most=0.3, unit="USD")

    def drawing(name: str, owner: str, *costs: Cost) -> DrawingRecord:
        return DrawingRecord(at=1.0, owner=owner, message_id="m", id=name, costs=costs)

    dime = Cost.of(0.1, "USD")
    at_once = await asyncio.gather(
        *(store.admit(drawing(f"d{n}", "ann", dime), [day]) for n in range(5))
    )
    assert sorted(at_once, key=str) == [0, 0, None, None, None], "three tenths are three of ten"
    mine = [f"d{n}" for n, reached in enumerate(at_once) if reached is None]
    assert await store.spent("USD") == 300_000
    await store.settle(drawing(mine[0], "ann"))
    await store.settle(drawing(mine[1], "ann", Cost.of(0.04, "USD"), Cost.of(7, "seconds")))
    await store.settle(drawing(mine[1], "ann", Cost.of(0.05, "USD"), Cost.of(8, "seconds")))
    assert await store.spent("USD", owner="ann", message_id="m") == 150_000
    assert (await store.spent("seconds"), await store.spent("pictures")) == (8_000_000, 3_000_000)
    assert await store.spent("USD", since=1.5) == await store.spent("USD", owner="bob") == 0
    assert await store.oldest(since=0.0, unit="USD") == 1.0
    assert await store.oldest(since=0.0, unit="kudos") is None
    assert await store.admit(drawing("more", "bob", Cost.of(0.16, "USD")), [day]) == 0
    assert await store.admit(drawing("fits", "bob", Cost.of(0.15, "USD")), [day]) is None
    assert await store.admit(drawing("free", "bob"), [day]) == 0, "what is used up allows nothing"


async def the_ledger_forgets_nothing(store: Store) -> None:
    """Drawings of deleted messages still count."""
    await store.save(a_message("m"))
    await store.record(DrawingRecord(at=1.0, owner="ann", message_id="m"))
    await store.delete("m")
    assert await store.count(message_id="m") == 1


LISTS: tuple[Check, ...] = (
    unfinished_slots_come_in_the_order_they_were_asked_for,
    answers_being_written_are_known,
    messages_stand_in_the_order_of_their_first_save,
    pictures_are_found_by_their_request,
    drawings_are_counted,
    a_drawing_is_admitted_up_to_a_limit,
    what_drawings_cost_is_reserved_and_settled,
    the_ledger_forgets_nothing,
)
