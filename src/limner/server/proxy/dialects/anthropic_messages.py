"""Anthropic's Messages (docs.anthropic.com/en/api/messages, /messages-streaming).

An answer is blocks: text, thinking, calls of tools. Each begins, grows and ends in events that
name its place, so all text of a block has to be said before the event that ends it. The text of
all blocks is one text. What the model is told stands beside the conversation, in ``system``.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from limner.server.proxy.dialects.event_streams import NamedEventStreams, kind_of
from limner.server.proxy.dialects.message_so_far import MessageSoFar
from limner.server.proxy.dialects.said import (
    FAILED,
    NOTHING,
    Event,
    OneText,
    ReadEvents,
    decoded,
    edited,
    objects,
    read_object,
)
from limner.server.proxy.protocol.chunk_writing import json_text
from limner.server.proxy.protocol.dialect import SECTION, TextPart

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest

_KINDS = frozenset(
    {"invalid_request_error", "authentication_error", "permission_error", "not_found_error"}
    | {"request_too_large", "rate_limit_error", "api_error", "overloaded_error", "billing_error"}
)
_encode = msgspec.json.Encoder().encode


class _Text(msgspec.Struct):
    type: str = ""
    text: str = ""
    stop_reason: str | None = None


class _Event(msgspec.Struct):
    type: str = ""
    index: int = 0
    delta: _Text | None = None
    content_block: _Text | None = None


class _Message(msgspec.Struct):
    content: list[_Text] = []


_message = msgspec.json.Decoder(_Message)


class AnthropicMessages(NamedEventStreams, ReadEvents[_Event]):
    """Messages, streamed and not."""

    kind, decoder = _Event, msgspec.json.Decoder(_Event)
    name = "anthropic messages"
    family = "anthropic"
    path = asks = "/messages"
    rooted = False
    keep_alive = b'event: ping\ndata: {"type": "ping"}\n\n'

    def conversation(self, request: "ChatRequest") -> "ChatRequest":
        """The messages, with what stands beside them before them."""
        told, said = request.get("system"), request.get("messages")
        if not told or not isinstance(said, list):
            return request
        return request.replaced(messages=[{"role": "system", "content": told}, *said])

    def asked(self, request: "ChatRequest", conversation: "ChatRequest") -> "ChatRequest":
        """What the model is told goes beside the messages again."""
        said: list[dict[str, Any]] = conversation.get("messages") or []
        told = [one for one in said if one.get("role") == "system"]
        rest = [one for one in said if one.get("role") != "system"]
        made = conversation.replaced(messages=rest)
        return made.replaced(system=told[0]["content"]) if told else made

    def told(self, event: _Event) -> Event:
        """What an event says."""
        kind = event.type
        if kind == "content_block_delta":
            delta = event.delta
            if delta is None or delta.type != "text_delta" or not delta.text:
                return NOTHING
            return Event((OneText(0, delta.text),))
        if kind == "content_block_stop":
            return Event((OneText(0, "", SECTION),))
        if kind == "content_block_start":
            block = event.content_block
            if block is not None and block.type == "text" and block.text:
                return Event((OneText(0, block.text),))
        if kind == "message_delta" and event.delta is not None and event.delta.stop_reason:
            return Event((OneText(0, "", event.delta.stop_reason),))
        return FAILED if kind == "error" else NOTHING

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The blocks of text."""
        message = decoded(_message, body)
        return [
            TextPart(0, ("content", at, "text"), block.text)
            for at, block in enumerate(message.content if message else ())
            if block.type == "text"
        ]

    def say(self, origin: bytes | None, index: int, text: str, end: bytes) -> bytes:
        """An event that adds a text to the block that grows."""
        known = decoded(self.decoder, origin) if origin is not None else None
        block = known.index if known else 0
        delta = {"type": "text_delta", "text": json_text(text)}
        return self.event(
            _encode({"type": "content_block_delta", "index": block, "delta": delta}), end
        )

    def changed(self, data: bytes, texts: Mapping[int, str], end: bytes) -> tuple[bytes, bool]:
        """An event with another text."""
        kind = kind_of(data)
        if kind == "content_block_delta":
            return self.event(edited(data, [("delta", "text")], texts), end), any(texts.values())
        if kind == "content_block_start":
            return self.event(edited(data, [("content_block", "text")], texts), end), True
        return self.event(data.strip(), end), True

    def ends(self, data: bytes) -> bool:
        """Whether it is ``message_stop``."""
        return b"message_stop" in data and kind_of(data) == "message_stop"

    def own_error(self, body: bytes) -> bool:
        """Whether it says of itself that it is one."""
        return kind_of(body) == "error"

    def refusal(self, error: bytes) -> bytes:
        """An error as Anthropic tells it."""
        if self.own_error(error):
            return error
        told = msgspec.json.decode(error)["error"]
        kind = told.get("type") if told.get("type") in _KINDS else "api_error"
        return _encode({"type": "error", "error": {"type": kind, "message": told["message"]}})

    def so_far(self) -> MessageSoFar:
        """Blocks that are open have to be ended."""
        return MessageSoFar()

    def streamed(self, body: bytes) -> bytes:
        """A message block by block: each begins empty, grows once, and ends."""
        message = read_object(body)
        blocks = objects(message.get("content"))
        empty = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
        told: list[dict[str, Any]] = [{"type": "message_start", "message": empty}]
        for at, block in enumerate(blocks):
            begun, deltas = _grown(block)
            told.append({"type": "content_block_start", "index": at, "content_block": begun})
            told += ({"type": "content_block_delta", "index": at, "delta": d} for d in deltas)
            told.append({"type": "content_block_stop", "index": at})
        ended = {name: message.get(name) for name in ("stop_reason", "stop_sequence")}
        usage = message.get("usage") or {"output_tokens": 0}
        told += [{"type": "message_delta", "delta": ended, "usage": usage}]
        return b"".join(self.event(_encode(one)) for one in (*told, {"type": "message_stop"}))


def _grown(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A block as it begins, and what then grows it to what it is."""
    kind = block.get("type")
    if kind == "text":
        return {**block, "text": ""}, [{"type": "text_delta", "text": block.get("text", "")}]
    if kind == "thinking":
        begun = {**block, "thinking": "", "signature": ""}
        grown = {"thinking": block.get("thinking", ""), "signature": block.get("signature", "")}
        return begun, [{"type": f"{name}_delta", name: said} for name, said in grown.items()]
    if kind == "tool_use":
        given = _encode(block.get("input") or {}).decode()
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": given}]
    return block, []


ANTHROPIC_MESSAGES = AnthropicMessages()
