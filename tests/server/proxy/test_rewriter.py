"""The rewriter: untouched to the byte without a tag, one whole chunk for each tag."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.proxy.streams import (
    HARMLESS,
    PLACES,
    STORY,
    TAG,
    RecordingSink,
    cut,
    data,
    rewrite,
    shown,
    texts,
    ticket,
)

from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.mode import Mode
from limner.server.proxy.pictures.picture_sink import AnswerState
from limner.server.proxy.protocol.picture_chunk import PictureChunk
from limner.server.proxy.protocol.rewriter import StreamRewriter
from limner.testing.chat_server.dialects import DIALECTS, ChatDialect, Spoken

every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=str)
OPENAI = DIALECTS[0]
VLLM = next(dialect for dialect in DIALECTS if dialect.name == "vllm")


@every_dialect
@given(pieces=HARMLESS, places=PLACES, mode=st.sampled_from([Mode.INLINE, Mode.APPEND, Mode.HOLD]))
def test_without_a_tag_not_one_byte_changes(
    dialect: ChatDialect, pieces: list[str], places: list[int], mode: Mode
) -> None:
    """Whatever the server and the cuts, a stream without tags leaves as it came."""
    thought: Spoken = {"reasoning_content": TAG}
    spoken = [thought, *pieces, {"tool_calls": [{"index": 0, "id": TAG}]}]
    stream = b"".join(dialect.events(spoken))
    assert rewrite(*cut(stream, places), mode=mode) == stream


@every_dialect
@given(
    story=st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), max_size=0)
    | st.lists(st.tuples(st.integers(0, 2), STORY.map("".join)), max_size=8),
    places=PLACES,
)
def test_each_choice_keeps_its_text_and_gets_its_pictures(
    dialect: ChatDialect, story: list[tuple[int, str]], places: list[int]
) -> None:
    """Text and pictures come in order, for each choice by itself, before its finish reason."""
    stream = b"".join(dialect.events(story))
    raw = {index: "".join(t for i, t in story if i == index) for index, _ in story}
    sink = RecordingSink()
    sent = rewrite(*cut(stream, places), sink=sink)
    assert texts(sent) == {i: shown(text, i) for i, text in raw.items() if shown(text, i)}
    assert {i: t for i, t in sink.texts.items() if t} == {i: t for i, t in raw.items() if t}
    assert all(state is AnswerState.COMPLETE for state in sink.ended.values())


@given(story=STORY, places=PLACES)
def test_where_the_network_cuts_changes_nothing(story: list[str], places: list[int]) -> None:
    """The same bytes leave, however they came."""
    stream = b"".join(OPENAI.events(story))
    assert rewrite(*cut(stream, places)) == rewrite(stream)


def test_a_tag_becomes_one_complete_chunk_of_the_same_answer() -> None:
    """It has the identity of its neighbours and nothing that a front-end could mistake."""
    spoken = ["Once.", *TAG, " End."]
    sent = data(rewrite(*OPENAI.events(spoken)))
    (picture,) = [c for c in sent if "![" in json.dumps(c)]
    assert picture == {
        "id": "chatcmpl-7f3",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "delta": {"content": f"\n\n![a red fox in the snow]({ticket(0, 0).url})\n\n"},
                "finish_reason": None,
            }
        ],
    }
    assert [c["choices"][0]["delta"]["content"] for c in sent[1:4]] == [
        "Once.",
        picture["choices"][0]["delta"]["content"],
        " End.",
    ]


def test_the_tag_is_handed_over_the_instant_it_closes() -> None:
    """The sink knows of it, and the chunk leaves, in the call that brings its last byte."""
    sink = RecordingSink()
    rewriter = StreamRewriter(sink, OPENAI_CHAT)
    events = OPENAI.events(["A ", TAG[:-1], TAG[-1] + " <", "b"])
    for event in events[:3]:
        rewriter.feed(event)
    assert sink.notes == []
    sent = rewriter.feed(events[3])
    assert sink.notes == [(0, 0, "a red fox in the snow")]
    assert [type(chunk) for chunk in sent] == [PictureChunk, bytes]
    assert sent[0].ticket == ticket(0, 0)  # type: ignore[attr-defined]


def test_text_that_shares_a_chunk_with_the_finish_reason_comes_before_it() -> None:
    """The chunk is split only where a tag stands in it."""
    plain = VLLM.events(["Once <", "b>."])
    assert rewrite(*plain) == b"".join(plain)
    sent = data(rewrite(*VLLM.events(["Once", f" x{TAG} The end"])))
    finishing = [c for c in sent if c != "[DONE]" and c["choices"]]
    assert [c["choices"][0]["delta"].get("content", "")[:4] for c in finishing] == [
        "",
        "Once",
        " x",
        "\n\n![",
        " The",
    ]
    assert [c["choices"][0]["finish_reason"] for c in finishing] == [None] * 4 + ["stop"]


def test_an_event_that_is_changed_ends_with_one_blank_line() -> None:
    """As those of the server do; a reader that splits at blank lines finds no empty event."""
    sent = rewrite(*OPENAI.events([f"A {TAG} b", TAG[:9], TAG[9:], "C"]))
    events = sent.split(b"\n\n")
    assert events.pop() == b""
    assert all(event.startswith(b"data: ") for event in events)


def test_append_puts_all_pictures_behind_the_text() -> None:
    """They come together, before the finish reason."""
    for dialect in DIALECTS:
        sent = rewrite(*dialect.events([f"A{TAG}", f"B{TAG}C", "D"]), mode=Mode.APPEND)
        text = texts(sent)[0]
        assert text.startswith("ABCD\n\n![")
        assert text.count("![") == 2


def test_another_choice_does_not_wait_for_a_long_tag() -> None:
    """Only what may still be no tag holds others back."""
    rewriter = StreamRewriter(RecordingSink(), OPENAI_CHAT)
    events = OPENAI.events([(0, TAG[:40]), (1, "Meanwhile"), (0, TAG[40:])])
    for event in events[:2]:
        rewriter.feed(event)
    rewriter.feed(events[2])
    assert rewriter.feed(events[3]) == [events[3]]


def test_several_choices_in_one_chunk_are_taken_apart_only_by_a_tag() -> None:
    """The chunk keeps both; the picture is a chunk of its own."""
    both = OPENAI.chunk(
        {"index": 0, "delta": {"content": f"a{TAG}b"}}, {"index": 1, "delta": {"content": "<"}}
    )
    more = OPENAI.chunk({"index": 1, "delta": {"content": "i>"}})
    assert texts(rewrite(both, more)) == {0: shown(f"a{TAG}b"), 1: "<i>"}


def test_content_in_parts_is_read_and_kept_in_parts() -> None:
    """Parts that are no text stay where they are."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": TAG}]}
    text = {"type": "text", "text": f"A{TAG}B"}
    sent = data(rewrite(OPENAI.chunk({"index": 0, "delta": {"content": [thought, text]}})))
    assert sent[0]["choices"][0]["delta"]["content"] == [thought, {"type": "text", "text": "A"}]
    assert [c["choices"][0]["delta"]["content"][:4] for c in sent[1:]] == ["\n\n![", "B"]


def test_a_swallowed_chunk_that_says_more_stays() -> None:
    """Usage, tool calls and whatever else it carries are not lost with its text."""
    usage = {"total_tokens": 3}
    chunk = OPENAI.chunk({"index": 0, "delta": {"content": TAG}}, usage=usage)
    assert data(rewrite(chunk))[0]["usage"] == usage
    mixed = OPENAI.chunk({"index": 0, "delta": {"content": TAG, "reasoning": "hm"}})
    assert data(rewrite(mixed))[0]["choices"][0]["delta"] == {"content": "", "reasoning": "hm"}


def test_what_is_not_understood_passes() -> None:
    """Other JSON, no JSON and fields of unknown types leave as they came."""
    for odd in (
        b"data: 7\n\n",
        b"data: {\n\n",
        b'data: {"choices":[{"delta":{"content":{}}}]}\n\n',
    ):
        assert rewrite(odd) == odd


def test_an_error_comes_after_the_text_before_it() -> None:
    """What was held back is sent first, and the answer counts as cut."""
    error = b'data: {"error":{"message":"out of memory"}}\n\n'
    sink = RecordingSink()
    sent = rewrite(OPENAI.chunk({"index": 0, "delta": {"content": "A <"}}), error, sink=sink)
    assert texts(sent) == {0: "A <"}
    assert sent.endswith(error)
    assert sink.ended == {0: AnswerState.CUT}


def test_an_illegal_error_line_is_made_legal() -> None:
    """llama.cpp's `error:` becomes an event that clients read."""
    assert rewrite(b'error: {"error":{"code":500}}\n\n') == b'data: {"error":{"code":500}}\n\n'


def test_text_held_at_the_end_is_sent_before_done() -> None:
    """A stream without a finish reason loses nothing."""
    text = OPENAI.chunk({"index": 0, "delta": {"content": f"A{TAG} {TAG[:40]}"}})
    sent = rewrite(text, b"data: [DONE]\n\n")
    assert texts(sent) == {0: shown(f"A{TAG} {TAG[:40]}")}
    assert sent.endswith(b"data: [DONE]\n\n")


def test_a_cut_gives_what_is_certain_and_no_half_event() -> None:
    """After a cut only whole events leave."""
    rewriter = StreamRewriter(RecordingSink(), OPENAI_CHAT)
    event = OPENAI.chunk({"index": 0, "delta": {"content": "A <"}})
    assert rewriter.feed(event + event[:30]) == []
    assert rewriter.abort() == [event]


def test_line_ends_are_the_servers() -> None:
    """Chunks of our own end as those around them do."""
    dialect = next(d for d in DIALECTS if d.newline == "\r\n")
    sent = rewrite(*dialect.events([f"A{TAG}"]))
    assert b"\n" not in sent.replace(b"\r\n", b"")
