"""An event stream that is not changed, only kept whole: no half event ever leaves."""

from collections import deque

from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.event_splitter import LARGEST, StreamEvent

LATEST = 4
"""Events of which one tells what has not ended; the last may tell counts alone."""


class PassThrough:
    r"""Gives whole events as they came; what a `StreamRewriter` is for answers without pictures.

    An illegal ``error:`` line of llama.cpp is made legal, as no client would show it.

    Args:
        dialect: How the stream is read.
        largest: Bytes one event may have.

    Attributes:
        done: Whether its end or an error came.

    Examples:
        >>> from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
        >>> passing = PassThrough(OPENAI_CHAT)
        >>> passing.feed(b'data: {"a":1}\n\ndata: {"b"'), passing.abort()
        ([b'data: {"a":1}\n\n'], [])
    """

    def __init__(self, dialect: Dialect, *, largest: int = LARGEST) -> None:
        self.done = False
        self._dialect = dialect
        self._splitter = dialect.splitter(largest)
        self._so_far = dialect.so_far()
        self._latest: deque[bytes] = deque(maxlen=LATEST)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; give the whole events."""
        return [self._sent(event) for event in self._splitter.feed(data)]

    def finish(self) -> list[bytes]:
        """The stream has ended as it should."""
        return [self._sent(event) for event in self._splitter.finish()]

    def abort(self) -> list[bytes]:
        """The stream was cut: what is left is half an event."""
        self._splitter.finish()
        return []

    def stopped(self) -> list[bytes]:
        """What ends the stream well, as somebody wants no more of it."""
        if self.done:
            return []
        if self._so_far is not None:
            return [self._so_far.ending()]
        read = [(data, self._dialect.read(data)) for data in self._latest]
        origin = next((data for data, chunk in reversed(read) if chunk is not None), None)
        said = next((chunk.choices for _, chunk in reversed(read) if chunk and chunk.choices), ())
        left = [one.index or 0 for one in said if not one.finish_reason] if said else [0]
        end = self._dialect.stopped(origin, left)
        return [end] if end else []

    def added(self, event: bytes) -> bytes:
        """An event that is sent behind all these, as it fits them."""
        return event if self._so_far is None else self._so_far.added(event)

    def _sent(self, event: StreamEvent) -> bytes:
        data = event.data
        if data is None:
            return event.raw
        self._latest.append(data)
        if event.failed:
            self.done = True
            return self._dialect.event(data.strip(), b"\n")
        if not self.done:
            self.done = self._dialect.ends(data) or data.lstrip().startswith(b'{"error"')
        return event.raw if self._so_far is None else self._so_far.own(event.raw)
