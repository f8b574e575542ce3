"""What is in the store at every instant: text before slots, slots before pictures, no loss."""

import asyncio

import pytest
from tests.illustration.making import NoisyStore, all_events, kept, made, spoken, tag

from limner.illustration import (
    ImageReady,
    ImageRequest,
    MessageState,
    SlotId,
    SlotState,
    TextChunk,
)
from limner.testing import ScriptedBackend


async def test_the_message_is_kept_before_its_first_character() -> None:
    """A crash at the first token leaves a message that is being written."""
    store = NoisyStore(seconds=2)
    async with (
        made(store=store) as illustrator,
        illustrator.stream("Snow.", message_id="m") as events,
    ):
        async for event in events:
            if isinstance(event, TextChunk):
                assert (await kept(store)).state is MessageState.WRITING
                assert asyncio.get_running_loop().time() == 2


async def test_text_reaches_the_store_while_it_streams_one_call_at_a_time() -> None:
    """What arrives during a call goes into the next one; the reading never waits."""
    store = NoisyStore(seconds=1)
    text = spoken(*((0.1, f"{n} ") for n in range(20)))
    async with made(store=store) as illustrator:
        events = await all_events(illustrator.stream(text, message_id="m"))
    assert sum(isinstance(event, TextChunk) for event in events) == 20
    written = [what for _, kind, what in store.log if kind == "text"]
    assert "".join(written) == "".join(f"{n} " for n in range(20))
    assert len(written) <= 4
    assert store.most_at_once == 1


async def test_a_slot_is_kept_after_its_text_and_before_its_picture_is_asked_for() -> None:
    """The text before a tag, then its slot with a pending drawing, then the backend's call."""
    store = NoisyStore(seconds=1)
    seen = []

    class Asking(ScriptedBackend):
        async def generate(self, request: ImageRequest):  # type: ignore[no-untyped-def]
            message = await kept(store)
            seen.append((message.text, message.slots[-1].pending))
            return await ScriptedBackend.generate(self, request)

    async with made(Asking(), store=store) as illustrator:
        text = spoken((0, "One " + tag("a fox")), (9, " two " + tag("an owl")))
        await illustrator.illustrate(text, message_id="m")
    assert [text.endswith(tag(p)) for (text, _), p in zip(seen, ("a fox", "an owl"), strict=True)]
    assert all(len(pending) == 1 for _, pending in seen)
    kinds = [kind for _, kind, _ in store.log]
    assert kinds == ["save", "text", "slots", "slots", "text", "slots", "save", "slots", "save"]


async def test_a_picture_its_state_and_the_end_of_its_pending_entry_are_one_write() -> None:
    """There is no instant at which a finished picture would be drawn again."""
    store = NoisyStore()
    async with made(store=store) as illustrator:
        await illustrator.illustrate(spoken((0, tag("a fox")), (9, "end")), message_id="m")
    asked, ready = [what[0] for _, kind, what in store.log if kind == "slots"]
    assert (asked.state, len(asked.pending), asked.attempts) == (SlotState.QUEUED, 1, 1)
    assert (ready.state, ready.pending, len(ready.alternatives)) == (SlotState.READY, (), 1)


async def test_batch_keeps_pictures_before_it_shows_them() -> None:
    """In insert mode `batch` a finished picture is in the store long before the barrier opens."""
    backend = ScriptedBackend(seconds=lambda request: 1 if request.prompt == "a fox" else 50)
    async with (
        made(backend, insert_mode="batch") as illustrator,
        illustrator.stream(tag("a fox") + tag("an owl"), message_id="m") as events,
    ):
        async for event in events:
            if isinstance(event, ImageReady) and event.slot.prompt == "a fox":
                fox = (await kept(illustrator.store)).slots[0]
                assert (fox.state, fox.image) == (SlotState.DRAWING, None)
                assert [made.image for made in fox.alternatives] == [event.image]
                assert fox.pending == ()


@pytest.mark.parametrize("kind", ["text", "slots"])
async def test_a_store_that_fails_ends_the_session_with_its_error(kind: str) -> None:
    """Reading stops, pictures stop, what can be kept is kept, and the store's own error comes."""
    store = NoisyStore()
    store.fails = kind
    backend = ScriptedBackend(seconds=5)
    async with made(backend, store=store) as illustrator:
        text = spoken((0, "One "), (1, tag("a fox")), (10**6, "never"))
        with pytest.raises(OSError, match=f"no {kind}"):
            await illustrator.illustrate(text, message_id="m")
        assert asyncio.get_running_loop().time() <= 10
        assert illustrator.sessions.active() == []
        assert backend.running == 0
        message = await kept(store)
    assert message.text in ("One ", "One " + tag("a fox"))
    assert message.state is MessageState.CUT
    assert all(slot.state is SlotState.FAILED for slot in message.slots)


async def test_a_cancelled_caller_is_committed_once() -> None:
    """However often a caller is cancelled while the commit runs, there is one commit."""
    store = NoisyStore(seconds=3)
    async with made(store=store) as illustrator:
        task = asyncio.create_task(illustrator.illustrate(tag("a fox"), message_id="m"))
        loop = asyncio.get_running_loop()
        for at in (16, 16.5, 17):
            loop.call_at(at, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
    states = [what.state for _, kind, what in store.log if kind == "save"]
    assert states.count(MessageState.COMPLETE) + states.count(MessageState.CUT) <= 2
    assert (await kept(store)).state is not MessageState.WRITING


async def test_manual_pictures_begun_before_a_continuation_are_not_lost() -> None:
    """The commit of an answer that goes on does not write over what others drew meanwhile."""
    backend = ScriptedBackend(seconds=lambda request: 8)
    async with made(backend) as illustrator:
        await illustrator.illustrate(tag("a fox"), message_id="m")
        click = asyncio.create_task(
            illustrator.operations.regenerate(SlotId("m", 0, 0), mode="append")
        )
        await asyncio.sleep(1)
        more = spoken((1, " more"), (20, tag("an owl")))
        await illustrator.illustrate(more, message_id="m", continuing=True)
        await click
        message = await kept(illustrator.store)
    assert [len(slot.alternatives) for slot in message.slots] == [2, 1]
