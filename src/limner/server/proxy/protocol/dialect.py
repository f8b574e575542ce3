"""What the proxy asks of a protocol: six questions, each answered by pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest
    from limner.server.proxy.protocol.event_splitter import StreamEvent
    from limner.server.proxy.protocol.sequence_numbers import SequenceNumbers

Path = tuple[str | int, ...]
"""Where in a JSON document something stands: names of fields, and positions in lists."""


class Said(Protocol):
    """What an event says of one choice."""

    @property
    def index(self) -> int | None:
        """Which choice; ``None`` is the first."""
        ...

    @property
    def text(self) -> str:
        """The text it adds."""
        ...

    @property
    def finish_reason(self) -> str | None:
        """Why it ends with this event, so that all its text has to come before; else ``None``."""
        ...

    @property
    def role(self) -> str | None:
        """Who speaks, if it says so: a first event is not left out, even where it says no more."""
        ...


class Chunk(Protocol):
    """What is read of an event."""

    @property
    def choices(self) -> Sequence[Said] | None:
        """What it says of each choice."""
        ...

    @property
    def failed(self) -> bool:
        """Whether it tells that the server failed."""
        ...


class Splitter(Protocol):
    """Cuts the bytes of a stream into events, of which it loses none."""

    def feed(self, data: bytes) -> "list[StreamEvent]":
        """Take the next bytes; give the events they complete."""
        ...

    def finish(self) -> "list[StreamEvent]":
        """The stream has ended; give what it left open."""
        ...


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text of an answer that came whole.

    Attributes:
        choice: Of which choice; several parts of one follow each other.
        path: Where it stands.
        text: The text.
    """

    choice: int
    path: Path
    text: str


class Dialect(Protocol):
    """One protocol.

    Attributes:
        name: What it is called.
        family: Which kind of server speaks it; see `limner.server.proxy.settings.Upstream`.
        path: Where clients ask; those below ``/v1`` may leave that out.
        asks: Where a server is asked, below its root, which ends in ``/v1`` as a rule.
        rooted: Whether it is asked below its host instead.
        media_type: Of a stream.
        keep_alive: What tells a waiting client nothing, between two events of a stream.
        joined: Whether several events may come in one piece; some programs read but one of each.
    """

    name: str
    family: str
    path: str
    asks: str
    rooted: bool
    media_type: str
    keep_alive: bytes
    joined: bool

    # What in a request is the conversation, where may an instruction stand, is it a side request?

    def conversation(self, request: "ChatRequest") -> "ChatRequest":
        """The request as one for a chat completion would say the same.

        Read of it are ``messages`` and ``stream``, and whatever tells a side request (see
        `limner.server.proxy.mode_decision`), such as ``response_format`` and ``tool_choice``.
        """
        ...

    def asked(self, request: "ChatRequest", conversation: "ChatRequest") -> "ChatRequest":
        """The request with the messages of a conversation that was changed."""
        ...

    # Where in an event is text, and of which choice?

    def splitter(self, largest: int) -> Splitter:
        """What cuts a stream into events of so many bytes at most."""
        ...

    def read(self, data: bytes) -> Chunk | None:
        """What an event says; ``None``: it is not understood and passes."""
        ...

    def halves(self, data: bytes) -> Chunk | None:
        """The same of one that was not understood for the halves of characters in it."""
        ...

    def repeated(self, data: bytes) -> Sequence[TextPart]:
        """The texts, in order, that an event without choices says again, up to where it stands."""
        ...

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The texts of an answer that came whole; none, if it is not understood."""
        ...

    # How is text written as an event?

    def say(self, origin: bytes | None, index: int, text: str, end: bytes) -> bytes:
        """An event that adds a text to a choice and says nothing else.

        Args:
            origin: The data of an event with text of the same answer, whose identity it takes.
            index: Which choice.
            text: The text.
            end: The line end.
        """
        ...

    def changed(self, data: bytes, texts: Mapping[int, str], end: bytes) -> tuple[bytes, bool]:
        """An event with other texts, and whether it says anything else but who speaks.

        Args:
            data: Its data.
            texts: The texts, by position in its choices.
            end: The line end.
        """
        ...

    def event(self, data: bytes, end: bytes) -> bytes:
        """An event with this data."""
        ...

    def numbers(self) -> "SequenceNumbers | None":
        """What keeps the numbers of one stream's events in order; ``None``: they have none."""
        ...

    # How does a stream end, and how is an error told?

    def ends(self, data: bytes) -> bool:
        """Whether an event without choices says that this was all."""
        ...

    def is_stream(self, begun: bytes, media_type: str, *, asked: bool) -> bool:
        """Whether an answer comes as events, whatever its server calls it.

        Args:
            begun: Its first bytes.
            media_type: What its server calls it.
            asked: Whether a stream was asked for.
        """
        ...

    def own_error(self, body: bytes) -> bool:
        """Whether a server's error has this protocol's own form, where that is not OpenAI's."""
        ...

    def refusal(self, error: bytes) -> bytes:
        """An error as the whole answer.

        Args:
            error: It in OpenAI's form; or as a server told it, in this protocol's.
        """
        ...

    def last(self, error: bytes) -> bytes:
        """A `refusal` as the end of a stream which has begun."""
        ...

    def stopped(self, origin: bytes | None) -> bytes:
        """What ends a stream well that is not told to its end; ``b""``: nothing can.

        Args:
            origin: The data of its last event with text.
        """
        ...

    def streamed(self, body: bytes) -> bytes:
        """A whole answer as a stream, for a client to which one has begun."""
        ...
