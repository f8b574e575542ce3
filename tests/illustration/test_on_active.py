"""A second text for an answer that is being written: it joins, is refused, or replaces."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.illustration.making import NoisyStore, all_events, kept, made, spoken, tag

from limner.errors import MessageBusy, StorageUnavailable
from limner.illustration import (
    Finished,
    ImageReady,
    ImageStarted,
    MemoryStore,
    Message,
    MessageState,
    PromptFound,
    SlotState,
    TextChunk,
)
from limner.testing import ScriptedBackend

TIMED = ((1, "One " + tag("a fox")), (5, " two " + tag("an owl")), (5, " three."))


def shape(events: list[Any]) -> tuple[str, list[str], list[int]]:
    """Text, kinds of the events without it, and the slots that were found, in order."""
    text = "".join(event.text for event in events if isinstance(event, TextChunk))
    kinds = [type(event).__name__ for event in events if not isinstance(event, TextChunk)]
    found = [event.slot.id.ordinal for event in events if isinstance(event, PromptFound)]
    return text, kinds, found


@pytest.mark.parametrize("at", [0, 0.5, 1, 1.5, 3, 7.5, 9])
async def test_who_joins_is_told_everything_from_the_beginning_once(at: float) -> None:
    """Whenever that is: the same text, slots and pictures, and the very same result."""
    async with made(ScriptedBackend(seconds=2)) as illustrator:
        first = asyncio.create_task(
            all_events(illustrator.stream(spoken(*TIMED), message_id="m", chat_id="tale"))
        )
        await asyncio.sleep(at)
        second = await all_events(illustrator.stream("never read", message_id="m"))
        told = await first
    mine, theirs = shape(second), shape(told)
    assert (mine[0], sorted(mine[1]), mine[2]) == (theirs[0], sorted(theirs[1]), theirs[2])
    ends = [event for event in (*second, *told) if isinstance(event, Finished)]
    assert len(ends) == 2
    assert ends[0].result is ends[1].result
    assert ends[0].result.text.startswith("One ")


async def test_a_picture_that_is_being_kept_is_told_once_to_who_joins_meanwhile() -> None:
    """Made, but not in the store yet: it is not told before it is, and not twice."""
    store = NoisyStore()
    async with made(ScriptedBackend(seconds=2), store=store) as illustrator:
        async with illustrator.stream(spoken(*TIMED), message_id="m"):
            await asyncio.sleep(2)
            store.seconds = 2
            await asyncio.sleep(2)
            async with illustrator.stream("", message_id="m") as events:
                seen = [event async for event in events]
    fox = [event for event in seen if isinstance(event, ImageReady) and event.slot.id.ordinal == 0]
    assert len(fox) == 1


async def test_the_text_of_who_joins_is_closed_unread() -> None:
    """Its source need not wait for ever for somebody to read it."""
    asked: list[str] = []

    async def text() -> AsyncIterator[str]:
        asked.append("read")
        yield "y"

    async with made(ScriptedBackend()) as illustrator:
        source = text()
        async with illustrator.stream(spoken((5, "x")), message_id="m"):
            result = await illustrator.illustrate(source, message_id="m")
        with pytest.raises(StopAsyncIteration):
            await anext(source)
    assert (result.text, asked) == ("x", [])


async def test_a_session_runs_until_the_last_who_watches_leaves() -> None:
    """Whoever opened it may go; when nobody is left it is stopped, and waited for."""
    backend = ScriptedBackend(seconds=100)
    async with made(backend) as illustrator:
        leave = asyncio.Event()

        async def opener() -> None:
            async with illustrator.stream(spoken((1, tag("a fox"))), message_id="m"):
                await leave.wait()

        task = asyncio.create_task(opener())
        await asyncio.sleep(2)
        async with illustrator.stream("", message_id="m") as events:
            leave.set()
            await task
            assert backend.running == 1
            assert not events.session.cancelled
        assert backend.running == 0
        assert illustrator.sessions.active() == []
        assert events.result.cancelled


async def test_who_is_cancelled_while_others_watch_stops_nothing() -> None:
    """Neither while they watch, nor while they wait for the session to be opened."""
    store = NoisyStore()
    async with made(ScriptedBackend(seconds=5), store=store) as illustrator:
        first = asyncio.create_task(illustrator.illustrate(tag("a fox"), message_id="m"))
        tasks = [asyncio.create_task(illustrator.illustrate("", message_id="m")) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.sleep(1)
        tasks[1].cancel()
        first.cancel()
        result = await tasks[2]
        assert [slot.state for slot in result.slots] == [SlotState.READY]


async def test_by_choice_a_second_text_is_refused() -> None:
    """Nothing is disturbed."""
    async with (
        made(ScriptedBackend()) as illustrator,
        illustrator.stream(spoken((5, "x")), message_id="m") as events,
    ):
        for block in (
            illustrator.stream("y", message_id="m", on_active="refuse"),
            illustrator.follow(spoken((0, "y")), message_id="m", on_active="refuse"),
        ):
            with pytest.raises(MessageBusy):
                await all_events(block)
        async for _ in events:
            pass
        assert events.result.text == "x"


async def test_by_choice_a_second_text_replaces_the_first() -> None:
    """The first is cancelled and committed before the second begins; its pictures are gone."""
    backend = ScriptedBackend(seconds=10)
    async with made(backend) as illustrator:
        first = asyncio.create_task(
            illustrator.illustrate(spoken((1, "x" + tag("a fox")), (99, "!")), message_id="m")
        )
        await asyncio.sleep(3)
        text = "y" + tag("an owl")
        second = await illustrator.illustrate(text, message_id="m", on_active="replace")
        assert (await first).cancelled
        assert second.text == text
        assert (await kept(illustrator.store)).text == text
        assert [call.outcome for call in backend.calls] == ["cancelled", "made"]


async def test_of_many_that_replace_each_other_one_is_left() -> None:
    """And at no time two are written."""
    async with made(ScriptedBackend()) as illustrator:
        ends = await asyncio.gather(
            *(
                illustrator.illustrate(spoken((1, str(n))), message_id="m", on_active="replace")
                for n in range(5)
            )
        )
        assert [end.cancelled for end in ends].count(False) == 1
        assert illustrator.sessions.active() == []


async def test_who_comes_while_a_session_is_being_stopped_has_a_new_one() -> None:
    """A reader who stopped an answer and asks again wants another, not the rest of that one."""
    store = NoisyStore()
    async with made(ScriptedBackend(), store=store) as illustrator:
        async with illustrator.stream(spoken((1, "x"), (99, "y")), message_id="m") as events:
            await asyncio.sleep(2)
            store.seconds = 3
            events.cancel()
            result = await illustrator.illustrate("z", message_id="m")
    assert (result.text, result.message.state) == ("z", MessageState.COMPLETE)
    assert events.result.text == "x"


async def test_who_joins_a_session_that_cannot_be_opened_has_one_of_their_own() -> None:
    """Somebody else's error is not theirs."""

    class Once(MemoryStore):
        broken = True

        async def load(self, message_id: str, variant: int | None = None) -> Message | None:
            await asyncio.sleep(1)
            if self.broken:
                self.broken = False
                raise StorageUnavailable("not now", place="here")
            return await super().load(message_id, variant)

    async with made(ScriptedBackend(), store=Once()) as illustrator:
        first, second = await asyncio.gather(
            illustrator.illustrate("x", message_id="m"),
            illustrator.illustrate("y", message_id="m"),
            return_exceptions=True,
        )
    assert isinstance(first, StorageUnavailable)
    assert not isinstance(second, BaseException)
    assert second.text == "y"


@pytest.mark.parametrize("choice", ["join", "refuse", "replace"])
async def test_one_answer_under_two_names_is_one_answer(choice: str) -> None:
    """Which one is meant is known only when the store was read; the rule is the same then."""
    async with made(ScriptedBackend(), store=NoisyStore()) as illustrator:
        await illustrator.illustrate("old", message_id="m")
        first = asyncio.create_task(
            illustrator.illustrate(spoken((5, "x")), message_id="m", variant=0)
        )
        second = asyncio.create_task(
            illustrator.illustrate(spoken((5, "y")), message_id="m", on_active=choice)
        )
        ends = await asyncio.gather(first, second, return_exceptions=True)
    if choice == "refuse":
        assert [type(end).__name__ for end in ends] == ["Illustrated", "MessageBusy"]
    else:
        texts = [end.text for end in ends if not isinstance(end, BaseException)]
        assert texts == (["x", "x"] if choice == "join" else ["", "y"])


async def test_an_unknown_choice_is_an_error() -> None:
    """It is told before anything begins."""
    async with made(ScriptedBackend()) as illustrator:
        with pytest.raises(ValueError, match="shuffle"):
            illustrator.stream("x", on_active="shuffle")


async def test_who_joins_an_answer_that_goes_on_is_told_what_is_new() -> None:
    """As the one who opened it: what was there before is not told again."""
    async with made(ScriptedBackend(seconds=9)) as illustrator:
        await illustrator.illustrate("old " + tag("a fox"), message_id="m")
        block = illustrator.stream(
            spoken((1, " new " + tag("an owl")), (3, "!")), message_id="m", continuing=True
        )
        first = asyncio.create_task(all_events(block))
        await asyncio.sleep(2)
        second = await all_events(illustrator.stream("", message_id="m"))
        await first
    assert shape(second)[0] == " new !"
    assert [event.slot.id.ordinal for event in second if isinstance(event, ImageStarted)] == [1]
