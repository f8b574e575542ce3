"""An event stream cut into its events, each with every byte it came with."""

import re
from codecs import BOM_UTF8

import msgspec

from limner.errors import BackendUnavailable

LARGEST = 32 << 20
"""Bytes one event may have. Pictures made by models come inside events, so it is large."""

_BLANK_LINE = re.compile(rb"(?>\r\n|\r|\n)(?>\r\n|\r|\n)")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class StreamEvent(msgspec.Struct, frozen=True, gc=False):
    """One event. It is made for each chunk of each stream, and no other kind is made sooner.

    Attributes:
        raw: All its bytes, blank line included (if one came).
        data: What its ``data`` lines say, joined by line feeds; ``None`` if it has none.
        failed: Whether it is llama.cpp's ``error: …`` line, which no client understands; its
            words are in `data`.
    """

    raw: bytes
    data: bytes | None = None
    failed: bool = False


class EventSplitter:
    r"""Turns the bytes of an event stream into events without losing one of them.

    The `raw` of all events, concatenated, are the bytes that went in. Lines end with LF, CRLF or
    CR (WHATWG HTML, "Server-sent events"). An event is given out at its blank line; what no blank
    line closed comes out of `finish`. A byte order mark that begins the stream is no part of its
    first line, as clients read it; one that comes later is.

    Args:
        largest: Bytes one event may have.

    Examples:
        >>> splitter = EventSplitter()
        >>> [event.raw for event in splitter.feed(b": ping\r\n\r\ndata: {}\r\n\r")]
        [b': ping\r\n\r\n', b'data: {}\r\n\r']
        >>> splitter.feed(b"\ndata:[DONE]") + splitter.finish()
        [StreamEvent(raw=b'\ndata:[DONE]', data=b'[DONE]', failed=False)]
    """

    __slots__ = ("_begun", "_cr", "_largest", "_rest")

    def __init__(self, *, largest: int = LARGEST) -> None:
        self._largest = largest
        self._rest = bytearray()
        self._cr = False
        self._begun = False

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take the next bytes; give the events they complete.

        Raises:
            BackendUnavailable: An event is larger than allowed.
        """
        self._cr = self._cr or b"\r" in data
        if not (self._rest or self._cr) and (at := _data_at(data)) >= 0:
            end = len(data) - 2
            if data.find(b"\n", at) == end and data.endswith(b"\n"):
                self._begun = True
                return [StreamEvent(data, data[at + 5 : end])]  # what a live stream is made of
        whole = self._complete(data)
        if len(self._rest) > self._largest:
            raise BackendUnavailable(
                f"the model server sent an event of more than {self._largest} bytes"
            )
        if not whole:
            return []
        mark = self._mark(whole)
        usual = (self._begun or whole.startswith(b"data:")) and not self._cr
        self._begun = True
        events, tail = (_split_lf if usual else _split_any)(whole[len(mark) :])
        self._rest[:0] = tail  # half of a further blank line
        return _marked(mark, events)

    def finish(self) -> list[StreamEvent]:
        """The stream has ended; give what it left open."""
        rest = bytes(self._rest)
        self._rest.clear()
        mark = self._mark(rest)
        return _marked(mark, _events(rest[len(mark) :])) if rest else []

    def _mark(self, data: bytes) -> bytes:
        """The byte order mark with which the stream begins, if it does and these are its first."""
        return BOM_UTF8 if not self._begun and data.startswith(BOM_UTF8) else b""

    def _complete(self, data: bytes) -> bytes:
        """The bytes up to the last blank line; what follows it is kept."""
        rest = self._rest
        if not rest and not self._cr and data.endswith(b"\n\n"):
            return data
        known = len(rest)
        rest += data
        end = self._last_blank(max(0, known - 3))
        whole = bytes(rest[:end])
        del rest[:end]
        return whole

    def _last_blank(self, start: int) -> int:
        if not self._cr:
            found = self._rest.rfind(b"\n\n", start)
            return found + 2 if found >= 0 else 0
        end = 0
        for match in _BLANK_LINE.finditer(self._rest, start):
            end = match.end()
        return end


def _marked(mark: bytes, events: list[StreamEvent]) -> list[StreamEvent]:
    """The events, the first with the mark that stood before it."""
    if not mark:
        return events
    first = events[0]
    return [StreamEvent(mark + first.raw, first.data, first.failed), *events[1:]]


def _data_at(data: bytes) -> int:
    """Where its line of data begins, which may have a line with a name before it; or -1."""
    if data.startswith(b"data:"):
        return 0
    if not data.startswith(b"event:"):
        return -1
    at = data.find(b"\n") + 1
    return at if at and data.startswith(b"data:", at) else -1


def _split_lf(whole: bytes) -> tuple[list[StreamEvent], bytes]:
    """The events in bytes that end with a blank line and hold no CR: the usual case, quickly."""
    events: list[StreamEvent] = []
    *pieces, tail = whole.split(b"\n\n")
    for piece in pieces:
        if piece.startswith(b"data:") and b"\n" not in piece:
            events.append(StreamEvent(piece + b"\n\n", piece[5:]))
        else:
            events += _events(piece + b"\n\n")
    return events, tail


def _split_any(whole: bytes) -> tuple[list[StreamEvent], bytes]:
    events: list[StreamEvent] = []
    at = 0
    for match in _BLANK_LINE.finditer(whole):
        events += _events(whole[at : match.end()])
        at = match.end()
    return events, whole[at:]


def _events(raw: bytes) -> list[StreamEvent]:
    """One event, or one for each line where a server leaves the blank lines out."""
    data: list[bytes] = []
    failed = False
    for line in _LINE_END.split(raw):
        field, colon, value = line.partition(b":")
        if field == b"data":
            data.append(value)
        elif field == b"error" and colon:
            failed = True
            data.append(value)
    if not data:
        return [StreamEvent(raw)]
    if len(data) > 1 and all(_is_whole(line.strip()) for line in data):
        return _by_line(raw)
    joined = data[0] if len(data) == 1 else b"\n".join(line.removeprefix(b" ") for line in data)
    return [StreamEvent(raw, joined, failed)]


def _is_whole(line: bytes) -> bool:
    return line == b"[DONE]" or (line.startswith(b"{") and line.endswith(b"}"))


def _by_line(raw: bytes) -> list[StreamEvent]:
    """Each ``data`` line with the lines before it; what follows the last belongs to it."""
    events: list[StreamEvent] = []
    held = b""
    for line in _LINES.findall(raw):
        held += line
        if line.startswith((b"data:", b"error:")):
            field, _, value = line.partition(b":")
            events.append(StreamEvent(held, value.rstrip(b"\r\n"), field == b"error"))
            held = b""
    last = events[-1]
    events[-1] = StreamEvent(last.raw + held, last.data, last.failed)
    return events
