"""What can be undone, done again, deleted and restored."""

# ruff: noqa: S101 - these checks are assertions

from dataclasses import replace

from limner.illustration import Change, MessageState, PendingDrawing, SlotState
from limner.testing.store_contract.samples import Check, Store, a_message, a_picture, a_slot, loaded


async def a_change_is_undone_and_redone(store: Store) -> None:
    """Undo takes the last change back, redo makes it again, each as often as there are changes."""
    before = (a_slot(pictures=1), a_slot(ordinal=1))
    await store.save(a_message("m", *before))
    first = Change(kind="draw", before=before[1:], after=(a_slot(ordinal=1, pictures=1),))
    second = Change(kind="delete", before=before[:1], after=(replace(before[0], selected=None),))
    for change in (first, second):
        assert await store.save_slots(*change.after, change=change)
    assert await store.undo("m") == second, "the last change is taken back first"
    assert (await loaded(store)).slots == (before[0], first.after[0])
    assert await store.undo("m") == first
    undrawn = before[1].as_it_was(first.after[0])
    assert (await loaded(store)).slots == (before[0], undrawn)
    assert await store.undo("m") is None, "there is nothing left to undo"
    assert await store.redo("m") == first, "what was taken back last comes again first"
    assert await store.redo("m") == second
    assert await store.redo("m") is None
    assert (await loaded(store)).slots == (second.after[0], first.after[0])


async def undo_leaves_what_is_being_drawn(store: Store) -> None:
    """Pending drawings and the number of attempts belong to the present, not to the past."""
    before, after = a_slot(pictures=1), a_slot(pictures=2)
    await store.save(a_message("m", before))
    await store.save_slots(after, change=Change(kind="x", before=(before,), after=(after,)))
    pending = (PendingDrawing(attempt=8, replaces="0-0", requested_at=3.0),)
    await store.save_slots(replace(after, attempts=9, pending=pending))
    await store.undo("m")
    assert (await loaded(store)).slots == (replace(before, attempts=9, pending=pending),)
    assert await store.unfinished() == [before.id]


async def undo_leaves_other_slots_and_text(store: Store) -> None:
    """Only what the change touched returns to what it was."""
    before, after = a_slot(), a_slot(pictures=1)
    await store.save(a_message("m", before, a_slot(ordinal=1), text="a"))
    await store.save_slots(after, change=Change(kind="x", before=(before,), after=(after,)))
    other = a_slot(ordinal=1, pictures=3)
    await store.save_slots(other)
    await store.append_text("m", 0, "b")
    await store.undo("m")
    message = await loaded(store)
    assert message.slots[1] == other, "another slot was changed"
    assert message.text == "ab", "the text was changed"


async def a_new_change_ends_what_could_be_redone(store: Store) -> None:
    """After a new change, what was taken back before cannot be made again."""
    states = [a_slot(pictures=number) for number in range(4)]
    await store.save(a_message("m", states[0]))
    for was, now in ((0, 1), (1, 2)):
        change = Change(kind=str(now), before=(states[was],), after=(states[now],))
        await store.save_slots(states[now], change=change)
    await store.undo("m")
    await store.save_slots(
        states[3], change=Change(kind="3", before=(states[1],), after=(states[3],))
    )
    assert await store.redo("m") is None, "the change that was taken back is forgotten"
    kinds = [undone.kind for _ in range(2) if (undone := await store.undo("m"))]
    assert kinds == ["3", "1"]


async def slots_saved_without_a_change_leave_the_log_alone(store: Store) -> None:
    """Only what is called a change can be undone, and only such one ends what can be redone."""
    before, after = a_slot(), a_slot(pictures=1)
    change = Change(kind="x", before=(before,), after=(after,))
    await store.save(a_message("m", before))
    await store.save_slots(after, change=change)
    await store.undo("m")
    await store.save_slots(a_slot(pictures=2))
    assert await store.redo("m") == change
    assert [made.id for made in (await loaded(store)).slots[0].alternatives] == ["0-0"]


async def changes_of_slots_that_are_gone_are_forgotten(store: Store) -> None:
    """A change can neither be undone nor redone when the text has a slot of it no more."""
    slots = [a_slot(ordinal=each, pictures=1) for each in range(3)]
    later = [a_slot(ordinal=each, pictures=2) for each in range(3)]
    await store.save(a_message("m", *slots))
    for each in (0, 2, 1):
        change = Change(kind=str(each), before=(slots[each],), after=(later[each],))
        await store.save_slots(later[each], change=change)
    await store.undo("m")
    await store.save(a_message("m", later[0]))
    assert await store.redo("m") is None, "slot 1 is gone"
    undone = await store.undo("m")
    assert undone is not None, "slot 0 is there"
    assert undone.kind == "0", "slot 2 is gone"
    assert await store.undo("m") is None


async def undo_brings_deleted_pictures_back(store: Store) -> None:
    """The bytes of a picture that was deleted are there again after an undo."""
    before = a_slot(pictures=1)
    after = replace(before, alternatives=(), selected=None, state=SlotState.DELETED)
    await store.save(a_message("m", before))
    await store.save_slots(after, change=Change(kind="delete", before=(before,), after=(after,)))
    assert (await loaded(store)).slots[0].image is None
    await store.undo("m")
    image = (await loaded(store)).slots[0].image
    assert image is not None, "the picture did not come back"
    assert image.data == a_picture().data


async def changes_of_other_answers_are_undone_too(store: Store) -> None:
    """The log is the message's: it goes back over all its answers."""
    before, after = a_slot(variant=1), a_slot(variant=1, pictures=1)
    await store.save(a_message("m", a_slot()))
    await store.save(a_message("m", before, variant=1))
    await store.save_slots(after, change=Change(kind="x", before=(before,), after=(after,)))
    await store.select_variant("m", 0)
    await store.undo("m")
    assert (await loaded(store, "m", 1)).slots == (before.as_it_was(after),)
    assert (await loaded(store)).slots == (a_slot(),)


async def a_deleted_message_is_gone_until_restored(store: Store) -> None:
    """Nothing reads or changes a deleted message; restored, it is as it was."""
    before, after = a_slot(), a_slot(pictures=1)
    pending = replace(a_slot(ordinal=1), pending=(PendingDrawing(attempt=0, requested_at=1.0),))
    saved = replace(a_message("m", before, pending), state=MessageState.WRITING)
    await store.save(saved)
    await store.save_slots(after, change=Change(kind="x", before=(before,), after=(after,)))
    assert await store.delete("m")
    assert not await store.delete("m"), "it is deleted already"
    assert await store.load("m") is None
    assert await store.variants("m") == ()
    assert not await store.select_variant("m", 0)
    assert not await store.append_text("m", 0, "more")
    assert not await store.save_slots(before)
    assert await store.undo("m") is None
    assert await store.redo("m") is None
    assert await store.unfinished() == []
    assert await store.writing() == []
    assert await store.restore("m")
    assert await store.restore("m"), "it is there"
    assert await loaded(store) == replace(saved, slots=(after, pending))
    assert await store.unfinished() == [pending.id]
    assert await store.writing() == [("m", 0)]
    assert await store.undo("m") is not None, "its changes can still be undone"


async def saving_brings_a_deleted_message_back(store: Store) -> None:
    """A message that is saved is there, with the answers it had."""
    await store.save(a_message("m"))
    await store.delete("m")
    await store.save(a_message("m", variant=1))
    assert await store.variants("m") == (0, 1)


CHANGES: tuple[Check, ...] = (
    a_change_is_undone_and_redone,
    undo_leaves_what_is_being_drawn,
    undo_leaves_other_slots_and_text,
    a_new_change_ends_what_could_be_redone,
    slots_saved_without_a_change_leave_the_log_alone,
    changes_of_slots_that_are_gone_are_forgotten,
    undo_brings_deleted_pictures_back,
    changes_of_other_answers_are_undone_too,
    a_deleted_message_is_gone_until_restored,
    saving_brings_a_deleted_message_back,
)
