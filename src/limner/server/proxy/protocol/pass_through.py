"""An event stream that is not changed, only kept whole: no half event ever leaves."""

from limner.server.proxy.protocol.dialect import Dialect
from limner.server.proxy.protocol.event_splitter import LARGEST, StreamEvent


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
        self._numbers = dialect.numbers()
        self._last: bytes | None = None

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
        last = None if self._last is None else self._dialect.read(self._last)
        said = last is not None and any(choice.text for choice in last.choices or ())
        end = self._dialect.stopped(self._last if said else None)
        return [self.added(end)] if end else []

    def added(self, event: bytes) -> bytes:
        """An event that is sent behind all these, with its number among them."""
        return event if self._numbers is None else self._numbers.added(event)

    def _sent(self, event: StreamEvent) -> bytes:
        data = event.data
        if data is None:
            return event.raw
        self._last = data
        if event.failed:
            self.done = True
            return self._dialect.event(data.strip(), b"\n")
        if not self.done:
            self.done = self._dialect.ends(data) or data.lstrip().startswith(b'{"error"')
        return event.raw if self._numbers is None else self._numbers.own(event.raw)
