"""A story that is illustrated into a library is there after a restart."""

from pathlib import Path

import pytest

from limner.illustration import Illustrator, PromptSource, SlotState
from limner.storage import Library
from limner.testing import PIXEL, ScriptedBackend

pytestmark = pytest.mark.real_time

STORY = 'Snow fell. <!--img-prompt="a fox"--> It ran. <!--img-prompt="a wolf é 🦊"--> The end.'


async def test_what_was_illustrated_is_there_after_a_restart(place: Path) -> None:
    """R15, R33: text, prompts and pictures are read back whole by the next process."""
    async with await Library.open(place) as library:
        backend = ScriptedBackend(seconds=0.0)
        async with Illustrator(backend=backend, store=library) as illustrator:
            result = await illustrator.illustrate(STORY, message_id="m", chat_id="tale")
    async with await Library.open(place) as library:
        (message,) = await library.messages("tale")
        assert message.text == STORY
        assert message.slots == tuple(result.slots)
        assert [slot.state for slot in message.slots] == [SlotState.READY] * 2
        assert [slot.prompt for slot in message.slots] == ["a fox", "a wolf é 🦊"]
        assert message.slots[0].prompts.versions[0].source is PromptSource.MODEL
        assert [slot.image and slot.image.data for slot in message.slots] == [PIXEL] * 2
        assert await library.unfinished() == []
        assert await library.writing() == []
