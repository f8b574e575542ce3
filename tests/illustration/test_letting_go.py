"""What was told to be finished can be changed at once, whatever else its session has to do."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.illustration.test_operations import FOX, TEXT, slot_of

from limner.errors import MessageBusy
from limner.illustration import Finished, Illustrator, ImageReady, Session, SlotId, SlotState
from limner.illustration.sessions.events import Event
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend

OWL = SlotId("m", 0, 1)


def illustrator(**options: object) -> Illustrator:
    """One that draws foxes quickly and owls slowly."""
    backend = ScriptedBackend(seconds=lambda request: 30 if "owl" in request.prompt else 2)
    return Illustrator(backend=backend, limiter=Limiter(max_concurrent=5), **options)  # type: ignore[arg-type]


async def test_a_finished_picture_is_changed_while_others_are_still_drawn() -> None:
    """Drawn again, chosen, given another prompt; the session's last commit leaves all of it."""
    async with illustrator() as made:
        act = made.operations
        writing = asyncio.create_task(made.illustrate(TEXT, message_id="m"))
        await asyncio.sleep(5)
        await act.edit_prompt(FOX, "a red fox")
        await act.regenerate(FOX, mode="append")
        await act.select(FOX, 0)
        late = await act.request(FOX, mode="append")
        with pytest.raises(MessageBusy):
            await act.edit_prompt(OWL, "a barn owl")
        with pytest.raises(MessageBusy):
            await act.undo("m")
        before = await slot_of(made)
        told = await writing
        assert {slot.state for slot in told.slots} == {SlotState.READY}
        await late.result()
        after = await slot_of(made)
        assert (after.prompt, len(after.alternatives)) == ("a red fox", 3)
        assert after.alternatives[:2] == before.alternatives
        kinds = [change.kind for _ in range(5) if (change := await act.undo("m"))]
        assert kinds == ["regenerate", "select", "regenerate", "edit_prompt"]


async def test_whoever_is_told_that_the_last_picture_is_ready_may_change_it() -> None:
    """As soon as the event comes, of the picture and of the end; the whole message, too."""
    asked: list[asyncio.Task[object]] = []
    async with illustrator() as made:

        def happened(session: Session, event: Event) -> None:
            if isinstance(event, ImageReady) and event.slot.id == OWL:
                asked.append(asyncio.create_task(made.operations.edit_prompt(OWL, "a barn owl")))
                asked.append(asyncio.create_task(made.operations.undo("m")))
            if isinstance(event, Finished):
                asked.append(asyncio.create_task(made.operations.request_message("m")))

        made.on_event(happened)
        await made.illustrate(TEXT, message_id="m")
        await asyncio.gather(*asked)
        assert len(asked) == 3
        assert (await slot_of(made, OWL)).prompt == "an owl"


async def test_a_picture_is_not_changed_while_its_text_is_still_written() -> None:
    """The text may be taken back, and its place with it."""

    async def text() -> AsyncIterator[str]:
        yield TEXT
        await asyncio.sleep(100)

    async with illustrator() as made, made.stream(text(), message_id="m"):
        await asyncio.sleep(5)
        with pytest.raises(MessageBusy):
            await made.operations.edit_prompt(FOX, "a red fox")


async def test_pictures_that_are_shown_all_at_once_are_not_changed_before() -> None:
    """In insert mode ``batch`` nobody was told that one of them is there."""
    async with illustrator(insert_mode="batch") as made:
        writing = asyncio.create_task(made.illustrate(TEXT, message_id="m"))
        await asyncio.sleep(5)
        with pytest.raises(MessageBusy):
            await made.operations.edit_prompt(FOX, "a red fox")
        await writing
