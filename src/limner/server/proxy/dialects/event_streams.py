"""Server-Sent Events, in which most protocols stream."""

from abc import ABC, abstractmethod
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from limner.server.proxy.protocol.dialect import SoFar
from limner.server.proxy.protocol.event_splitter import EventSplitter

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"[DONE]"
_encode = msgspec.json.Encoder().encode
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

    def so_far(self) -> SoFar | None:
        """Each event stands for itself, as a rule."""
        return None

    def ends(self, data: bytes) -> bool:
        """Nothing says so but the last text."""
        return False

    def last(self, error: bytes) -> bytes:
        """An error as the last event."""
        return self.event(one_line(error))

    def stopped(self, origin: bytes | None, choices: Sequence[int]) -> bytes:
        """What was sent so far says how it ends."""
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


class DoneStreams(EventStreams, ABC):
    """Streams that ``[DONE]`` ends, as OpenAI's first ones."""

    def ends(self, data: bytes) -> bool:
        """Whether it is ``[DONE]``."""
        return data.strip().startswith(DONE)

    def last(self, error: bytes) -> bytes:
        """An error, and the end."""
        return self.event(one_line(error)) + self.event(DONE)

    @abstractmethod
    def finished(self, origin: bytes | None, index: int) -> bytes:
        """An event that says of a choice that it has ended, and nothing else."""

    def stopped(self, origin: bytes | None, choices: Sequence[int]) -> bytes:
        """The end of each choice, and of all."""
        ends = [self.finished(origin, index) for index in choices]
        return b"".join([*ends, self.event(DONE)])

    def streamed(self, body: bytes) -> bytes:
        """A whole answer, and the end."""
        return self.event(one_line(body)) + self.event(DONE)


class NamedEventStreams(EventStreams):
    """Streams in which the line ``event:`` says what the data's ``type`` says as well."""

    def event(self, data: bytes, end: bytes = b"\n") -> bytes:
        """One event with this data."""
        return _named(data, end)


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


def named_event(told: Mapping[str, Any]) -> bytes:
    r"""An event of such a stream.

    Examples:
        >>> named_event({"type": "message_stop"})
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    """
    return _named(_encode(told), b"\n")


def data_of(event: bytes) -> bytes:
    r"""The data of one, which has a single line of it.

    Examples:
        >>> data_of(b'event: ping\r\ndata: {"type": "ping"}\r\n\r\n')
        b'{"type": "ping"}'
    """
    return event[event.find(b"data:") + 5 :].strip()


def _named(data: bytes, end: bytes) -> bytes:
    name = kind_of(data)
    named = b"event: " + name.encode() + end if name else b""
    return named + b"data: " + data + end + end
