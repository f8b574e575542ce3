"""What the proxy asks of a protocol: six questions, each answered by pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest
    from limner.server.proxy.protocol.event_splitter import StreamEvent

Path = tuple[str | int, ...]
"""Where in a JSON document something stands: names of fields, and positions in lists."""

SECTION = "section"
CALLS = "calls"
PARTS = frozenset({SECTION, CALLS})
"""What an event says in the place of a reason where all that was said has to come before it, but
not all of the choice ends: a part of its text, or its text for now, as tools are called."""


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
        """Why it ends with this event, so that all its text has to come before; else ``None``.

        Or one of `PARTS`, if it does not end with it.
        """
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


class SoFar(Protocol):
    """What was sent of one stream, where later events have to fit it."""

    def own(self, event: bytes) -> bytes:
        """An event of the server's that is sent now, as it fits those before it."""
        ...

    def added(self, event: bytes) -> bytes:
        """The same of an event that the server did not send."""
        ...

    def left_out(self) -> None:
        """An event of the server's is not sent."""
        ...

    def ending(self) -> bytes:
        """What ends the stream well at this point, also where nothing was sent of it yet."""
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
        follows: Whether a request may name the answer that it goes on behind, instead of telling
            all that was said.
        joined: Whether several events may come in one piece; some programs read but one of each.
    """

    name: str
    family: str
    path: str
    asks: str
    rooted: bool
    media_type: str
    keep_alive: bytes
    follows: bool
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

    def previous(self, request: "ChatRequest") -> str | None:
        """What its server calls the answer that a request goes on behind, if it names one."""
        ...

    def answer_id(self, data: bytes) -> str | None:
        """What the server calls the answer, by which a later request may go on behind it.

        Args:
            data: An event without text, or an answer that came whole.
        """
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

    def so_far(self) -> SoFar | None:
        """What keeps the events of one stream fitting; ``None``: each stands for itself."""
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

    def stopped(self, origin: bytes | None, choices: Sequence[int]) -> bytes:
        """What ends a stream well that is not told to its end, if `so_far` does not say.

        Args:
            origin: The data of an event of the same answer, whose identity it takes.
            choices: Those that have not ended.
        """
        ...

    def streamed(self, body: bytes) -> bytes:
        """A whole answer as a stream, for a client to which one has begun.

        Raises:
            msgspec.DecodeError, ValueError, RecursionError: It is none of the protocol.
        """
        ...
