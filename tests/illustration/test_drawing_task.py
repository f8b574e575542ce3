"""The one machine that draws: what it guarantees, streamed and by hand."""

import asyncio
import logging
from typing import Any

import pytest
from tests.illustration.making import NoisyStore, all_events, kept, made, spoken, tag

from limner.errors import BackendUnavailable, JobCancelled
from limner.illustration import (
    Alternative,
    Event,
    Illustrator,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageRequest,
    ImageStarted,
    MemoryStore,
    Patience,
    Session,
    Slot,
    SlotId,
    SlotState,
)
from limner.illustration.generation.drawing import Drawing
from limner.illustration.generation.drawing_task import DrawingTask, Stop
from limner.illustration.generation.drawing_tasks import DrawingTasks
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.progress_board import ProgressBoard
from limner.illustration.model.pending import asked_for
from limner.illustration.model.request import RequestDefaults
from limner.prompts import find_prompts
from limner.scheduling import Limiter, Retry
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


class Recorded:
    """A commit strategy that only tells what it was asked."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.told: list[str] = []

    async def ready(self) -> None:
        """It is."""

    def started(self) -> None:
        """Nothing to be told."""

    def progressed(self, fraction: float, preview: bytes | None) -> None:
        """Tell how far it is."""
        self.told.append(f"{fraction:g}")

    def sign(self) -> None:
        """Nothing to be told."""

    async def made(self, picture: Alternative) -> Slot | None:
        """Take some time to keep it."""
        await asyncio.sleep(self.seconds)
        self.told.append("made")
        return None

    async def failed(self, error: BaseException) -> None:
        """Tell it."""
        self.told.append("failed")

    async def stopped(self, stop: Stop) -> None:
        """Tell it."""
        self.told.append("stopped")

    def counts(self, stop: Stop) -> bool:
        """It does."""
        return True

    def interrupted(self) -> None:
        """Tell it."""
        self.told.append("interrupted")

    def ended(self, task: DrawingTask) -> None:
        """Tell it."""
        self.told.append("ended")


def task_for(backend: ScriptedBackend, commit: Recorded) -> tuple[DrawingTask, DrawingTasks]:
    """A drawing that was not begun, and where it is begun."""
    limiter = Limiter()
    board = ProgressBoard(limiter, asyncio.get_running_loop().time)
    slot, pending = asked_for(Slot.of(FOX, find_prompts(tag("a fox"))[0]), at=0.0)
    drawing = Drawing(backend, limiter, defaults=RequestDefaults(), patience=Patience(None))
    task = DrawingTask(
        slot,
        pending,
        drawing=drawing,
        context=DrawContext(owner="me"),
        mark=board.add("m"),
        commit=commit,
    )
    return task, DrawingTasks()


async def test_what_is_stopped_at_once_is_stopped_and_not_interrupted() -> None:
    """It gets its first step before it is cancelled, so that its slot says what became of it."""
    commit = Recorded()
    task, tasks = task_for(ScriptedBackend(), commit)
    tasks.begin(task, commit.ended)
    await tasks.stop(Stop(error=JobCancelled("enough")))
    assert commit.told == ["stopped", "ended"]


async def test_what_was_left_behind_is_never_kept_nor_counted() -> None:
    """Whatever it gives in the end, progress or a picture."""
    commit = Recorded()
    task, tasks = task_for(Stubborn(seconds=100, steps=9), commit)
    tasks.begin(task, commit.ended)
    await asyncio.sleep(1)
    await tasks.stop(Stop(error=JobCancelled("enough")))
    await asyncio.sleep(100)
    assert commit.told == ["0.1", "0.2", "0.3", "stopped", "ended"]
    assert task.mark.ready is False


async def test_a_program_that_ends_waits_until_a_picture_is_kept() -> None:
    """It cancels every task it has, this one in the midst of its commit."""
    commit = Recorded(seconds=3)
    task, tasks = task_for(ScriptedBackend(seconds=1), commit)
    tasks.begin(task, commit.ended)
    await asyncio.sleep(2)
    task.task.cancel()
    await asyncio.wait([task.task])
    assert commit.told == ["made", "ended"]


async def test_a_program_that_ends_interrupts_what_is_drawn() -> None:
    """That is no failure, and those who wait are cancelled as everything is."""
    commit = Recorded()
    task, tasks = task_for(ScriptedBackend(seconds=9), commit)
    tasks.begin(task, commit.ended)
    await asyncio.sleep(2)
    task.task.cancel()
    await asyncio.wait([task.task])
    assert commit.told == ["interrupted", "ended"]
    assert task.outcome.cancelled()
    assert task.mark.ready is None


@pytest.mark.parametrize("durable", [False, True])
async def test_a_streamed_picture_that_the_end_of_the_program_interrupts_is_left_if_it_can_be(
    durable: bool,
) -> None:
    """All tasks are cancelled at once then; a store that outlives them says what is to be drawn."""
    store = MemoryStore()
    async with made(ScriptedBackend(seconds=9), store=store, durable=durable) as illustrator:
        async with illustrator.stream(spoken((1, tag("a fox")), (99, "")), message_id="m"):
            await asyncio.sleep(2)
            mine = asyncio.current_task()
            others = [task for task in asyncio.all_tasks() if task is not mine]
            for task in others:
                task.cancel()
            await asyncio.wait(others)
        slot = (await kept(store)).slot(FOX)
    assert slot.state is (SlotState.QUEUED if durable else SlotState.FAILED)
    assert len(slot.pending) == durable


async def test_a_second_attempt_inside_the_limiter_is_no_second_start() -> None:
    """Whoever watches sees one picture being drawn all the while."""
    backend = ScriptedBackend(fails=lambda request: BackendUnavailable("not yet"))
    limiter = Limiter(retry=Retry(attempts=2, backoff=3.0))
    async with Illustrator(backend=backend, limiter=limiter) as illustrator:
        told: list[Event] = []
        illustrator.on_event(lambda session, event: told.append(event))
        await illustrator.illustrate(tag("a fox"), message_id="m")
        with pytest.raises(BackendUnavailable):
            await illustrator.operations.retry(FOX)
        assert len(backend.calls) == 4
    assert [type(event) for event in told].count(ImageStarted) == 2
