"""A text that comes with its tags: drawn and kept like any other, and not scanned again."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.illustration.making import NoisyStore, all_events, kept, made, tag

from limner.errors import SourceFailed
from limner.illustration import (
    Event,
    MessageState,
    PromptFound,
    PushedPieces,
    Scanned,
    ScannedText,
    SlotState,
    StreamingMonitor,
    TextChunk,
)
from limner.prompts import PromptScanner, PromptTag

FOX, OWL, HEN = tag("a fox"), tag("an owl"), tag("a hen")

CHUNKS = st.lists(
    st.sampled_from([FOX, FOX[:9], FOX[9:], '<!--img-prompt="', "`", "<", "<think>", "\n", "😀"])
    | st.text(min_size=1, max_size=4),
    max_size=12,
)


def scan(*chunks: str, before: str = "", ordinal: int = 0) -> list[Scanned]:
    """The chunks as one hands them on who has scanned them; the last piece is the end."""
    scanner = PromptScanner()
    parts = scanner.feed(before)
    fed = len(before)
    settled = parts[-1].end if parts else 0
    pieces = []
    for chunk in (*chunks, None):
        parts = scanner.finish() if chunk is None else scanner.feed(chunk)
        fed += len(chunk or "")
        settled = parts[-1].end if parts else settled
        tags = [part for part in parts if isinstance(part, PromptTag)]
        pieces.append(Scanned(chunk or "", dict(enumerate(tags, ordinal)), held=fed - settled))
        ordinal += len(tags)
    return pieces


async def given_out(
    pieces: Sequence[Scanned], error: Exception | None = None
) -> AsyncGenerator[Scanned, None]:
    """The pieces, one after the other, and then perhaps an error."""
    for piece in pieces:
        yield piece
    if error is not None:
        raise error


def scanned(*chunks: str) -> ScannedText:
    """A text that was scanned."""
    return ScannedText(given_out(scan(*chunks)))


@given(CHUNKS)
def test_what_comes_with_its_tags_is_as_if_it_was_scanned_here(chunks: list[str]) -> None:
    """The same tags at the same places, and the same text released at the same moments."""
    here, there = StreamingMonitor(), StreamingMonitor()
    *pieces, end = scan(*chunks)
    for piece in pieces:
        parts, taken = here.feed(piece.text), there.take(piece)
        assert "".join(p.source for p in taken) == "".join(p.source for p in parts)
        assert (there.released, there.visible) == (here.released, here.visible)
    here.finish()
    there.take(end)
    assert there.finish() == []
    assert (there.text, there.tags, there.visible) == (here.text, here.tags, here.visible)


async def test_it_is_drawn_and_kept_and_nothing_of_it_is_scanned_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Text, slots and events are those of a plain text."""
    async with made() as illustrator:
        plain = await illustrator.illustrate(f"One {FOX} two {OWL} <", message_id="plain")
        text = scanned("One <!--", FOX[4:], " two ", OWL, " <")
        monkeypatch.setattr(PromptScanner, "feed", None)
        events = await all_events(illustrator.stream(text, message_id="m"))
        message = await kept(illustrator.store)
    assert "".join(e.text for e in events if isinstance(e, TextChunk)) == "One  two  <"
    assert message.text == plain.text
    assert [(s.tag, s.state, s.id.ordinal) for s in message.slots] == [
        (s.tag, s.state, s.id.ordinal) for s in plain.slots
    ]
    assert message.state is MessageState.COMPLETE


async def test_each_picture_has_the_ordinal_that_its_source_says() -> None:
    """An address may have been given out for it; what is left out counts as deleted."""
    store = NoisyStore()
    async with made(store=store) as illustrator:
        pieces = scan(f"One {FOX} two {OWL}", ordinal=2)
        result = await illustrator.illustrate(ScannedText(given_out(pieces)), message_id="m")
    assert [(s.id.ordinal, s.prompt, s.state) for s in result.slots] == [
        (0, "", SlotState.DELETED),
        (1, "", SlotState.DELETED),
        (2, "a fox", SlotState.READY),
        (3, "an owl", SlotState.READY),
    ]
    first = next(what for _, kind, what in store.log if kind == "slots")
    assert [slot.id.ordinal for slot in first] == [0, 1, 2, 3]
    assert result.complete


async def test_what_is_over_before_it_is_read_is_kept_once() -> None:
    """Of a text that goes on, what has come by then is kept with its beginning."""
    store = NoisyStore()
    async with made(store=store) as illustrator:
        for name in ("over", "going on"):
            pieces = PushedPieces()
            for said in ("All of ", "it."):
                pieces.put(Scanned(said))
            if name == "over":
                pieces.end()
            told = illustrator.illustrate(ScannedText(pieces), message_id=name)
            telling = asyncio.create_task(told)
            await asyncio.sleep(1)
            pieces.end()
            assert (await telling).message.text == "All of it."
    assert [(what.id, what.text, what.state) for _, _, what in store.log] == [
        ("over", "All of it.", MessageState.COMPLETE),
        ("going on", "All of it.", MessageState.WRITING),
        ("going on", "All of it.", MessageState.COMPLETE),
    ]


async def test_a_picture_of_what_has_come_has_a_message_before_it_is_asked_for() -> None:
    """However short the text is that it ends."""
    store, pieces = NoisyStore(), PushedPieces()
    for piece in scan("Once ", FOX):
        pieces.put(piece)
    pieces.end()
    async with made(store=store) as illustrator:
        result = await illustrator.illustrate(ScannedText(pieces), message_id="m")
    kinds = [kind for _, kind, _ in store.log]
    assert kinds[0] == "save"
    assert "slots" in kinds[1:]
    assert result.complete


@pytest.mark.parametrize("cut", range(1, len(FOX)))
async def test_an_answer_goes_on_with_the_tags_of_what_is_new(cut: int) -> None:
    """One that was open where the text ended is drawn once, wherever that was."""
    text = f"One {OWL} {FOX}"
    at = len(text) - len(FOX) + cut
    async with made() as illustrator:
        await illustrator.illustrate(text[:at], message_id="m")
        there = (await kept(illustrator.store)).slots
        pieces = scan(text[at:], f" {HEN}", before=text[:at], ordinal=1)
        source = ScannedText(given_out(pieces), start=at, before=[there[0].tag])
        events = await all_events(illustrator.stream(source, message_id="m", continuing=True))
        message = await kept(illustrator.store)
    assert message.text == f"{text} {HEN}"
    assert [(s.prompt, s.state) for s in message.slots] == [
        (prompt, SlotState.READY) for prompt in ("an owl", "a fox", "a hen")
    ]
    assert [message.text[s.tag.start : s.tag.end] for s in message.slots] == [OWL, FOX, HEN]
    assert [e.slot.id.ordinal for e in events if isinstance(e, PromptFound)] == [1, 2]
    assert "".join(e.text for e in events if isinstance(e, TextChunk)) == " "


async def test_a_text_before_that_its_source_does_not_know_moves_the_tags() -> None:
    """They stand where they stand, whatever its source took for the beginning."""
    async with made() as illustrator:
        await illustrator.illustrate("A longer beginning.", message_id="m")
        pieces = scan(FOX[5:], f" {HEN}", before=f"Short. {FOX[:5]}")
        source = ScannedText(given_out(pieces), start=12)
        result = await illustrator.illustrate(source, message_id="m", continuing=True)
    assert result.text == f"A longer beginning.{FOX[5:]} {HEN}"
    places = [result.text[s.tag.start : s.tag.end] for s in result.slots]
    assert places == [FOX[5:], HEN]


async def test_a_tag_before_that_has_no_slot_gets_one() -> None:
    """The answer was cut before it had; a tag that does not stand there gets none."""
    async with made() as illustrator:
        await illustrator.illustrate(f"One {FOX}", message_id="m", role="user")
        message = await kept(illustrator.store)
        (fox,) = [
            part for part in PromptScanner().feed(message.text) if isinstance(part, PromptTag)
        ]
        owl = PromptTag("an owl", OWL, 0, len(OWL))
        source = ScannedText(given_out(scan("!")), start=len(message.text), before=[owl, fox])
        events = await all_events(illustrator.stream(source, message_id="m", continuing=True))
        message = await kept(illustrator.store)
    assert [(s.prompt, s.state) for s in message.slots] == [("a fox", SlotState.READY)]
    assert [e.text for e in events if isinstance(e, TextChunk)] == ["!"]


async def test_what_is_held_when_it_is_cut_is_kept_and_not_told() -> None:
    """Nothing of it is lost, should it go on; readers see no half a tag."""
    async with made() as illustrator:
        pieces = scan(f"One {FOX} <!--img")[:-1]
        assert pieces[-1].held == 7
        source = ScannedText(given_out(pieces, OSError("gone")))
        events: list[Event] = []
        illustrator.on_event(lambda _, event: events.append(event))
        with pytest.raises(SourceFailed):
            await illustrator.illustrate(source, message_id="m")
        message = await kept(illustrator.store)
    assert "".join(e.text for e in events if isinstance(e, TextChunk)) == "One  "
    assert (message.text, message.state) == (f"One {FOX} <!--img", MessageState.CUT)


async def test_what_a_user_says_comes_without_tags() -> None:
    """Only a model's words are illustrated, whoever found tags in others."""
    async with made() as illustrator:
        with pytest.raises(ValueError, match="assistant"):
            await illustrator.illustrate(scanned(FOX), message_id="m", role="user")
        assert illustrator.sessions.active() == []
