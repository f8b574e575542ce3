"""Server-Sent Events, in which most protocols stream."""

from codecs import BOM_UTF8

import msgspec

from limner.server.proxy.protocol.event_splitter import EventSplitter
from limner.server.proxy.protocol.sequence_numbers import SequenceNumbers

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"[DONE]"
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":", b"error:")


class EventStreams:
    """What protocols answer alike that stream Server-Sent Events."""

    media_type = MEDIA_TYPE
    keep_alive = KEEP_ALIVE
    joined = True

    def splitter(self, largest: int) -> EventSplitter:
        """What cuts a stream into events."""
        return EventSplitter(largest=largest)

    def event(self, data: bytes, end: bytes = b"\n") -> bytes:
        """One event with this data."""
        return b"data: " + data + end + end

    def numbers(self) -> SequenceNumbers | None:
        """Events have none, as a rule."""
        return None

    def ends(self, data: bytes) -> bool:
        """Nothing says so but the last text."""
        return False

    def last(self, error: bytes) -> bytes:
        """An error as the last event."""
        return self.event(one_line(error))

    def stopped(self, origin: bytes | None) -> bytes:
        """It just ends."""
        return b""

    def streamed(self, body: bytes) -> bytes:
        """A whole answer is the last event."""
        return self.event(one_line(body))

    def is_stream(self, begun: bytes, media_type: str, *, asked: bool) -> bool:
        """Whether an answer comes as events, whatever its server calls it."""
        first = begun.removeprefix(BOM_UTF8).lstrip()
        if first[:1] in (b"{", b"[", b"<"):
            return False
        if first.startswith(_FIELDS):
            return True
        return asked and media_type not in ("application/json", "text/html")


def one_line(body: bytes) -> bytes:
    """JSON as one line."""
    return b" ".join(body.splitlines())


class DoneStreams(EventStreams):
    """Streams that ``[DONE]`` ends, as OpenAI's first ones."""

    def ends(self, data: bytes) -> bool:
        """Whether it is ``[DONE]``."""
        return data.strip().startswith(DONE)

    def last(self, error: bytes) -> bytes:
        """An error, and the end."""
        return self.event(one_line(error)) + self.event(DONE)

    def stopped(self, origin: bytes | None) -> bytes:
        """The end."""
        return self.event(DONE)

    def streamed(self, body: bytes) -> bytes:
        """A whole answer, and the end."""
        return self.event(one_line(body)) + self.event(DONE)


class NamedEventStreams(EventStreams):
    """Streams in which the line ``event:`` says what the data's ``type`` says as well."""

    def event(self, data: bytes, end: bytes = b"\n") -> bytes:
        """One event with this data."""
        name = kind_of(data)
        named = b"event: " + name.encode() + end if name else b""
        return named + b"data: " + data + end + end


class _Kind(msgspec.Struct):
    type: str = ""


_kind = msgspec.json.Decoder(_Kind)


def kind_of(data: bytes) -> str:
    """The ``type`` of an event.

    Examples:
        >>> kind_of(b'{"type": "message_stop"}'), kind_of(b"[DONE]")
        ('message_stop', '')
    """
    try:
        return _kind.decode(data).type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
