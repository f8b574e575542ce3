"""The splitter of event streams: nothing is lost, wherever the network cuts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.http.sse import SSEDecoder
from limner.errors import BackendUnavailable
from limner.server.proxy.protocol.event_splitter import EventSplitter, StreamEvent

MARK = b"\xef\xbb\xbf"
LINES = st.sampled_from(
    [
        b"data: {}",
        b"data:[DONE]",
        b": ping",
        b":",
        b"event: x",
        b"data: a\xc3\xa9",
        b"",
        b"id",
        b"?",
        MARK + b"data: b",
        MARK,
    ]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n"])


def split(*parts: bytes) -> list[StreamEvent]:
    """All events of a stream that comes in these parts."""
    splitter = EventSplitter()
    events = [event for part in parts for event in splitter.feed(part)]
    return events + splitter.finish()


@given(st.lists(st.tuples(LINES, ENDS)).map(lambda lines: b"".join(a + b for a, b in lines)))
def test_every_byte_comes_out_again_at_every_cut(stream: bytes) -> None:
    """The raw events, concatenated, are the stream, and no cut changes what they say."""
    whole = split(stream)
    assert b"".join(event.raw for event in whole) == stream
    told = [event.data for event in whole if event.data is not None]
    for place in range(len(stream) + 1):
        events = split(stream[:place], stream[place:])
        assert b"".join(event.raw for event in events) == stream
        assert [event.data for event in events if event.data is not None] == told
    bytewise = split(*(stream[i : i + 1] for i in range(len(stream))))
    assert [event.data for event in bytewise if event.data is not None] == told


@given(st.lists(st.tuples(LINES, ENDS)).map(lambda lines: b"".join(a + b for a, b in lines)))
def test_it_sees_the_events_that_a_client_sees(stream: bytes) -> None:
    """Data is what a decoder by the standard gives, where servers keep to it."""
    decoder = SSEDecoder()
    standard = [event.data.strip() for event in decoder.feed(stream) + decoder.finish()]
    mine = [
        (event.data or b"").decode().strip() for event in split(stream) if event.data is not None
    ]
    lines = "\n".join(mine).split("\n")
    assert [line.strip() for line in lines] == [
        line.strip() for line in "\n".join(standard).split("\n")
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_an_event_is_given_at_its_blank_line(end: bytes) -> None:
    """Nothing waits for the event behind it."""
    splitter = EventSplitter()
    event = b"data: {}" + end * 2
    assert [given.raw for given in splitter.feed(event)] == [event]


def test_lines_without_blank_lines_between_them_are_events() -> None:
    """A server that leaves the blank lines out is read line by line."""
    events = split(b'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n\n')
    assert [event.data for event in events] == [b' {"a":1}', b' {"b":2}', b" [DONE]"]
    assert events[-1].raw == b"data: [DONE]\n\n"


def test_data_in_several_lines_is_one_event() -> None:
    """Lines that are no JSON by themselves are joined, as the standard has it."""
    assert split(b'data: {"a":\ndata: 1}\n\n')[0].data == b'{"a":\n1}'


def test_an_error_line_is_told_apart() -> None:
    """llama.cpp's illegal line is not taken for a comment."""
    assert split(b'error: {"code":500}\n\n') == [
        StreamEvent(b'error: {"code":500}\n\n', b' {"code":500}', failed=True)
    ]


def test_an_endless_event_is_refused() -> None:
    """A server cannot fill the memory."""
    splitter = EventSplitter(largest=100)
    for _ in range(10):
        splitter.feed(b"data: xxxx")
    with pytest.raises(BackendUnavailable, match="more than 100 bytes"):
        splitter.feed(b"x")


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        (MARK + b"data: a\n\ndata: b\n\n", [b" a", b" b"]),
        (MARK + b'data: {"a":1}\ndata: {"b":2}\n\n', [b' {"a":1}', b' {"b":2}']),
        (MARK + b"data: a", [b" a"]),
        (b"data: a\n\n" + MARK + b"data: b\n\ndata: c\n\n", [b" a", b" c"]),
        (b"data: a\r\n\r\n" + MARK + b"data: b\r\n\r\n", [b" a"]),
        (b"\n\n" + MARK + b"data: a\n\n", []),
    ],
)
def test_only_a_mark_that_begins_the_stream_is_left_out(stream: bytes, told: list[bytes]) -> None:
    """As clients read it: a line that begins with one later has a name that nobody knows."""
    for place in range(len(stream) + 1):
        events = split(stream[:place], stream[place:])
        assert [event.data for event in events if event.data is not None] == told
        assert b"".join(event.raw for event in events) == stream
    assert [event.data for event in split(*(bytes([one]) for one in stream)) if event.data] == told
