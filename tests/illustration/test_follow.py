"""Sources that only show the whole text so far, and may take back what they said."""

import asyncio
from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st
from tests.illustration.making import all_events, kept, made, tag

from limner.illustration import (
    ImageStarted,
    PromptFound,
    PromptGone,
    SlotState,
    StreamingMonitor,
    TextChunk,
    TextRewritten,
)
from limner.illustration.model.tag_match import still_standing
from limner.prompts import Text, find_prompts
from limner.testing import ScriptedBackend, run_virtual

pieces = st.lists(
    st.sampled_from(["snow ", "`", "\n\n", "<", "<!--img-prompt=", '"', "-->", "🦊"])
    | st.sampled_from(["a fox", "an owl"]).map(tag),
    max_size=8,
)


async def shown(*timed: tuple[float, str]) -> AsyncIterator[str]:
    """Whole texts, each after some seconds."""
    for seconds, text in timed:
        await asyncio.sleep(seconds)
        yield text


@given(pieces)
def test_a_text_that_only_grows_gives_the_same_as_its_pieces(parts: list[str]) -> None:
    """Pull and push give the same parts, at every step."""
    pushed, pulled, whole = StreamingMonitor(), StreamingMonitor(), ""
    for part in parts:
        whole += part
        assert pulled.observe(whole) == pushed.feed(part)
        assert pulled.observe(whole) == []
    assert pulled.finish() == pushed.finish()
    assert (pulled.text, pulled.tags, pulled.rewrites) == (pushed.text, pushed.tags, 0)


@given(st.lists(pieces.map("".join), min_size=1, max_size=6))
def test_whatever_was_shown_before_the_last_text_is_what_counts(texts: list[str]) -> None:
    """After any rewrites text, tags and what the reader sees are those of the last text alone."""
    monitor = StreamingMonitor()
    for text in texts:
        monitor.observe(text)
    alone = StreamingMonitor()
    alone.observe(texts[-1])
    assert (monitor.text, monitor.tags, monitor.visible) == (alone.text, alone.tags, alone.visible)
    monitor.finish()
    assert monitor.tags == find_prompts(texts[-1])


@given(pieces.map("".join), pieces.map("".join))
def test_what_is_given_after_a_rewrite_begins_where_the_text_changed(one: str, two: str) -> None:
    """The common beginning is not given again; the rest is, without a gap."""
    monitor = StreamingMonitor()
    monitor.observe(one)
    before = monitor.visible
    parts = monitor.observe(two)
    given_again = "".join(part.text for part in parts if isinstance(part, Text))
    if monitor.rewrites:
        assert monitor.visible.endswith(given_again)
    else:
        assert before + given_again == monitor.visible


@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9))
def test_tags_that_still_stand_keep_their_order_and_are_as_many_as_possible(
    before: list[str], now: list[str]
) -> None:
    """A matching is increasing on both sides, of equals, and no shorter than the plain one."""
    stand = still_standing(before, now)
    pairs = sorted(stand.items())
    assert all(before[i] == now[j] for i, j in pairs)
    assert [j for _, j in pairs] == sorted(set(stand.values()))
    best = [[0] * (len(now) + 1) for _ in range(len(before) + 1)]
    for i, a in enumerate(before):
        for j, b in enumerate(now):
            best[i + 1][j + 1] = best[i][j] + 1 if a == b else max(best[i][j + 1], best[i + 1][j])
    assert len(pairs) == best[-1][-1]


async def test_r13_r70_a_rewritten_passage_keeps_the_pictures_of_tags_that_still_stand() -> None:
    """R13, R70: the text changes around a tag; its slot and picture stay, at their new place."""
    backend = ScriptedBackend(seconds=3)
    text = shown(
        (0, f"One {tag('a fox')} two {tag('an owl')}"),
        (5, f"Once upon a time {tag('a fox')} slept. {tag('a hen')}"),
        (5, f"Once upon a time {tag('a fox')} slept. {tag('a hen')} The end."),
    )
    async with made(backend) as illustrator:
        events = await all_events(illustrator.follow(text, message_id="m"))
        message = await kept(illustrator.store)
    assert [slot.prompt for slot in message.slots] == ["a fox", "an owl", "a hen"]
    assert [str(slot.state) for slot in message.slots] == ["ready", "deleted", "ready"]
    assert [call.request.prompt for call in backend.calls] == ["a fox", "an owl", "a hen"]
    fox = message.slots[0]
    assert message.text[fox.tag.start : fox.tag.end] == tag("a fox")
    (rewritten,) = [event for event in events if isinstance(event, TextRewritten)]
    assert rewritten.text == "Once upon a time  slept. "
    assert [e.slot.prompt for e in events if isinstance(e, PromptGone)] == ["an owl"]
    assert [e.text for e in events if isinstance(e, TextChunk)][-1] == " The end."
    assert len(message.slots[1].alternatives) == 1  # made before it was taken back, and not lost


async def test_a_tag_that_is_taken_back_stops_its_picture() -> None:
    """Nobody waits for it any more: the backend's call is cancelled, the text may shrink."""
    backend = ScriptedBackend(seconds=100)
    async with made(backend) as illustrator:
        text = shown((0, "One " + tag("a fox")), (5, "One"), (1, "One day."))
        events = await all_events(illustrator.follow(text, message_id="m"))
        message = await kept(illustrator.store)
    assert [call.outcome for call in backend.calls] == ["cancelled"]
    assert message.text == "One day."
    assert [slot.state for slot in message.slots] == [SlotState.DELETED]
    assert asyncio.get_running_loop().time() == 6
    assert sum(isinstance(event, ImageStarted) for event in events) == 1


async def test_the_place_of_a_tag_that_is_gone_stays_in_a_text_that_gets_shorter() -> None:
    """A later rewrite moves the places of slots that were deleted before it."""
    texts = [f"Once upon a time {tag('a fox')} there was", "Once upon a time there was", "Once"]
    async with made(ScriptedBackend(seconds=9)) as illustrator:
        source = shown(*((1.0, text) for text in texts))
        await all_events(illustrator.follow(source, message_id="m"))
        (slot,) = (await kept(illustrator.store)).slots
    assert slot.state is SlotState.DELETED
    assert (slot.tag.start, slot.tag.end) == (len("Once"), len("Once"))


@given(st.lists(pieces.map("".join), min_size=1, max_size=5))
def test_any_rewrites_leave_a_message_that_fits_its_text(texts: list[str]) -> None:
    """Each tag of the last text has one slot, drawn once; everything else is deleted."""

    async def main() -> None:
        async with made(ScriptedBackend(seconds=0.7)) as illustrator:
            text = shown(*((0.5, text) for text in texts))
            events = await all_events(illustrator.follow(text, message_id="m"))
            message = await kept(illustrator.store)
        assert message.text == texts[-1]
        standing = [s for s in message.in_reading_order() if s.tag.end > s.tag.start]
        assert [slot.tag for slot in standing] == find_prompts(texts[-1])
        assert all(slot.state is SlotState.READY for slot in standing)
        gone = [slot for slot in message.slots if slot not in standing]
        assert all(slot.state is SlotState.DELETED for slot in gone)
        found = [event.slot.id for event in events if isinstance(event, PromptFound)]
        assert len(found) == len(set(found)) == len(message.slots)
        seen = ""
        for event in events:
            if isinstance(event, TextRewritten):
                seen = event.text
            elif isinstance(event, TextChunk):
                seen += event.text
        alone = StreamingMonitor()
        alone.observe(texts[-1])
        alone.finish()
        assert seen == alone.visible

    run_virtual(main())
