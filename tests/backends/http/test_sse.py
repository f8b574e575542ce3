"""The decoder of Server-Sent Events: every cut of the bytes gives the same events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.http.sse import ServerSentEvent, SSEDecoder
from limner.errors import BackendUnavailable


def decode(*parts: bytes) -> list[ServerSentEvent]:
    """All events of a stream that arrives in these parts."""
    decoder = SSEDecoder()
    events = [event for part in parts for event in decoder.feed(part)]
    return events + decoder.finish()


def data(*parts: bytes) -> list[str]:
    """The data of all events."""
    return [event.data for event in decode(*parts)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_counts(end: str) -> None:
    """LF, CRLF and CR end lines."""
    stream = f"data: a{end}{end}data: b{end}data: c{end}{end}".encode()
    assert data(stream) == ["a", "b\nc"]


def test_a_crlf_cut_in_half_is_one_line_end() -> None:
    """A CR at the end of one read and the LF of the next are one line end."""
    assert data(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == ["a\nb"]


def test_an_event_is_given_at_its_blank_line_not_later() -> None:
    """A lone CR ends the blank line at once: nothing waits for an LF that may never come."""
    decoder = SSEDecoder()
    assert decoder.feed(b"data: a\r\n\r") == [ServerSentEvent("a")]
    assert decoder.feed(b"\n") == []


def test_comments_unknown_fields_and_byte_order_mark_are_skipped() -> None:
    """Only data and names count."""
    stream = b"\xef\xbb\xbf: ping\n\nid: 7\nretry: 10\nfoo\ndata: a\n:\n\n"
    assert decode(stream) == [ServerSentEvent("a")]


def test_the_blank_after_the_colon_is_optional_and_only_one_is_dropped() -> None:
    """`data:x`, `data: x` and `data` alone are all data."""
    assert data(b"data:a\n\ndata:  b\n\ndata\n\ndata:\ndata\n\n") == ["a", " b", "", "\n"]


def test_an_event_keeps_its_name_and_only_its_own() -> None:
    """The name belongs to one event; an event without data is none."""
    assert decode(b"event: x\n\nevent: y\ndata: 1\n\ndata: 2\n\n") == [
        ServerSentEvent("1", "y"),
        ServerSentEvent("2"),
    ]


def test_an_error_line_is_an_event() -> None:
    """The `error:` lines of older llama.cpp are not lost."""
    assert decode(b'error: {"message":"full"}\n\n') == [
        ServerSentEvent('{"message":"full"}', "error")
    ]


def test_an_event_without_its_blank_line_comes_at_the_end() -> None:
    """A stream that ends right after its last line loses nothing."""
    assert data(b"data: a\n\ndata: [DONE]") == ["a", "[DONE]"]
    assert data(b"data: a\r") == ["a"]


def test_broken_utf8_is_replaced() -> None:
    """Bytes that are no text become U+FFFD, also at the very end."""
    assert data(b"data: a\xffb\n\ndata: \xc3") == ["a\ufffdb", "\ufffd"]


def test_lines_and_events_have_a_largest_size() -> None:
    """Neither a line without an end nor data without a blank line fills the memory."""
    for part in (b"x" * 60, b"data: 1234567890123456789\n"):
        decoder = SSEDecoder(largest=100)
        decoder.feed(part)
        with pytest.raises(BackendUnavailable, match="more than 100"):
            decoder.feed(part * 10)


def test_a_stream_may_be_longer_than_its_largest_line() -> None:
    """Only one line and one event are bounded, not all of them together."""
    decoder = SSEDecoder(largest=100)
    for part in (b"data: 0123456789\n", b"\n", b": a comment\n") * 20:
        decoder.feed(part)


LINES = st.sampled_from(
    [
        "data: é",
        "data:日本",
        "data",
        ": c",
        "event: e",
        "error: e",
        "id: 1",
        "",
        "",
        "data: 🦊",
        "x",
    ]
)


@given(
    st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r"])), max_size=12),
    st.booleans(),
    st.data(),
)
def test_the_cut_does_not_matter(
    lines: list[tuple[str, str]], mark: bool, draw: st.DataObject
) -> None:
    """Whole, byte by byte, and at random cuts: the same events."""
    stream = ("\ufeff" * mark + "".join(line + end for line, end in lines)).encode()
    whole = decode(stream)
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == whole
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert decode(*parts) == whole


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(stream: bytes) -> None:
    """Whatever comes, it gives events."""
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == decode(stream)
