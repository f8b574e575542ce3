"""The body of an answer of Ollama's ``/api/chat``, read as it arrives: a pure machine.

One JSON object a line (``application/x-ndjson``). Like `limner.backends.text.openai.answer` it
never loses text: what came before an error is given out first, the error stands in `failure`.
"""

import logging
from typing import Any

import msgspec

from limner.backends.http.error_body import appearance
from limner.backends.text.events import ChatEvent, Finish, ReasoningDelta, TextDelta, Usage
from limner.backends.text.refusal import failure_in_stream
from limner.errors import BackendError, BackendRejected, BackendUnavailable, StreamCut

LARGEST = 8 << 20
"""Bytes a line may have."""

LONGEST_PAGE = 4096
"""Bytes read of a web page, to find its title."""

_log = logging.getLogger(__name__)


class _Message(msgspec.Struct):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[Any] | None = None


class _Line(msgspec.Struct):
    """What limner reads of a line."""

    message: _Message | None = None
    done: bool | None = None
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Line)


class OllamaReader:
    r"""Turns the bytes of one answer into its events, however they are cut.

    A line that is not understood is skipped, with one logged warning, unless it is the first:
    then this is no Ollama. An answer is over with the line that says ``done``; without it, it was
    cut. A tool call is no text and left out; the finish reason tells of it.

    Args:
        server: The server's address, for messages.

    Attributes:
        failure: Why the answer is over before its end, or ``None``.
        done: Whether the server said that nothing follows.

    Examples:
        >>> reader = OllamaReader(server="here")
        >>> reader.feed(b'{"message": {"content": "On"}}\n{"message": {"cont')
        [TextDelta(text='On')]
        >>> reader.feed(b'ent": "ce"}, "done": true, "done_reason": "length"}\n')
        [TextDelta(text='ce'), Finish(reason='length')]
        >>> reader.done, reader.failure
        (True, None)
    """

    def __init__(self, *, server: str) -> None:
        self.failure: BackendError | None = None
        self.done = False
        self._server = server
        self._open = bytearray()
        self._page = b""  # what a server says that is no Ollama
        self._understood = False
        self._warned = False
        self._calls = False

    @property
    def over(self) -> bool:
        """Whether nothing more will be read."""
        return self.done or self.failure is not None

    def feed(self, data: bytes) -> list[ChatEvent]:
        """Take the next bytes; give what they tell."""
        events: list[ChatEvent] = []
        *lines, rest = data.split(b"\n")
        for line in lines:
            if self.over:
                return events
            self._open += line
            events += self._read(bytes(self._open))
            self._open.clear()
        self._open += rest
        if len(self._open) > LARGEST and not self.over:
            self.failure = BackendUnavailable(
                f"{self._server} sent a line of more than {LARGEST:,} bytes, which is refused",
                server=self._server,
            )
        return events

    def finish(self) -> list[ChatEvent]:
        """The body has ended in good order; give what was still open."""
        return self._end("ended in the middle of its answer")

    def cut(self) -> list[ChatEvent]:
        """The network cut the body off; give what was still open."""
        return self._end("closed the connection in the middle of its answer")

    def _end(self, reason: str) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        if not self.over and self._open.strip():
            events = self._read(bytes(self._open), last=True)
            self._open.clear()
        if self._page and not self.over:
            self.failure = self._no_ollama(self._page)
        if not self.over:
            self.failure = StreamCut(f"{self._server} {reason}", server=self._server)
        return events

    def _read(self, data: bytes, *, last: bool = False) -> list[ChatEvent]:
        """One line; the last may be half a line, which says nothing."""
        data = data.strip().removeprefix(b"\xef\xbb\xbf")
        if not data:
            return []
        try:
            line = _decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            line = None
        if line is None and last and data.startswith(b"{"):
            return []  # cut off in the middle
        if line is None or (line.message is None and line.done is None and not line.error):
            self._skip(data)
            return []
        self._understood = True
        if line.error:
            self.failure = failure_in_stream(data, server=self._server)
        return self._events(line)

    def _skip(self, data: bytes) -> None:
        if not self._understood:
            self._page += data
            if not self._page.startswith(b"<") or len(self._page) > LONGEST_PAGE:
                self.failure = self._no_ollama(self._page)
        elif not self._warned:
            self._warned = True
            # Not what it says: that is somebody's story.
            _log.warning("%s sent a line that is not understood; it is skipped", self._server)

    def _events(self, line: _Line) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        if line.message is not None:
            if line.message.thinking:
                events.append(ReasoningDelta(line.message.thinking))
            if line.message.content:
                events.append(TextDelta(line.message.content))
            self._calls = self._calls or bool(line.message.tool_calls)
        if line.done and self.failure is None:
            self.done = True
            reason = line.done_reason or "stop"
            events.append(Finish("tool_calls" if self._calls and reason == "stop" else reason))
            asked, written = line.prompt_eval_count or 0, line.eval_count or 0
            if asked or written:
                events.append(Usage(asked, written, asked + written))
        return events

    def _no_ollama(self, data: bytes) -> BackendRejected:
        body = data.decode("utf-8", "replace")
        return BackendRejected(
            f"{self._server} is no Ollama: it answered with {appearance(body)}; is the address "
            "right? Without ollama+ before it, it is spoken to as to an OpenAI-compatible server",
            server=self._server,
        )
