"""What was sent of an Anthropic message, as far as its end depends on it."""

from typing import Any

import msgspec

from limner.server.proxy.dialects.event_streams import data_of, named_event
from limner.server.proxy.dialects.said import decoded

_DELTA = b"content_block_delta"
_NAMED = 64
"""Bytes at the beginning of an event that say what it is."""
_EMPTY: dict[str, Any] = {
    "id": "msg_0", "type": "message", "role": "assistant", "model": "", "content": [],
    "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 0, "output_tokens": 0},
}  # fmt: skip


class _Block(msgspec.Struct):
    type: str = ""


class _Event(msgspec.Struct):
    type: str = ""
    index: int = 0
    content_block: _Block | None = None


_event = msgspec.json.Decoder(_Event)


class MessageSoFar:
    r"""Knows whether a message has begun, and which of its blocks is open.

    A message without a text is an error to some of its programs: it gets one that is empty.

    Examples:
        >>> message = MessageSoFar()
        >>> said = message.own(b'data: {"type":"message_start"}\n\n')
        >>> said = message.own(b'data: {"type":"content_block_start","index":2}\n\n')
        >>> message.ending().splitlines()[1]
        b'data: {"type":"content_block_stop","index":2}'
    """

    __slots__ = ("_begun", "_next", "_open", "_text", "_told")

    def __init__(self) -> None:
        self._begun = self._text = self._told = False
        self._open: int | None = None
        self._next = 0

    def own(self, event: bytes) -> bytes:
        """An event of the server's, as it is."""
        if event.find(_DELTA, 0, _NAMED) < 0:  # most are such, and change nothing
            self._note(event)
        return event

    def added(self, event: bytes) -> bytes:
        """An event that the server did not send, as it is."""
        return self.own(event)

    def left_out(self) -> None:
        """Nothing depends on it."""

    def ending(self) -> bytes:
        """The ends of the block that is open and of the message, whatever has to begin before."""
        told: list[dict[str, Any]] = []
        if not self._begun:
            told.append({"type": "message_start", "message": _EMPTY})
        if self._open is not None:
            told.append({"type": "content_block_stop", "index": self._open})
        if not (self._text or self._told):
            block = {"index": self._next, "content_block": {"type": "text", "text": ""}}
            told.append({"type": "content_block_start", **block})
            told.append({"type": "content_block_stop", "index": self._next})
        if not self._told:
            ended = {"stop_reason": "end_turn", "stop_sequence": None}
            told.append({"type": "message_delta", "delta": ended, "usage": {"output_tokens": 0}})
        return b"".join(map(named_event, (*told, {"type": "message_stop"})))

    def _note(self, event: bytes) -> None:
        said = decoded(_event, data_of(event))
        kind = said.type if said is not None else ""
        if kind == "message_start":
            self._begun = True
        elif kind == "content_block_start":
            self._open, self._next = said.index, said.index + 1
            block = said.content_block
            self._text = self._text or (block is not None and block.type == "text")
        elif kind == "content_block_stop":
            self._open = None
        elif kind == "message_delta":
            self._told = True
