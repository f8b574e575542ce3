"""What was sent of a response, since its end says all of it again."""

from collections import defaultdict
from typing import Any

import msgspec

from limner.server.proxy.dialects.event_streams import data_of, named_event
from limner.server.proxy.dialects.said import decoded
from limner.server.proxy.protocol.sequence_numbers import SequenceNumbers

Place = tuple[int, int]
"""Which item, and which part of it."""

_EMPTY: dict[str, Any] = {
    "id": "resp_0", "object": "response", "created_at": 0, "model": "", "error": None,
    "incomplete_details": None, "instructions": None, "metadata": {}, "parallel_tool_calls": True,
    "tool_choice": "auto", "tools": [], "temperature": None, "top_p": None, "usage": None,
}  # fmt: skip
_BEGUN = ("response.created", "response.queued", "response.in_progress")


_DELTA = b"response.output_text.delta"
_NAMED = 64
"""Bytes at the beginning of an event that say what it is."""
MANY = 1024
"""Pieces of text that are kept as they came: most are never read, as a whole one follows them."""


class _Piece(msgspec.Struct):
    output_index: int = 0
    content_index: int = 0
    delta: Any = None


class _Event(msgspec.Struct):
    type: str = ""
    output_index: int = 0
    content_index: int = 0
    text: Any = None
    item: Any = None
    part: Any = None
    response: Any = None


_event = msgspec.json.Decoder(_Event)
_piece = msgspec.json.Decoder(_Piece)


class ResponseSoFar(SequenceNumbers):
    """Numbers the events, and gathers what the last one has to hold: items and their texts."""

    __slots__ = ("_items", "_open", "_parts", "_pieces", "_response", "_said", "_texts")

    def __init__(self) -> None:
        super().__init__()
        self._response: dict[str, Any] | None = None
        self._items: dict[int, dict[str, Any]] = {}
        self._open: set[int] = set()
        self._parts: dict[Place, dict[str, Any]] = {}
        self._texts: defaultdict[Place, list[str]] = defaultdict(list)
        self._said: dict[Place, str] = {}
        self._pieces: list[bytes] = []

    def own(self, event: bytes) -> bytes:
        """An event of the server's, with its number among those that are sent."""
        if self._shift:
            event = super().own(event)
        else:
            self._last = event
        if event.find(_DELTA, 0, _NAMED) < 0:
            self._note(event)
        else:
            self._pieces.append(event)
            if len(self._pieces) > MANY:
                self._gather()
        return event

    def added(self, event: bytes) -> bytes:
        """An event that the server did not send, with the number that follows the last."""
        event = super().added(event)
        if event.find(_DELTA, 0, _NAMED) < 0:
            self._note(event)
        else:
            self._pieces.append(event)
        return event

    def ending(self) -> bytes:
        """What is open is said to be done; a call that is open would be made as it is: left out.

        It is done rather than incomplete: there is no word for why, and programs ask again for
        what is incomplete.
        """
        self._gather()
        told: list[dict[str, Any]] = []
        for at in {at for at, _ in self._texts} - self._items.keys():
            self._items[at] = {"id": "msg_0", "type": "message", "role": "assistant"}
            self._open.add(at)
        if self._response is None and not self._items:
            begun = {**_EMPTY, "status": "in_progress", "output": []}
            told.append({"type": "response.created", "response": begun})
        for at in sorted(self._open):
            if self._items[at].get("type") == "message":
                told += self._done(at)
        sent = b"".join(map(self._numbered, told))
        output = [item for at, item in sorted(self._items.items()) if at not in self._open]
        response = {**(self._response or _EMPTY), "status": "completed", "output": output}
        return sent + self._numbered({"type": "response.completed", "response": response})

    def _done(self, at: int) -> list[dict[str, Any]]:
        """The events that end a message, and its parts of which that was not said."""
        item, content = self._items[at], []
        told: list[tuple[str, dict[str, Any]]] = []
        for place in sorted(place for place in {*self._parts, *self._texts} if place[0] == at):
            where = {"item_id": item.get("id"), "output_index": at, "content_index": place[1]}
            part = self._parts.get(place) or {"type": "output_text", "annotations": []}
            if part.get("type") == "output_text":
                text = "".join(self._texts[place])
                part = {**part, "text": text}
                if self._said.get(place) is None:
                    told.append(("output_text.done", {**where, "text": text, "logprobs": []}))
            content.append(part)
            if self._said.get(place) != "part":
                told.append(("content_part.done", {**where, "part": part}))
        whole = {**item, "status": "completed", "content": content}
        told.append(("output_item.done", {"output_index": at, "item": whole}))
        return [{"type": f"response.{kind}", **fields} for kind, fields in told]

    def _numbered(self, event: dict[str, Any]) -> bytes:
        return self.added(named_event({**event, "sequence_number": 0}))

    def _note(self, event: bytes) -> None:
        said = decoded(_event, data_of(event))
        if said is None:
            return
        kind, place = said.type, (said.output_index, said.content_index)
        if kind == "response.output_text.done":
            if self._grow() == [place]:
                self._pieces.clear()
            self._gather()
            self._texts[place], self._said[place] = [str(said.text)], "text"
        elif kind in ("response.content_part.added", "response.content_part.done"):
            self._gather()
            self._parts[place] = said.part if isinstance(said.part, dict) else {}
            if kind.endswith("done"):
                self._said[place] = "part"
        elif kind in ("response.output_item.added", "response.output_item.done"):
            self._items[place[0]] = said.item if isinstance(said.item, dict) else {}
            (self._open.discard if kind.endswith("done") else self._open.add)(place[0])
        elif kind in _BEGUN and isinstance(said.response, dict):
            self._response = said.response

    def _grow(self) -> list[Place]:
        """The parts to which text may be added."""
        texts = [place for place, one in self._parts.items() if one.get("type") == "output_text"]
        return [place for place in texts if place not in self._said]

    def _gather(self) -> None:
        """Read the pieces that were kept."""
        for event in self._pieces:
            said = decoded(_piece, data_of(event))
            if said is not None and isinstance(said.delta, str):
                self._texts[said.output_index, said.content_index].append(said.delta)
        self._pieces.clear()
