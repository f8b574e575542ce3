"""What went wrong in systems like this one, and cannot here; each by its number."""

import asyncio
from typing import Any

import pytest
from tests.illustration.making import all_events, kept, made, spoken, tag

from limner.illustration import (
    ImageFailed,
    ImageReady,
    ImageStarted,
    MemoryStore,
    PromptFound,
    SlotId,
    SlotState,
)
from limner.testing import ScriptedBackend

FOX = SlotId("m", 0, 0)


async def test_r4_a_tag_that_comes_late_is_drawn_at_once() -> None:
    """R4: after a long silence in which nothing was drawn, the next tag starts in its instant."""
    backend = ScriptedBackend()
    async with made(backend) as illustrator:
        await illustrator.illustrate(spoken((0, tag("a fox")), (500, tag("an owl"))))
    assert [call.began for call in backend.calls] == [0, 500]


async def test_r7_the_message_that_is_written_is_the_one_that_is_watched() -> None:
    """R7: a new message never takes the tags of the one before it."""
    async with made() as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="one")
        events = await all_events(illustrator.stream(tag("an owl"), message_id="two"))
    found = [event.slot for event in events if isinstance(event, PromptFound)]
    assert [(slot.id.message_id, slot.prompt) for slot in found] == [("two", "an owl")]


async def test_r8_r9_a_finished_text_waits_for_all_its_pictures() -> None:
    """R8, R9: a reply that comes as a whole is illustrated like a stream, and ends."""
    async with made(ScriptedBackend(seconds=9), max_concurrent=1) as illustrator:
        result = await illustrator.illustrate(tag("a fox") + tag("an owl"), message_id="m")
        progress = illustrator.progress("m")
    assert result.complete
    assert (progress.ready, progress.total, progress.eta) == (2, 2, 0.0)
    assert asyncio.get_running_loop().time() == 18


async def test_r11_r12_a_picture_that_is_early_is_inserted_once_when_all_has_ended() -> None:
    """R11, R12: in mode `batch` nothing is shown before text and pictures ended, then all is."""
    shown: list[int] = []

    class Watched(MemoryStore):
        async def save(self, message: Any) -> None:
            """Count the pictures that are shown."""
            shown.append(sum(slot.image is not None for slot in message.slots))
            await super().save(message)

    async with made(store=Watched(), insert_mode="batch") as illustrator:
        text = spoken((0, tag("a fox")), (50, "words " + tag("an owl")))
        async with illustrator.stream(text, message_id="m") as events:
            async for event in events:
                if isinstance(event, ImageReady):
                    assert (await kept(illustrator.store)).slots[0].image is None
    assert [count for count in shown if count] == [2]


async def test_r14_r15_each_picture_stands_at_its_own_tag() -> None:
    """R14, R15: whichever is ready first, and however often the message is rendered."""
    backend = ScriptedBackend(seconds=lambda request: 9 - int(request.prompt[-1]))
    async with made(backend) as illustrator:
        text = "".join(f"Part {n}. {tag(f'fox {n}')}\n\n" for n in range(5))
        result = await illustrator.illustrate(text)
    for _ in range(2):
        page = result.render("markdown", link=lambda slot: f"p{slot.id.ordinal}.png")
        places = [page.index(word) for n in range(5) for word in (f"Part {n}", f"p{n}.png")]
        assert places == sorted(places)


async def test_r16_r17_the_limit_holds_when_the_text_has_ended() -> None:
    """R16, R17: with one place the pictures are drawn one after another, whatever has ended."""
    backend = ScriptedBackend(seconds=2)
    async with made(backend, max_concurrent=1) as illustrator:
        await illustrator.illustrate("".join(tag(f"fox {n}") for n in range(4)))
    assert backend.peak == 1
    assert [call.began for call in backend.calls] == [0, 2, 4, 6]


@pytest.mark.needs("markdown_it", "nh3")
async def test_r21_r22_each_failure_has_a_place_and_a_reason_of_its_own() -> None:
    """R21, R22: two failed pictures are two; the second failure of one replaces its first."""
    number = iter(range(9))
    backend = ScriptedBackend(fails=lambda request: ValueError(f"failure {next(number)}"))
    async with made(backend, max_concurrent=1) as illustrator:
        result = await illustrator.illustrate(tag("a fox") + tag("a fox"), message_id="m")
        assert [
            slot.failure.reason.partition("failure ")[2][0]
            for slot in result.failed
            if slot.failure
        ] == ["0", "1"]
        with pytest.raises(ValueError, match="failure 2"):
            await illustrator.operations.retry(FOX)
        slots = (await kept(illustrator.store)).slots
        assert [
            slot.failure.reason.partition("failure ")[2][0] for slot in slots if slot.failure
        ] == ["2", "1"]
        page = result.render("html")
    assert page.count("failure 0") == page.count("failure 1")
    assert page.count("failure 0") > 0


async def test_r30_d9_every_click_is_committed_once_whenever_it_comes() -> None:
    """R30, D9: clicks at any instant, also just when another one ends, give one picture each."""
    saves = []

    class Watched(MemoryStore):
        async def save_slots(self, *slots: Any, change: Any = None) -> bool:
            """Count the changes."""
            saves.extend([change.kind] if change else [])
            return await super().save_slots(*slots, change=change)

    async with made(ScriptedBackend(seconds=2), store=Watched()) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")

        async def click(at: float) -> None:
            await asyncio.sleep(at)
            await illustrator.operations.regenerate(FOX, mode="append")

        await asyncio.gather(*(click(at) for at in (0, 1, 2, 2, 3.999, 4, 4.001)))
        slot = (await kept(illustrator.store)).slots[0]
    assert len(slot.alternatives) == 8
    assert saves == ["regenerate"] * 7


async def test_r38_an_edit_and_a_regenerate_at_once_do_not_overlap() -> None:
    """R38: in whatever order they come, a picture has the prompt of the instant it was asked."""
    async with made() as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        act = illustrator.operations
        _, slot = await asyncio.gather(act.edit_prompt(FOX, "a red fox"), act.regenerate(FOX))
    assert slot is not None
    assert (slot.prompt, slot.alternatives[0].prompt) == ("a red fox", "a red fox")


async def test_r42_the_third_picture_drawn_again_is_the_third() -> None:
    """R42: its place among the alternatives is its own."""
    async with made() as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        act = illustrator.operations
        for _ in range(3):
            await act.regenerate(FOX, mode="append")
        slot = await act.regenerate(FOX, alternative=2)
    assert slot is not None
    assert (slot.selected, len(slot.alternatives)) == (2, 4)


async def test_d3_d4_a_message_is_drawn_side_by_side_and_cancelled_down_to_the_backend() -> None:
    """D3, D4: three at a time within one message; a cancel ends the calls, and no other starts."""
    backend = ScriptedBackend(seconds=100)
    async with made(backend) as illustrator:
        text = "".join(tag(f"fox {n}") for n in range(9))
        running = asyncio.create_task(illustrator.illustrate(text, message_id="m"))
        await asyncio.sleep(5)
        assert backend.running == 3
        illustrator.sessions.cancel("m")
        await running
    assert [call.outcome for call in backend.calls] == ["cancelled"] * 3
    assert asyncio.get_running_loop().time() == 5


async def test_r52_d13_after_a_chat_switch_nothing_old_comes_late() -> None:
    """R52, D13: results of the chat that was left touch neither the new chat nor its progress."""
    backend = ScriptedBackend(seconds=20)
    async with made(backend) as illustrator:
        old = asyncio.create_task(
            illustrator.illustrate(tag("a fox"), message_id="old", chat_id="one")
        )
        await asyncio.sleep(1)
        illustrator.sessions.cancel_chat("one", reason="chat switched")
        await old
        told: list[str] = []
        illustrator.on_progress(lambda event: told.append(event.message_id))
        await illustrator.illustrate(tag("an owl"), message_id="new", chat_id="two")
        assert set(told) == {"new"}
        assert illustrator.progress().total == 1


async def test_d18_every_state_of_a_picture_is_told() -> None:
    """D18: found, started, and ready or failed: nothing stays 'detected'."""
    backend = ScriptedBackend(fails=lambda r: ValueError("no") if r.prompt == "an owl" else None)
    async with made(backend) as illustrator:
        events = await all_events(illustrator.stream(tag("a fox") + tag("an owl")))
    for ordinal, end in ((0, ImageReady), (1, ImageFailed)):
        mine = [
            type(event)
            for event in events
            if isinstance(event, PromptFound | ImageStarted | ImageReady | ImageFailed)
            and event.slot.id.ordinal == ordinal
        ]
        assert mine == [PromptFound, ImageStarted, end]


@pytest.mark.needs("regex")
async def test_d21_r43_tags_of_custom_patterns_are_drawn_edited_and_drawn_again() -> None:
    """D21, R43: nothing after the scanner knows how a tag is written."""
    backend = ScriptedBackend()
    async with made(backend, patterns=[r"\[img:(.*?)\]"]) as illustrator:
        result = await illustrator.illustrate('One [img: a "red" fox].', message_id="m")
        await illustrator.operations.edit_prompt(FOX, 'a "white" fox & <3 hens>')
        slot = await illustrator.operations.regenerate(FOX)
    assert [call.request.prompt for call in backend.calls] == [
        'a "red" fox',
        'a "white" fox & <3 hens>',
    ]
    assert result.text == 'One [img: a "red" fox].'
    assert slot is not None
    assert slot.state is SlotState.READY


async def test_d10_d11_d16_d25_no_words_and_no_address_ever_find_a_picture() -> None:
    """D10, D11, D16, D25, R20-R25, R31, R32: pictures hang on slots, whatever their words say."""
    prompts = ["$& \\1", "img", "a & b < c > d'", "%zz ü /view?filename=x", "a -- > b"]
    async with made() as illustrator:
        text = " and ".join(tag(prompt) for prompt in prompts * 2)
        result = await illustrator.illustrate(text, message_id="m")
        for ordinal in range(len(prompts)):
            slot_id = SlotId("m", 0, ordinal)
            await illustrator.operations.regenerate(slot_id, mode="append")
            await illustrator.operations.regenerate(slot_id)
        message = await kept(illustrator.store)
    assert message.text == result.text == text
    assert [slot.prompt for slot in message.slots] == [slot.tag.prompt for slot in result.slots]
    counts = [len(slot.alternatives) for slot in message.slots]
    assert counts == [2] * len(prompts) + [1] * len(prompts)
