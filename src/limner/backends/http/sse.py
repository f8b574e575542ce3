"""Server-Sent Events, from bytes to events.

A pure machine: bytes go in as the network cuts them, events come out. It follows the WHATWG HTML
standard, section "Server-sent events", and departs from it in three places, each because servers
of language models do:

- An event whose closing blank line never came is still given out by `SSEDecoder.finish` (some
  servers close right after ``data: [DONE]``).
- A line ``error: …`` makes an event named ``error`` (llama.cpp sent its failures so for years).
- Lines and events have a largest size, so a server cannot fill the memory.
"""

import codecs
from dataclasses import dataclass

from limner.errors import BackendUnavailable

LARGEST = 1 << 20
"""Characters a line, and the data of one event, may have by default."""


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event of a stream.

    Attributes:
        data: Its data; several ``data`` lines are joined by line feeds.
        event: Its name.
    """

    data: str
    event: str = "message"


class SSEDecoder:
    r"""Turns the bytes of an event stream into events, however they are cut.

    UTF-8 (a byte order mark is dropped, broken bytes become U+FFFD), lines ended by LF, CRLF or
    CR, comments skipped. ``id`` and ``retry`` matter only to clients that reconnect, which no
    client of a chat completion does; they are skipped.

    Args:
        largest: How many characters one line, or one event's data, may have.

    Examples:
        >>> decoder = SSEDecoder()
        >>> decoder.feed(b": hello\r\ndata: on")
        []
        >>> decoder.feed(b"ce\r\n\r\ndata:[DONE]")
        [ServerSentEvent(data='once', event='message')]
        >>> decoder.finish()
        [ServerSentEvent(data='[DONE]', event='message')]
    """

    def __init__(self, *, largest: int = LARGEST) -> None:
        self._largest = largest
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._line: list[str] = []
        self._line_size = 0
        self._after_cr = False
        self._data: list[str] = []
        self._data_size = 0
        self._name = ""

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Take the next bytes; give the events they complete.

        Raises:
            BackendUnavailable: A line or an event is larger than allowed.
        """
        return self._take(self._decoder.decode(data))

    def finish(self) -> list[ServerSentEvent]:
        """The stream has ended; give the event it left open, if any.

        Raises:
            BackendUnavailable: A line or an event is larger than allowed.
        """
        # Two line ends: one for a line that was cut off, one for the blank line that closes.
        return self._take(self._decoder.decode(b"", final=True) + "\n\n")

    def _take(self, text: str) -> list[ServerSentEvent]:
        if not text:
            return []
        if self._after_cr and text[0] == "\n":  # the second half of a CRLF
            text = text[1:]
        self._after_cr = text.endswith("\r")
        first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._grow(first)
        events = []
        for part in others:
            if event := self._end_line("".join(self._line)):
                events.append(event)
            self._line.clear()
            self._line_size = 0
            self._grow(part)
        return events

    def _grow(self, part: str) -> None:
        self._line.append(part)
        self._line_size += len(part)
        self._bound(self._line_size)

    def _bound(self, size: int) -> None:
        if size > self._largest:
            raise BackendUnavailable(
                f"the server sent an event of more than {self._largest} characters; "
                "that is no stream of a chat completion"
            )

    def _end_line(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._add(value)
        elif field == "event":
            self._name = value
        elif field == "error":
            self._name = "error"
            self._add(value)
        return None

    def _add(self, value: str) -> None:
        self._data.append(value)
        self._data_size += len(value) + 1
        self._bound(self._data_size)

    def _dispatch(self) -> ServerSentEvent | None:
        event = None
        if self._data:
            event = ServerSentEvent("\n".join(self._data), self._name or "message")
        self._data.clear()
        self._data_size = 0
        self._name = ""
        return event
