"""Ollama's own API (github.com/ollama/ollama/blob/main/docs/api.md), below ``/ollama``.

It streams unless it is told not to: one JSON object a line, of which the last has ``done``. An
error in a stream is a line with ``error``.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from limner.server.proxy.dialects.json_lines import JsonLines
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
from limner.server.proxy.protocol.dialect import CALLS, Path, TextPart

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest

BASE = "/ollama"
_encode = msgspec.json.Encoder().encode


class _Message(msgspec.Struct):
    content: str = ""
    tool_calls: Any = None


class _Line(msgspec.Struct):
    message: _Message | None = None
    response: str = ""
    done: bool = False
    error: Any = None


class Ollama(BelowHost, JsonLines, ReadEvents[_Line]):
    """``/api/chat`` or ``/api/generate``.

    Args:
        asks: Which.
        at: Where in an answer its text stands.
    """

    family = "ollama"
    kind, decoder = _Line, msgspec.json.Decoder(_Line)

    def __init__(self, asks: str, at: Path) -> None:
        super().__init__(f"ollama {asks.rpartition('/')[2]}", BASE, asks)
        self._at = at

    def conversation(self, request: "ChatRequest") -> "ChatRequest":
        """The messages; or the prompt as what the user says, with what the model is told."""
        form = request.get("format")
        talk: dict[str, Any] = {"stream": request.get("stream") is not False}
        if form:
            talk["response_format"] = {"type": "json_object"}
        if len(self._at) == 1:
            prompt, told = request.get("prompt"), request.get("system")
            user = "prompt" if request.get("raw") is True else "user"
            said = [{"role": user, "content": prompt}] if isinstance(prompt, str) else []
            if request.get("suffix"):
                said = []
            tells = isinstance(told, str) and told  # what else it is, its server refuses
            talk["messages"] = [{"role": "system", "content": told}, *said] if tells else said
        return request.replaced(**talk)

    def asked(self, request: "ChatRequest", conversation: "ChatRequest") -> "ChatRequest":
        """The request with other messages, or another prompt."""
        said = conversation.get("messages") or []
        if len(self._at) > 1:
            return request.replaced(messages=said)
        told = "\n\n".join(one["content"] for one in said if one["role"] == "system")
        asked = [one["content"] for one in said if one["role"] != "system"]
        made = request.replaced(prompt=asked[-1]) if asked else request
        before = request.get("system") or ""
        return made.replaced(system=told) if isinstance(before, str) and told != before else made

    def told(self, event: _Line) -> Event:
        """What a line says."""
        if event.error:
            return FAILED
        message = event.message
        text = event.response if len(self._at) == 1 else message.content if message else ""
        ends = "stop" if event.done else None
        if message is not None and message.tool_calls:
            ends = CALLS
        return Event((OneText(0, text, ends),)) if text or ends else NOTHING

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The text."""
        event = self.read(body)
        said = event.choices if event is not None else ()
        return [TextPart(0, self._at, one.text) for one in said or ()]

    def say(self, origin: bytes | None, index: int, text: str, end: bytes) -> bytes:
        """A line that adds a text."""
        known = read_fields(origin) if origin is not None else {}
        made: dict[str, Any] = {n: known[n] for n in ("model", "created_at") if n in known}
        said = json_text(text)
        if len(self._at) == 1:
            made["response"] = said
        else:
            made["message"] = {"role": "assistant", "content": said}
        return self.event(_encode({**made, "done": False}))

    def changed(self, data: bytes, texts: Mapping[int, str], end: bytes) -> tuple[bytes, bool]:
        """A line with another text; it says more if it is the last, or tells thoughts or calls."""
        fields = read_fields(data)
        inner = read_fields(bytes(fields.get("message", b"{}")))
        says = any(texts.values()) or bytes(fields.get("done", b"")) == b"true"
        says = says or not set(inner) <= {"role", "content"}
        return self.event(edited(data, [self._at], texts)), says

    def stopped(self, origin: bytes | None, choices: Sequence[int]) -> bytes:
        """A line with ``done``, unless it has come."""
        if not choices:
            return b""
        told = msgspec.json.decode(self.say(origin, 0, "", b"\n"))
        return self.event(_encode({**told, "done": True, "done_reason": "stop"}))

    def own_error(self, body: bytes) -> bool:
        """Whether ``error`` is a text."""
        line = decoded(self.decoder, body)
        return line is not None and isinstance(line.error, str)

    def refusal(self, error: bytes) -> bytes:
        """An error as Ollama tells it."""
        if self.own_error(error):
            return error
        return _encode({"error": msgspec.json.decode(error)["error"]["message"]})


OLLAMA_CHAT = Ollama("/api/chat", ("message", "content"))
OLLAMA_GENERATE = Ollama("/api/generate", ("response",))
