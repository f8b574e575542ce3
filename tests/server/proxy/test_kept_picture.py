"""A picture that was asked for before a restart is waited for while it is drawn again."""

import asyncio
from dataclasses import replace

import pytest
from tests.server.proxy.streams import TAG

from limner.errors import BackendRejected, JobCancelled
from limner.illustration import (
    Change,
    Failure,
    Illustrator,
    Image,
    MemoryStore,
    Message,
    MessageState,
    PendingDrawing,
    Slot,
    SlotId,
    SlotState,
)
from limner.prompts import find_prompts
from limner.scheduling import Limiter
from limner.server.proxy import IllustratorPictureService
from limner.server.proxy.picture_id import PictureId
from limner.testing import ScriptedBackend

MESSAGE = "0" * 20


async def left(pictures: int = 2) -> MemoryStore:
    """A store in which a former process has left an answer with pictures undrawn."""
    store = MemoryStore()
    slots = tuple(
        Slot(
            id=SlotId(MESSAGE, 1, ordinal),
            tag=tag,
            prompts=Slot.of(SlotId(MESSAGE, 1, ordinal), tag).prompts,
            attempts=1,
            pending=(PendingDrawing(attempt=0, requested_at=float(ordinal)),),
        )
        for ordinal, tag in enumerate(find_prompts(TAG * pictures))
    )
    for variant, some in ((0, ()), (1, slots)):
        await store.save(
            Message(
                id=MESSAGE,
                variant=variant,
                text=TAG * len(some),
                slots=some,
                state=MessageState.COMPLETE,
            )
        )
    return store


def asked(pictures: IllustratorPictureService, ordinal: int) -> "asyncio.Task[Image | None]":
    """A browser asks for a picture."""
    return asyncio.create_task(pictures.image(PictureId(MESSAGE, 1, ordinal).written()))


@pytest.mark.parametrize("early", [True, False])
async def test_it_comes_as_soon_as_it_is_drawn(early: bool) -> None:
    """Whether it was asked for before or after the recovery began; each for itself."""
    one = Limiter(max_concurrent=1)
    backend = ScriptedBackend(seconds=5.0)
    async with Illustrator(backend=backend, store=await left(), limiter=one) as illustrator:
        pictures = IllustratorPictureService(illustrator, public_url="http://h")
        waiting = [asked(pictures, ordinal) for ordinal in (0, 1)] if early else []
        await asyncio.sleep(3)
        await illustrator.recover()
        await asyncio.sleep(1)
        waiting = waiting or [asked(pictures, ordinal) for ordinal in (0, 1)]
        assert await asyncio.wait_for(waiting[1], 60) is not None
        assert asyncio.get_running_loop().time() == 13
        assert await waiting[0] is not None
        assert len(backend.calls) == 2


async def test_one_that_cannot_be_drawn_is_not_waited_for_any_longer() -> None:
    """Its failure ends the waiting."""
    backend = ScriptedBackend(seconds=5.0, fails=lambda request: BackendRejected("no"))
    async with Illustrator(backend=backend, store=await left(1)) as illustrator:
        pictures = IllustratorPictureService(illustrator, public_url="http://h")
        waiting = asked(pictures, 0)
        await illustrator.recover()
        assert await waiting is None


async def test_one_that_fails_at_once_when_it_is_asked_for_again_ends_the_waiting() -> None:
    """Its failure is told before it is kept, and whoever looks in between looks again soon."""
    store = await left(1)
    message = await store.load(MESSAGE, 1)
    assert message is not None
    failure = Failure(kind=JobCancelled.__name__, reason="stopped")
    given_up = replace(message.slots[0], pending=(), state=SlotState.FAILED, failure=failure)
    await store.save_slots(given_up)
    keep = store.save_slots

    async def keep_slowly(*slots: Slot, change: Change | None = None) -> bool:
        await asyncio.sleep(0.5)
        return await keep(*slots, change=change)

    store.save_slots = keep_slowly  # type: ignore[method-assign]
    backend = ScriptedBackend(seconds=0.0, fails=lambda request: BackendRejected("no"))
    async with Illustrator(backend=backend, store=store) as illustrator:
        pictures = IllustratorPictureService(illustrator, public_url="http://h")
        assert await asked(pictures, 0) is None
        assert len(backend.calls) == 1
        assert asyncio.get_running_loop().time() < 5


async def test_whoever_waits_may_stop() -> None:
    """The drawing goes on, and nobody is told in vain."""
    async with Illustrator(
        backend=ScriptedBackend(seconds=5.0), store=await left(1)
    ) as illustrator:
        pictures = IllustratorPictureService(illustrator, public_url="http://h")
        waiting = asked(pictures, 0)
        await illustrator.recover()
        await asyncio.sleep(1)
        waiting.cancel()
        await illustrator.recovered()
        assert await asked(pictures, 0) is not None


async def test_what_is_not_there_is_not_waited_for() -> None:
    """Neither a slot beyond the last, nor another answer of the message."""
    async with Illustrator(backend=ScriptedBackend(), store=await left(1)) as illustrator:
        pictures = IllustratorPictureService(illustrator, public_url="http://h")
        assert await asked(pictures, 7) is None
        assert await pictures.image(PictureId(MESSAGE, 0, 0).written()) is None
        assert await pictures.image(PictureId("1" * 32, 1, 0).written()) is None


async def test_what_is_drawn_here_is_not_looked_for_again_and_again() -> None:
    """Hundreds may wait for hours: nothing is done for them while nothing changes."""
    store = await left(20)
    backend = ScriptedBackend(seconds=600.0)
    one = Limiter(max_concurrent=1)
    async with Illustrator(backend=backend, store=store, limiter=one) as illustrator:
        pictures = IllustratorPictureService(illustrator, public_url="http://h")
        await illustrator.recover()
        waiting = [asked(pictures, ordinal) for ordinal in range(20)]
        await asyncio.sleep(1)
        loads, load = 0, store.load

        async def counted(message_id: str, variant: int | None = None) -> Message | None:
            nonlocal loads
            loads += 1
            return await load(message_id, variant)

        store.load = counted  # type: ignore[method-assign]
        await asyncio.sleep(300)
        assert loads <= 20 * 300 / 30 + 20
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
