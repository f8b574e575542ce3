"""A session: one answer, its pictures in parallel, one commit, whatever happens meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from limner.errors import BackendUnavailable, MessageBusy, SourceFailed
from limner.illustration import (
    Change,
    Event,
    Finished,
    Illustrator,
    Image,
    ImageBackend,
    ImageFailed,
    ImageProgress,
    ImageReady,
    ImageRequest,
    ImageStarted,
    MemoryStore,
    Message,
    MessageState,
    PromptFound,
    Slot,
    SlotState,
    TextChunk,
)
from limner.scheduling import Limiter
from limner.testing import ScriptedBackend
from limner.testing.scripted_backend import PIXEL


def tag(prompt: str) -> str:
    """A tag of the default grammar."""
    return f'<!--img-prompt="{prompt}"-->'


def made(backend: ImageBackend, **options: Any) -> Illustrator:
    """An illustrator over a scripted backend with three places."""
    return Illustrator(backend=backend, limiter=Limiter(max_concurrent=3), **options)


async def spoken(*timed: tuple[float, str]) -> AsyncIterator[str]:
    """Text that comes in pieces, each after some seconds."""
    for seconds, text in timed:
        await asyncio.sleep(seconds)
        yield text


def kinds(events: list[Event]) -> list[str]:
    """The events' names."""
    return [type(event).__name__ for event in events]


async def all_events(illustrator: Illustrator, text: Any, **options: Any) -> list[Event]:
    """Everything that happens while a text is illustrated."""
    async with illustrator.stream(text, **options) as events:
        return [event async for event in events]


class CountingStore(MemoryStore):
    """A memory store that counts what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.saves: list[Message] = []
        self.slot_saves: list[tuple[Slot, ...]] = []

    async def save(self, message: Message) -> None:
        """Count and save."""
        self.saves.append(message)
        await super().save(message)

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Count and save."""
        self.slot_saves.append(slots)
        return await super().save_slots(*slots, change=change)


async def test_the_events_of_a_picture_come_in_order_and_finished_is_last() -> None:
    """Text, found, started, progress, ready, finished: in this order, each where it belongs."""
    async with made(ScriptedBackend(seconds=2, steps=1)) as illustrator:
        events = await all_events(illustrator, spoken((0, "Snow. " + tag("a fox")), (3, " End.")))
    assert kinds(events) == [
        "TextChunk", "PromptFound", "ImageStarted", "ImageProgress", "ImageReady", "TextChunk",
        "Finished",
    ]  # fmt: skip
    assert [e.text for e in events if isinstance(e, TextChunk)] == ["Snow. ", " End."]


async def test_the_result_keeps_the_raw_text_and_a_slot_for_each_tag() -> None:
    """The text comes back exactly as it went in, and each tag has a slot with its picture."""
    text = f"One {tag('a fox')} two {tag('an owl')} three."
    async with made(ScriptedBackend()) as illustrator:
        result = await illustrator.illustrate(text)
    assert result.text == text
    assert [slot.prompt for slot in result.slots] == ["a fox", "an owl"]
    assert [slot.state for slot in result.slots] == [SlotState.READY] * 2
    assert [text[s.tag.start : s.tag.end] for s in result.slots] == [tag("a fox"), tag("an owl")]
    assert result.complete


async def test_a_picture_starts_the_instant_its_tag_is_closed() -> None:
    """Between the last character of a tag and the backend's call lies nothing but the limiter."""
    backend = ScriptedBackend(seconds=5)
    async with made(backend) as illustrator:
        await illustrator.illustrate(spoken((1, tag("a fox")[:-1]), (1.5, ">"), (9, "end")))
    assert [call.began for call in backend.calls] == [2.5]


async def test_pictures_of_a_message_are_drawn_side_by_side_up_to_the_global_limit() -> None:
    """Five pictures on three places take two rounds, also after the text has ended."""
    backend = ScriptedBackend(seconds=10)
    async with made(backend) as illustrator:
        await illustrator.illustrate("".join(tag(f"fox {n}") for n in range(5)))
    assert backend.peak == 3
    assert [call.began for call in backend.calls] == [0, 0, 0, 10, 10]


async def test_r1_r2_a_tag_that_ends_the_text_is_drawn_and_an_open_one_is_not() -> None:
    """R1, R2: the last characters count; a tag that never closes stays text."""
    async with made(ScriptedBackend()) as illustrator:
        closed = await illustrator.illustrate("The end " + tag("a fox"))
        unclosed = await illustrator.illustrate('The end <!--img-prompt="a fox"')
    assert [slot.state for slot in closed.slots] == [SlotState.READY]
    assert unclosed.slots == ()
    assert unclosed.text == 'The end <!--img-prompt="a fox"'


async def test_d6_two_equal_tags_give_two_pictures() -> None:
    """D6: a slot is an occurrence, not a text; equal prompts get jobs and seeds of their own."""
    backend = ScriptedBackend()
    async with made(backend, seed=7) as illustrator:
        result = await illustrator.illustrate(tag("a fox") + tag("a fox"))
    assert len(result.slots) == 2
    assert all(slot.image for slot in result.slots)
    assert len({call.request.seed for call in backend.calls}) == 2


async def test_a_seed_makes_every_request_repeatable() -> None:
    """The same seed gives the same requests, run after run."""
    seeds = []
    for _ in range(2):
        backend = ScriptedBackend()
        async with made(backend, seed=7) as illustrator:
            await illustrator.illustrate(tag("a fox") + tag("an owl"))
        seeds.append([call.request.seed for call in backend.calls])
    assert seeds[0] == seeds[1]


async def test_a_tag_can_ask_for_its_size_and_seed() -> None:
    """The attributes `size` and `seed` of a tag reach the backend."""
    backend = ScriptedBackend()
    async with made(backend) as illustrator:
        await illustrator.illustrate('<!--img-prompt="a fox" size="512x640" seed="42"-->')
    request = backend.calls[0].request
    assert (request.width, request.height, request.seed) == (512, 640, 42)


async def test_a_failing_picture_keeps_its_reason_and_never_stops_the_others() -> None:
    """One failure is one failed slot with a reason; the rest is drawn."""
    backend = ScriptedBackend(
        fails=lambda r: BackendUnavailable("the paint is dry") if r.prompt == "an owl" else None
    )
    async with made(backend) as illustrator:
        events = await all_events(illustrator, tag("a fox") + tag("an owl") + tag("a hen"))
    (failed,) = [event for event in events if isinstance(event, ImageFailed)]
    assert failed.slot.failure is not None
    assert failed.slot.failure.reason.startswith("the picture server: the paint is dry; ")
    assert isinstance(failed.error, BackendUnavailable)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert [str(slot.state) for slot in finished.result.slots] == ["ready", "failed", "ready"]
    assert not finished.result.complete


async def test_d5_a_hung_picture_fails_after_its_timeout_and_the_rest_is_committed() -> None:
    """D5: a backend that never answers costs its own slot, nothing else.

    The minute counts from the last sign of the server: the fox that it made.
    """
    backend = ScriptedBackend(seconds=lambda r: 10**9 if r.prompt == "an owl" else 1)
    async with made(backend, picture_timeout=60) as illustrator:
        result = await illustrator.illustrate(tag("an owl") + tag("a fox"))
        kept = await illustrator.store.load(result.message.id)
    assert [str(slot.state) for slot in result.slots] == ["failed", "ready"]
    assert result.slots[0].failure is not None
    assert result.slots[0].failure.kind == "BackendTimeout"
    assert kept == result.message
    assert asyncio.get_running_loop().time() == 61


async def test_the_settle_timeout_counts_from_the_end_of_the_text() -> None:
    """A stream of any length is not cut; what is silent for so long after it fails.

    The proposal's timeout ran from the start of the session, so every longer answer failed.
    """
    backend = ScriptedBackend(seconds=lambda r: 10**9 if r.prompt == "an owl" else 30)
    text = spoken((0, tag("a fox")), (1000, tag("an owl")), (0, tag("a hen")))
    async with made(backend, picture_timeout=None, settle_timeout=50) as illustrator:
        result = await illustrator.illustrate(text)
    assert [str(slot.state) for slot in result.slots] == ["ready", "failed", "ready"]
    assert "no picture of the message was begun" in str(result.slots[1].failure)
    assert asyncio.get_running_loop().time() == 1080  # the hen was made at 1030
    assert backend.running == 0


async def test_a_backend_that_cancels_itself_is_a_failure_like_any_other() -> None:
    """A stray CancelledError from a backend fails its slot and stops nothing."""

    class Odd:
        async def generate(self, request: ImageRequest) -> Any:
            raise asyncio.CancelledError

    async with Illustrator(backend=Odd()) as illustrator:
        result = await illustrator.illustrate("x" + tag("a fox"))
    assert [slot.state for slot in result.slots] == [SlotState.FAILED]


async def test_a_backend_that_gives_no_picture_is_a_failure() -> None:
    """What is not an image with data is not taken for one."""

    class Empty:
        async def generate(self, request: ImageRequest) -> Any:
            return None

    async with Illustrator(backend=Empty()) as illustrator:
        result = await illustrator.illustrate(tag("a fox"))
    assert result.slots[0].failure is not None
    assert result.slots[0].failure.kind == "BadPicture"


async def test_batch_commits_once_after_the_barrier() -> None:
    """Insert mode `batch`: one atomic write shows all pictures; before it they are only kept."""
    store = CountingStore()
    backend = ScriptedBackend(seconds=lambda request: len(request.prompt))
    async with made(backend, store=store, insert_mode="batch") as illustrator:
        result = await illustrator.illustrate("a" + tag("a fox") + tag("an owl"))
    assert [message.state for message in store.saves] == [
        MessageState.WRITING,
        MessageState.COMPLETE,
        MessageState.COMPLETE,
    ]
    assert store.saves[-1] == result.message
    kept = [slot for slots in store.slot_saves for slot in slots]
    kept += [slot for message in store.saves[:-1] for slot in message.slots]
    assert {slot.state for slot in kept} == {SlotState.QUEUED, SlotState.DRAWING}
    assert all(slot.image is None for slot in kept)
    assert [len(slot.alternatives) for slot in store.slot_saves[-1]] == [1]


async def test_live_commits_each_picture_before_its_event() -> None:
    """Insert mode `live`: whoever sees `ImageReady` finds the picture in the store."""
    async with made(ScriptedBackend()) as illustrator:
        text = spoken((0, tag("a fox")), (100, "end"))
        async with illustrator.stream(text, message_id="m") as events:
            async for event in events:
                if isinstance(event, ImageReady):
                    kept = await illustrator.store.load("m")
                    assert kept is not None
                    assert kept.slots[0].image == event.image
                    return
    raise AssertionError("no picture was ready")


@pytest.mark.parametrize("insert_mode", ["live", "batch"])
async def test_both_insert_modes_end_in_the_same_state(insert_mode: str) -> None:
    """Whatever the mode, the message in the store ends as the result says."""
    backend = ScriptedBackend(
        seconds=lambda r: len(r.prompt),
        fails=lambda r: ValueError("no") if r.prompt == "an owl" else None,
    )
    async with made(backend, insert_mode=insert_mode, seed=1) as illustrator:
        text = f"x{tag('a fox')}{tag('an owl')}{tag('a very long fox')}y"
        result = await illustrator.illustrate(text, message_id="m")
        assert await illustrator.store.load("m") == result.message
    assert [str(slot.state) for slot in result.slots] == ["ready", "failed", "ready"]


async def test_cancel_keeps_the_text_so_far_and_the_finished_pictures() -> None:
    """`EventStream.cancel`: work stops at once, the rest is kept, `Finished` still comes."""
    backend = ScriptedBackend(seconds=10)
    limiter = Limiter(max_concurrent=1)
    text = spoken((0, "One " + tag("a fox")), (15, "two " + tag("an owl")), (10**6, "never"))
    async with (
        Illustrator(backend=backend, limiter=limiter) as illustrator,
        illustrator.stream(text, message_id="m") as events,
    ):
        seen: list[Event] = []
        async for event in events:
            seen.append(event)
            if isinstance(event, ImageStarted) and event.slot.prompt == "an owl":
                events.cancel("enough")
    result = events.result
    assert result.cancelled
    assert result.message.state is MessageState.CUT
    assert result.text == f"One {tag('a fox')}two {tag('an owl')}"
    assert [str(slot.state) for slot in result.slots] == ["ready", "failed"]
    assert "enough" in str(result.slots[1].failure)
    assert [call.outcome for call in backend.calls] == ["made", "cancelled"]
    assert await illustrator.store.load("m") == result.message
    assert asyncio.get_running_loop().time() == 15
    assert limiter.is_empty


async def test_leaving_the_block_cancels_and_keeps() -> None:
    """Breaking out of the events stops the work; the store keeps what there was."""
    backend = ScriptedBackend(seconds=10)
    async with made(backend) as illustrator:
        text = spoken((0, "One " + tag("a fox")), (10**6, "never"))
        async with illustrator.stream(text, message_id="m") as events:
            async for event in events:
                if isinstance(event, ImageStarted):
                    break
        kept = await illustrator.store.load("m")
    assert kept is not None
    assert kept.text == "One " + tag("a fox")
    assert kept.state is MessageState.CUT
    assert backend.calls[0].outcome == "cancelled"
    assert backend.running == 0


async def test_a_cancelled_caller_leaves_nothing_running() -> None:
    """Cancelling the task that illustrates stops source and pictures, and is raised again."""
    backend = ScriptedBackend(seconds=10**6)
    closed = asyncio.Event()

    async def text() -> AsyncIterator[str]:
        try:
            yield tag("a fox")
            await asyncio.sleep(10**6)
        finally:
            closed.set()

    async with made(backend) as illustrator:
        task = asyncio.create_task(illustrator.illustrate(text(), message_id="m"))
        await asyncio.sleep(5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed.is_set()
        assert backend.running == 0
        assert illustrator.limiter.is_empty
        assert illustrator.sessions.active() == []
        kept = await illustrator.store.load("m")
    assert kept is not None
    assert kept.text == tag("a fox")


async def test_a_picture_that_comes_after_it_was_given_up_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A backend that does not stop is left behind; what it brings then is no error, nor wanted."""

    class Deaf:
        async def generate(self, request: ImageRequest) -> Image:
            for seconds in (10, 100):
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(seconds)
            return Image(data=PIXEL, media_type="image/png", width=64, height=64)

    async with made(Deaf()) as illustrator:
        running = asyncio.create_task(illustrator.illustrate(tag("a fox"), message_id="m"))
        await asyncio.sleep(1)
        illustrator.sessions.cancel("m")
        before = (await running).slots
        await asyncio.sleep(1000)
        kept = await illustrator.store.load("m")
    assert kept is not None
    assert [slot.state for slot in before] == [SlotState.FAILED]
    assert kept.slots == before
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_a_backend_that_cancels_its_own_work_has_failed() -> None:
    """Nobody has stopped it: its picture is not left to be drawn after the next start."""

    class Broken:
        async def generate(self, request: ImageRequest) -> Image:
            raise asyncio.CancelledError

    async with made(Broken(), durable=True) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        kept = await illustrator.store.load("m")
    assert kept is not None
    assert [(slot.state, slot.pending) for slot in kept.slots] == [(SlotState.FAILED, ())]


async def test_a_source_that_fails_keeps_what_came_and_its_error_is_the_cause() -> None:
    """The text so far is illustrated and committed; the source's own error is not lost."""

    async def text() -> AsyncIterator[str]:
        yield "One " + tag("a fox")
        await asyncio.sleep(1)
        raise ConnectionResetError("gone")

    async with made(ScriptedBackend(seconds=30)) as illustrator:
        with pytest.raises(SourceFailed) as caught:
            await illustrator.illustrate(text(), message_id="m")
        kept = await illustrator.store.load("m")
    assert isinstance(caught.value.__cause__, ConnectionResetError)
    result: Any = caught.value.result
    assert [str(slot.state) for slot in result.slots] == ["ready"]
    assert result.message.state is MessageState.CUT
    assert kept == result.message


@pytest.mark.parametrize("chunks", [b"bytes", 7, None])
async def test_what_is_no_text_is_refused_with_its_type(chunks: Any) -> None:
    """Bytes or a number in place of text is a TypeError that says so."""
    async with made(ScriptedBackend()) as illustrator:
        with pytest.raises(SourceFailed) as caught:
            await illustrator.illustrate(chunks)
    assert isinstance(caught.value.__cause__, TypeError)
    assert type(chunks).__name__ in str(caught.value)


async def test_a_chunk_that_is_no_string_is_refused() -> None:
    """A source that yields bytes is told so, and what came before is kept."""
    async with made(ScriptedBackend()) as illustrator:
        with pytest.raises(SourceFailed, match="must be a str, not bytes") as caught:
            await illustrator.illustrate(["ok", b"no"])  # type: ignore[list-item]
    result: Any = caught.value.result
    assert result.text == "ok"


async def test_a_message_being_written_cannot_be_started_again() -> None:
    """Where the caller says so, a second stream of the message is refused meanwhile."""
    async with made(ScriptedBackend()) as illustrator:
        async with illustrator.stream(spoken((5, "x")), message_id="m"):
            with pytest.raises(MessageBusy):
                async with illustrator.stream("y", message_id="m", on_active="refuse"):
                    pass
        assert illustrator.sessions.current("m") is None


async def test_many_first_tokens_make_one_session() -> None:
    """R5: starting a message's session again gives the one it has, before anything is awaited."""
    async with (
        made(ScriptedBackend()) as illustrator,
        illustrator.stream(spoken((5, "x")), message_id="m") as events,
    ):

        def never() -> Any:
            raise AssertionError("a second session was made")

        for _ in range(50):
            assert illustrator.sessions.start("m", never) == (events.session, False)


async def test_the_session_is_over_when_finished_is_seen() -> None:
    """Whoever sees `Finished` may change the message by hand at once."""
    async with made(ScriptedBackend()) as illustrator:
        async with illustrator.stream(tag("a fox"), message_id="m") as events:
            async for event in events:
                if isinstance(event, Finished):
                    assert illustrator.sessions.current("m") is None
                    slot = await illustrator.operations.regenerate(event.result.slots[0].id)
    assert slot is not None
    assert slot.state is SlotState.READY


@pytest.mark.parametrize(("policy", "cancelled"), [("per_message", False), ("single", True)])
async def test_policies_side_by_side_or_one_at_a_time(policy: str, cancelled: bool) -> None:
    """`single` cancels the chat's running session when another message starts, no other chat's."""
    async with made(ScriptedBackend(), policy=policy) as illustrator:

        async def write(message: str, chat: str, after: float) -> Any:
            await asyncio.sleep(after)
            text = spoken((0, "x"), (10, "y"))
            return await illustrator.illustrate(text, message_id=message, chat_id=chat)

        first, second, other = await asyncio.gather(
            write("m1", "chat", 0), write("m2", "chat", 5), write("m3", "else", 1)
        )
    assert first.cancelled is cancelled
    assert not second.cancelled
    assert not other.cancelled


async def test_progress_is_exact_while_totals_grow() -> None:
    """R47: total, ready, failed, drawing and queued always add up to the truth."""
    backend = ScriptedBackend(seconds=4)
    seen = []
    text = spoken(*((1, tag(f"fox {n}")) for n in range(6)))
    async with made(backend) as illustrator, illustrator.stream(text) as events:
        async for event in events:
            now = events.progress()
            assert now.total == now.ready + now.failed + now.drawing + now.queued
            assert now.drawing <= 3
            if isinstance(event, PromptFound | ImageReady):
                seen.append((now.total, now.ready))
    assert seen[0] == (1, 0)
    assert seen[-1] == (6, 6)
    assert events.progress().eta == 0


async def test_progress_events_stop_with_the_picture() -> None:
    """A backend that reports late, or beyond 1, is not believed."""
    sinks: list[Callable[[float, bytes | None], None]] = []

    class Chatty(ScriptedBackend):
        async def generate(self, request: ImageRequest) -> Any:
            assert request.progress is not None
            sinks.append(request.progress)
            request.progress(7.0, None)
            return await ScriptedBackend.generate(self, request)

    async with made(Chatty()) as illustrator:
        async with illustrator.stream(spoken((0, tag("a fox")), (9, "end"))) as events:
            seen = []
            async for event in events:
                seen.append(event)
                if isinstance(event, ImageReady):
                    sinks[0](0.5, None)
    assert [event.fraction for event in seen if isinstance(event, ImageProgress)] == [1.0]


async def test_a_message_deleted_while_it_is_written_stays_deleted() -> None:
    """The commit of a deleted message is skipped quietly."""
    async with made(ScriptedBackend(seconds=5)) as illustrator:
        async with illustrator.stream(spoken((0, tag("a fox"))), message_id="m") as events:
            async for event in events:
                if isinstance(event, ImageStarted):
                    await illustrator.store.delete("m")
        assert await illustrator.store.load("m") is None
    assert events.result.slots[0].state is SlotState.READY


async def test_a_store_that_fails_is_not_silent() -> None:
    """An error of the store reaches whoever reads the events."""

    class Full(MemoryStore):
        async def save(self, message: Message) -> None:
            if message.state is not MessageState.WRITING:
                raise OSError("disk full")
            await super().save(message)

    async with made(ScriptedBackend(), store=Full()) as illustrator:
        with pytest.raises(OSError, match="disk full"):
            await illustrator.illustrate("x" + tag("a fox"))
        assert illustrator.sessions.active() == []


async def test_a_backends_own_timeout_is_told_as_its_own() -> None:
    """Only the session's own deadline is called `BackendTimeout`."""
    backend = ScriptedBackend(fails=lambda request: TimeoutError("the socket slept"))
    async with made(backend) as illustrator:
        result = await illustrator.illustrate(tag("a fox"))
    assert result.slots[0].failure is not None
    assert result.slots[0].failure.reason.startswith("the drawing broke off: the socket slept; ")


async def test_a_cancel_during_the_commit_comes_too_late() -> None:
    """When everything is made and is being committed, the message is complete."""

    class Slow(MemoryStore):
        async def save(self, message: Message) -> None:
            await asyncio.sleep(10)
            await super().save(message)

    async with made(ScriptedBackend(), store=Slow(), insert_mode="batch") as illustrator:
        async with illustrator.stream(tag("a fox"), message_id="m") as events:
            asyncio.get_running_loop().call_at(15, events.cancel)
            async for _ in events:
                pass
    assert not events.result.cancelled
    assert events.result.complete


async def test_an_ordinary_iterable_lets_others_run_between_its_pieces() -> None:
    """A list of pieces does not hold up the pictures it asks for."""
    backend = ScriptedBackend()
    calls_seen = []

    def pieces() -> Any:
        yield tag("a fox")
        for _ in range(20):
            calls_seen.append(len(backend.calls))
            yield "word "

    async with made(backend) as illustrator:
        await illustrator.illustrate(pieces())
    assert calls_seen[-1] == 1


async def test_a_source_is_closed_when_its_text_is_refused() -> None:
    """An asynchronous source is closed at a bad end as well, before the result is there."""
    closed = []

    async def text() -> AsyncIterator[Any]:
        try:
            yield b"bytes"
        finally:
            closed.append(True)

    async with made(ScriptedBackend()) as illustrator:
        with pytest.raises(SourceFailed):
            await illustrator.illustrate(text())
        assert closed == [True]
