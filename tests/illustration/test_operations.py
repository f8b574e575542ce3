"""What people do to pictures by hand: serial per message, nothing lost, quiet when it is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.illustration.making import Answers

from limner.errors import (
    BackendUnavailable,
    ConfigError,
    MessageBusy,
    RefineError,
    UnknownSlot,
)
from limner.illustration import Illustrator, Slot, SlotId, SlotState
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend

TEXT = 'One <!--img-prompt="a fox"--> two <!--img-prompt="an owl"--> three.'
FOX = SlotId("m", 0, 0)


@asynccontextmanager
async def finished(
    backend: ScriptedBackend | None = None, *, max_concurrent: int = 3, **options: Any
) -> AsyncIterator[Illustrator]:
    """An illustrator that has illustrated message m."""
    limiter = Limiter(max_concurrent=max_concurrent)
    chosen = backend or ScriptedBackend()
    async with Illustrator(backend=chosen, limiter=limiter, **options) as illustrator:
        await illustrator.illustrate(TEXT, message_id="m")
        yield illustrator


async def slot_of(illustrator: Illustrator, slot_id: SlotId = FOX) -> Slot:
    """The slot as it is kept."""
    message = await illustrator.store.load(slot_id.message_id)
    assert message is not None
    return message.slot(slot_id)


async def test_regenerate_replaces_the_picture_that_is_shown() -> None:
    """Replace: one picture before, one other picture after."""
    async with finished() as illustrator:
        before = await slot_of(illustrator)
        after = await illustrator.operations.regenerate(FOX)
        assert after is not None
        assert len(after.alternatives) == 1
        assert after.image is not before.image
        assert await slot_of(illustrator) == after


async def test_regenerate_append_keeps_the_old_one_as_an_alternative() -> None:
    """R20: append puts the new picture after all earlier ones and shows it."""
    async with finished() as illustrator:
        before = await slot_of(illustrator)
        await illustrator.operations.regenerate(FOX, mode="append")
        after = await illustrator.operations.regenerate(FOX, mode="append")
    assert after is not None
    assert len(after.alternatives) == 3
    assert after.alternatives[0] == before.alternatives[0]
    assert after.selected == 2


async def test_r29_every_click_on_regenerate_makes_a_picture() -> None:
    """R29: ten clicks draw ten pictures side by side, and none is lost or doubled."""
    backend = ScriptedBackend(seconds=3)
    async with finished(backend) as illustrator:
        clicks = (illustrator.operations.regenerate(FOX, mode="append") for _ in range(10))
        await asyncio.gather(*clicks)
        slot = await slot_of(illustrator)
    assert len(slot.alternatives) == 11
    assert len({id(alternative.image) for alternative in slot.alternatives}) == 11
    assert backend.peak == 3
    assert len({call.request.seed for call in backend.calls}) == len(backend.calls)


async def test_ten_clicks_on_replace_leave_every_drawn_picture_accounted_for() -> None:
    """Replacing what was already replaced adds instead of overwriting somebody else's picture."""
    async with finished() as illustrator:
        await asyncio.gather(*(illustrator.operations.regenerate(FOX) for _ in range(4)))
        slot = await slot_of(illustrator)
    assert len(slot.alternatives) == 4


async def test_a_failed_regenerate_keeps_the_old_picture_and_raises_the_reason() -> None:
    """The reader keeps what they had; the caller learns why."""
    backend = ScriptedBackend()
    async with finished(backend) as illustrator:
        before = await slot_of(illustrator)
        backend.fails = lambda request: BackendUnavailable("out of paint")
        with pytest.raises(BackendUnavailable, match="out of paint"):
            await illustrator.operations.regenerate(FOX)
        assert await slot_of(illustrator) == replace(before, attempts=2)


async def test_retry_draws_what_failed_and_leaves_what_is_there() -> None:
    """A failed slot gets its picture; one that has its picture is not drawn again."""
    backend = ScriptedBackend(fails=lambda r: ValueError("no") if r.prompt == "a fox" else None)
    async with finished(backend) as illustrator:
        assert (await slot_of(illustrator)).state is SlotState.FAILED
        backend.fails = lambda request: None
        fixed = await illustrator.operations.retry(FOX)
        calls = len(backend.calls)
        await illustrator.operations.retry(FOX)
        assert len(backend.calls) == calls
    assert fixed is not None
    assert (fixed.state, fixed.failure) == (SlotState.READY, None)


async def test_a_retry_that_fails_again_says_the_new_reason() -> None:
    """The slot keeps the reason of its last attempt."""
    backend = ScriptedBackend(fails=lambda r: ValueError("first"))
    async with finished(backend) as illustrator:
        backend.fails = lambda request: ValueError("second")
        with pytest.raises(ValueError, match="second"):
            await illustrator.operations.retry(FOX)
        slot = await slot_of(illustrator)
    assert slot.failure is not None
    assert slot.failure.reason.startswith("the drawing broke off: second; ")


async def test_r41_the_prompt_is_edited_and_each_picture_remembers_its_own() -> None:
    """R41: an edited prompt is for the next picture; the old one still knows what made it."""
    async with finished() as illustrator:
        await illustrator.operations.edit_prompt(FOX, "  a red fox ")
        slot = await illustrator.operations.regenerate(FOX, mode="append")
    assert slot is not None
    assert slot.prompt == "a red fox"
    assert [alternative.prompt for alternative in slot.alternatives] == ["a fox", "a red fox"]


async def test_a_blank_prompt_is_refused() -> None:
    """Nothing can be drawn from nothing."""
    async with finished() as illustrator:
        with pytest.raises(ValueError, match="blank"):
            await illustrator.operations.edit_prompt(FOX, " \n")


async def test_select_shows_another_alternative() -> None:
    """Selecting changes what is shown, and only that."""
    async with finished() as illustrator:
        await illustrator.operations.regenerate(FOX, mode="append")
        slot = await illustrator.operations.select(FOX, 0)
        assert slot is not None
        assert slot.shown is slot.alternatives[0]
        with pytest.raises(UnknownSlot):
            await illustrator.operations.select(FOX, 2)


@pytest.mark.parametrize(
    ("selected", "deleted", "then"), [(2, 2, 1), (0, 0, 0), (2, 0, 1), (0, 2, 0), (1, 1, 1)]
)
async def test_delete_shows_the_neighbour(selected: int, deleted: int, then: int) -> None:
    """Deleting one of three keeps showing the same picture, or its neighbour if it was that one."""
    async with finished() as illustrator:
        for _ in range(2):
            await illustrator.operations.regenerate(FOX, mode="append")
        before = await illustrator.operations.select(FOX, selected)
        after = await illustrator.operations.delete(FOX, deleted)
    assert before is not None
    assert after is not None
    assert after.selected == then
    if selected != deleted:
        assert after.shown == before.shown


async def test_deleting_the_last_picture_leaves_an_empty_slot_that_can_be_drawn_again() -> None:
    """A slot without pictures is deleted, shows nothing, and comes back with a new picture."""
    async with finished() as illustrator:
        gone = await illustrator.operations.delete(FOX)
        assert gone is not None
        assert (gone.state, gone.image) == (SlotState.DELETED, None)
        back = await illustrator.operations.regenerate(FOX)
    assert back is not None
    assert back.state is SlotState.READY


async def test_r40_a_message_being_written_refuses_manual_operations() -> None:
    """R40: every operation on it raises MessageBusy and changes nothing."""

    async def text() -> AsyncIterator[str]:
        yield TEXT
        await asyncio.sleep(100)

    async with Illustrator(backend=ScriptedBackend()) as illustrator:
        operations = illustrator.operations
        async with illustrator.stream(text(), message_id="m"):
            await asyncio.sleep(50)
            for refused in (
                operations.regenerate(FOX),
                operations.retry(FOX),
                operations.select(FOX, 0),
                operations.delete(FOX),
                operations.edit_prompt(FOX, "x"),
            ):
                with pytest.raises(MessageBusy):
                    await refused


async def test_by_setting_operations_wait_until_the_message_is_committed() -> None:
    """`while_writing="queue"`: the operation runs as soon as the session has ended."""

    async def text() -> AsyncIterator[str]:
        yield TEXT
        await asyncio.sleep(100)

    async with Illustrator(backend=ScriptedBackend(), while_writing="queue") as illustrator:
        async with illustrator.stream(text(), message_id="m") as events:
            click = asyncio.create_task(illustrator.operations.edit_prompt(FOX, "a red fox"))
            async for _ in events:
                pass
            slot = await click
    assert slot is not None
    assert slot.prompt == "a red fox"
    assert asyncio.get_running_loop().time() == 100


async def test_on_a_deleted_message_operations_end_quietly() -> None:
    """No message, no error: whoever clicked has already seen it go."""
    async with finished() as illustrator:
        operations = illustrator.operations
        assert await operations.delete_message("m")
        assert not await operations.delete_message("m")
        assert await operations.regenerate(FOX) is None
        assert await operations.retry(FOX) is None
        assert await operations.select(FOX, 0) is None
        assert await operations.delete(FOX) is None
        assert await operations.edit_prompt(FOX, "x") is None


async def test_a_message_deleted_while_a_picture_is_drawn_does_not_come_back() -> None:
    """The late picture finds nothing to hang on and ends quietly."""
    async with finished(ScriptedBackend(seconds=10)) as illustrator:
        drawing = asyncio.create_task(illustrator.operations.regenerate(FOX))
        await asyncio.sleep(1)
        await illustrator.operations.delete_message("m")
        assert await drawing is None
        assert await illustrator.store.load("m") is None


async def test_deleting_a_message_that_is_written_stops_it_first() -> None:
    """Its session is cancelled, its pictures stop, and it stays deleted."""
    backend = ScriptedBackend(seconds=10**6)
    async with Illustrator(backend=backend) as illustrator:
        async with illustrator.stream(TEXT, message_id="m"):
            await asyncio.sleep(1)
            assert backend.running == 2
            assert await illustrator.operations.delete_message("m")
            assert backend.running == 0
        assert await illustrator.store.load("m") is None


async def test_an_unknown_slot_is_an_error() -> None:
    """A slot the message does not have is a mistake of the caller, and says which."""
    async with finished() as illustrator:
        with pytest.raises(UnknownSlot, match="m/0/7"):
            await illustrator.operations.regenerate(SlotId("m", 0, 7))
        with pytest.raises(UnknownSlot, match="m/3/0"):
            await illustrator.operations.select(SlotId("m", 3, 0), 0)


async def test_an_unknown_mode_is_an_error() -> None:
    """Only `replace` and `append` exist."""
    async with finished() as illustrator:
        with pytest.raises(ValueError, match="mode"):
            await illustrator.operations.regenerate(FOX, mode="prepend")  # type: ignore[arg-type]


async def test_a_cancelled_regenerate_frees_the_limiter_and_keeps_the_picture() -> None:
    """Cancelling the click reaches the backend; the slot is as before."""
    backend = ScriptedBackend(seconds=5)
    async with finished(backend) as illustrator:
        before = await slot_of(illustrator)
        click = asyncio.create_task(illustrator.operations.regenerate(FOX))
        await asyncio.sleep(1)
        click.cancel()
        with pytest.raises(asyncio.CancelledError):
            await click
        assert backend.running == 0
        assert illustrator.limiter.is_empty
        assert await slot_of(illustrator) == replace(before, attempts=2)


async def test_a_cancelled_retry_leaves_the_one_it_had_joined_alone() -> None:
    """Two retry the same slot; one drawing serves both, and is not the second one's to stop."""
    backend = ScriptedBackend(seconds=5, fails=lambda request: ValueError("no"))
    async with finished(backend) as illustrator:
        backend.fails = lambda request: None
        mine = asyncio.create_task(illustrator.operations.retry(FOX))
        await asyncio.sleep(1)
        yours = asyncio.create_task(illustrator.operations.retry(FOX))
        await asyncio.sleep(1)
        yours.cancel()
        with pytest.raises(asyncio.CancelledError):
            await yours
        slot = await mine
    assert slot is not None
    assert slot.state is SlotState.READY


async def test_replace_means_the_picture_shown_even_among_equals() -> None:
    """Two pictures may be equal; the alternative that was shown is the one that is replaced."""
    backend = ScriptedBackend()
    async with finished(backend) as illustrator:
        first = await slot_of(illustrator)
        (picture,) = first.alternatives
        twin = replace(first, alternatives=(picture, replace(picture, id="twin")))
        await illustrator.store.save_slots(replace(twin, selected=1))
        slot = await illustrator.operations.regenerate(FOX)
    assert slot is not None
    assert slot.selected == 1
    assert slot.alternatives[0] == first.alternatives[0]
    assert slot.alternatives[1] != first.alternatives[0]


async def test_an_old_picture_is_drawn_again_with_the_prompt_that_made_it() -> None:
    """R41: its own version of the prompt, unless another one is asked for; in its own place."""
    backend = ScriptedBackend()
    async with finished(backend) as illustrator:
        act = illustrator.operations
        await act.edit_prompt(FOX, "a red fox")
        two = await act.regenerate(FOX, mode="append")
        assert two is not None
        old, new = (made.id for made in two.alternatives)
        three = await act.regenerate(FOX, alternative=old)
        assert three is not None
        assert [made.prompt for made in three.alternatives] == ["a fox", "a red fox"]
        assert three.selected == 0
        assert three.alternatives[0].id != old
        assert three.alternatives[1].id == new
        await act.regenerate(FOX, alternative=1, mode="append", prompt_version=0)
        with pytest.raises(UnknownSlot):
            await act.regenerate(FOX, alternative=old)
        with pytest.raises(UnknownSlot):
            await act.regenerate(FOX, prompt_version=9)
    prompts = [call.request.prompt for call in backend.calls if "fox" in call.request.prompt]
    assert prompts == ["a fox", "a red fox", "a fox", "a fox"]


async def test_pictures_are_found_by_id_wherever_they_moved() -> None:
    """Select and delete take an index or an id; an id stays right when others go."""
    async with finished() as illustrator:
        act = illustrator.operations
        for _ in range(2):
            slot = await act.regenerate(FOX, mode="append")
        assert slot is not None
        ids = [made.id for made in slot.alternatives]
        await act.delete(FOX, ids[0])
        slot = await act.select(FOX, ids[2])
        assert slot is not None
        assert slot.selected == 1
        with pytest.raises(UnknownSlot):
            await act.select(FOX, ids[0])
        with pytest.raises(UnknownSlot):
            await act.delete(FOX, -1)


async def test_everything_done_to_slots_can_be_undone_and_done_again() -> None:
    """Regenerate, select, delete, edit: back to the beginning, and forth to the end."""
    async with finished() as illustrator:
        act = illustrator.operations
        states = [await slot_of(illustrator)]
        deeds: tuple[Any, ...] = (
            lambda: act.regenerate(FOX, mode="append"),
            lambda: act.select(FOX, 0),
            lambda: act.edit_prompt(FOX, "a red fox"),
            lambda: act.regenerate(FOX),
            lambda: act.delete(FOX, 1),
            lambda: act.delete(FOX),
        )
        for deed in deeds:
            await deed()
            states.append(await slot_of(illustrator))
        last = states[-1].attempts
        for state in reversed(states[:-1]):
            assert await act.undo("m") is not None
            assert await slot_of(illustrator) == replace(state, attempts=last)
        assert await act.undo("m") is None
        for state in states[1:]:
            assert await act.redo("m") is not None
            assert await slot_of(illustrator) == replace(state, attempts=last)
        assert await act.redo("m") is None


async def test_undo_is_refused_while_the_message_is_written() -> None:
    """Its slots are not to be changed under the writer's hands."""

    async def text() -> AsyncIterator[str]:
        yield TEXT
        await asyncio.sleep(100)

    async with finished() as illustrator:
        async with illustrator.stream(text(), message_id="m"):
            await asyncio.sleep(1)
            for refused in (
                illustrator.operations.undo("m"),
                illustrator.operations.redo("m"),
                illustrator.operations.retry_failed("m"),
                illustrator.operations.regenerate_message("m"),
            ):
                with pytest.raises(MessageBusy):
                    await refused


async def test_a_deleted_message_comes_back_with_everything() -> None:
    """Restore undoes the deletion: text, pictures, and what could be undone."""
    async with finished() as illustrator:
        act = illustrator.operations
        await act.edit_prompt(FOX, "a red fox")
        before = await illustrator.store.load("m")
        await act.delete_message("m")
        assert await act.undo("m") is None
        assert await act.retry_failed("m") == ()
        assert await act.restore_message("m")
        assert await illustrator.store.load("m") == before
        assert await act.undo("m") is not None
        assert not await act.restore_message("never there")


async def test_r5_retry_of_what_is_being_drawn_waits_for_it() -> None:
    """Fifty impatient clicks draw one picture, and all get it."""
    backend = ScriptedBackend(fails=lambda r: ValueError("no") if r.prompt == "a fox" else None)
    async with finished(backend) as illustrator:
        backend.fails = lambda request: None
        calls = len(backend.calls)
        slots = await asyncio.gather(*(illustrator.operations.retry(FOX) for _ in range(50)))
        assert len(backend.calls) == calls + 1
    assert {slot.state for slot in slots if slot} == {SlotState.READY}
    assert None not in slots


async def test_all_that_failed_is_drawn_in_a_message_or_in_a_chat() -> None:
    """What fails again keeps its new reason and disturbs nobody; other chats are not touched."""
    backend = ScriptedBackend(fails=lambda r: ValueError("first"))
    async with finished(backend) as illustrator:
        act = illustrator.operations
        await illustrator.illustrate(TEXT, message_id="n")
        await illustrator.illustrate(TEXT, message_id="o", chat_id="other")
        backend.fails = lambda r: ValueError("second") if r.prompt == "an owl" else None
        fixed = await act.retry_failed("m")
        assert [str(slot.state) for slot in fixed] == ["ready"]
        owl = await slot_of(illustrator, SlotId("m", 0, 1))
        assert "second" in str(owl.failure)
        backend.fails = lambda r: None
        fixed = await act.retry_failed_chat("default")
        assert [slot.id for slot in fixed] == [
            SlotId("m", 0, 1),
            SlotId("n", 0, 0),
            SlotId("n", 0, 1),
        ]
        assert (await slot_of(illustrator, SlotId("o", 0, 0))).state is SlotState.FAILED


async def test_all_pictures_of_a_message_are_drawn_again() -> None:
    """Side by side, each replaced or added; a deleted slot stays deleted."""
    backend = ScriptedBackend(seconds=5)
    async with finished(backend) as illustrator:
        act = illustrator.operations
        began = asyncio.get_running_loop().time()
        assert [len(s.alternatives) for s in await act.regenerate_message("m")] == [1, 1]
        assert asyncio.get_running_loop().time() == began + 5
        await act.delete(FOX)
        drawn = await act.regenerate_message("m", mode="append")
        assert [(slot.id.ordinal, len(slot.alternatives)) for slot in drawn] == [(1, 2)]
        with pytest.raises(ValueError, match="mode"):
            await act.regenerate_message("m", mode="prepend")  # type: ignore[arg-type]


async def test_r37_a_model_refines_a_prompt_and_sees_nothing_of_the_story() -> None:
    """R37, R38: prompt and wish go in, a new version comes out, and the next picture has it."""
    model = Answers('Sure! <!--img-prompt="a red fox"-->', "no tag here")
    backend = ScriptedBackend()
    async with finished(backend, refiner=model) as illustrator:
        act = illustrator.operations
        slot = await act.refine_prompt(FOX, "make it red")
        assert slot is not None
        version = slot.prompts.versions[-1]
        assert (version.text, version.parent) == ("a red fox", 0)
        assert (version.source, version.feedback) == ("refined", "make it red")
        assert "One" not in str(model.asked[0][1])
        with pytest.raises(RefineError):
            await act.refine_prompt(FOX, "again")
        assert await slot_of(illustrator) == slot
        await act.regenerate(FOX)
        assert backend.calls[-1].request.prompt == "a red fox"
        await act.undo("m")
        await act.undo("m")
        assert (await slot_of(illustrator)).prompt == "a fox"


async def test_a_prompt_edited_while_a_model_refines_it_is_not_lost() -> None:
    """Both versions are kept, each with its true parent."""
    model = Answers('<!--img-prompt="a red fox"-->', seconds=10)
    async with finished(refiner=model) as illustrator:
        act = illustrator.operations
        refining = asyncio.create_task(act.refine_prompt(FOX, "make it red"))
        await asyncio.sleep(1)
        await act.edit_prompt(FOX, "a white fox")
        slot = await refining
    assert slot is not None
    assert [v.text for v in slot.prompts.versions] == ["a fox", "a white fox", "a red fox"]
    assert [v.parent for v in slot.prompts.versions] == [None, 0, 0]
    assert slot.prompt == "a red fox"


async def test_without_a_model_nothing_can_be_refined() -> None:
    """The message says what is missing."""
    async with finished() as illustrator:
        with pytest.raises(ConfigError, match="model"):
            await illustrator.operations.refine_prompt(FOX, "red")


async def test_r34_any_version_of_a_prompt_can_be_restored() -> None:
    """R34: the same words again are no new version; an unknown one is an error."""
    async with finished() as illustrator:
        act = illustrator.operations
        await act.edit_prompt(FOX, "a red fox")
        await act.edit_prompt(FOX, "a fox")
        slot = await act.restore_prompt(FOX, 1)
        assert slot is not None
        assert (slot.prompt, len(slot.prompts.versions)) == ("a red fox", 2)
        with pytest.raises(UnknownSlot):
            await act.restore_prompt(FOX, 5)


async def test_an_operation_inside_another_on_the_same_message_runs_inside_it() -> None:
    """The proposal's nested scheduling deadlocked."""
    async with finished() as illustrator:
        act = illustrator.operations

        async def both() -> Slot | None:
            await act.edit_prompt(FOX, "a red fox")
            return await act.regenerate(FOX, mode="append")

        slot = await illustrator._shared.lock.perform("m", both)
    assert slot is not None
    assert [made.prompt for made in slot.alternatives] == ["a fox", "a red fox"]
