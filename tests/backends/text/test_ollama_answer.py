"""The body of an answer of Ollama's: every way to be cut, to end, to fail."""

import json
import logging
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.text import ChatEvent, Finish, ReasoningDelta, TextDelta, Usage
from limner.backends.text.ollama.answer import LARGEST, OllamaReader
from limner.errors import (
    BackendError,
    BackendRejected,
    BackendUnavailable,
    StreamCut,
)
from limner.testing.chat_server.reply import joined
from limner.testing.ollama_server import line, lines

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def read(parts: bytes | Iterable[bytes]) -> tuple[list[ChatEvent], BackendError | None]:
    """The events of a whole body, and its failure."""
    reader = OllamaReader(server="here")
    events: list[ChatEvent] = []
    for part in [parts] if isinstance(parts, bytes) else parts:
        events += reader.feed(part)
    events += reader.finish()
    assert reader.over
    return events, reader.failure


def text(events: Iterable[ChatEvent]) -> str:
    """The text in some events."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@settings(deadline=None)
@given(st.lists(TEXT, max_size=6), st.data())
def test_however_it_is_cut_the_text_is_whole(pieces: Sequence[str], data: st.DataObject) -> None:
    """Between any two bytes, also inside a character; with or without the last line feed."""
    body = joined(lines(*pieces, last_newline=data.draw(st.booleans())).steps)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=8)) | {0, len(body)})
    events, failure = read(body[a:b] for a, b in pairwise(cuts))
    assert text(events) == "".join(pieces)
    assert failure is None
    assert events[-2:] == [Finish("stop"), Usage(9, 2, 11)]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_it_crash(body: bytes) -> None:
    """Whatever comes is an answer, or a typed failure."""
    _, failure = read([body])
    assert failure is None or isinstance(failure, BackendError)


@settings(deadline=None)
@given(st.lists(TEXT.filter(bool), min_size=1, max_size=4), st.data())
def test_what_came_before_a_cut_is_given(pieces: Sequence[str], data: st.DataObject) -> None:
    """Every whole line; the rest of a broken one says nothing; the cut is told after."""
    whole = [line(piece) for piece in pieces]
    rest = data.draw(st.integers(0, len(whole[-1]) - 2))
    reader = OllamaReader(server="here")
    events = reader.feed(b"".join(whole[:-1]) + whole[-1][:rest]) + reader.cut()
    assert text(events) == "".join(pieces[:-1])
    assert isinstance(reader.failure, StreamCut)
    assert "closed the connection" in str(reader.failure)


def test_a_first_line_cut_behind_an_inner_brace_is_a_cut() -> None:
    """Half a line may end like a whole one; it is broken all the same."""
    whole = line("Once")
    reader = OllamaReader(server="here")
    reader.feed(whole[: whole.index(b"}") + 1])
    reader.cut()
    assert isinstance(reader.failure, StreamCut)


def test_thinking_comes_before_its_text() -> None:
    """In one line or in several; it is no part of the text."""
    events, failure = read(joined(lines(line("Hi", thinking="hm")).steps))
    assert events[:2] == [ReasoningDelta("hm"), TextDelta("Hi")]
    assert failure is None


@pytest.mark.parametrize("reason", ["stop", "length", "load"])
def test_the_reason_is_passed_on(reason: str) -> None:
    """Also that the bound on tokens cut it."""
    events, failure = read(joined(lines("Once", reason=reason).steps))
    assert events[1] == Finish(reason)
    assert failure is None


def test_a_tool_call_is_no_text() -> None:
    """Its arguments are an object; the finish reason tells of it."""
    call = {"function": {"name": "draw", "arguments": {"what": ["a", 1]}}}
    events, failure = read(joined(lines(line(tool_calls=[call])).steps))
    assert events == [Finish("tool_calls"), Usage(9, 2, 11)]
    assert failure is None


def test_an_error_inside_comes_after_the_text() -> None:
    """Nothing that arrived is lost, nothing is read after it."""
    body = line("Once") + b'{"error": "the GPU is on fire"}\n' + line("more")
    events, failure = read(body)
    assert text(events) == "Once"
    assert isinstance(failure, BackendUnavailable)
    assert "the GPU is on fire" in str(failure)


def test_an_answer_without_an_end_was_cut() -> None:
    """The last line must say that it is."""
    events, failure = read(line("Once"))
    assert text(events) == "Once"
    assert isinstance(failure, StreamCut)
    assert isinstance(read(b"")[1], StreamCut)


def test_nothing_is_read_after_the_end() -> None:
    """What follows done is nobody's."""
    events, failure = read(joined(lines("Once").steps) + b"garbage\n" + line("more"))
    assert text(events) == "Once"
    assert failure is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b"<!doctype html>\n<html><title>My Router</title>\n</html>",
            "a web page titled “My Router”",
        ),
        (b"<!doctype html>\n" * 9000, "a web page"),
        (b"data: {}\n\n", "something that begins “data: {}”"),
        (b'{"choices": []}\n', 'begins “{"choices": []}”'),
        (b"404 page not found", "404 page not found"),
    ],
)
def test_what_is_no_ollama_is_told(body: bytes, said: str) -> None:
    """With what it answered, and what to check."""
    failure = read(body)[1]
    assert isinstance(failure, BackendRejected)
    assert said in str(failure)
    assert "is the address right?" in str(failure)


def test_a_strange_line_is_skipped_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Without repeating it: it may be somebody's story."""
    odd = [b"what?\n", b'{"message": 7}\n', b"[]\n", b"\n", b"{}\n"]
    with caplog.at_level(logging.WARNING):
        events, failure = read(line("On") + b"".join(odd) + joined(lines("ce").steps))
    assert text(events) == "Once"
    assert failure is None
    assert len(caplog.records) == 1
    assert "what?" not in caplog.text


def test_a_line_without_end_is_refused() -> None:
    """Memory is bounded."""
    reader = OllamaReader(server="here")
    for _ in range(LARGEST // (1 << 20) + 1):
        reader.feed(b"x" * (1 << 20))
    assert isinstance(reader.failure, BackendUnavailable)


def test_fields_that_are_null_or_missing_are_fine() -> None:
    """Old and new versions differ in what they leave out."""
    told = [
        {"message": {"role": "assistant", "content": None, "thinking": None}},
        {"message": {"content": "Hi"}, "done": False, "new_field": [1]},
        {"done": True},
    ]
    events, failure = read("\n".join(json.dumps(each) for each in told).encode())
    assert events == [TextDelta("Hi"), Finish("stop")]
    assert failure is None
