"""Who follows the events of an answer reads the text in the end that the kept message shows."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.illustration.making import all_events, kept, made, spoken, tag

from limner.errors import SourceFailed
from limner.illustration import Event, Message, TextChunk, TextRewritten
from limner.illustration.rendering import told_pieces
from limner.testing import ScriptedBackend

HALF = '<!--img-prompt="a r'


def read(events: Sequence[Event], text: str = "") -> str:
    """The text that events lead to, from the text that was there."""
    for event in events:
        if isinstance(event, TextChunk):
            text += event.text
        elif isinstance(event, TextRewritten):
            text = event.text
    return text


def told(message: Message) -> str:
    """The text that the kept message shows."""
    return "".join(piece for piece in told_pieces(message) if isinstance(piece, str))


@pytest.mark.parametrize("pieces", [["One ", tag("a fox"), " two. " + HALF], [*f"One. {HALF}"]])
@pytest.mark.parametrize(
    ("made_with", "streamed_with"),
    [
        ({}, {}),
        ({}, {"pictures": False}),
        ({}, {"role": "user"}),
        pytest.param({"patterns": [r"\[img:(.*?)\]"]}, {}, marks=pytest.mark.needs("regex")),
    ],
    ids=["illustrated", "passed over", "a person's", "other tags"],
)
async def test_half_a_tag_at_the_end_is_told_as_it_is_shown(
    pieces: list[str], made_with: dict[str, Any], streamed_with: dict[str, Any]
) -> None:
    """It is not, but of what a person wrote; the kept text has it, should it go on."""
    async with made(**made_with) as illustrator:
        block = illustrator.stream(pieces, message_id="m", **streamed_with)
        events = await all_events(block)
        message = await kept(illustrator.store)
    assert message.text == "".join(pieces)
    assert read(events) == told(message)
    assert (HALF in read(events)) == (streamed_with == {"role": "user"})


@pytest.mark.parametrize("more", ['ed fox"--> slept.', "ose.\n\nNo picture.", "<b>"])
async def test_what_goes_on_behind_half_a_tag_is_told_from_there(more: str) -> None:
    """Whether it becomes a tag, or text that nobody was told before."""
    async with made() as illustrator:
        first = read(await all_events(illustrator.stream("One. " + HALF, message_id="m")))
        block = illustrator.stream(more, message_id="m", continuing=True)
        events = await all_events(block)
        message = await kept(illustrator.store)
    assert first == "One. "
    assert read(events, first) == told(message)


async def test_who_comes_when_the_text_has_ended_is_told_the_same() -> None:
    """While the last picture is still drawn."""
    async with made(ScriptedBackend(seconds=100)) as illustrator:
        text = spoken((0, tag("a fox")), (1, f"One. {HALF}"))
        running = asyncio.create_task(illustrator.illustrate(text, message_id="m"))
        await asyncio.sleep(5)
        block = illustrator.stream("joins it", message_id="m")
        events = await all_events(block)
        await running
    assert read(events) == "One. "


async def test_a_text_that_is_cut_inside_of_a_tag_is_told_up_to_it() -> None:
    """By an error of its source."""

    async def failing() -> Any:
        yield "One. " + HALF
        raise OSError("gone")

    async with made() as illustrator:
        seen: list[Event] = []
        illustrator.on_event(lambda _, event: seen.append(event))
        with pytest.raises(SourceFailed):
            await illustrator.illustrate(failing(), message_id="m")
    assert read(seen) == "One. "
