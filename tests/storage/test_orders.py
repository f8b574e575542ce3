"""Orders of pictures: kept in step with slots, taken by one worker, delivered by who has them."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.waiting import until

from limner.illustration import Alternative, Failure, Image, Message, Slot, SlotId
from limner.illustration.model.pending import asked_for, given_up, made
from limner.prompts import find_prompts
from limner.storage import Library, Order

pytestmark = [pytest.mark.real_time, pytest.mark.needs("pgqueuer")]

TTL = 0.3
"""Seconds after which a worker is given up that was not heard."""
FOX = json.dumps({"prompt": "a fox"})
PICTURE = Image(data=b"\x89PNG a fox", media_type="image/png", width=64, height=48, seed=7)
STORY = 'A <!--img-prompt="a fox"--> and <!--img-prompt="an owl"-->'


@asynccontextmanager
async def a_library(postgres: str, folder: Path) -> AsyncIterator[Library]:
    """A library whose drawings are ordered."""
    async with await Library.open(postgres, pictures=folder) as library:
        await library.draw_elsewhere()
        await library._at_length(
            lambda connection: connection.execute(text("DELETE FROM limner_queue.pgqueuer")).close()
        )
        yield library


async def told(library: Library) -> Message:
    """A story of two pictures, as a session keeps it."""
    slots = [
        asked_for(Slot.of(SlotId("m", 0, at), tag), at=1.0)[0]
        for at, tag in enumerate(find_prompts(STORY))
    ]
    await library.save(Message(id="m", text=STORY, slots=tuple(slots)))
    kept = await library.load("m")
    assert kept is not None
    return kept


async def placed(library: Library, slot: SlotId, request: str = FOX) -> str:
    """An order for the first picture of a slot."""
    name = await library.place_order(slot, 0, request, priority=5)
    assert name is not None
    return name


async def taken(library: Library, worker: UUID, count: int = 1) -> list[Order]:
    """What a worker gets, once so much is there for it."""
    found: list[Order] = []

    async def enough() -> bool:
        found.extend(await library.take_orders(worker, 9, ttl=TTL))
        return len(found) >= count

    await until(enough)
    return found


async def test_an_order_has_one_worker_at_a_time(postgres: str, tmp_path: Path) -> None:
    """Who was not heard loses it, and delivers nothing any more; who has it delivers once."""
    async with a_library(postgres, tmp_path) as library:
        message = await told(library)
        name = await placed(library, message.slots[0].id)
        first, second = uuid.uuid4(), uuid.uuid4()
        (lost,) = await taken(library, first)
        assert (lost.slot, lost.attempt, lost.request) == (message.slots[0].id, 0, FOX)
        assert (await library.order_states([name]))[name].taken
        (found,) = await taken(library, second)
        assert await library.keep_orders(first, [lost.job]) == set()
        assert await library.keep_orders(second, [found.job]) == {found.job}
        assert not await library.deliver(first, lost, PICTURE)
        assert await library.deliver(second, found, PICTURE)
        assert not await library.deliver(second, found, PICTURE)
        assert (await library.order_states([name]))[name].image == PICTURE


async def test_an_order_ends_with_the_drawing_it_is_for(postgres: str, tmp_path: Path) -> None:
    """When the slot is kept with the picture, without the drawing, or is no more."""
    async with a_library(postgres, tmp_path) as library:
        fox, owl = (await told(library)).slots
        names = [await placed(library, one.id) for one in (fox, owl)]
        worker = uuid.uuid4()
        orders = {order.slot: order for order in await taken(library, worker, 2)}
        await library.save_slots(made(fox, fox.pending[0], Alternative(PICTURE, "a fox")))
        await library.save_slots(given_up(owl, owl.pending[0], None))
        assert await library.order_states(names) == {}
        jobs = [order.job for order in orders.values()]
        assert await library.keep_orders(worker, jobs) == set()
        assert not await library.deliver(worker, orders[owl.id], PICTURE)
        for slot in (fox, owl):  # a server that has not heard of it orders nothing more
            assert await library.place_order(slot.id, 0, FOX, priority=5) is None


async def test_nothing_is_drawn_of_a_story_that_was_cut(postgres: str, tmp_path: Path) -> None:
    """Its slots take their orders with them; a worker that has one hears that it has it no more."""
    async with a_library(postgres, tmp_path) as library:
        message = await told(library)
        await placed(library, message.slots[1].id)
        worker = uuid.uuid4()
        (order,) = await taken(library, worker)
        await library.save(replace(message, slots=message.slots[:1]))
        assert await library.keep_orders(worker, [order.job]) == set()


async def test_who_takes_a_dead_servers_place_gets_what_was_delivered(
    postgres: str, tmp_path: Path
) -> None:
    """It asks as that one did, and nothing is drawn again; unless something else is asked for."""
    async with a_library(postgres, tmp_path) as library:
        slot = (await told(library)).slots[0].id
        name = await placed(library, slot)
        worker = uuid.uuid4()
        assert await library.deliver(worker, (await taken(library, worker))[0], PICTURE)
        assert await library.place_order(slot, 0, FOX, priority=5) == name
        assert (await library.order_states([name]))[name].image == PICTURE
        await library.place_order(slot, 0, json.dumps({"prompt": "a bear"}), priority=5)
        assert not (await library.order_states([name]))[name].ended
        (order,) = await taken(library, worker)
        assert await library.fail_order(worker, order, Failure("BackendRejected", "no bears"))
        state = (await library.order_states([name]))[name]
        assert state.failure == Failure("BackendRejected", "no bears")


async def test_what_nobody_placed_is_left_to_a_server_that_is_there(
    postgres: str, tmp_path: Path
) -> None:
    """A worker gets it when there is none any more, without a word of what is to be drawn."""
    async with a_library(postgres, tmp_path) as library:
        await library.join("server")
        library.begin_work("server", "m", 0)
        await told(library)
        worker = uuid.uuid4()
        await due(library)
        assert await library.take_orders(worker, 9, ttl=60) == []
        await library.leave("server")
        await due(library)
        assert {order.request for order in await taken(library, worker, 2)} == {None}


async def due(library: Library) -> None:
    """Let everything be taken that waits for a server's word."""
    now = text("UPDATE limner_queue.pgqueuer SET execute_after = NOW()")
    await library._database.write(lambda connection: connection.execute(now).close())


async def test_orders_that_are_called_off_or_left_are_nobodys(
    postgres: str, tmp_path: Path
) -> None:
    """What a worker leaves another takes at once; what is called off nobody does."""
    async with a_library(postgres, tmp_path) as library:
        fox, owl = (await told(library)).slots
        names = [await placed(library, one.id) for one in (fox, owl)]
        first, second = uuid.uuid4(), uuid.uuid4()
        orders = await taken(library, first, 2)
        await library.call_off(names[0])
        await library.leave_orders(first, [order.job for order in orders])
        assert [order.id for order in await taken(library, second)] == [names[1]]
        assert await library.take_orders(first, 9, ttl=60) == []
        await library.leave_orders(second)
        assert [order.id for order in await taken(library, first)] == [names[1]]


async def test_the_more_urgent_is_taken_first(postgres: str, tmp_path: Path) -> None:
    """Then what was ordered first."""
    async with a_library(postgres, tmp_path) as library:
        for number, priority in enumerate((5, 5, 4)):
            slot = SlotId(f"trial-{number}", 0, 0)
            await library.place_order(slot, 0, FOX, priority=priority)
        worker = uuid.uuid4()
        order = [(await library.take_orders(worker, 1, ttl=60))[0].id for _ in range(3)]
        assert order == ["trial-2/0/0", "trial-0/0/0", "trial-1/0/0"]
        assert await library.tidy_orders(older_than=0.0) == 3
        assert await library.keep_orders(worker, range(1, 9)) == set()


async def test_a_delivered_picture_is_kept_from_the_clean_up(postgres: str, tmp_path: Path) -> None:
    """Its file is there until its slot has it."""
    async with a_library(postgres, tmp_path) as library:
        slot = (await told(library)).slots[0].id
        name = await placed(library, slot)
        worker = uuid.uuid4()
        assert await library.deliver(worker, (await taken(library, worker))[0], PICTURE)
        await library.gc(grace=0.0)
        image = (await library.order_states([name]))[name].image
        assert image is not None
        assert image.data == PICTURE.data


async def test_several_begin_to_order_at_the_same_time(postgres: str, tmp_path: Path) -> None:
    """One of them makes the tables."""
    drop = text("DROP SCHEMA IF EXISTS limner_queue CASCADE")
    async with await Library.open(postgres, pictures=tmp_path) as library:
        await library._at_length(lambda connection: connection.execute(drop).close())
        await asyncio.gather(*(library.draw_elsewhere() for _ in range(4)))
        assert await library.take_orders(uuid.uuid4(), 1, ttl=TTL) == []
