"""What undo and redo bring back is what was there."""

from dataclasses import replace

import pytest
from tests.storage.conftest import MakeLibrary

from limner.illustration import Illustrator, Image, ImageRequest, Message, SlotId
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time

FOX, OWL = SlotId("m", 0, 0), SlotId("m", 0, 1)


async def test_a_picture_that_comes_back_is_as_old_as_it_was(make_library: MakeLibrary) -> None:
    """When it was made does not change by that: how long pictures are kept is counted from it."""
    async with make_library() as library:
        backend = ScriptedBackend(seconds=0.0)
        async with Illustrator(backend=backend, store=library, ledger=library) as illustrator:
            act = illustrator.operations
            await illustrator.illustrate('<!--img-prompt="a fox"-->', message_id="m")

            async def kept() -> Message:
                message = await library.load("m")
                assert message is not None
                return message

            states = [await kept()]
            await act.regenerate(FOX)
            states.append(await kept())
            await act.delete(FOX)
            for former in reversed(states):
                await act.undo("m")
                assert made(await kept()) == made(former)
            await act.redo("m")
            assert made(await kept()) == made(states[1])


async def test_no_undo_goes_past_a_picture_that_was_deleted_for_good(
    make_library: MakeLibrary,
) -> None:
    """What it would bring back was before that picture, and what came after it would be lost."""
    async with make_library() as library:
        backend = Different()
        async with Illustrator(backend=backend, store=library, ledger=library) as illustrator:
            act = illustrator.operations
            tags = '<!--img-prompt="a fox"--> <!--img-prompt="an owl"-->'
            await illustrator.illustrate(tags, message_id="m")
            await act.edit_prompt(FOX, "a red fox")
            await act.edit_prompt(OWL, "a barn owl")
            for _ in range(2):
                await act.regenerate(FOX, mode="append")
            slot = await act.delete(FOX, 1)
            before = await library.load("m")
            assert slot is not None
            assert before is not None
            assert await library.erase("m", backend.made[2])
            change = await act.undo("m")
            assert change is not None
            assert change.before[0].id == OWL
            assert await act.undo("m") is None
            after = await library.load("m")
            assert after is not None
            assert made(after) == made(before)


class Different:
    """Draws pictures that differ, and remembers them."""

    def __init__(self) -> None:
        self.made: list[Image] = []

    async def generate(self, request: ImageRequest) -> Image:
        """A pixel, and its number behind it."""
        image = await ScriptedBackend(seconds=0.0).generate(request)
        self.made.append(replace(image, data=image.data + bytes([len(self.made)])))
        return self.made[-1]


def made(message: Message) -> list[tuple[str, float | None]]:
    """The pictures, and when they were made."""
    return [(one.id, one.made_at) for slot in message.slots for one in slot.alternatives]
