"""The independent mode: a second model says where pictures belong, after the answer's end."""

import asyncio

from tests.illustration.making import Answers, all_events, kept, made, spoken, tag

from limner.errors import BackendUnavailable
from limner.illustration import (
    Finished,
    ImageReady,
    MessageState,
    PromptFound,
    PromptWriter,
    SlotState,
    TextChunk,
    TextRewritten,
)
from limner.testing import ScriptedBackend

STORY = "The fox ran. It hid in the snow. The end."


def block(prompt: str, after: str, before: str) -> str:
    """One suggestion as a model writes it."""
    return (
        f"---PROMPT---\nTEXT: {prompt}\nINSERT_AFTER: {after}\nINSERT_BEFORE: {before}\n---END---\n"
    )


TWO = block("a fox", "The fox ran.", "It hid") + block("snow", "in the snow.", "The end.")


async def test_the_second_model_gets_the_text_and_its_tags_are_drawn() -> None:
    """Text first, then the prompts, then the pictures; the stored text has the tags."""
    model = Answers(TWO)
    context = [{"role": "user", "content": "Tell!"}]
    async with made(prompt_writer=PromptWriter(model)) as illustrator:
        stream = illustrator.stream(STORY, message_id="m", context=context)
        events = await all_events(stream)
        message = await kept(illustrator.store)
    kinds = [type(event) for event in events]
    assert kinds.index(PromptFound) > max(i for i, k in enumerate(kinds) if k is TextChunk)
    assert TextRewritten not in kinds
    assert kinds.count(ImageReady) == 2
    assert isinstance(events[-1], Finished)
    assert "".join(e.text for e in events if isinstance(e, TextChunk)) == STORY
    assert [slot.prompt for slot in message.slots] == ["a fox", "snow"]
    for slot in message.slots:
        assert message.text[slot.tag.start : slot.tag.end] == slot.tag.source
    assert "user: Tell!" in model.asked[0][1]["content"]


async def test_a_model_that_fails_leaves_the_text_without_pictures_and_says_why() -> None:
    """The reason is in the result; the message is complete."""
    model = Answers(BackendUnavailable("the model sleeps"))
    async with made(prompt_writer=PromptWriter(model)) as illustrator:
        result = await illustrator.illustrate(STORY, message_id="m")
        assert (await kept(illustrator.store)).text == STORY
    assert isinstance(result.prompt_error, BackendUnavailable)
    assert (result.slots, result.message.state) == ((), MessageState.COMPLETE)


async def test_an_answer_without_suggestions_changes_nothing() -> None:
    """No picture belongs there: no picture, no error."""
    async with made(prompt_writer=PromptWriter(Answers("Nothing here."))) as illustrator:
        result = await illustrator.illustrate(STORY)
    assert (result.text, result.slots, result.prompt_error) == (STORY, (), None)


async def test_while_the_second_model_is_asked_the_session_is_current_and_cancellable() -> None:
    """Cancelling it ends at once, with the text."""
    writer = PromptWriter(Answers(TWO, seconds=1000))
    async with made(prompt_writer=writer) as illustrator:
        running = asyncio.create_task(illustrator.illustrate(STORY, message_id="m"))
        await asyncio.sleep(10)
        assert illustrator.sessions.current("m") is not None
        illustrator.sessions.cancel("m")
        result = await running
    assert asyncio.get_running_loop().time() == 10
    assert (result.text, result.slots, result.cancelled) == (STORY, (), True)


async def test_tags_that_were_there_keep_their_slots_and_places() -> None:
    """Putting tags before one that was there moves it; its picture is not drawn again."""
    backend = ScriptedBackend()
    text = f"The fox ran. It hid in the snow. {tag('an owl')} The end."
    model = Answers(block("a fox", "The fox ran.", "It hid"))
    async with made(backend, prompt_writer=PromptWriter(model)) as illustrator:
        result = await illustrator.illustrate(spoken((0, text), (9, " Really.")))
    owl, fox = result.slots
    assert (owl.prompt, fox.prompt) == ("an owl", "a fox")
    assert fox.tag.end < owl.tag.start
    assert result.text[owl.tag.start : owl.tag.end] == owl.tag.source
    assert [slot.id for slot in result.message.in_reading_order()] == [fox.id, owl.id]
    assert len(backend.calls) == 2
    assert all(slot.state is SlotState.READY for slot in result.slots)
    markdown = result.render("markdown")
    assert markdown.index("a fox") < markdown.index("an owl")


async def test_an_answer_that_goes_on_has_prompts_written_for_its_new_part_only() -> None:
    """What was illustrated is not illustrated again."""
    model = Answers(TWO, block("dawn", "Morning came.", "The fox woke."))
    async with made(prompt_writer=PromptWriter(model)) as illustrator:
        await illustrator.illustrate(STORY, message_id="m")
        more = " Morning came. The fox woke."
        result = await illustrator.illustrate(more, message_id="m", continuing=True)
    assert [slot.prompt for slot in result.slots] == ["a fox", "snow", "dawn"]
    assert "It hid" not in model.asked[1][1]["content"]
    for slot in result.slots:
        assert result.text[slot.tag.start : slot.tag.end] == slot.tag.source


async def test_only_a_models_words_are_sent_to_it() -> None:
    """What a user writes is not illustrated."""
    model = Answers()
    async with made(prompt_writer=PromptWriter(model)) as illustrator:
        await illustrator.illustrate(STORY, role="user")
    assert model.asked == []
