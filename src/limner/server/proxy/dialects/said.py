"""What most protocols have in common: events that each add to one text."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from limner.backends.text.openai.surrogates import with_halves
from limner.server.proxy.protocol.dialect import Chunk, Path, TextPart
from limner.server.proxy.protocol.json_paths import put

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest


class OneText(msgspec.Struct, frozen=True, gc=False):
    """What an event says of a choice.

    Attributes:
        index: Which choice.
        text: The text it adds.
        finish_reason: Why it ends with it; or one of `PARTS`.
        role: Nobody is named.
    """

    index: int
    text: str
    finish_reason: str | None = None
    role: None = None


class Event(NamedTuple):
    """What is read of an event."""

    choices: Sequence[OneText] = ()
    failed: bool = False


NOTHING = Event()
FAILED = Event(failed=True)

T = TypeVar("T")


class ToldAll:
    """What protocols answer alike whose servers remember nothing."""

    follows = False

    def previous(self, request: "ChatRequest") -> str | None:
        """Requests tell all that was said."""
        return None

    def answer_id(self, data: bytes) -> str | None:
        """So no answer is asked for by name."""
        return None


class ReadEvents(ToldAll, ABC, Generic[T]):
    """What protocols answer alike whose events are JSON of one kind.

    Attributes:
        kind: What is read of an event.
        decoder: Reads it.
    """

    kind: type[T]
    decoder: "msgspec.json.Decoder[T]"

    @abstractmethod
    def told(self, event: T) -> Chunk:
        """What an event says."""

    def read(self, data: bytes) -> Chunk | None:
        """What an event says; ``None``: it is not understood."""
        try:
            event = self.decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return self.told(event)

    def halves(self, data: bytes) -> Chunk | None:
        """The same of one that holds halves of characters."""
        event = with_halves(data, self.kind)
        return None if event is None else self.told(event)

    def repeated(self, data: bytes) -> Sequence[TextPart]:
        """No event says again what was said."""
        return ()


class BelowHost:
    """What protocols have alike that are asked below a server's host, not below ``/v1``.

    Args:
        name: What it is called.
        base: Below what its programs ask limner.
        asks: Where they ask, below that.
    """

    rooted = True

    def __init__(self, name: str, base: str, asks: str) -> None:
        self.name = name
        self.asks = asks
        self.path = base + asks


class OpenAIErrors:
    """What protocols answer alike that tell errors as OpenAI does."""

    def own_error(self, body: bytes) -> bool:
        """It has no other form."""
        return False

    def refusal(self, error: bytes) -> bytes:
        """It is in OpenAI's form."""
        return error


def edited(data: bytes, paths: Sequence[Path], texts: Mapping[int, str]) -> bytes:
    """An event with other texts, each in the place where that of its choice stands."""
    return put(data, {paths[at]: text for at, text in texts.items() if at < len(paths)})


_object = msgspec.json.Decoder(dict[str, Any])


def read_object(body: bytes) -> dict[str, Any]:
    """A whole answer, with all its fields.

    Raises:
        msgspec.DecodeError: It is none.
    """
    return _object.decode(body)


def objects(value: Any) -> list[dict[str, Any]]:
    """A list of objects; nothing, where there is none.

    Raises:
        msgspec.ValidationError: It is something else.

    Examples:
        >>> objects([{"type": "text"}]), objects(None)
        ([{'type': 'text'}], [])
    """
    return msgspec.convert(value or [], list[dict[str, Any]])


def decoded(decoder: "msgspec.json.Decoder[Any]", data: bytes) -> Any:
    """What a decoder reads; ``None``: it cannot."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
