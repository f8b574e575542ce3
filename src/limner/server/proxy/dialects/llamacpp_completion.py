"""llama.cpp's own ``/completion`` (tools/server/README.md of llama.cpp).

A text goes on, without turns; events hold ``content``, the last one ``stop`` and the timings.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from limner.server.proxy.dialects.event_streams import EventStreams
from limner.server.proxy.dialects.prompts import asked_in_prompt, prompt_talk
from limner.server.proxy.dialects.said import (
    FAILED,
    NOTHING,
    Event,
    OneText,
    OpenAIErrors,
    Undivided,
    decoded,
    edited,
)
from limner.server.proxy.protocol.chunk_writing import json_text, read_fields
from limner.server.proxy.protocol.dialect import TextPart

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest

BASE = "/llamacpp"
_encode = msgspec.json.Encoder().encode


class _Event(msgspec.Struct):
    content: str | None = None
    index: int = 0
    stop: bool = False
    error: Any = None


_event = msgspec.json.Decoder(_Event)


class LlamaCppCompletion(EventStreams, Undivided, OpenAIErrors):
    """A text that goes on, as llama.cpp streams it by itself.

    Args:
        path: Where clients ask.
    """

    name = "llama.cpp completion"
    family = "llamacpp"
    asks = "/completion"
    rooted = True

    def __init__(self, path: str) -> None:
        self.path = path

    def conversation(self, request: "ChatRequest") -> "ChatRequest":
        """The prompt is the only message."""
        return prompt_talk(request)

    def asked(self, request: "ChatRequest", conversation: "ChatRequest") -> "ChatRequest":
        """The request with another prompt."""
        return asked_in_prompt(request, conversation)

    def read(self, data: bytes) -> Event | None:
        """What an event says."""
        said = decoded(_event, data)
        if said is None:
            return None
        if said.error:
            return FAILED
        if not (said.content or said.stop):
            return NOTHING
        return Event((OneText(said.index, said.content or "", "stop" if said.stop else None),))

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The text."""
        said = decoded(_event, body)
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
        says = any(texts.values()) or decoded(_event, data).stop
        return self.event(edited(data, [("content",)], texts), end), says

    def stopped(self, origin: bytes | None) -> bytes:
        """An event with ``stop``."""
        told = msgspec.json.decode(self.say(origin, 0, "", b"\n").partition(b"data: ")[2])
        return self.event(_encode({**told, "stop": True, "stop_type": "none"}))


LLAMACPP_COMPLETION = LlamaCppCompletion("/completion")
LLAMACPP_BELOW = LlamaCppCompletion(f"{BASE}/completion")
