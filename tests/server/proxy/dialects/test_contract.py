"""What holds of every protocol's streams, however they are cut."""

import itertools
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.proxy.dialects.speaking import BY_NAME, SPOKEN, Spoken
from tests.server.proxy.streams import TAG, RecordingSink, shown, ticket

from limner.server.proxy.mode import Mode
from limner.server.proxy.pictures.picture_sink import AnswerState
from limner.server.proxy.protocol.completion import rewrite_completion
from limner.server.proxy.protocol.pass_through import PassThrough
from limner.server.proxy.protocol.rewriter import StreamRewriter

every = pytest.mark.parametrize("spoken", SPOKEN, ids=str)
STORY = ["A fox <", "b>ran</b> \u2014 ", "so \U0001f98a fast", ".", " <!-- note -->", " The end <"]
TALE = ["Once", f" a fox. {TAG}", " It ", *TAG, " slept.", '<!--img-prompt="cut']


@every
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_without_a_tag_every_byte_is_as_it_came(spoken: Spoken, size: int) -> None:
    """Thoughts, calls, counts, pings and repetitions included, however it is cut."""
    stream = b"".join(spoken.server.events(STORY))
    parts = [stream[at : at + size] for at in range(0, len(stream), size)]
    sink = RecordingSink()
    assert spoken.rewrite(*parts, sink=sink) == stream
    assert sink.texts[0] == "".join(STORY)
    assert sink.ended == {0: AnswerState.COMPLETE}


@every
def test_tags_across_events_become_pictures_in_their_places(spoken: Spoken) -> None:
    """However the bytes are cut; what belongs around the text stays, in its order."""
    events = spoken.server.events(TALE)
    stream = b"".join(events)
    expected = shown("".join(TALE))
    for size in (1, 13, len(stream)):
        sink = RecordingSink()
        parts = [stream[at : at + size] for at in range(0, len(stream), size)]
        sent = spoken.rewrite(*parts, sink=sink)
        assert spoken.text(sent) == expected
        assert [note[1] for note in sink.notes] == [0, 1]
    others = [event for event in events if not spoken.text(event)]
    assert all(event in sent for event in others if b"img-prompt" not in event or b"Hm." in event)


@every
def test_a_cut_at_any_byte_changes_nothing(spoken: Spoken) -> None:
    """In a name, an escape, a letter of several bytes, a tag or a line end."""
    pieces = ["\U0001f98a ", TAG, "."]
    stream = b"".join(spoken.server.events(pieces))
    whole = spoken.rewrite(stream)
    said = len(b"".join(spoken.server.said([]))), len(b"".join(spoken.server.said(pieces)))
    for at in range(*said):
        assert spoken.rewrite(stream[:at], stream[at:]) == whole, stream[at - 20 : at]


@every
@given(data=st.data())
def test_no_cut_changes_what_is_read(spoken: Spoken, data: st.DataObject) -> None:
    """Any text in any pieces, cut anywhere, in any mode, reads the same."""
    words = st.sampled_from(
        ["a", " fox", TAG, "<!--", '<img_prompt="x">', "\n", "\U0001f98a", "-->"]
    )
    pieces = data.draw(st.lists(words, max_size=8))
    mode = data.draw(st.sampled_from([Mode.INLINE, Mode.APPEND]))
    stream = b"".join(spoken.server.events(pieces))
    whole = spoken.rewrite(stream, mode=mode)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    ends = [0, *cuts, len(stream)]
    parts = [stream[a:b] for a, b in itertools.pairwise(ends)]
    assert spoken.text(spoken.rewrite(*parts, mode=mode)) == spoken.text(whole)
    if mode is Mode.INLINE:
        assert spoken.text(whole) == shown("".join(pieces))


@every
def test_every_event_is_one_of_the_protocol(spoken: Spoken) -> None:
    """What limner writes by itself has the fields, and the form, of what the server writes."""
    stream = b"".join(spoken.server.events(TALE))
    plain = spoken.data(b"".join(spoken.server.events(STORY)))
    known = {frozenset(told) for told in plain}
    sent = spoken.rewrite(stream)
    for told in spoken.data(sent):
        assert any(frozenset(told) <= fields for fields in known), told
    form = re.compile(rb"(?:event: [a-z._]+\n)?data: .*\n\n|\{.*\}\n")
    assert form.sub(b"", sent) == b""


@every
def test_append_puts_pictures_behind_the_text_and_before_its_end(spoken: Spoken) -> None:
    """The text is without tags; the last events of the stream come last."""
    stream = b"".join(spoken.server.events(["A ", TAG, "fox."]))
    sent = spoken.rewrite(stream, mode=Mode.APPEND)
    assert spoken.text(sent).startswith("A fox.\n\n![")
    assert spoken.data(sent)[-1] == spoken.data(stream)[-1] or "img-prompt" in stream.decode()


@every
def test_an_error_in_the_stream_ends_it(spoken: Spoken) -> None:
    """What was certain stands before it; the answer counts as cut."""
    events = spoken.server.said(["A fox ", '<!--img-prompt="a'])
    failure = spoken.server.error("out of memory")
    sink = RecordingSink()
    sent = spoken.rewrite(*events, failure, sink=sink)
    assert spoken.text(sent).startswith("A fox ")
    number = {"sequence_number": None}
    assert spoken.data(sent)[-1] | number == spoken.data(failure)[0] | number
    assert sink.ended == {0: AnswerState.CUT}


@every
def test_a_cut_stream_gives_what_it_held(spoken: Spoken) -> None:
    """But no half event."""
    rewriter = StreamRewriter(RecordingSink(), spoken.dialect)
    sent = b"".join(
        chunk for event in spoken.server.said(["A fox <!-- "]) for chunk in rewriter.feed(event)
    )
    sent += b"".join(rewriter.feed(b'data: {"half'))
    sent += b"".join(rewriter.abort())
    assert spoken.text(sent) == "A fox <!-- "
    assert b"half" not in sent


@every
def test_what_tells_an_error_is_a_whole_one(spoken: Spoken) -> None:
    """Both as an answer by itself and at the end of a stream that has begun."""
    told = b'{"error":{"message":"no such model","type":"not_found_error","param":null,"code":404}}'
    body = spoken.dialect.refusal(told)
    assert "no such model" in body.decode()
    assert spoken.dialect.refusal(body) == body
    last = spoken.dialect.last(body)
    assert any("no such model" in json.dumps(one) for one in spoken.data(last))
    assert last.endswith(b"\n")


@every
def test_an_answer_that_is_whole_has_its_pictures(spoken: Spoken) -> None:
    """And is as it came, to the byte, where it has no tag."""
    plain = spoken.server.whole("A fox <b>.")
    assert rewrite_completion(plain, RecordingSink(), spoken.dialect) == (plain, [])
    body, tickets = rewrite_completion(
        spoken.server.whole(f"A fox. {TAG} It ran."), RecordingSink(), spoken.dialect
    )
    assert [one.url for one in tickets] == [ticket(0, 0).url]
    assert "img-prompt" not in body.decode()
    without = body.decode().replace(json.dumps(shown(f"A {TAG}")[2:])[1:-1], "")
    assert "A fox." in without


SEVERAL_AT_ONCE: dict[str, Callable[[list[str]], Any]] = {
    "openai chat": lambda texts: {
        "choices": [
            {"index": at, "message": {"role": "assistant", "content": text}}
            for at, text in enumerate(texts)
        ]
    },
    "openai completions": lambda texts: {
        "choices": [{"index": at, "text": text} for at, text in enumerate(texts)]
    },
    "koboldai stream": lambda texts: {"results": [{"text": text} for text in texts]},
}
"""Whole answers with several choices."""


@pytest.mark.parametrize("name", SEVERAL_AT_ONCE)
def test_each_choice_of_a_whole_answer_has_its_own_pictures(name: str) -> None:
    """In the order in which they stand."""
    spoken, texts = BY_NAME[name], [f"A fox. {TAG}", "Nothing.", f"{TAG} An owl. {TAG}"]
    whole = json.dumps(SEVERAL_AT_ONCE[name](texts)).encode()
    body, tickets = rewrite_completion(whole, RecordingSink(), spoken.dialect)
    said = [part.text for part in spoken.dialect.parts(body)]
    assert said == [shown(text, at) for at, text in enumerate(texts)]
    assert [one.url for one in tickets] == [ticket(*at).url for at in ((0, 0), (2, 0), (2, 1))]


def test_what_a_response_says_again_holds_the_same_pictures() -> None:
    """In its part, its item and the whole; also where pictures stand behind the text."""
    spoken = BY_NAME["openai responses"]
    for mode in (Mode.INLINE, Mode.APPEND):
        sent = spoken.rewrite(
            b"".join(spoken.server.events(["A ", TAG, f" fox {TAG}."])), mode=mode
        )
        told = {one["type"]: one for one in spoken.data(sent)}
        text = spoken.text(sent)
        assert sent.decode().count("img-prompt") == 1, "that of the thought"
        assert told["response.output_text.done"]["text"] == text
        assert told["response.content_part.done"]["part"]["text"] == text
        (part,) = told["response.output_item.done"]["item"]["content"]
        assert part["text"] == text
        output = told["response.completed"]["response"]["output"]
        assert output[1]["content"][0]["text"] == text


def test_text_of_a_block_never_follows_its_end() -> None:
    """What is held for a thought that never ends is said before the end of its block is."""
    spoken = BY_NAME["anthropic messages"]
    thought = ["<think>A fox. ", TAG, " It goes on for longer than anybody can wait for it."]
    sent = spoken.rewrite(b"".join(spoken.server.events(thought)))
    assert spoken.text(sent).count("![") == 1
    kinds = [(one["type"], one.get("index")) for one in spoken.data(sent)]
    assert kinds.index(("content_block_stop", 1)) > max(
        at for at, kind in enumerate(kinds) if kind == ("content_block_delta", 1)
    )


SEVERAL = ("openai chat", "openai completions", "llama.cpp completion")
"""Protocols in which a stream may hold several choices."""


@pytest.mark.parametrize("name", SEVERAL)
@given(data=st.data())
def test_choices_that_take_turns_are_told_apart(name: str, data: st.DataObject) -> None:
    """Each has its own text and pictures, however the stream is cut."""
    spoken = BY_NAME[name]
    tales = {0: ["Once ", TAG[:9], TAG[9:], " a fox."], 1: ["An owl ", f"{TAG} flew <", "b>"]}
    said = {
        index: [_of_choice(event, index) for event in spoken.server.said(pieces)]
        for index, pieces in tales.items()
    }
    stream = b""
    while any(said.values()):
        index = data.draw(st.sampled_from([index for index, left in said.items() if left]))
        stream += said[index].pop(0)
    size = data.draw(st.integers(1, 200))
    sent = spoken.rewrite(*(stream[at : at + size] for at in range(0, len(stream), size)))
    for index, pieces in tales.items():
        mine = [one for one in spoken.data(sent) if _choice(one) == index]
        assert "".join(map(spoken.delta, mine)) == shown("".join(pieces), index)


def _of_choice(event: bytes, index: int) -> bytes:
    return event.replace(b'"index":0', b'"index":%d' % index)


def _choice(told: Any) -> int | None:
    choices = told.get("choices", [told])
    return choices[0].get("index") if choices else None


@every
def test_what_is_told_besides_the_text_is_as_it_came_beside_pictures(spoken: Spoken) -> None:
    """Thoughts, calls, counts, reasons: all that an event has but its text and its number."""
    events = spoken.server.events(TALE)
    others = [event for event in events if not spoken.text(event)]
    came = [_besides(one) for one in spoken.data(b"".join(others))]
    sent = [_besides(one) for one in spoken.data(spoken.rewrite(*events))]
    for told in came:
        assert told in sent
    counts = [name for name in ("usage", "timings", "eval_count") if name in str(came)]
    assert counts or str(spoken) == "koboldai stream", "it is told what the answer took"


BESIDE: dict[str, Callable[[str], Any]] = {
    "openai chat": lambda text: {
        "choices": [{"index": 0, "delta": {"content": text, "reasoning_content": "Hm."}}]
    },
    "openai completions": lambda text: {
        "choices": [{"index": 0, "text": text, "finish_reason": "stop"}]
    },
    "ollama chat": lambda text: {"message": {"content": text, "thinking": "Hm."}, "done": False},
    "koboldai stream": lambda text: {"token": text, "finish_reason": "length"},
    "llama.cpp completion": lambda text: {"content": text, "stop": True, "timings": {"n": 1}},
}
"""Events that say something besides their text."""


@pytest.mark.parametrize("name", BESIDE)
def test_an_event_whose_text_is_a_tag_still_says_what_else_it_says(name: str) -> None:
    """It is not left out with its text."""
    spoken = BY_NAME[name]
    made = spoken.dialect.event(json.dumps(BESIDE[name](TAG)).encode(), b"\n")
    sent = spoken.data(spoken.rewrite(made))
    (own,) = [one for one in sent if one == BESIDE[name]("")]
    assert own
    assert "".join(map(spoken.delta, sent)) == shown(TAG)


def _besides(told: Any) -> Any:
    """An event without the text that it says again, and without its number."""
    if isinstance(told, dict):
        return {
            name: _besides(value)
            for name, value in told.items()
            if name != "sequence_number" and not (name == "text" and value)
        }
    return [_besides(one) for one in told] if isinstance(told, list) else told


@every
@pytest.mark.parametrize("half", [False, True])
def test_halves_of_characters_become_whole_beside_pictures(spoken: Spoken, half: bool) -> None:
    """A server that counts in UTF-16 cuts an emoji in two; a program puts the halves together."""
    marks = ["@@", "%%"]
    stream = b"".join(spoken.server.events(["A ", f"fox {marks[0]}", f"{marks[1]} ", TAG, "."]))
    for mark, escape in zip(marks, (b"\\ud83e", b"\\udd8a"), strict=True):
        stream = stream.replace(mark.encode(), escape)
    parts = [stream[at : at + 50] for at in range(0, len(stream), 50)] if half else [stream]
    sink = RecordingSink()
    said = spoken.text(spoken.rewrite(*parts, sink=sink))
    whole = said.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    assert whole == shown(f"A fox \U0001f98a {TAG}.")
    assert sink.texts[0] == f"A fox \U0001f98a {TAG}."


@pytest.mark.parametrize("mode", [Mode.INLINE, Mode.APPEND])
def test_the_events_of_a_response_are_numbered_without_a_gap(mode: Mode) -> None:
    """Also where pictures were added, open tags left out, and an error ends it."""
    spoken = BY_NAME["openai responses"]
    for pieces in (TALE, STORY, [TAG, TAG], [TAG[:5], TAG[5:] + "<", "b"]):
        sent = spoken.data(spoken.rewrite(b"".join(spoken.server.events(pieces)), mode=mode))
        assert [one["sequence_number"] for one in sent] == list(range(len(sent)))
    rewriter = StreamRewriter(RecordingSink(), spoken.dialect)
    told = b"".join(chunk for event in spoken.server.said([TAG]) for chunk in rewriter.feed(event))
    error = spoken.dialect.last(b'{"error":{"message":"cut","code":null}}')
    numbers = [one["sequence_number"] for one in spoken.data(told + rewriter.added(error))]
    assert numbers == list(range(len(numbers)))


@every
def test_a_whole_answer_can_be_told_as_a_stream(spoken: Spoken) -> None:
    """For a program that waits for one, from a server that does not stream."""
    body = spoken.server.whole("A fox.\nIt ran.")
    sent = spoken.dialect.streamed(body)
    assert spoken.text(sent) == "A fox.\nIt ran."
    sink = RecordingSink()
    assert spoken.rewrite(sent, sink=sink) == sent
    assert (sink.texts[0], sink.ended) == ("A fox.\nIt ran.", {0: AnswerState.COMPLETE})
    known = {frozenset(one) for one in spoken.data(b"".join(spoken.server.events(STORY)))}
    for told in spoken.data(sent):
        assert any(frozenset(told) >= {"usage"} or frozenset(told) <= one for one in known), told


@every
def test_an_answer_of_another_shape_is_told_as_it_is_or_known_as_none(spoken: Spoken) -> None:
    """Whatever stands where a text, a list or an object belongs."""
    whole = json.loads(spoken.server.whole("A fox."))
    odd: list[Any] = [5, "x", {"a": 1}, [5], [[]], [{"type": "message", "content": 5}], True]
    bodies: list[Any] = [{**whole, name: one} for name in whole for one in odd]
    for body in (b"{", b'{"a":"\\ud83d"}', *(json.dumps(one).encode() for one in [*bodies, [5]])):
        with suppress(msgspec.DecodeError, ValueError):
            assert spoken.dialect.streamed(body)


@every
@pytest.mark.parametrize("mode", [Mode.INLINE, Mode.APPEND, Mode.OFF])
def test_a_stream_that_is_stopped_anywhere_ends_as_one_does(spoken: Spoken, mode: Mode) -> None:
    """Before its first event, in a thought, a text or a call, and behind its last word."""
    events = spoken.server.events(TALE)
    assert spoken.ends_well(b"".join(events))
    for at in range(len(events) + 1):
        machine: StreamRewriter | PassThrough = PassThrough(spoken.dialect)
        if mode is not Mode.OFF:
            machine = StreamRewriter(RecordingSink(), spoken.dialect, mode=mode)
        sent = [piece for event in events[:at] for piece in machine.feed(event)]
        assert spoken.ends_well(b"".join([*sent, *machine.abort(), *machine.stopped()])), at


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("over", [False, True])
def test_each_choice_of_a_stream_that_is_stopped_has_its_end(name: str, over: bool) -> None:
    """And one that has ended before has not two."""
    spoken = BY_NAME[name]
    said = spoken.server.said(["A fox."])
    first = spoken.server.events(["A fox."])[: len(said) + over]
    rewriter = StreamRewriter(RecordingSink(), spoken.dialect)
    events = [*first, *(_of_choice(event, 1) for event in said)]
    sent = [piece for event in events for piece in rewriter.feed(event)]
    assert len([one for one in spoken.data(b"".join(sent)) if _is_end(one)]) == over
    whole = b"".join([*sent, *rewriter.abort(), *rewriter.stopped()])
    assert sorted(_choice(one) or 0 for one in spoken.data(whole) if _is_end(one)) == [0, 1]


def _is_end(told: Any) -> bool:
    return any(one.get("finish_reason") or one.get("stop") for one in told.get("choices", [told]))
