"""An event stream that is not changed, only kept whole: no half event ever leaves."""

from limner.server.proxy.protocol.event_splitter import LARGEST, EventSplitter, StreamEvent
from limner.server.proxy.protocol.rewriter import DONE


class PassThrough:
    r"""Gives whole events as they came; what a `StreamRewriter` is for answers without pictures.

    An illegal ``error:`` line of llama.cpp is made legal, as no client would show it.

    Attributes:
        done: Whether ``[DONE]`` or an error came.

    Example:
        >>> passing = PassThrough()
        >>> passing.feed(b'data: {"a":1}\n\ndata: {"b"'), passing.abort()
        ([b'data: {"a":1}\n\n'], [])
    """

    def __init__(self, *, largest: int = LARGEST) -> None:
        self.done = False
        self._splitter = EventSplitter(largest=largest)

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

    def _sent(self, event: StreamEvent) -> bytes:
        data = event.data
        if data is None:
            return event.raw
        if event.failed:
            self.done = True
            return b"data: " + data.strip() + b"\n\n"
        self.done = self.done or data.strip().startswith((DONE, b'{"error"'))
        return event.raw
