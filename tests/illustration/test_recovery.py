"""A start after a crash, a kill or a close: nothing finished is lost, nothing is drawn twice."""

import asyncio
from typing import Any

import pytest
from tests.illustration.making import all_events, kept, made, spoken, tag

from limner.errors import UnknownSlot
from limner.illustration import (
    Illustrated,
    MemoryStore,
    MessageState,
    Recovered,
    SlotId,
    SlotState,
)
from limner.testing import ScriptedBackend


async def closed_while_drawing(
    store: MemoryStore, text: Any, *, after: float, **options: Any
) -> Illustrated:
    """Illustrate a text, and close everything after some seconds."""
    illustrator = made(ScriptedBackend(seconds=10), store=store, durable=True, **options)
    running = asyncio.create_task(illustrator.illustrate(text, message_id="m"))
    await asyncio.sleep(after)
    await illustrator.aclose()
    return await running


async def killed(illustrator: Any, *running: "asyncio.Task[Any]") -> None:
    """Stop everything as a killed process does: nothing of it reaches the store any more."""

    async def never(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    for name in ("save", "save_slots", "append_text"):
        setattr(illustrator.store, name, never)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for _ in range(5):
        for task in others:
            task.cancel()
        await asyncio.wait(others, timeout=1)
    for name in ("save", "save_slots", "append_text"):
        delattr(illustrator.store, name)


async def test_what_closing_interrupts_is_drawn_after_the_next_start() -> None:
    """Closed while two pictures are drawn and two wait: all four are drawn, the text is whole."""
    store = MemoryStore()
    text = "".join(tag(f"fox {n}") for n in range(4))
    before = await closed_while_drawing(store, text, after=15, max_concurrent=2)
    assert [str(slot.state) for slot in before.slots] == ["ready", "ready", "queued", "queued"]
    assert before.message.state is MessageState.COMPLETE
    backend = ScriptedBackend()
    async with made(backend, store=store) as illustrator:
        recovered = await illustrator.recover()
        assert recovered.cut == ()
        assert [slot_id.ordinal for slot_id in recovered.queued] == [2, 3]
        assert illustrator.progress().total == 2
        await illustrator.recovered()
        message = await kept(store)
    assert all(slot.state is SlotState.READY for slot in message.slots)
    assert message.slots[0] == before.slots[0]
    assert [call.request.prompt for call in backend.calls] == ["fox 2", "fox 3"]


async def test_without_a_durable_store_closing_fails_what_is_not_made() -> None:
    """Nobody could take it up: the slots say why they have no picture."""
    illustrator = made(ScriptedBackend(seconds=10))
    running = asyncio.create_task(illustrator.illustrate(tag("a fox"), message_id="m"))
    await asyncio.sleep(1)
    await illustrator.aclose()
    (slot,) = (await running).slots
    assert slot.state is SlotState.FAILED
    assert "closed" in str(slot.failure)


async def test_an_answer_nobody_writes_any_more_is_cut_and_keeps_its_pictures() -> None:
    """Killed in the middle of the text: what was kept stays, a tag without a slot gets one."""
    store = MemoryStore()
    illustrator = made(ScriptedBackend(seconds=3), store=store)
    text = spoken((0, "One " + tag("a fox")), (5, " two " + tag("an owl")), (10**6, "never"))
    running = asyncio.create_task(illustrator.illustrate(text, message_id="m"))
    await asyncio.sleep(6)
    await killed(illustrator, running)
    await store.append_text("m", 0, " three " + tag("a hen"))
    backend = ScriptedBackend()
    async with made(backend, store=store) as illustrator:
        recovered = await illustrator.recover()
        assert recovered.cut == (("m", 0),)
        cut = await kept(store)
        assert cut.state is MessageState.CUT
        assert [slot.prompt for slot in cut.slots] == ["a fox", "an owl", "a hen"]
        await illustrator.recovered()
        message = await kept(store)
    assert [call.request.prompt for call in backend.calls] == ["an owl", "a hen"]
    assert all(slot.state is SlotState.READY for slot in message.slots)


async def test_what_was_passed_over_on_purpose_is_not_drawn_after_a_crash() -> None:
    """Pictures were switched off: the answer is cut, and its tags get no slots, and no pictures."""
    store = MemoryStore()
    illustrator = made(store=store)
    text = spoken((0, "One " + tag("a fox")), (10**6, "never"))
    block = illustrator.stream(text, message_id="m", pictures=False)
    running = asyncio.create_task(all_events(block))
    await asyncio.sleep(5)
    await killed(illustrator, running)
    backend = ScriptedBackend()
    async with made(backend, store=store) as illustrator:
        assert await illustrator.recover() == Recovered(cut=(("m", 0),))
        await illustrator.recovered()
    cut = await kept(store)
    assert (cut.state, cut.slots, backend.calls) == (MessageState.CUT, (), [])


@pytest.mark.parametrize("killed_in", ["with", "without"])
async def test_of_an_answer_that_goes_on_otherwise_each_part_stays_as_it_was_asked_for(
    killed_in: str,
) -> None:
    """First without pictures, then with, then without: only the middle has some, killed or not."""
    store, backend = MemoryStore(), ScriptedBackend()
    async with made(backend, store=store) as illustrator:
        block = illustrator.stream("One " + tag("a fox"), message_id="m", pictures=False)
        await all_events(block)
    ways = [(True, " two " + tag("an owl"))] + [(False, " three " + tag("a hen"))] * (
        killed_in == "without"
    )
    for pictures, text in ways:
        illustrator = made(backend, store=store)
        block = illustrator.stream(
            spoken((0, text), (10**6, "never")),
            message_id="m",
            continuing=True,
            pictures=pictures,
        )
        running = asyncio.create_task(all_events(block))
        await asyncio.sleep(5)
        await killed(illustrator, running)
    async with made(backend, store=store) as illustrator:
        await illustrator.recover()
        await illustrator.recovered()
    assert [slot.prompt for slot in (await kept(store)).slots] == ["an owl"]
    assert [call.request.prompt for call in backend.calls] == ["an owl"]


async def test_what_is_taken_up_and_stopped_in_the_same_instant_waits_no_more() -> None:
    """Its drawing is given up, though it had not made a step: nobody would ever draw it."""
    store = MemoryStore()
    illustrator = made(ScriptedBackend(seconds=10), store=store)
    running = asyncio.create_task(illustrator.illustrate(tag("a fox"), message_id="m"))
    await asyncio.sleep(1)
    await killed(illustrator, running)
    illustrator = made(ScriptedBackend(), store=store, durable=False)
    recovered = await illustrator.recover()
    await illustrator.aclose()
    (slot,) = (await kept(store)).slots
    assert recovered.queued == (slot.id,)
    assert (slot.state, slot.pending) == (SlotState.FAILED, ())


async def test_a_program_that_is_ending_leaves_what_was_asked_for_by_hand() -> None:
    """Its tasks are all cancelled, by nobody who means the picture: it is drawn after the start."""
    store = MemoryStore()
    async with made(ScriptedBackend(), store=store) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
    illustrator = made(ScriptedBackend(seconds=100), store=store)
    click = asyncio.create_task(illustrator.operations.regenerate(SlotId("m", 0, 0)))
    await asyncio.sleep(1)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.wait(others)
    assert click.cancelled()
    (left,) = (await kept(store)).slots
    assert len(left.pending) == 1
    async with made(ScriptedBackend(), store=store) as illustrator:
        (drawn,) = (await illustrator.resume("m")).slots
    assert (drawn.state, drawn.pending) == (SlotState.READY, ())


async def test_batch_shows_what_was_kept_when_it_was_killed() -> None:
    """A picture that was made but not shown yet is shown after the next start, not drawn again."""
    store = MemoryStore()
    backend = ScriptedBackend(seconds=lambda request: 1 if request.prompt == "a fox" else 100)
    illustrator = made(backend, store=store, insert_mode="batch")
    text = tag("a fox") + tag("an owl")
    running = asyncio.create_task(illustrator.illustrate(text, message_id="m"))
    await asyncio.sleep(5)
    made_before = (await kept(store)).slots[0].alternatives
    await killed(illustrator, running)
    again = ScriptedBackend()
    async with made(again, store=store) as illustrator:
        result = await illustrator.resume("m")
    assert [call.request.prompt for call in again.calls] == ["an owl"]
    assert result.complete
    assert result.slots[0].alternatives == made_before


async def test_a_manual_drawing_is_redone_with_its_own_number_and_prompt() -> None:
    """What was asked for by hand is in the store before it is drawn; a crash redoes it."""
    store = MemoryStore()
    illustrator = made(ScriptedBackend(seconds=1), store=store, seed=1)
    await illustrator.illustrate(tag("a fox"), message_id="m")
    illustrator = made(ScriptedBackend(seconds=100), store=store, seed=1)
    click = asyncio.create_task(illustrator.operations.regenerate(SlotId("m", 0, 0)))
    await asyncio.sleep(1)
    seed = illustrator._shared.drawing._backend.calls[0].request.seed  # type: ignore[attr-defined]
    await killed(illustrator, click)
    backend = ScriptedBackend()
    async with made(backend, store=store, seed=1) as illustrator:
        before = await kept(store)
        result = await illustrator.resume("m")
    assert [call.request.seed for call in backend.calls] == [seed]
    assert len(result.slots[0].alternatives) == 1
    assert result.slots[0].alternatives != before.slots[0].alternatives


async def test_a_picture_is_drawn_of_its_prompt_also_if_that_was_taken_back_meanwhile() -> None:
    """By another process, which stops nothing here; after a crash, too, no version is another's."""
    store, slot_id = MemoryStore(), SlotId("m", 0, 0)
    illustrator = made(ScriptedBackend(), store=store)
    await illustrator.illustrate(tag("a fox"), message_id="m")
    illustrator = made(ScriptedBackend(seconds=100), store=store)
    await illustrator.operations.edit_prompt(slot_id, "a red fox")
    click = asyncio.create_task(illustrator.operations.regenerate(slot_id, mode="append"))
    await asyncio.sleep(1)
    async with made(ScriptedBackend(), store=store) as other:
        await other.operations.undo("m")
        await other.operations.edit_prompt(slot_id, "a white fox")
    await killed(illustrator, click)
    async with made(ScriptedBackend(), store=store) as illustrator:
        (slot,) = (await illustrator.resume("m")).slots
    assert [(made.prompt, made.version) for made in slot.alternatives] == [
        ("a fox", 0),
        ("a red fox", 1),
    ]
    assert (slot.prompt, slot.prompts.current, slot.pending) == ("a white fox", 2, ())


async def test_a_seed_gives_new_pictures_on_regenerate_also_after_a_restart() -> None:
    """Numbers of drawings are durable, so no two drawings of a slot have the same seed."""
    store, seeds = MemoryStore(), []
    for start in range(3):
        backend = ScriptedBackend()
        async with made(backend, store=store, seed=7) as illustrator:
            if start == 0:
                await illustrator.illustrate(tag("a fox"), message_id="m")
            await illustrator.operations.regenerate(SlotId("m", 0, 0))
        seeds += [call.request.seed for call in backend.calls]
    assert len(set(seeds)) == 4


async def test_the_oldest_request_is_drawn_first_whatever_its_message() -> None:
    """What waited longest before the restart starts first after it, through the one limit."""
    store = MemoryStore()
    illustrator = made(
        ScriptedBackend(seconds=1000),
        store=store,
        max_concurrent=1,
        durable=True,
        clock=lambda: asyncio.get_running_loop().time(),
    )
    running = []
    for message_id in ("b", "c", "a"):
        text = spoken((0, tag(f"first {message_id}")), (3, tag(f"second {message_id}")))
        running.append(asyncio.create_task(illustrator.illustrate(text, message_id=message_id)))
        await asyncio.sleep(1)
    await asyncio.sleep(10)
    await illustrator.aclose()
    await asyncio.gather(*running)
    backend = ScriptedBackend()
    async with made(backend, store=store, max_concurrent=1) as illustrator:
        await illustrator.recover()
        await illustrator.recovered()
    asked = [call.request.prompt for call in backend.calls]
    assert asked[:3] == ["first b", "first c", "first a"]
    assert backend.peak == 1


async def test_recovering_twice_and_closing_in_between_draws_nothing_twice() -> None:
    """A second call finds what is under way; what a close interrupts stays for the next start."""
    store = MemoryStore()
    await closed_while_drawing(store, tag("a fox") + tag("an owl"), after=5)
    backend = ScriptedBackend(seconds=10)
    async with made(backend, store=store, durable=True, max_concurrent=1) as illustrator:
        await illustrator.recover()
        await illustrator.recover()
        await asyncio.sleep(15)
    again = ScriptedBackend()
    async with made(again, store=store) as illustrator:
        assert (await illustrator.resume("m")).complete
    assert [call.outcome for call in backend.calls] == ["made", "cancelled"]
    assert [call.request.prompt for call in again.calls] == ["an owl"]


async def test_a_live_session_is_not_taken_for_a_crash() -> None:
    """What is being written here is nobody's to recover."""
    async with made() as illustrator:
        async with illustrator.stream(spoken((0, tag("a fox")), (9, "x")), message_id="m"):
            await asyncio.sleep(0.5)
            recovered = await illustrator.recover()
            assert (recovered.cut, recovered.queued) == ((), ())


async def test_resume_of_an_unknown_message_is_an_error() -> None:
    """There is nothing to wait for."""
    async with made() as illustrator:
        with pytest.raises(UnknownSlot, match="nobody"):
            await illustrator.resume("nobody")
