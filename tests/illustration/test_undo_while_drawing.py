"""Undo while pictures are being drawn: it takes back what was done last, be it only asked for."""

import asyncio
from dataclasses import replace

import pytest
from tests.illustration.test_operations import FOX, finished, slot_of

from limner.errors import JobCancelled
from limner.illustration import Change, Illustrator, MemoryStore, Slot, SlotId, SlotState
from limner.testing import ScriptedBackend

OWL = SlotId("m", 0, 1)


async def test_undo_stops_the_picture_that_was_asked_for_last() -> None:
    """The change before it stays, and what was undone earlier can still be done again."""
    async with finished(ScriptedBackend(seconds=10)) as illustrator:
        act = illustrator.operations
        await act.edit_prompt(FOX, "a red fox")
        await act.edit_prompt(FOX, "a blue fox")
        await act.undo("m")
        before = await slot_of(illustrator)
        handle = await act.request(FOX, mode="append")
        await asyncio.sleep(1)
        change = await act.undo("m")
        assert change is not None
        assert change.kind == "regenerate"
        with pytest.raises(JobCancelled, match="taken back"):
            await handle.result()
        after = await slot_of(illustrator)
        assert (after.prompt, after.alternatives) == ("a red fox", before.alternatives)
        assert not after.pending
        assert await act.redo("m") is not None
        assert (await slot_of(illustrator)).prompt == "a blue fox"


async def test_undo_takes_back_a_change_that_came_after_a_picture_was_asked_for() -> None:
    """What was done last is taken back first: the change, then the asking, then what was before."""
    async with finished(ScriptedBackend(seconds=10)) as illustrator:
        act = illustrator.operations
        await act.edit_prompt(FOX, "a red fox")
        handle = await act.request(OWL, mode="append")
        await act.delete(FOX)
        kinds = [change.kind for change in [await act.undo("m")] if change]
        assert not handle.done
        kinds += [change.kind for _ in range(2) if (change := await act.undo("m"))]
        assert handle.done
        assert kinds == ["delete", "regenerate", "edit_prompt"]
        assert await act.undo("m") is None


async def test_each_undo_stops_another_of_ten_pictures_also_all_at_once() -> None:
    """The newest first; an undo more than there are pictures takes back the change before them."""
    backend = ScriptedBackend(seconds=10)
    async with finished(backend) as illustrator:
        act = illustrator.operations
        await act.edit_prompt(FOX, "a red fox")
        before = await slot_of(illustrator)
        handles = [await act.request(FOX, mode="append") for _ in range(10)]
        await act.undo("m")
        assert [handle.done for handle in handles] == [False] * 9 + [True]
        changes = await asyncio.gather(*(act.undo("m") for _ in range(10)))
        kinds = sorted(change.kind for change in changes if change)
        assert kinds == ["edit_prompt"] + ["regenerate"] * 9
        after = await slot_of(illustrator)
        assert (after.alternatives, after.pending) == (before.alternatives, ())
        assert after.prompt == "a fox"


async def test_a_picture_that_is_made_is_undone_before_one_that_is_still_drawn() -> None:
    """It came last. The other goes on, and is stopped by the undo after that."""
    backend = ScriptedBackend(seconds=lambda request: 30 if "owl" in request.prompt else 2)
    async with finished(backend) as illustrator:
        act = illustrator.operations
        handle = await act.request(OWL, mode="append")
        await act.regenerate(FOX, mode="append")
        await act.undo("m")
        assert len((await slot_of(illustrator)).alternatives) == 1
        assert not handle.done
        await act.undo("m")
        assert handle.done
        assert len((await slot_of(illustrator, OWL)).alternatives) == 1


class SlowStore(MemoryStore):
    """One that takes a second to keep slots."""

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Keep them, in the end."""
        await asyncio.sleep(1)
        return await super().save_slots(*slots, change=change)


async def test_what_is_asked_for_while_a_message_is_deleted_waits_for_nothing_afterwards() -> None:
    """It is stopped as the others are: brought back, the message has no picture on its way."""
    async with finished(ScriptedBackend(seconds=10), store=SlowStore()) as illustrator:
        act = illustrator.operations
        before = await slot_of(illustrator)
        asking = asyncio.create_task(act.request(FOX, mode="append"))
        await asyncio.sleep(0.5)
        assert await act.delete_message("m")
        assert (await asking).done
        await asyncio.sleep(100)
        assert await act.restore_message("m")
        after = await slot_of(illustrator)
        assert (after.pending, after.alternatives) == ((), before.alternatives)


async def test_what_another_process_was_asked_for_comes_back_with_no_deleted_message() -> None:
    """Nobody draws for it any more: what the other still brings changes nothing."""
    store, slow = MemoryStore(), ScriptedBackend(seconds=10)
    async with finished(store=store) as here, Illustrator(backend=slow, store=store) as there:
        before, owl = await slot_of(here), await slot_of(here, OWL)
        waiting = replace(owl, state=SlotState.QUEUED, alternatives=(), selected=None)
        assert await store.save_slots(waiting)
        handles = [await there.operations.request(slot_id) for slot_id in (FOX, OWL)]
        assert await here.operations.delete_message("m")
        assert await here.operations.restore_message("m")
        fox, owl = await slot_of(here), await slot_of(here, OWL)
        assert (fox.pending, fox.state) == ((), SlotState.READY)
        assert (owl.pending, owl.state) == ((), SlotState.FAILED)
        assert owl.failure is not None
        assert "deleted" in owl.failure.reason
        assert [await handle.result() for handle in handles] == [None, None]
        assert (await slot_of(here)).alternatives == before.alternatives


async def test_what_is_drawn_here_goes_on_where_a_message_was_there_all_along() -> None:
    """To restore what nobody has deleted changes nothing, and calls off nothing."""
    async with finished(ScriptedBackend(seconds=10)) as illustrator:
        act = illustrator.operations
        handle = await act.request(FOX, mode="append")
        assert await act.restore_message("m")
        await act.call_off(["m"])
        slot = await handle.result()
        assert slot is not None
        assert len(slot.alternatives) == 2
