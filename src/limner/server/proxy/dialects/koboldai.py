"""KoboldAI's API as KoboldCpp speaks it (lite.koboldai.net/koboldcpp_api), below ``/kobold``.

A text goes on, without turns. ``/api/extra/generate/stream`` streams events that each hold a
``token``; ``/api/v1/generate`` answers whole. ``check`` and ``abort`` go to the server as they are.
SillyTavern forgets what stands behind the host in an address, and so asks at the root.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from limner.server.proxy.dialects.event_streams import EventStreams
from limner.server.proxy.dialects.prompts import Prompted
from limner.server.proxy.dialects.said import (
    FAILED,
    NOTHING,
    BelowHost,
    Event,
    OneText,
    ReadEvents,
    decoded,
    edited,
)
from limner.server.proxy.protocol.chunk_writing import json_text, read_fields
from limner.server.proxy.protocol.dialect import TextPart

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest

BASE = "/kobold"
_encode = msgspec.json.Encoder().encode


class _Token(msgspec.Struct):
    token: str = ""
    finish_reason: str | None = None
    error: Any = None


class _Detail(msgspec.Struct):
    detail: Any = None


class _Result(msgspec.Struct):
    text: str = ""


class _Results(msgspec.Struct):
    results: list[_Result] = []


_detail = msgspec.json.Decoder(_Detail)
_results = msgspec.json.Decoder(_Results)


class KoboldAI(BelowHost, EventStreams, ReadEvents[_Token], Prompted):
    """A text that goes on.

    Args:
        asks: Where.
        streams: Whether it is answered with a stream.
        base: Below what clients ask.
    """

    family = "kobold"
    kind, decoder = _Token, msgspec.json.Decoder(_Token)

    def __init__(self, asks: str, *, streams: bool, base: str = BASE) -> None:
        super().__init__(f"koboldai {'stream' if streams else 'generate'}", base, asks)
        self._streams = streams

    def conversation(self, request: "ChatRequest") -> "ChatRequest":
        """The path says whether it is streamed."""
        return super().conversation(request.replaced(stream=self._streams))

    def told(self, event: _Token) -> Event:
        """What an event says."""
        if event.error:
            return FAILED
        if not (event.token or event.finish_reason):
            return NOTHING
        return Event((OneText(0, event.token, event.finish_reason),))

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The text of each result."""
        said: _Results | None = decoded(_results, body)
        results = enumerate(() if said is None else said.results)
        return [TextPart(at, ("results", at, "text"), one.text) for at, one in results]

    def say(self, origin: bytes | None, index: int, text: str, end: bytes) -> bytes:
        """An event that adds a text."""
        return self.event(_encode({"token": json_text(text), "finish_reason": None}), end)

    def changed(self, data: bytes, texts: Mapping[int, str], end: bytes) -> tuple[bytes, bool]:
        """An event with another text."""
        reason = bytes(read_fields(data).get("finish_reason", b"null"))
        says = any(texts.values()) or reason not in (b"null", b'""')
        return self.event(edited(data, [("token",)], texts), end), says

    def event(self, data: bytes, end: bytes = b"\n") -> bytes:
        """One event with this data, by the name that KoboldCpp gives each."""
        return b"event: message" + end + b"data: " + data + end + end

    def own_error(self, body: bytes) -> bool:
        """Whether it has ``detail``."""
        said: _Detail | None = decoded(_detail, body)
        return said is not None and bool(said.detail)

    def refusal(self, error: bytes) -> bytes:
        """An error as KoboldCpp tells it."""
        if self.own_error(error):
            return error
        told = msgspec.json.decode(error)["error"]
        return _encode({"detail": {"msg": told.get("message"), "type": told.get("type")}})

    def last(self, error: bytes) -> bytes:
        """An error as the last event; its programs know none, and end at a finish reason."""
        detail = msgspec.json.decode(error).get("detail")
        return self.event(_encode({"token": "", "finish_reason": "error", "error": detail}))

    def stopped(self, origin: bytes | None, choices: Sequence[int]) -> bytes:
        """An event with a finish reason, unless it has come."""
        return self.event(_encode({"token": "", "finish_reason": "stop"})) if choices else b""

    def streamed(self, body: bytes) -> bytes:
        """All of it in the last event."""
        text = "".join(part.text for part in self.parts(body)[:1])
        return self.event(_encode({"token": text, "finish_reason": "stop"}))


_STREAM, _WHOLE = "/api/extra/generate/stream", ("/api/v1/generate", "/api/latest/generate")

KOBOLD_STREAM = KoboldAI(_STREAM, streams=True)
KOBOLD_GENERATE, KOBOLD_LATEST = (KoboldAI(asks, streams=False) for asks in _WHOLE)
KOBOLD_ROOT = (
    KoboldAI(_STREAM, streams=True, base=""),
    *(KoboldAI(asks, streams=False, base="") for asks in _WHOLE),
)
"""The same, asked at the root."""
