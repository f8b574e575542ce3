"""What holds when many use a store at once."""

# ruff: noqa: S101 - these checks are assertions

import asyncio

from limner.illustration import Change, Message, Slot
from limner.testing.store_contract.samples import Check, Store, a_message, a_slot, loaded


async def many_tasks_lose_no_change(store: Store) -> None:
    """Slots of one message that many tasks save at once are all there in the end."""
    number = 12
    await store.save(a_message("m", *(a_slot(ordinal=each) for each in range(number))))
    ready = [a_slot(ordinal=each, pictures=2) for each in range(number)]

    async def draw(slot: Slot) -> None:
        change = Change(kind="draw", before=(a_slot(ordinal=slot.id.ordinal),), after=(slot,))
        assert await store.save_slots(slot, change=change)
        assert await store.append_text("m", 0, "+")

    await asyncio.gather(*(draw(slot) for slot in ready))
    message = await loaded(store)
    assert message.slots == tuple(ready), "a slot was lost"
    assert message.text.count("+") == number, "some text was lost"
    undone = [change for _ in range(number + 1) if (change := await store.undo("m"))]
    assert len(undone) == number, "a change was lost"


async def one_message_is_begun_once(store: Store) -> None:
    """Tasks that save answers of one new message at once make one message with all of them."""
    answers = [a_message("m", a_slot(variant=each), variant=each) for each in range(6)]
    await asyncio.gather(*(store.save(answer) for answer in answers))
    assert await store.variants("m") == tuple(range(6))
    for answer in answers:
        assert await loaded(store, "m", answer.variant) == answer


async def a_reader_sees_whole_states_only(store: Store) -> None:
    """What is saved together is seen together, whenever it is read."""
    number, rounds = 5, 8

    def state(pictures: int) -> Message:
        slots = (a_slot(ordinal=each, pictures=pictures) for each in range(number))
        return a_message("m", *slots, text=str(pictures))

    await store.save(state(1))
    written = asyncio.Event()

    async def write() -> None:
        for each in range(rounds):
            if each % 2:
                await store.save(state(1 + each % 3))
            else:
                message = state(1 + each % 3)
                assert await store.save_slots(*message.slots)
        written.set()

    async def read() -> None:
        while not written.is_set():
            message = await loaded(store)
            counts = {len(slot.alternatives) for slot in message.slots}
            assert len(counts) == 1, f"a state between two was seen: {counts}"
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        tasks.create_task(read())
        tasks.create_task(read())


CROWD: tuple[Check, ...] = (
    many_tasks_lose_no_change,
    one_message_is_begun_once,
    a_reader_sees_whole_states_only,
)
