"""Answers side by side, answers that go on, and who speaks."""

import asyncio

import pytest
from tests.illustration.making import all_events, kept, made, spoken, tag

from limner.errors import MessageBusy
from limner.illustration import MessageState, PromptFound, SlotId, SlotState, TextChunk
from limner.testing import ScriptedBackend


async def test_a_new_variant_is_written_while_the_old_one_is_still_drawn() -> None:
    """Sessions are kept by message and variant; neither loses anything."""
    async with made(ScriptedBackend(seconds=30)) as illustrator:
        first = asyncio.create_task(illustrator.illustrate(tag("a fox"), message_id="m"))
        await asyncio.sleep(1)
        second = asyncio.create_task(
            illustrator.illustrate(tag("an owl"), message_id="m", variant="new")
        )
        third = asyncio.create_task(
            illustrator.illustrate(tag("a hen"), message_id="m", variant="new")
        )
        results = [await first, await second, await third]
        assert [result.message.variant for result in results] == [0, 1, 2]
        assert await illustrator.store.variants("m") == (0, 1, 2)
        for result in results:
            assert result.complete
            assert await kept(illustrator.store, "m", result.message.variant) == result.message
        assert (await kept(illustrator.store)).variant == 2
        assert await illustrator.operations.select_variant("m", 0)
        assert (await kept(illustrator.store)).variant == 0
        assert not await illustrator.operations.select_variant("m", 7)


async def test_without_a_variant_the_selected_answer_is_written_anew() -> None:
    """R19: its old text, slots and changes are gone; other answers are not touched."""
    async with made() as illustrator:
        await illustrator.illustrate("one " + tag("a fox"), message_id="m")
        await illustrator.illustrate("two " + tag("an owl"), message_id="m", variant="new")
        await illustrator.operations.edit_prompt(SlotId("m", 1, 0), "a barn owl")
        again = await illustrator.illustrate("three", message_id="m")
        assert again.message.variant == 1
        assert (await kept(illustrator.store, "m", 0)).text == "one " + tag("a fox")
        assert await illustrator.operations.undo("m") is None


async def test_fifty_first_tokens_at_once_make_one_session() -> None:
    """R5: with one chat or another, before anything is awaited, there is one session."""
    backend = ScriptedBackend()
    async with made(backend) as illustrator:
        text = tag("a fox") + tag("an owl")
        tasks = [illustrator.illustrate(text, message_id="m") for _ in range(50)]
        ends = await asyncio.gather(*tasks)
    assert all(end is ends[0] for end in ends)
    assert len(backend.calls) == 2


async def test_one_answer_has_one_session_however_it_is_named() -> None:
    """By number or as the selected one: a second session is refused, where the caller says so."""
    async with made() as illustrator:
        await illustrator.illustrate("x", message_id="m")
        async with illustrator.stream(spoken((9, "x")), message_id="m"):
            with pytest.raises(MessageBusy):
                await illustrator.illustrate("y", message_id="m", variant=0, on_active="refuse")
        async with illustrator.stream(spoken((9, "x")), message_id="m", variant=0):
            with pytest.raises(MessageBusy):
                await illustrator.illustrate("y", message_id="m", on_active="refuse")
        assert illustrator.sessions.active() == []


async def test_d8_an_answer_that_goes_on_keeps_what_it_has_and_draws_only_what_is_new() -> None:
    """D8: text, slots, pictures and edited prompts stay; events are for the new text only."""
    backend = ScriptedBackend()
    async with made(backend) as illustrator:
        await illustrator.illustrate("One " + tag("a fox"), message_id="m")
        slot = await illustrator.operations.edit_prompt(SlotId("m", 0, 0), "a red fox")
        events = await all_events(
            illustrator.stream(" two " + tag("an owl"), message_id="m", continuing=True)
        )
        message = await kept(illustrator.store)
    assert [event.text for event in events if isinstance(event, TextChunk)] == [" two "]
    assert [e.slot.id.ordinal for e in events if isinstance(e, PromptFound)] == [1]
    assert message.text == f"One {tag('a fox')} two {tag('an owl')}"
    assert message.slots[0] == slot
    assert [call.request.prompt for call in backend.calls] == ["a fox", "an owl"]
    assert message.state is MessageState.COMPLETE


@pytest.mark.parametrize("cut", range(1, len(tag("a fox"))))
async def test_a_tag_that_begins_in_the_old_text_and_closes_in_the_new_is_found(cut: int) -> None:
    """Wherever the answer was cut, its tag is drawn once."""
    text = "One " + tag("a fox")
    async with made() as illustrator:
        await illustrator.illustrate(text[: 4 + cut], message_id="m")
        result = await illustrator.illustrate(
            text[4 + cut :] + " end", message_id="m", continuing=True
        )
    assert result.text == text + " end"
    assert [(slot.prompt, slot.state) for slot in result.slots] == [("a fox", SlotState.READY)]


async def test_a_message_that_is_not_there_goes_on_from_nothing() -> None:
    """To continue what does not exist is to begin it."""
    async with made() as illustrator:
        result = await illustrator.illustrate("x", message_id="m", continuing=True)
    assert result.text == "x"


async def test_only_a_models_words_are_illustrated() -> None:
    """A tag that a user writes is text."""
    async with made() as illustrator:
        result = await illustrator.illustrate(tag("a fox"), message_id="m", role="user")
    assert (result.slots, result.text) == ((), tag("a fox"))


async def test_choices_that_do_not_go_together_are_refused() -> None:
    """A new answer has nothing to continue; a variant is a number from 0."""
    async with made() as illustrator:
        with pytest.raises(ValueError, match="nothing to continue"):
            illustrator.stream("x", variant="new", continuing=True)
        with pytest.raises(ValueError, match="variant"):
            illustrator.stream("x", variant=-1)


async def test_a_manual_picture_of_an_answer_that_is_written_anew_is_given_up() -> None:
    """It would land in a slot of another text."""
    backend = ScriptedBackend(seconds=10)
    async with made(backend) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        click = asyncio.create_task(illustrator.operations.regenerate(SlotId("m", 0, 0)))
        await asyncio.sleep(1)
        result = await illustrator.illustrate(tag("an owl"), message_id="m")
        with pytest.raises(Exception, match="written anew"):
            await click
        assert await kept(illustrator.store) == result.message
    assert [len(slot.alternatives) for slot in result.slots] == [1]
