"""Instants at which two things meet: the last picture and a crash, an edit and a late picture."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest
from tests.illustration.making import NoisyStore, kept, made, spoken, tag

from limner.errors import MessageBusy
from limner.illustration import MemoryStore, Message, MessageState, Slot, SlotId, SlotState
from limner.illustration.model.pending import asked_for, given_up
from limner.illustration.model.slot import Failure
from limner.prompts import PromptTag
from limner.testing import ScriptedBackend

FOX = SlotId("m", 0, 0)


async def test_in_batch_a_crash_before_the_commit_leaves_something_that_is_found() -> None:
    """Text committed, every picture made, the commit never happens: the next start shows all."""

    class Crashing(MemoryStore):
        saves = 0

        async def save(self, message: Message) -> None:
            """The third save, which is the commit, never happens."""
            self.saves += 1
            if self.saves == 3:
                await asyncio.Event().wait()
            await super().save(message)

    store = Crashing()
    backend = ScriptedBackend(seconds=lambda request: len(request.prompt))
    crashed = made(backend, store=store, insert_mode="batch")
    before = asyncio.all_tasks()
    text = tag("a fox") + tag("an owl")
    running = asyncio.create_task(crashed.illustrate(text, message_id="m"))
    await asyncio.sleep(30)
    store.saves = 99
    for task in asyncio.all_tasks() - before:
        task.cancel()
    store.saves = 2  # whatever the dying process still tries to commit is lost as well
    await asyncio.wait([running], timeout=1)
    store.saves = 99
    fox = (await kept(store)).slots[0]
    again = ScriptedBackend()
    async with made(again, store=store) as illustrator:
        result = await illustrator.resume("m")
    assert result.message.state is MessageState.COMPLETE
    assert all(slot.state is SlotState.READY for slot in result.slots)
    assert result.slots[0].alternatives == fox.alternatives
    assert len(again.calls) <= 1  # at most the one whose picture was not kept yet


async def test_in_batch_a_slow_store_never_holds_a_complete_answer_nobody_would_finish() -> None:
    """Pictures end while the store is asked: whatever is hidden is found by the next start."""

    class Slow(MemoryStore):
        snapshots: tuple[Message, ...] = ()

        async def variants(self, message_id: str) -> tuple[int, ...]:
            """Takes longer than a picture."""
            await asyncio.sleep(3)
            return await super().variants(message_id)

        async def save(self, message: Message) -> None:
            """Remember."""
            await super().save(message)
            self.snapshots = (*self.snapshots, message)

    store = Slow()
    async with made(ScriptedBackend(seconds=1), store=store, insert_mode="batch") as illustrator:
        await illustrator.illustrate(tag("a fox") + tag("an owl"), message_id="m")
    for message in store.snapshots:
        left = MemoryStore()
        await left.save(message)
        async with made(ScriptedBackend(seconds=1), store=left) as another:
            await another.recover()
            await another.recovered()
        assert all(slot.state is SlotState.READY for slot in (await kept(left)).slots)


async def test_a_late_picture_does_not_land_in_another_text() -> None:
    """Whoever wrote the answer anew, even another process: its slot does not wait for it."""
    async with made(ScriptedBackend(seconds=5)) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        click = asyncio.create_task(illustrator.operations.regenerate(FOX, mode="append"))
        await asyncio.sleep(1)
        message = await kept(illustrator.store)
        other = replace(message.slots[0], pending=())
        await illustrator.store.save(replace(message, slots=(other,)))
        assert await click is None
        assert (await kept(illustrator.store)).slots == (other,)


async def test_a_text_that_is_taken_back_while_the_store_is_slow_is_never_kept_twice() -> None:
    """At every instant the store has one of the texts that were shown, or a beginning of one."""

    class Slow(NoisyStore):
        async def variants(self, message_id: str) -> tuple[int, ...]:
            """Take time: more text comes before the whole is put together."""
            await asyncio.sleep(0.5)
            return await super().variants(message_id)

    store = Slow(seconds=1)
    texts = ["One fox", "One fox ran", "Two", "Two owls", "Two owls sat", "Three", "Three hens"]

    async def shown() -> Any:
        for text in texts:
            yield text
            await asyncio.sleep(0.4)

    async with made(store=store) as illustrator:
        async with illustrator.follow(shown(), message_id="m") as events:
            async for _ in events:
                pass
        seen = [what.text for _, kind, what in store.log if kind == "save"]
    assert seen[-1] == "Three hens"
    assert all(any(text.startswith(one) for text in texts) for one in seen)
    replayed = ""
    for _, kind, what in store.log:
        replayed = what.text if kind == "save" else replayed + what if kind == "text" else replayed
        assert any(text.startswith(replayed) for text in texts), replayed


async def test_a_session_that_starts_while_an_operation_waits_for_its_turn_goes_before_it() -> None:
    """The operation is refused then, as if it had come later."""
    async with made() as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        lines = illustrator._shared.lock
        long_one = asyncio.create_task(lines.perform("m", lambda: asyncio.sleep(5)))
        await asyncio.sleep(0)
        edit = asyncio.create_task(illustrator.operations.edit_prompt(FOX, "a red fox"))
        await asyncio.sleep(1)
        async with illustrator.stream(spoken((9, "x")), message_id="m"):
            with pytest.raises(MessageBusy):
                await edit
        await long_one


async def test_undo_of_an_edit_keeps_the_first_picture_that_came_since() -> None:
    """A slot that still waited for its picture when it was edited does not wait again."""
    store = MemoryStore()
    closing = made(ScriptedBackend(seconds=9), store=store, durable=True)
    running = asyncio.create_task(closing.illustrate(tag("a fox"), message_id="m"))
    await asyncio.sleep(1)
    await closing.aclose()
    await running
    async with made(ScriptedBackend(seconds=9), store=store) as illustrator:
        await illustrator.recover()
        await asyncio.sleep(1)
        await illustrator.operations.edit_prompt(FOX, "a red fox")
        await illustrator.recovered()
        drawn = (await kept(store)).slots[0]
        assert (drawn.state, drawn.prompt) == (SlotState.READY, "a red fox")
        await illustrator.operations.undo("m")
        undone = (await kept(store)).slots[0]
    assert undone.prompt == "a fox"
    assert (undone.state, undone.alternatives) == (SlotState.READY, drawn.alternatives)


async def test_a_cancelled_session_says_nothing_odd(caplog: pytest.LogCaptureFixture) -> None:
    """What ends after the barrier was left is expected; nobody needs to read of it."""
    with caplog.at_level(logging.WARNING):
        async with made(ScriptedBackend(seconds=9), settle_timeout=5) as illustrator:
            await illustrator.illustrate(tag("a fox"))
            async with illustrator.stream(tag("a fox")) as events:
                await asyncio.sleep(1)
                events.cancel()
    assert caplog.records == []


def test_a_slot_waits_as_long_as_anything_is_asked_for() -> None:
    """Of two pictures that were asked for, the failure of one leaves the slot to the other."""
    slot = Slot.of(FOX, PromptTag("a fox", "<a fox>", 0, 7))
    slot, first = asked_for(slot, at=1.0)
    slot, second = asked_for(slot, at=2.0)
    failure = Failure("ValueError", "no")
    slot = given_up(slot, first, failure)
    assert (slot.state, slot.pending) == (SlotState.QUEUED, (second,))
    assert given_up(slot, second, failure).failure == failure
    assert given_up(slot, second, None).state is SlotState.FAILED
