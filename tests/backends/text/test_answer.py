"""The body of an answer: every dialect, every way to end."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.text import ChatEvent, Finish, ReasoningDelta, TextDelta, Usage, answer
from limner.backends.text.openai.answer import LARGEST_BODY, AnswerReader
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendUnavailable,
    ContentRefused,
    StreamCut,
)
from limner.testing.chat_server.reply import Reply, chunk, joined

SSE = "text/event-stream"


def read(
    parts: bytes | Iterable[bytes], media_type: str = SSE
) -> tuple[list[ChatEvent], BackendError | None]:
    """The events of a whole body, and its failure."""
    reader = AnswerReader(media_type, server="here")
    events: list[ChatEvent] = []
    for part in [parts] if isinstance(parts, bytes) else parts:
        events += reader.feed(part)
    events += reader.finish()
    assert reader.over
    return events, reader.failure


def text(events: Iterable[ChatEvent]) -> str:
    """The text in some events."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def sse(*chunks: Any) -> bytes:
    """An event stream of some JSON values."""
    return "".join(f"data: {json.dumps(value)}\n\n" for value in chunks).encode()


STYLES: list[dict[str, Any]] = [
    {},
    {"newline": "\r\n"},
    {"newline": "\r"},
    {"space": False},
    {"role": False},
    {"done": False},
    {"last_newline": False},
    {"finish_with_text": True},
    {"finish": None},
    {"finish_with_text": True, "done": False, "last_newline": False, "newline": "\r\n"},
    {"usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}},
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_every_dialect_gives_the_same_text(style: dict[str, Any], size: int) -> None:
    """Line ends, blanks, role chunks, `[DONE]` or not: the text is whole and the end is good."""
    body = joined(Reply.stream("Once 🦊 ", "upon", " a tímé", **style).split(size).steps)
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    events, failure = read(parts)
    assert (text(events), failure) == ("Once 🦊 upon a tímé", None)


def test_text_comes_before_the_finish_reason_that_shares_its_chunk() -> None:
    """The order of events is the order of what happened."""
    events, _ = read(sse(json.loads(chunk(delta={"content": "end"}, finish="stop"))))
    assert events == [TextDelta("end"), Finish("stop")]


def test_usage_comes_from_the_chunk_without_choices() -> None:
    """Counts that are missing or null are 0."""
    events, _ = read(
        sse(json.loads(chunk(delta={}, finish="stop")), {"choices": [], "usage": {}})
        + sse({"choices": [], "usage": {"prompt_tokens": 3, "total_tokens": None, "x": {}}})
    )
    assert events == [Finish("stop"), Usage(), Usage(prompt_tokens=3)]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_no_text(name: str) -> None:
    """What the model thinks is told apart, under both names."""
    events, _ = read(
        sse(
            {"choices": [{"delta": {name: "hm"}}]},
            {"choices": [{"delta": {"content": "Yes"}, "finish_reason": "stop"}]},
        )
    )
    assert events == [ReasoningDelta("hm"), TextDelta("Yes"), Finish("stop")]


def test_only_choice_0_is_read() -> None:
    """Other choices, tool calls, null and absent content give no text."""
    events, failure = read(
        sse(
            {"choices": [{"index": 1, "delta": {"content": "no"}}]},
            {"choices": [{"index": 0, "delta": {"content": None, "tool_calls": [{"index": 0}]}}]},
            {"choices": [{"delta": None}], "usage": None},
            {"choices": None, "usage": None, "obfuscation": "xyz", "error": None},
            {"choices": [{"index": 0, "delta": {"content": "yes"}, "logprobs": None}]},
            {"choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]},
        )
    )
    assert (events, failure) == ([TextDelta("yes"), Finish("length")], None)


def test_content_in_parts_is_text() -> None:
    """Content may be a list of typed parts; those of text count."""
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Hi"}]
    events, _ = read(sse({"choices": [{"delta": {"content": parts}, "finish_reason": "stop"}]}))
    assert text(events) == "Hi"


@pytest.mark.parametrize(
    "strange",
    [
        b"data: what?\n\n",
        b'data: {"choices": 7}\n\n',
        b'data: {"choices": [{"delta": ["x"]}]}\n\n',
        b'data: {"choices": [{"delta": {"content": 7}}]}\n\n',
        b"data: []\n\n",
        b"data: null\n\n",
        b"data: {}\n\n",
        b"data: " + b"[" * 5000 + b"\n\n",
    ],
)
def test_a_chunk_that_is_not_understood_is_skipped(
    strange: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """One strange chunk costs that chunk, and one line in the log without a word of the story."""
    events, failure = read(
        sse({"choices": [{"delta": {"content": "a"}}]})
        + strange * 2
        + sse({"choices": [{"delta": {"content": "b"}, "finish_reason": "x"}]})
    )
    assert (text(events), failure) == ("ab", None)
    assert caplog.messages == ["here sent a chunk that is not understood; it is skipped"]


@pytest.mark.parametrize("end", [b"", b"data: [DONE]\n\n"])
def test_nothing_but_strange_chunks_is_no_chat_completion(end: bytes) -> None:
    """A stream of something else is told to be something else."""
    events, failure = read(b'data: {"hello": 1}\n\n' + end)
    assert events == []
    assert isinstance(failure, BackendRejected)
    assert "not an OpenAI-compatible endpoint" in str(failure)


def test_a_stream_that_just_ends_was_cut() -> None:
    """Without a finish reason or `[DONE]` the answer is not complete; its text is kept."""
    events, failure = read(sse({"choices": [{"delta": {"content": "Once"}}]}))
    assert text(events) == "Once"
    assert isinstance(failure, StreamCut)
    assert isinstance(read(b"")[1], StreamCut)


def test_a_cut_network_is_a_cut_answer_unless_it_was_complete() -> None:
    """After the finish reason a reset connection harms nothing."""
    for finish, expected in ((None, StreamCut), ("stop", type(None))):
        reader = AnswerReader(SSE, server="here")
        reader.feed(sse(json.loads(chunk(delta={"content": "Once"}, finish=finish))))
        assert reader.cut("was cut") == []
        assert isinstance(reader.failure, expected)


def test_a_cut_gives_out_the_event_that_was_whole() -> None:
    """A last chunk that only lacks its blank line is text; half a chunk is nothing."""
    reader = AnswerReader(SSE, server="here")
    whole = sse({"choices": [{"delta": {"content": "Once"}}]}).rstrip()
    assert reader.feed(whole) == []
    assert reader.cut("was cut") == [TextDelta("Once")]
    reader = AnswerReader(SSE, server="here")
    reader.feed(whole[:-5])
    assert reader.cut("was cut") == []
    assert "not understood" not in str(reader.failure)


def test_nothing_is_read_after_done() -> None:
    """What follows `[DONE]` is no part of the answer."""
    events, failure = read(
        sse({"choices": [{"delta": {"content": "a"}}]})
        + b"data: [DONE]\n\n"
        + sse({"choices": [{"delta": {"content": "b"}}]})
    )
    assert (text(events), failure) == ("a", None)


ERRORS: list[tuple[bytes, type[BackendError], str]] = [
    (sse({"error": {"message": "out of memory", "type": "server_error", "code": 500}}),
     BackendUnavailable, "out of memory"),
    (sse({"error": {"message": "slow down", "type": "rate_limit_exceeded", "code": None}}),
     BackendBusy, "slow down"),
    (sse({"error": {"message": "bad field", "type": "invalid_request_error"}}),
     BackendRejected, "bad field"),
    (sse({"error": {"message": "not this", "code": "content_filter"}}), ContentRefused, "not this"),
    (sse({"error": "just words"}), BackendUnavailable, "just words"),
    (sse({"object": "error", "message": "old vLLM", "code": 400}), BackendRejected, "old vLLM"),
    (b'error: {"code":500,"message":"illegal line","type":"server_error"}\n\n',
     BackendUnavailable, "illegal line"),
    (b'event: error\ndata: {"message": "named event"}\n\n', BackendUnavailable, "named event"),
    (sse({"error": {"code": 502, "message": "upstream died"},
          "choices": [{"delta": {"content": ""}, "finish_reason": "error"}]}),
     BackendUnavailable, "upstream died"),
    (sse({"choices": [{"delta": {}, "finish_reason": "error"}]}), BackendUnavailable,
     "without saying why"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "kind", "said"), ERRORS)
def test_an_error_in_the_stream_is_typed_and_loses_no_text(
    error: bytes, kind: type[BackendError], said: str
) -> None:
    """What came before an error is given out; the error has its kind and the server's words."""
    body = sse({"choices": [{"delta": {"content": "Once"}}]}) + error + b"data: [DONE]\n\n"
    for parts in ([body], [body[i : i + 1] for i in range(len(body))]):
        events, failure = read(parts)
        assert events == [TextDelta("Once")]
        assert type(failure) is kind
        assert said in str(failure)


def test_a_plain_json_completion_is_read_too() -> None:
    """A server that ignores `stream` is understood, keep-alive lines before it or not."""
    for before in (b"", b"\n\n  \r\n", b": hello\n\n: hello\r\n", b"\xef\xbb\xbf"):
        body = joined(Reply.completion("Once 🦊", keep_alive=before).steps)
        for parts in ([body], [body[i : i + 1] for i in range(len(body))]):
            events, failure = read(parts, "application/json")
            assert (text(events), failure) == ("Once 🦊", None)


def test_json_that_is_no_completion_is_told() -> None:
    """An error object, half a JSON, something else: each has its own error."""
    for body, kind in (
        (b'{"error": {"message": "x", "code": 429}}', BackendBusy),
        (b'[{"error": {"message": "x", "code": 400}}]', BackendRejected),
        (b'{"choices": [{"mess', StreamCut),
        (b'{"hello": 1}', BackendRejected),
        (b"[1, 2]", BackendRejected),
    ):
        events, failure = read(body, "application/json")
        assert (events, type(failure)) == ([], kind)


def test_a_web_page_is_told_with_its_title() -> None:
    """HTML instead of an answer names the page and asks for the URL."""
    _, failure = read(b"\n<!DOCTYPE html><html><title>Web\nUI &amp; co</title>", "text/html")
    assert str(failure) == (
        "here is not an OpenAI-compatible endpoint: it answered with a web page titled "
        "“Web UI & co”; is the URL right (…/v1)?"
    )


def test_plain_words_are_told() -> None:
    """Text instead of an answer is quoted, fit for a terminal."""
    _, failure = read(b"Not \x1b[31mhere", "text/plain")
    assert "text/plain that begins “Not [31mhere”" in str(failure)


def test_a_body_without_end_does_not_fill_the_memory() -> None:
    """JSON, comments and lines have a largest size."""
    for first, more in (
        (b"{", b" " * (1 << 20)),
        (b":", b"x" * (1 << 20)),
        (b"d", b"x" * (1 << 20)),
    ):
        reader = AnswerReader("", server="here")
        reader.feed(first)
        for _ in range((LARGEST_BODY >> 20) + 1):
            reader.feed(more)
        assert reader.failure is not None


@given(st.lists(st.text(min_size=1, max_size=8), max_size=5), st.sampled_from(STYLES), st.data())
def test_the_cut_does_not_matter(
    pieces: list[str], style: dict[str, Any], draw: st.DataObject
) -> None:
    """Any text, any dialect, cut anywhere: the same events."""
    body = joined(Reply.stream(*pieces, **style).steps)
    whole = read(body)
    assert text(whole[0]) == "".join(pieces)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    parts = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    events, failure = read(parts)
    assert (events, repr(failure)) == (whole[0], repr(whole[1]))


@given(st.binary(max_size=100), st.sampled_from([SSE, "", "application/json"]))
def test_no_body_makes_it_crash(body: bytes, media_type: str) -> None:
    """Garbage gives an error or an empty answer, never an exception."""
    read(body, media_type)
    read(b'data: {"choices": ' + body, media_type)


def test_the_reader_is_found_at_its_former_place() -> None:
    """Who imported it before there were folders need not change."""
    assert answer.AnswerReader is AnswerReader


def test_a_character_that_was_cut_in_two_chunks_is_put_together() -> None:
    """Servers that count in UTF-16 send halves of emoji as escapes; no word around them is lost."""
    parts = [
        b'data: {"choices":[{"delta":{"content":"A fox \\ud83e"}}]}\n\n',
        b'data: {"choices":[{"delta":{"content":"\\udd8a runs. \\ud83e"}}]}\n\n',
        b'data: {"choices":[{"delta":{"content":" So"},"finish_reason":"stop"}]}\n\n',
    ]
    events, failure = read(parts)
    assert (text(events), failure) == ("A fox 🦊 runs. \ud83e So", None)
