"""The body of an answer to a chat completion, read as it arrives.

A pure machine over the whole variety of bodies: an event stream in any of its dialects, a plain
JSON completion from a server that ignores ``stream``, or a web page from a wrong address. It
never loses text: what came before an error is given out first, the error stands in `failure`.
"""

import logging

from limner.backends.http.error_body import read_body
from limner.backends.http.sse import LARGEST, ServerSentEvent, SSEDecoder
from limner.backends.text.events import ChatEvent, Finish, ReasoningDelta, TextDelta
from limner.backends.text.openai.chunk import Chunk, read_chunk
from limner.backends.text.openai.surrogates import joined, open_half
from limner.backends.text.refusal import failure_in_stream, not_an_endpoint
from limner.errors import BackendError, StreamCut

LARGEST_BODY = 8 << 20
"""Bytes a body that is no event stream may have."""

_log = logging.getLogger(__name__)


class AnswerReader:
    r"""Turns the bytes of one answer into its events.

    What it makes of the odd cases: a chunk it does not understand is skipped (with one logged
    warning), unless no chunk at all is understood: then this is no chat completion. An answer
    may end without ``[DONE]`` once a finish reason has come. After `failure` is set or `done`
    is true nothing more is read.

    Args:
        content_type: The answer's media type. It is only a hint: what the body begins with
            decides.
        server: The server's address, for messages.

    Attributes:
        failure: Why the answer is over before its end, or ``None``.
        done: Whether the server said that nothing follows.
        finished: Whether a finish reason has come.
        started: Whether any text or reasoning has come.

    Examples:
        >>> reader = AnswerReader("text/event-stream", server="here")
        >>> reader.feed(b'data: {"choices": [{"delta": {"content": "Once"}}]}\n\n')
        [TextDelta(text='Once')]
        >>> reader.finish()
        []
        >>> reader.failure
        StreamCut('here ended in the middle of its answer')
    """

    def __init__(self, content_type: str, *, server: str) -> None:
        self.failure: BackendError | None = None
        self.done = False
        self.finished = False
        self.started = False
        self._type = content_type
        self._server = server
        self._head = b""
        self._sse: SSEDecoder | None = None
        self._body: bytearray | None = None
        self._understood = False
        self._strange = ""
        self._half = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will be read."""
        return self.done or self.failure is not None

    def feed(self, data: bytes) -> list[ChatEvent]:
        """Take the next bytes; give what they tell."""
        if self.over:
            return []
        if self._sse is None and self._body is None:
            data = self._sniff(data)
        if self._body is None:
            return self._read_stream(data)
        self._body += data
        if len(self._body) > LARGEST_BODY:
            self._fail(self._no_completion(bytes(self._body[:100])))
        return []

    def finish(self) -> list[ChatEvent]:
        """The body has ended in good order; give what was still open."""
        return self._end("ended in the middle of its answer")

    def cut(self, reason: str) -> list[ChatEvent]:
        """The network cut the body off; give what was still open.

        Args:
            reason: What happened, to follow "the server …".
        """
        self._body = None  # half a JSON text says nothing
        return self._end(reason)

    def give_up(self, error: BackendError) -> None:
        """Nobody waits any longer; this is a failure unless the answer was complete."""
        if self.finished:
            self.done = True
        elif not self.over:
            self._fail(error)

    def _end(self, reason: str) -> list[ChatEvent]:
        if self.over:
            return []
        if self._body is not None:
            return self._read_whole(bytes(self._body))
        events = self._read_stream(None)
        if half := self._half:
            self._half = ""
            events.append(TextDelta(half))
        if self.finished and not self.over:
            self.done = True
        elif not self.over:
            if self._strange and not self._understood:
                self._fail(self._no_completion(self._strange.encode()))
            else:
                self._fail(StreamCut(f"{self._server} {reason}", server=self._server))
        return events

    def _sniff(self, data: bytes) -> bytes:
        """Decide by its first characters what the body is; give what is to be read of it."""
        head = _without_comments((self._head + data).removeprefix(b"\xef\xbb\xbf").lstrip())
        self._head = head
        if not head or head in (b"\xef", b"\xef\xbb"):
            return b""
        if head[:1] in (b"{", b"[", b"<"):
            self._body = bytearray()
        elif head[:1] != b":":
            self._sse = SSEDecoder()
            if "event-stream" not in self._type:
                self._strange = head[:100].decode("utf-8", "replace")
        elif len(head) > LARGEST:
            self._fail(self._no_completion(head[:100]))
        return head

    def _read_stream(self, data: bytes | None) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        if self._sse is None:
            return events
        try:
            arrived = self._sse.finish() if data is None else self._sse.feed(data)
        except BackendError as error:
            self._fail(error)
            return events
        for event in arrived:
            events += self._read_event(event)
            if self.over:
                break
        return events

    def _read_event(self, event: ServerSentEvent) -> list[ChatEvent]:
        if event.event == "error":
            self._fail(failure_in_stream(event.data, server=self._server))
            return []
        if event.data.startswith("[DONE]"):
            if self._strange and not self._understood:
                self._fail(self._no_completion(self._strange.encode()))
            else:
                self.done = True
            return []
        chunk = read_chunk(event.data)
        if chunk is None or not chunk.says_anything:
            self._skip(event.data)
            return []
        return self._take(chunk, event.data)

    def _skip(self, data: str) -> None:
        if not self._strange:
            self._strange = data[:100] or "an empty event"
            # Not what it says: that is somebody's story.
            _log.warning("%s sent a chunk that is not understood; it is skipped", self._server)

    def _take(self, chunk: Chunk, source: str | bytes) -> list[ChatEvent]:
        self._understood = True
        events: list[ChatEvent] = []
        for event in chunk.events():
            if isinstance(event, Finish):
                if event.reason == "error":
                    self._fail(failure_in_stream(source, server=self._server))
                    continue
                self.finished = True
            elif isinstance(event, TextDelta | ReasoningDelta):
                self.started = True
            if isinstance(event, TextDelta) and (self._half or open_half(event.text)):
                events += self._whole(event.text)
            else:
                events.append(event)
        if chunk.failed and self.failure is None:
            self._fail(failure_in_stream(source, server=self._server))
        return events

    def _whole(self, text: str) -> list[TextDelta]:
        """A text whose first character may have begun in the chunk before."""
        text = joined(self._half + text)
        self._half = open_half(text)
        text = text.removesuffix(self._half) if self._half else text
        return [TextDelta(text)] if text else []

    def _read_whole(self, body: bytes) -> list[ChatEvent]:
        """A body that is no event stream: one completion, one error, or something else."""
        chunk = read_chunk(body)
        if chunk is not None and chunk.says_anything:
            events = self._take(chunk, body)
            self.done = self.failure is None
            return events
        if body[:1] == b"[" and read_body(body).message:
            self._fail(failure_in_stream(body, server=self._server))
        elif body[:1] == b"{" and not body.rstrip().endswith(b"}"):
            self._fail(
                StreamCut(f"{self._server} ended in the middle of its answer", server=self._server)
            )
        else:
            self._fail(self._no_completion(body))
        return []

    def _no_completion(self, body: bytes) -> BackendError:
        text = body.decode("utf-8", "replace")
        return not_an_endpoint(text, self._type, server=self._server)

    def _fail(self, error: BackendError) -> None:
        self.failure = error


def _without_comments(head: bytes) -> bytes:
    """What follows the comments and blank lines that may stand before either kind of body."""
    while head.startswith(b":"):
        ends = [end for end in (head.find(b"\n"), head.find(b"\r")) if end >= 0]
        if not ends:
            break
        head = head[min(ends) :].lstrip()
    return head
