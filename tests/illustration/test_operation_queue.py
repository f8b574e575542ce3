"""The operations on one message: held, let go, counted, dropped."""

import asyncio

import pytest
from tests.illustration.making import NoisyStore, kept, made, spoken, tag

from limner.errors import JobCancelled
from limner.illustration import SlotId, SlotState
from limner.illustration.keyed_lock import KeyedLock
from limner.illustration.operations.operation_queue import OperationQueue
from limner.testing import ScriptedBackend

FOX, OTHER = SlotId("m", 0, 0), SlotId("n", 0, 0)


async def test_operations_that_are_held_begin_in_their_order_when_they_are_let_go() -> None:
    """None is lost, none begins before; those on other messages are not held."""
    async with made(ScriptedBackend()) as illustrator:
        act = illustrator.operations
        for message in ("m", "n"):
            await illustrator.illustrate(tag("a fox"), message_id=message)
        assert (act.paused("m"), act.length("m")) == (False, 0)
        act.pause("m")
        act.pause("m")
        waiting = [
            asyncio.create_task(act.edit_prompt(FOX, prompt)) for prompt in ("red", "blue", "white")
        ]
        await act.edit_prompt(OTHER, "green")
        await asyncio.sleep(1000)
        assert (act.paused("m"), act.length("m"), act.length("n")) == (True, 3, 0)
        assert (await kept(illustrator.store)).slot(FOX).prompt == "a fox"
        act.resume("m")
        await asyncio.gather(*waiting)
        versions = (await kept(illustrator.store)).slot(FOX).prompts.versions
        assert [version.text for version in versions] == ["a fox", "red", "blue", "white"]
        assert (act.paused("m"), act.length("m")) == (False, 0)


async def test_what_has_begun_goes_on_while_operations_are_held() -> None:
    """A picture that is being drawn is kept; an answer is written to its end."""
    async with made(ScriptedBackend(seconds=5)) as illustrator:
        act = illustrator.operations
        await illustrator.illustrate(tag("a fox"), message_id="m")
        handle = await act.request(FOX, mode="append")
        act.pause("m")
        slot = await handle.result()
        assert slot is not None
        assert len(slot.alternatives) == 2
        result = await illustrator.illustrate(spoken((5, tag("an owl"))), message_id="m")
        assert result.complete
        assert act.paused("m")


async def test_what_waits_is_dropped_and_told_so() -> None:
    """What has begun is not; whoever comes afterwards waits as before."""
    async with made(ScriptedBackend()) as illustrator:
        act = illustrator.operations
        await illustrator.illustrate(tag("a fox"), message_id="m")
        assert act.clear("m") == 0
        act.pause("m")
        waiting = [asyncio.create_task(act.edit_prompt(FOX, text)) for text in ("red", "blue")]
        drawing = asyncio.create_task(act.request(FOX))
        await asyncio.sleep(1)
        assert act.clear("m", reason="changed my mind") == 3
        assert act.length("m") == 0
        for task in (*waiting, drawing):
            with pytest.raises(JobCancelled, match="changed my mind"):
                await task
        slot = (await kept(illustrator.store)).slot(FOX)
        assert (slot.prompt, slot.pending) == ("a fox", ())
        after = asyncio.create_task(act.edit_prompt(FOX, "white"))
        await asyncio.sleep(1)
        assert act.length("m") == 1
        act.resume("m")
        await after


async def test_operations_that_take_their_turn_are_counted() -> None:
    """Not only held ones: those behind another one wait as well, and that one does not."""
    store = NoisyStore()
    async with made(ScriptedBackend(), store=store) as illustrator:
        act = illustrator.operations
        await illustrator.illustrate(tag("a fox"), message_id="m")
        store.seconds = 5
        tasks = [asyncio.create_task(act.edit_prompt(FOX, text)) for text in ("red", "blue")]
        await asyncio.sleep(1)
        assert act.length("m") == 1
        assert act.clear("m") == 1
        await tasks[0]
        assert (await kept(store)).slot(FOX).prompt == "red"
        with pytest.raises(JobCancelled):
            await tasks[1]


async def test_a_message_that_is_deleted_holds_nothing_any_more() -> None:
    """What waited finds it gone and ends quietly; the message comes back free."""
    async with made(ScriptedBackend()) as illustrator:
        act = illustrator.operations
        await illustrator.illustrate(tag("a fox"), message_id="m")
        act.pause("m")
        waiting = asyncio.create_task(act.edit_prompt(FOX, "red"))
        await asyncio.sleep(1)
        assert await act.delete_message("m")
        assert await waiting is None
        assert not act.paused("m")
        await act.restore_message("m")
        slot = await act.regenerate(FOX)
        assert slot is not None
        assert slot.state is SlotState.READY


async def test_all_that_failed_in_a_chat_is_asked_for_but_what_is_held() -> None:
    """A held message must not hold the others up."""
    backend = ScriptedBackend(fails=lambda request: OSError("no"))
    async with made(backend) as illustrator:
        for message in ("m", "n"):
            await illustrator.illustrate(tag("a fox"), message_id=message)
        backend.fails = lambda request: None
        illustrator.operations.pause("m")
        slots = await illustrator.operations.retry_failed_chat("default")
        assert [slot.id for slot in slots] == [OTHER]


async def test_a_pause_is_never_forgotten_and_asking_makes_nothing() -> None:
    """However long nobody works on the message."""
    queue = OperationQueue(KeyedLock(), idle_timeout=10)
    assert (queue.paused("m"), queue.length("m"), queue.clear("m")) == (False, 0, 0)
    queue.resume("m")
    queue.pause("m")
    await asyncio.sleep(1000)
    assert queue.paused("m")


async def test_an_operation_inside_another_is_not_held() -> None:
    """It belongs to the one that has begun, which could never end otherwise."""
    queue, done = OperationQueue(KeyedLock()), []

    async def inner() -> None:
        done.append("inner")

    async def outer() -> None:
        queue.pause("m")
        await queue.perform("m", inner)
        done.append("outer")

    await queue.perform("m", outer)
    assert done == ["inner", "outer"]
