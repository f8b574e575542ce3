"""llama.cpp's own ``/completion`` (tools/server/README.md of llama.cpp).

A text goes on, without turns; events hold ``content``, the last one ``stop`` and the timings.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from limner.server.proxy.dialects.event_streams import EventStreams
from limner.server.proxy.dialects.prompts import Prompted
from limner.server.proxy.dialects.said import (
    FAILED,
    NOTHING,
    BelowHost,
    Event,
    OneText,
    OpenAIErrors,
    ReadEvents,
    decoded,
    edited,
)
from limner.server.proxy.protocol.chunk_writing import json_text, read_fields
from limner.server.proxy.protocol.dialect import TextPart

BASE = "/llamacpp"
_encode = msgspec.json.Encoder().encode


class _Event(msgspec.Struct):
    content: str | None = None
    index: int = 0
    stop: bool = False
    error: Any = None


class LlamaCppCompletion(BelowHost, EventStreams, ReadEvents[_Event], Prompted, OpenAIErrors):
    """A text that goes on, as llama.cpp streams it by itself.

    Args:
        base: Below what clients ask.
    """

    family = "llamacpp"
    kind, decoder = _Event, msgspec.json.Decoder(_Event)

    def __init__(self, base: str) -> None:
        super().__init__("llama.cpp completion", base, "/completion")

    def told(self, event: _Event) -> Event:
        """What an event says."""
        if event.error:
            return FAILED
        if not (event.content or event.stop):
            return NOTHING
        return Event((OneText(event.index, event.content or "", "stop" if event.stop else None),))

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The text."""
        said = decoded(self.decoder, body)
        return [TextPart(0, ("content",), said.content)] if said and said.content else []

    def say(self, origin: bytes | None, index: int, text: str, end: bytes) -> bytes:
        """An event that adds a text."""
        known = read_fields(origin) if origin is not None else {}
        made: dict[str, Any] = {"index": index, "content": json_text(text), "tokens": []}
        made["stop"] = False
        counts = ("id_slot", "tokens_predicted", "tokens_evaluated")
        return self.event(_encode(made | {n: known[n] for n in counts if n in known}), end)

    def changed(self, data: bytes, texts: Mapping[int, str], end: bytes) -> tuple[bytes, bool]:
        """An event with another text."""
        says = any(texts.values()) or bytes(read_fields(data).get("stop", b"")) == b"true"
        return self.event(edited(data, [("content",)], texts), end), says

    def stopped(self, origin: bytes | None, choices: Sequence[int]) -> bytes:
        """An event with ``stop`` for each."""
        said = [self.say(origin, index, "", b"\n").partition(b"data: ")[2] for index in choices]
        ended = [{**msgspec.json.decode(one), "stop": True, "stop_type": "none"} for one in said]
        return b"".join(self.event(_encode(one)) for one in ended)


LLAMACPP_COMPLETION = LlamaCppCompletion("")
LLAMACPP_BELOW = LlamaCppCompletion(BASE)
