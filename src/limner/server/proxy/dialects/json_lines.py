"""JSON, one object a line, in which Ollama streams."""

from limner.errors import BackendUnavailable
from limner.server.proxy.protocol.event_splitter import StreamEvent

MEDIA_TYPE = "application/x-ndjson"


class LineSplitter:
    r"""Cuts a stream at its line feeds; each line is an event.

    Examples:
        >>> splitter = LineSplitter(100)
        >>> [line.data for line in splitter.feed(b'{"a":1}\n{"b"')], splitter.finish()[0].raw
        ([b'{"a":1}'], b'{"b"')
    """

    __slots__ = ("_largest", "_rest")

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._rest = b""

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take the next bytes; give the lines they complete.

        Raises:
            BackendUnavailable: A line is longer than allowed.
        """
        if not self._rest and data.endswith(b"\n") and data.find(b"\n") == len(data) - 1:
            return [_line(data)]  # what a live stream is made of
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > self._largest:
            raise BackendUnavailable(
                f"the model server sent a line of more than {self._largest} bytes"
            )
        return [_line(line + b"\n") for line in lines]

    def finish(self) -> list[StreamEvent]:
        """The stream has ended; give the line it left open."""
        rest, self._rest = self._rest, b""
        return [_line(rest)] if rest else []


def _line(raw: bytes) -> StreamEvent:
    data = raw.strip()
    return StreamEvent(raw, data or None)


class JsonLines:
    """What protocols answer alike that stream one JSON object a line."""

    media_type = MEDIA_TYPE
    keep_alive = b" "
    """A blank before the next line is part of it, and of no meaning; an empty line would be one."""

    joined = False
    """SillyTavern takes each piece that comes for a line, and shows nothing if it is two."""

    def splitter(self, largest: int) -> LineSplitter:
        """What cuts a stream into lines."""
        return LineSplitter(largest)

    def event(self, data: bytes, end: bytes = b"\n") -> bytes:
        """One line with this data."""
        return data + b"\n"

    def ends(self, data: bytes) -> bool:
        """Nothing says so but the last text."""
        return False

    def so_far(self) -> None:
        """Each line stands for itself."""

    def streamed(self, body: bytes) -> bytes:
        """A whole answer is the last line of a stream."""
        return self.event(b" ".join(body.splitlines()))

    def last(self, error: bytes) -> bytes:
        """An error as the last line."""
        return self.event(b" ".join(error.splitlines()))

    def is_stream(self, begun: bytes, media_type: str, *, asked: bool) -> bool:
        """Whether an answer comes as lines, whatever its server calls it."""
        return asked and begun.lstrip()[:1] == b"{"
