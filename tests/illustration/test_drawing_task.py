"""The one machine that draws: what it guarantees, streamed and by hand."""

import asyncio
import logging
from typing import Any

import pytest
from tests.illustration.making import NoisyStore, all_events, kept, made, tag

from limner.errors import JobCancelled
from limner.illustration import (
    Event,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageRequest,
    ImageStarted,
    MemoryStore,
    Session,
    SlotId,
    SlotState,
)
from limner.testing import ScriptedBackend

FOX = SlotId("m", 0, 0)


class Stubborn(ScriptedBackend):
    """Does not stop when it is told to, but only when its picture is made, long after."""

    async def generate(self, request: ImageRequest) -> Any:
        """Draw, whatever happens."""
        drawing = asyncio.ensure_future(ScriptedBackend.generate(self, request))
        while not drawing.done():
            try:
                await asyncio.wait([drawing])
            except asyncio.CancelledError:
                continue
        return drawing.result()


async def test_a_streamed_picture_that_comes_too_late_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Thirty seconds after it was stopped its session goes on without it, for good."""
    caplog.set_level(logging.CRITICAL, "limner.illustration.generation.drawing_task")
    async with made(Stubborn(seconds=100)) as illustrator:
        async with illustrator.stream(tag("a fox"), message_id="m") as events:
            await asyncio.sleep(1)
            events.cancel("enough")
            seen = [event async for event in events]
        assert asyncio.get_running_loop().time() == 31
        assert events.result.slots[0].state is SlotState.FAILED
        assert [type(event) for event in seen if isinstance(event, ImageReady)] == []
        await asyncio.sleep(100)
        assert (await kept(illustrator.store)).slots == events.result.slots
        assert illustrator.progress("m").failed == 1


async def test_a_manual_picture_that_comes_too_late_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever called it off waits half a minute at most, and never sees it."""
    caplog.set_level(logging.CRITICAL, "limner.illustration.generation.drawing_task")
    backend = Stubborn(seconds=1)
    async with made(backend) as illustrator:
        told: list[Event] = []
        await illustrator.illustrate(tag("a fox"), message_id="m")
        illustrator.on_event(lambda session, event: told.append(event))
        backend.seconds = 100
        handle = await illustrator.operations.request(FOX, mode="append")
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        await handle.cancel("enough")
        assert asyncio.get_running_loop().time() == began + 30
        with pytest.raises(JobCancelled, match="enough"):
            await handle.result()
        assert illustrator.sessions.active() == []
        slot = (await kept(illustrator.store)).slot(FOX)
        await asyncio.sleep(100)
        assert (await kept(illustrator.store)).slot(FOX) == slot
        assert (len(slot.alternatives), slot.pending) == (1, ())
        assert [type(event) for event in told] == [ImageStarted, ImageFailed]


async def test_a_drawing_that_is_stopped_before_its_first_step_is_given_up() -> None:
    """It must not stay asked for for ever: the slot is as it was."""
    async with made(ScriptedBackend()) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        handle = await illustrator.operations.request(FOX)
        await handle.cancel()
        assert (await kept(illustrator.store)).slot(FOX).pending == ()
        await illustrator.operations.request(FOX)
        (session,) = illustrator.sessions.active()
        session.cancel()
        await session.wait()
        assert (await kept(illustrator.store)).slot(FOX).pending == ()


@pytest.mark.parametrize("manual", [False, True])
async def test_a_picture_that_is_being_kept_is_kept_to_the_end(manual: bool) -> None:
    """Whoever stops its session then comes too late for it."""
    store = NoisyStore()
    async with made(ScriptedBackend(seconds=5), store=store) as illustrator:
        if manual:
            await illustrator.illustrate(tag("a fox"), message_id="m")
            handle = await illustrator.operations.request(FOX, mode="append")
            store.seconds = 3
            await asyncio.sleep(6)
            illustrator.sessions.cancel("m")
            slot = await handle.result()
            assert slot is not None
            assert len(slot.alternatives) == 2
        else:
            text = tag("a fox") + tag("an owl")
            async with illustrator.stream(text, message_id="m") as events:
                illustrator.limiter.update(max_concurrent=1)
                await asyncio.sleep(1)
                store.seconds = 3
                await asyncio.sleep(5)
                events.cancel()
                async for _ in events:
                    pass
            assert events.result.slots[0].state is SlotState.READY
            pictures = [what for _, kind, what in store.log if kind == "slots"]
            assert pictures[-1][0].state is SlotState.READY


async def test_a_redraw_tells_how_it_goes_as_a_stream_does() -> None:
    """Begun, so far, made or not, with the session it belongs to; a second attempt begins once."""
    backend = ScriptedBackend(seconds=2, steps=1)
    async with made(backend) as illustrator:
        told: list[tuple[Session, Event]] = []
        await illustrator.illustrate(tag("a fox"), message_id="m")
        illustrator.on_event(lambda session, event: told.append((session, event)))
        await illustrator.operations.regenerate(FOX)
        kinds = [type(event) for _, event in told]
        assert kinds == [ImageStarted, ImageProgress, ImageReady]
        assert {str(session.kind) for session, _ in told} == {"manual"}
        told.clear()
        backend.fails = lambda request: OSError("out of paint")
        with pytest.raises(OSError, match="out of paint"):
            await illustrator.operations.regenerate(FOX)
        event = told[-1][1]
        assert isinstance(event, ImageFailed)
        assert (event.slot.state, str(event.error)) == (SlotState.READY, "out of paint")


async def test_a_redraw_that_cannot_be_kept_is_told() -> None:
    """The store's error is the drawing's, and the event says it."""
    store = NoisyStore()
    async with made(ScriptedBackend(seconds=2), store=store) as illustrator:
        told: list[Event] = []
        await illustrator.illustrate(tag("a fox"), message_id="m")
        illustrator.on_event(lambda session, event: told.append(event))
        handle = await illustrator.operations.request(FOX)
        store.fails = "slots"
        with pytest.raises(OSError, match="no slots"):
            await handle.result()
        assert [type(event) for event in told] == [ImageStarted, ImageFailed]


@pytest.mark.parametrize("durable", [False, True])
async def test_what_is_closed_is_left_for_the_next_start_if_there_is_one(durable: bool) -> None:
    """A redraw stays asked for in a store that outlives the illustrator, and only there."""
    store = MemoryStore()
    async with made(ScriptedBackend(seconds=5), store=store, durable=durable) as illustrator:
        await all_events(illustrator.stream(tag("a fox"), message_id="m"))
        handle = await illustrator.operations.request(FOX)
        await asyncio.sleep(1)
    assert len((await kept(store)).slot(FOX).pending) == durable
    with pytest.raises(JobCancelled, match="closed"):
        await handle.result()


async def test_a_backend_that_cancels_itself_fails_the_redraw_and_nobody_else() -> None:
    """Whoever waits gets an error, and not a cancellation that nobody asked for."""

    class Odd(ScriptedBackend):
        async def generate(self, request: ImageRequest) -> Any:
            if self.calls:
                raise asyncio.CancelledError
            return await ScriptedBackend.generate(self, request)

    async with made(Odd()) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        with pytest.raises(JobCancelled, match="by itself"):
            await illustrator.operations.regenerate(FOX)
