"""What a message and its answers must keep."""

# ruff: noqa: S101 - these checks are assertions

from dataclasses import replace

from limner.illustration import (
    Alternative,
    Failure,
    MessageState,
    PendingDrawing,
    PromptTree,
    Role,
    SlotState,
)
from limner.prompts import PromptTag
from limner.testing.store_contract.samples import (
    WILD,
    Check,
    Store,
    a_message,
    a_picture,
    a_slot,
    loaded,
)


async def a_message_is_read_as_it_was_saved(store: Store) -> None:
    """Every field of a message and its slots comes back as it was given."""
    slot = replace(
        a_slot(variant=3, pictures=2),
        prompts=PromptTree.of("a fox").edited("a red fox").refined("a fox at dusk", "darker"),
        state=SlotState.FAILED,
        selected=None,
        failure=Failure("BackendTimeout", "no answer"),
        attempts=7,
        pending=(
            PendingDrawing(
                attempt=6, version=2, replaces="0-1", requested_at=1.25, reference="#1, ann.png"
            ),
            PendingDrawing(attempt=5, requested_at=2.5),
        ),
    )
    saved = replace(
        a_message("m", slot, a_slot(ordinal=1, variant=3), variant=3),
        state=MessageState.CUT,
        role=Role.USER,
        owner="ann",
        heeded_from=5,
    )
    await store.save(saved)
    assert await loaded(store) == saved, "the message came back changed"
    saved = replace(saved, heeded_from=None)
    await store.save(saved)
    assert await loaded(store) == saved, "the message came back changed"


async def any_text_survives(store: Store) -> None:
    """Text, prompts and ids may hold whatever a Python string can hold."""
    slot = a_slot(WILD)
    slot = replace(
        slot,
        tag=PromptTag(WILD, WILD, 0, 5, {WILD: WILD}),
        prompts=PromptTree.of(WILD).edited("x" + WILD + "x"),
        failure=Failure(WILD, WILD),
        alternatives=(Alternative(a_picture(), WILD, id=WILD, request_key=WILD),),
    )
    saved = replace(a_message(WILD, slot, text=WILD), chat_id=WILD, owner=WILD)
    await store.save(saved)
    await store.append_text(WILD, 0, WILD)
    await store.append_text(WILD, 0, WILD)
    expected = replace(saved, text=WILD * 3)
    assert await loaded(store, WILD) == expected, "some text came back changed"
    assert await store.picture(WILD) == a_picture(), "a key with odd characters finds nothing"


async def seeds_may_be_large(store: Store) -> None:
    """Seeds of more than 64 bits come back."""
    image = a_picture(seed=2**70 + 1)
    await store.save(a_message("m", replace(a_slot(), alternatives=(Alternative(image, "a"),))))
    kept = (await loaded(store)).slots[0].alternatives[0].image
    assert kept == image, "the seed came back changed"
    assert kept.data == image.data, "the picture's bytes came back changed"


async def what_was_never_saved_is_not_there(store: Store) -> None:
    """Every call about an unknown message says so, and harms nothing."""
    assert await store.load("m") is None
    assert await store.load("m", 0) is None
    assert await store.variants("m") == ()
    assert not await store.select_variant("m", 0)
    assert not await store.append_text("m", 0, "more")
    assert not await store.save_slots(a_slot())
    assert not await store.save_slots()
    assert await store.undo("m") is None
    assert await store.redo("m") is None
    assert not await store.delete("m")
    assert not await store.restore("m")
    assert await store.unfinished() == []
    assert await store.writing() == []
    assert await store.message_ids("chat") == []
    assert await store.picture("key") is None
    assert await store.load("m") is None, "asking made it"


async def saving_again_takes_the_place(store: Store) -> None:
    """A snapshot replaces the former one whole: fewer slots, other text, nothing left behind."""
    await store.save(a_message("m", a_slot(pictures=2), a_slot(ordinal=1, pictures=1)))
    await store.append_text("m", 0, " and more")
    later = a_message("m", a_slot(), text="another text")
    await store.save(later)
    assert await loaded(store) == later, "something of the former snapshot is left"


async def text_is_appended_in_order(store: Store) -> None:
    """Appended text follows what is there; an answer that is not there takes none."""
    await store.save(a_message("m", text="a"))
    for piece in ("b", "", "c", "d"):
        assert await store.append_text("m", 0, piece), "the answer is there"
    assert not await store.append_text("m", 1, "x"), "there is no answer 1"
    assert (await loaded(store)).text == "abcd"
    await store.save(replace(await loaded(store), text="abcd!"))
    await store.append_text("m", 0, "e")
    assert (await loaded(store)).text == "abcd!e"


async def a_new_answer_is_selected(store: Store) -> None:
    """Answers are apart from each other; the newest is shown until another is selected."""
    first, second = a_message(text="first"), a_message("m", a_slot(variant=2), variant=2)
    await store.save(first)
    await store.save(second)
    assert await store.variants("m") == (0, 2)
    assert await loaded(store) == second, "a new answer becomes the selected one"
    assert await loaded(store, "m", 0) == first, "the other answer is still there"
    assert await store.load("m", 1) is None
    assert not await store.select_variant("m", 1), "there is no answer 1"
    assert await store.select_variant("m", 0)
    assert await loaded(store) == first
    await store.save(replace(second, text="changed"))
    assert await loaded(store) == first, "saving a known answer selects nothing"


async def slots_are_replaced_and_added(store: Store) -> None:
    """Slots take the place of their former selves; one with the next ordinal is added."""
    await store.save(a_message("m", a_slot(), a_slot(ordinal=1)))
    ready, added = a_slot(ordinal=1, pictures=2), a_slot(ordinal=2, pictures=1)
    assert await store.save_slots(added, ready)
    assert (await loaded(store)).slots == (a_slot(), ready, added)
    assert not await store.save_slots(a_slot(variant=1)), "there is no answer 1"


async def pictures_keep_their_order(store: Store) -> None:
    """Alternatives stand where the slot has them, however often they changed places."""
    slot = a_slot(pictures=3)
    await store.save(a_message("m", slot))
    one, two, three = slot.alternatives
    other = Alternative(a_picture(9), "another", id="other", version=0, request_key="key")
    for order in ((three, one), (one, other, three, two), (), (two, one)):
        changed = replace(slot, alternatives=order, selected=None)
        await store.save_slots(changed)
        assert (await loaded(store)).slots == (changed,), "the pictures are not in their order"


async def equal_pictures_are_kept_apart(store: Store) -> None:
    """The same bytes may be used many times, each with facts of its own."""
    image = a_picture()
    made = tuple(
        Alternative(replace(image, seed=number, width=10 + number), "a", id=str(number))
        for number in range(3)
    )
    slots = (replace(a_slot(), alternatives=made), replace(a_slot(ordinal=1), alternatives=made))
    await store.save(a_message("m", *slots))
    assert (await loaded(store)).slots == slots


MESSAGES: tuple[Check, ...] = (
    a_message_is_read_as_it_was_saved,
    any_text_survives,
    seeds_may_be_large,
    what_was_never_saved_is_not_there,
    saving_again_takes_the_place,
    text_is_appended_in_order,
    a_new_answer_is_selected,
    slots_are_replaced_and_added,
    pictures_keep_their_order,
    equal_pictures_are_kept_apart,
)
