"""What most protocols have in common: events that each add to one text."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from limner.server.proxy.protocol.dialect import Path, TextPart
from limner.server.proxy.protocol.json_paths import put


class OneText(msgspec.Struct, frozen=True, gc=False):
    """What an event says of a choice.

    Attributes:
        index: Which choice.
        text: The text it adds.
        finish_reason: Why it ends with it; or `SECTION`: only a part of it does.
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
SECTION = "section"
"""A part of an answer ends: all that was said has to come before."""


class Undivided:
    """What protocols answer alike that send whole characters and repeat nothing."""

    def halves(self, data: bytes) -> None:
        """Halves of characters pass."""

    def repeated(self, data: bytes) -> Sequence[TextPart]:
        """No event says again what was said."""
        return ()


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


def decoded(decoder: "msgspec.json.Decoder[Any]", data: bytes) -> Any:
    """What a decoder reads; ``None``: it cannot."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
