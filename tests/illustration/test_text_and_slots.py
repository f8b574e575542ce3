"""At every instant the slots in the store are those of the text in the store."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.illustration.making import NoisyStore, all_events, kept, made, spoken, tag

from limner.errors import StorageBusy, StorageCorrupt
from limner.illustration import (
    Change,
    MemoryStore,
    Message,
    MessageState,
    Slot,
    SlotId,
    SlotState,
    StoreKeeper,
)
from limner.illustration.beat import Beat
from limner.illustration.sessions.text.text_writer import TextWriter
from limner.testing import ScriptedBackend, ScriptedStore, StoreFault, run_virtual


class Agreeing(NoisyStore):
    """A slow store that notes each instant at which its slots are not those of its text.

    Args:
        seconds: How long a write takes.
        reading: How long a read takes.
    """

    def __init__(self, seconds: float = 0.0, reading: float = 0.0) -> None:
        super().__init__(seconds)
        self.reading = reading
        self.odd: list[str] = []
        self.corrupt = False

    async def _write(self, kind: str, what: Any) -> None:
        await super()._write(kind, what)
        if self.corrupt and kind == "text":
            raise StorageCorrupt("a damaged page", place="memory")

    async def variants(self, message_id: str) -> tuple[int, ...]:
        """Take time, then tell."""
        await asyncio.sleep(self.reading)
        return await super().variants(message_id)

    async def save(self, message: Message) -> None:
        """Save, then look."""
        await super().save(message)
        await self._look(message.id)

    async def append_text(self, message_id: str, variant: int, text: str) -> bool:
        """Append, then look."""
        done = await super().append_text(message_id, variant, text)
        await self._look(message_id)
        return done

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Save, then look."""
        done = await super().save_slots(*slots, change=change)
        await self._look(slots[0].id.message_id)
        return done

    async def _look(self, message_id: str) -> None:
        message = await self.load(message_id)
        if message is None:
            return  # it was deleted
        for at, slot in enumerate(message.slots):
            there = message.text[slot.tag.start : slot.tag.end]
            if there not in ("", slot.tag.source) or slot.id.ordinal != at:
                self.odd.append(f"{slot.id} {slot.state} at {slot.tag.start} of {message.text!r}")


async def shown(*timed: tuple[float, str]) -> AsyncIterator[str]:
    """Whole texts, each after some seconds."""
    for seconds, text in timed:
        await asyncio.sleep(seconds)
        yield text


async def test_a_slot_that_was_kept_with_its_message_is_not_kept_again_as_it_was_before() -> None:
    """A slot is found and taken back while its message waits to be kept: it stays taken back."""
    store = Agreeing(seconds=0.1, reading=1)
    text = shown(
        (1, "Once."),
        (1, "Twice."),  # is to be kept as a whole, and that takes a second to begin
        (0.3, f"Thrice. {tag('a fox')}"),
        (0.3, "Never."),
        (9, "Never more."),
    )
    async with (
        made(store=store) as illustrator,
        illustrator.follow(text, message_id="m") as events,
    ):
        await asyncio.sleep(9)
        (slot,) = (await kept(store)).slots
        assert (slot.state, slot.pending) == (SlotState.DELETED, ())
        async for _ in events:
            pass
    assert store.odd == []


async def test_a_picture_is_kept_with_the_place_its_tag_has_in_the_text_that_is_kept() -> None:
    """It is made while a rewritten text waits to be kept, behind another picture."""
    store = Agreeing(seconds=1)
    story = f"{tag('a fox')} and {tag('an owl')}"
    text = shown((5, story), (4.5, f"Once: {story}"), (20, f"Once: {story}."))
    backend = ScriptedBackend(seconds=2)
    async with made(backend, store=store) as illustrator:
        await all_events(illustrator.follow(text, message_id="m"))
    assert store.odd == []
    assert [slot.state for slot in (await kept(store)).slots] == [SlotState.READY] * 2


async def test_a_picture_whose_tag_is_gone_stays_away_from_the_text_that_had_the_tag() -> None:
    """Until the text without it is kept, the slot in the store is as it was."""
    store = Agreeing(seconds=1)
    story = f"{tag('a fox')} and {tag('an owl')}"
    text = shown((5, story), (4.5, tag("a fox")), (20, tag("a fox") + "."))
    async with made(ScriptedBackend(seconds=2), store=store) as illustrator:
        await all_events(illustrator.follow(text, message_id="m"))
    states = [what[0].state for _, kind, what in store.log if kind == "slots"]
    assert SlotState.DELETED not in states
    assert store.odd == []


async def test_a_picture_is_kept_with_its_whole_message_after_its_text_could_not_be() -> None:
    """The text of its tag never came into the store; the picture does not come there alone."""
    store = Agreeing(seconds=0.1)
    async with made(ScriptedBackend(seconds=5), store=store) as illustrator:
        text = shown((1, "One "), (1, f"One {tag('a fox')}"), (30, f"One {tag('a fox')}."))
        asyncio.get_running_loop().call_at(1.5, lambda: setattr(store, "corrupt", True))
        asyncio.get_running_loop().call_at(4, lambda: setattr(store, "corrupt", False))
        async with illustrator.follow(text, message_id="m") as events:
            await asyncio.sleep(20)
            message = await kept(store)
            assert message.text == f"One {tag('a fox')}"
            assert [slot.state for slot in message.slots] == [SlotState.READY]
            async for _ in events:
                pass
    assert store.odd == []


pieces = st.lists(
    st.sampled_from(["snow ", "\n\n", "`", "<"]) | st.sampled_from(["a fox", "an owl"]).map(tag),
    max_size=6,
).map("".join)


@given(st.lists(pieces, min_size=1, max_size=8), st.integers(0, 10**6), st.booleans())
def test_whatever_is_rewritten_when_the_slots_kept_are_those_of_the_text_kept(
    texts: list[str], seed: int, batch: bool
) -> None:
    """Texts, pictures and a store that all take their time, in any order."""
    chance = random.Random(seed)

    async def main() -> None:
        store = Agreeing(chance.choice([0, 0.1, 0.5]), chance.choice([0, 0.1, 0.5]))
        backend = ScriptedBackend(seconds=lambda _: chance.choice([0.2, 1.0]))
        insert_mode = "batch" if batch else "live"
        async with made(backend, store=store, insert_mode=insert_mode) as illustrator:
            text = shown(*((chance.choice([0.1, 0.3, 1.0]), text) for text in texts))
            await all_events(illustrator.follow(text, message_id="m"))
        assert store.odd == []
        assert (await kept(store)).state is MessageState.COMPLETE

    run_virtual(main())


@pytest.mark.parametrize("insert_mode", ["live", "batch"])
async def test_what_a_deleted_message_missed_is_kept_when_it_is_back(insert_mode: str) -> None:
    """Another process deletes it and brings it back, while it is written: nothing is missing."""
    store = Agreeing(seconds=0.1)
    loop = asyncio.get_running_loop()
    loop.call_at(2, lambda: asyncio.ensure_future(store.delete("m")))
    loop.call_at(9, lambda: asyncio.ensure_future(store.restore("m")))
    text = spoken(
        (1, "Once "), (2, f"upon {tag('an owl')}"), (2, f"a {tag('a fox')} "), (9, "time"), (9, ".")
    )
    async with (
        made(ScriptedBackend(seconds=5), store=store, insert_mode=insert_mode) as illustrator,
        illustrator.stream(text, message_id="m") as events,
    ):
        await asyncio.sleep(11.5)
        message = await kept(store)
        assert message.text == f"Once upon {tag('an owl')}a {tag('a fox')} "
        assert [len(slot.alternatives) for slot in message.slots] == [1, 1]
        async for _ in events:
            pass
    assert store.odd == []


async def test_a_picture_for_an_earlier_text_is_not_one_for_the_text_that_took_its_place() -> None:
    """Another process draws what a crash left, while the message is written anew here."""
    store = NoisyStore()
    async with made(ScriptedBackend(seconds=9), store=store, durable=True) as first:
        task = asyncio.create_task(first.illustrate(tag("a fox"), message_id="m"))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait((task,))
    other, backend = made(ScriptedBackend(seconds=9), store=store), ScriptedBackend(seconds=99)
    async with other, made(backend, store=store) as illustrator:
        (fox,) = (await other.recover()).queued
        async with illustrator.stream(tag("an owl"), message_id="m") as events:
            await other.recovered()
            slot = (await kept(store)).slot(fox)
            assert (slot.prompt, slot.alternatives, len(slot.pending)) == ("an owl", (), 1)
            async for _ in events:
                pass


async def test_changes_of_an_earlier_text_are_forgotten_also_where_the_store_fails() -> None:
    """An undo gives no picture of the text before, whenever the one after it was kept first."""
    store = ScriptedStore(StoreFault(begin=100, end=120))
    async with made(store=store) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        await illustrator.operations.delete(SlotId("m", 0, 0))
        await asyncio.sleep(100 - asyncio.get_running_loop().time())
        await illustrator.illustrate(tag("an owl"), message_id="m")
        owl = (await kept(store)).slots
        await illustrator.operations.undo("m")
        assert (await kept(store)).slots == owl
        assert [slot.prompt for slot in owl] == ["an owl"]


async def test_what_keeps_a_text_does_not_begin_again_when_it_is_cancelled() -> None:
    """A program that ends while the store fails cancels all it has, and all of it ends."""

    async def save() -> None:
        raise StorageBusy("locked", place="memory")

    writer = TextWriter(
        MemoryStore(), StoreKeeper(), "m", 0, beat=Beat(0), save=save, on_error=lambda _: None
    )
    mine = asyncio.current_task()
    writer.late()
    await asyncio.sleep(1)
    (working,) = asyncio.all_tasks() - {mine}
    working.cancel()
    await asyncio.sleep(1)
    assert asyncio.all_tasks() == {mine}
