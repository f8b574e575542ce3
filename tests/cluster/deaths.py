"""Servers and workers of one process that die at random, on a real PostgreSQL.

    python -m tests.cluster.deaths [--deaths N] [--seed N]

A light node does with the library what a real one does, and dies between any two of its calls. A
dead worker may come back after others have taken what it had, and deliver it all the same. In the
end each slot must have exactly one picture and wait for none; how often a picture was drawn more
than once is told.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.recovery.postgres_program import running_postgres
from tests.waiting import pause, until

from limner.errors import SlotOvertaken, StorageError
from limner.illustration import Alternative, Image, Message, MessageState, Slot, SlotId
from limner.illustration.model.pending import asked_for, awaits, made
from limner.prompts import find_prompts
from limner.storage import Library

TTL = 0.3
"""Seconds after which a worker is given up that was not heard."""
WORKERS, SERVERS, FOXES = 8, 3, 6
STORY = "".join(f'Fox {n}: <!--img-prompt="fox {n}"--> ' for n in range(FOXES))
PATIENCE = 120.0
"""Seconds without anything delivered or whole after which nothing is waited for any more."""
Node = Callable[[], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Deaths:
    """What happens.

    Attributes:
        library: What all of them share.
        chance: Decides who dies when.
        drawn: How often each order was drawn.
        delivered: How often one was delivered.
        refused: How often a delivery was refused, because another had the order.
        busy: How often a node ended by itself, since the database did not answer in time.
        stories: The stories that are not whole yet.
    """

    library: Library
    chance: random.Random
    drawn: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    busy: int = 0
    stories: dict[str, None] = field(default_factory=dict)
    _late: set["asyncio.Task[None]"] = field(default_factory=set)

    async def tell(self, number: int) -> None:
        """Keep one more story, whose pictures are asked for."""
        message_id = f"story-{number}"
        slots = [
            asked_for(Slot.of(SlotId(message_id, 0, at), tag), at=float(number))[0]
            for at, tag in enumerate(find_prompts(STORY))
        ]
        message = Message(id=message_id, text=STORY, slots=tuple(slots))
        await self.library.save(replace(message, state=MessageState.COMPLETE))
        self.stories[message_id] = None

    async def work(self) -> None:
        """Be a worker until death."""
        me = uuid.uuid4()
        while True:
            orders = await self.library.take_orders(me, self.chance.randint(1, 3), ttl=TTL)
            if not orders:
                await pause(0.01, because="nothing is ordered")
            for order in orders:
                self.drawn[order.id] += 1
                image = picture(self.chance)
                deliver = partial(self._deliver, me, order, image)
                if self.chance.random() < 0.05:  # it hangs, and dies meanwhile or comes back
                    self._late.add(asyncio.create_task(self._come_back(deliver)))
                    continue
                await pause(self.chance.random() / 50, because="a picture takes its time")
                await self.library.keep_orders(me, [one.job for one in orders])
                await deliver()

    async def _come_back(self, deliver: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await pause(TTL * 2 * self.chance.random(), because="it hangs")
        await deliver()

    async def _deliver(self, me: uuid.UUID, order: Any, image: Image) -> None:
        if await self.library.deliver(me, order, image):
            self.delivered[order.id] += 1
        else:
            self.refused += 1

    async def serve(self) -> None:
        """Be a server until death: go on with whatever story is not whole."""
        while True:
            if not self.stories:
                await pause(0.01, because="all is told")
                continue
            story = self.chance.choice(list(self.stories))
            message = await self.library.load(story)
            assert message is not None
            waiting = [slot for slot in message.slots if slot.pending]
            if not waiting:
                self.stories.pop(story, None)
            for slot in waiting:
                await self._follow(slot)

    async def _follow(self, slot: Slot) -> None:
        request = json.dumps({"prompt": slot.prompt})
        pending = slot.pending[0]
        name = await self.library.place_order(slot.id, pending.attempt, request, priority=5)
        if name is None:
            return  # another server was quicker
        state = (await self.library.order_states([name])).get(name)
        if state is None or state.image is None:
            return
        message = await self.library.load(slot.id.message_id)
        assert message is not None
        now = message.slots[slot.id.ordinal]
        if awaits(now, pending):
            try:
                await self.library.save_slots(
                    made(now, pending, Alternative(state.image, slot.prompt))
                )
            except SlotOvertaken:
                return  # another server was quicker

    async def live(self, kind: Node) -> None:
        """Be a node until death; one that a slow database fails ends, and another begins."""
        while True:
            try:
                await kind()
            except StorageError as error:
                if not error.passing:
                    raise
                self.busy += 1

    async def late(self) -> None:
        """Wait for those who come back."""
        if self._late:
            await asyncio.wait(self._late)


def picture(chance: random.Random) -> Image:
    """A picture like no other."""
    return Image(
        data=b"\x89PNG" + chance.randbytes(64), media_type="image/png", width=64, height=64
    )


async def die(deaths: Deaths, count: int) -> None:
    """Let so many nodes die, each replaced by another."""
    kinds: list[Node] = [*[deaths.work] * WORKERS, *[deaths.serve] * SERVERS]
    nodes = [asyncio.create_task(deaths.live(kind)) for kind in kinds]
    try:
        for number in range(count):
            if number % 10 == 0:
                await deaths.tell(number)
            await pause(deaths.chance.random() / 20, because="somebody lives until then")
            for at in deaths.chance.sample(range(len(nodes)), deaths.chance.choice((1, 1, 1, 3))):
                nodes[at].cancel()
                nodes[at] = asyncio.create_task(deaths.live(kinds[at]))
            if failed := [one for one in nodes if one.done() and not one.cancelled()]:
                failed[0].result()
        await whole(deaths)
        await deaths.late()
    finally:
        for node in nodes:
            node.cancel()
        await asyncio.wait(nodes)


async def whole(deaths: Deaths) -> None:
    """Wait until every story is whole: on a busy machine as long as it takes, if it goes on."""
    last = 0, 0

    def goes_on() -> bool:
        nonlocal last
        before, last = last, (len(deaths.stories), deaths.delivered.total())
        return last != before

    while deaths.stories:
        await until(goes_on, patience=PATIENCE, every=0.05)


async def wrong(library: Library, count: int) -> list[str]:
    """What is not as it must be."""
    found = []
    for number in range(0, count, 10):
        message = await library.load(f"story-{number}")
        assert message is not None
        found += [
            f"{slot.id}: {len(slot.alternatives)} pictures, waits for {len(slot.pending)}"
            for slot in message.slots
            if len(slot.alternatives) != 1 or slot.pending
        ]
    return found


async def run(url: str, folder: Path, count: int, seed: int) -> tuple[Deaths, list[str]]:
    """Let it happen; gives what was seen, and what was wrong."""
    async with await Library.open(url, pictures=folder) as library:
        await library.draw_elsewhere()
        deaths = Deaths(library, random.Random(seed))
        await die(deaths, count)
        found = await wrong(library, count)
        found += [
            f"{name} was delivered {n} times" for name, n in deaths.delivered.items() if n > 1
        ]
        return deaths, found


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Servers and workers that die at random.")
    parser.add_argument("--deaths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with running_postgres() as program, tempfile.TemporaryDirectory() as folder:
        deaths, found = asyncio.run(run(program.url, Path(folder), given.deaths, given.seed))
    pictures = len(deaths.drawn)
    more = sum(deaths.drawn.values()) - pictures
    print(  # noqa: T201 - a program
        f"{given.deaths} deaths: {pictures} pictures, drawn {more} times more than once, "
        f"{deaths.refused} late deliveries refused, {deaths.busy} nodes ended by a slow database; "
        f"{len(found)} wrong"
    )
    print(*found, sep="\n", end="")  # noqa: T201 - likewise
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
