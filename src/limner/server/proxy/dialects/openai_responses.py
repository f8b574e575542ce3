"""OpenAI's Responses (platform.openai.com/docs/api-reference/responses).

Events are typed and numbered. Text comes in ``response.output_text.delta`` and is said again when
its part, its item and the response are done: what is said again holds the same pictures. What came
before may be the server's to know (``previous_response_id``): it has the model's own words.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from limner.server.proxy.dialects.event_streams import NamedEventStreams, kind_of
from limner.server.proxy.dialects.response_so_far import ResponseSoFar
from limner.server.proxy.dialects.said import (
    FAILED,
    NOTHING,
    Event,
    OneText,
    OpenAIErrors,
    ReadEvents,
    decoded,
    edited,
    objects,
    read_object,
)
from limner.server.proxy.protocol.dialect import CALLS, Path, TextPart
from limner.server.proxy.protocol.json_paths import put

if TYPE_CHECKING:
    from limner.server.proxy.chat_request import ChatRequest

_ENDS = ("response.completed", "response.incomplete", "response.failed")
_DELTA = "response.output_text.delta"
_CALLS = frozenset(
    {"function_call", "custom_tool_call", "computer_call", "local_shell_call", "shell_call"}
    | {"apply_patch_call", "mcp_approval_request"}
)
"""Items that the program has to do something for; what the server looks up by itself is none."""
_encode = msgspec.json.Encoder().encode


class _Part(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Item(msgspec.Struct):
    content: list[_Part] | None = None


class _Response(msgspec.Struct):
    output: list[_Item] | None = None


class _Kind(msgspec.Struct):
    type: str = ""


class _Delta(msgspec.Struct):
    type: str = ""
    delta: Any = None
    item: _Kind | None = None


class _Done(msgspec.Struct):
    type: str = ""
    text: str = ""
    part: _Part | None = None
    item: _Item | None = None
    response: _Response | None = None


class _Identity(msgspec.Struct):
    object: str = ""
    id: str | None = None


class _Named(_Identity):
    response: _Identity | None = None


_OBJECT = b'"object"'
_done = msgspec.json.Decoder(_Done)
_named = msgspec.json.Decoder(_Named)
_response = msgspec.json.Decoder(_Response)


class OpenAIResponses(NamedEventStreams, ReadEvents[_Delta], OpenAIErrors):
    """Responses, streamed and not."""

    kind, decoder = _Delta, msgspec.json.Decoder(_Delta)
    name = "openai responses"
    family = "openai"
    path = asks = "/responses"
    rooted = False
    follows = True

    def conversation(self, request: "ChatRequest") -> "ChatRequest":
        """The input as messages, behind what the model is told."""
        given, told = request.get("input"), request.get("instructions")
        said = [{"role": "user", "content": given}] if isinstance(given, str) else given or []
        if told and isinstance(said, list):  # what else it is, its server refuses
            said = [{"role": "system", "content": told}, *said]
        form = request.get("text")
        more = {"response_format": form.get("format")} if isinstance(form, dict) else {}
        return request.replaced(messages=said, **more)

    def asked(self, request: "ChatRequest", conversation: "ChatRequest") -> "ChatRequest":
        """The messages as input; its text parts say who writes them."""
        said: list[dict[str, Any]] = conversation.get("messages") or []
        made = request
        if request.get("instructions"):
            made = request.replaced(instructions=said[0]["content"])
            said = said[1:]
        plain = isinstance(request.get("input"), str) and len(said) == 1
        return made.replaced(input=said[0]["content"] if plain else [_typed(one) for one in said])

    def previous(self, request: "ChatRequest") -> str | None:
        """What the server remembers under a conversation's name, it alone knows."""
        named = request.get("previous_response_id")
        known = isinstance(named, str) and named and not request.get("conversation")
        return named if known else None

    def answer_id(self, data: bytes) -> str | None:
        """The response's; it begins with that, and holds it to its end."""
        if _OBJECT not in data:
            return None
        said = decoded(_named, data)
        response = said if said is None or said.response is None else said.response
        return response.id if response is not None and response.object == "response" else None

    def told(self, event: _Delta) -> Event:
        """What an event says."""
        if event.type == _DELTA:
            return Event((OneText(0, event.delta),)) if isinstance(event.delta, str) else NOTHING
        if event.type == "response.output_item.added" and event.item is not None:
            return Event((OneText(0, "", CALLS),)) if event.item.type in _CALLS else NOTHING
        return FAILED if event.type in ("error", "response.failed") else NOTHING

    def repeated(self, data: bytes) -> Sequence[TextPart]:
        """The texts that an event says again, in order."""
        if b".done" not in data and b"response.completed" not in data and b"incomplete" not in data:
            return ()
        event = decoded(_done, data)
        if event is None:
            return ()
        if event.type == "response.output_text.done":
            return [TextPart(0, ("text",), event.text)]
        if event.type == "response.content_part.done" and event.part is not None:
            part = event.part
            return [TextPart(0, ("part", "text"), part.text)] if part.type == "output_text" else ()
        if event.type == "response.output_item.done" and event.item is not None:
            return _of_item(event.item, ("item",))
        if event.type in _ENDS and event.response is not None:
            return _of_response(event.response, ("response",))
        return ()

    def parts(self, body: bytes) -> Sequence[TextPart]:
        """The texts of all items."""
        response = decoded(_response, body)
        return _of_response(response, ()) if response is not None else ()

    def say(self, origin: bytes | None, index: int, text: str, end: bytes) -> bytes:
        """An event that adds a text to the part that grows."""
        known = origin if origin is not None else _encode({"type": _DELTA, "delta": ""})
        return self.event(put(known.strip(), {("delta",): text}), end)

    def changed(self, data: bytes, texts: Mapping[int, str], end: bytes) -> tuple[bytes, bool]:
        """An event with another text; a call has none."""
        if kind_of(data) != _DELTA:
            return self.event(data.strip(), end), True
        return self.event(edited(data.strip(), [("delta",)], texts), end), any(texts.values())

    def ends(self, data: bytes) -> bool:
        """Whether the response is done."""
        return b"response." in data and kind_of(data) in _ENDS

    def so_far(self) -> ResponseSoFar:
        """Every event has a number, and the last one says all again."""
        return ResponseSoFar()

    def last(self, error: bytes) -> bytes:
        """An error as the last event."""
        told = msgspec.json.decode(error).get("error")
        known = {name: told.get(name) for name in ("code", "message", "param")}
        return self.event(_encode({"type": "error", **known, "sequence_number": 0, "error": told}))

    def streamed(self, body: bytes) -> bytes:
        """A response item by item; each text is said once, and again where it is done."""
        response = read_object(body)
        begun = {**response, "status": "in_progress", "output": [], "usage": None}
        told: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
        for at, item in enumerate(objects(response.get("output"))):
            told += _grown(at, item)
        told.append({"type": f"response.{response.get('status', 'completed')}"})
        told[-1]["response"] = response
        numbered = (one | {"sequence_number": at} for at, one in enumerate(told))
        return b"".join(self.event(_encode(one)) for one in numbered)


def _grown(at: int, item: dict[str, Any]) -> list[dict[str, Any]]:
    """The events in which an item comes: one that holds texts begins empty."""
    parts = objects(item.get("content")) if item.get("type") == "message" else None
    begun = item if parts is None else {**item, "content": [], "status": "in_progress"}
    told: list[dict[str, Any]] = [
        {"type": "response.output_item.added", "output_index": at, "item": begun}
    ]
    for place, part in enumerate(parts or ()):
        where = {"item_id": item.get("id"), "output_index": at, "content_index": place}
        said: list[tuple[str, dict[str, Any]]] = [("content_part.added", {"part": part})]
        if part.get("type") == "output_text":
            text = part.get("text", "")
            said = [("content_part.added", {"part": {**part, "text": ""}})]
            said += [("output_text.delta", {"delta": text, "logprobs": []})]
            said += [("output_text.done", {"text": text, "logprobs": []})]
        said += [("content_part.done", {"part": part})]
        told += ({"type": f"response.{kind}", **where, **more} for kind, more in said)
    return [*told, {"type": "response.output_item.done", "output_index": at, "item": item}]


def _of_item(item: _Item, path: Path) -> list[TextPart]:
    return [
        TextPart(0, (*path, "content", at, "text"), part.text)
        for at, part in enumerate(item.content or ())
        if part.type == "output_text"
    ]


def _of_response(response: _Response, path: Path) -> list[TextPart]:
    items = enumerate(response.output or ())
    return [part for at, item in items for part in _of_item(item, (*path, "output", at))]


def _typed(message: dict[str, Any]) -> dict[str, Any]:
    """A message whose parts of text have the type that they have here."""
    content = message.get("content")
    if not isinstance(content, list):
        return message
    kind = "output_text" if message.get("role") == "assistant" else "input_text"
    return message | {
        "content": [
            part | {"type": kind} if isinstance(part, dict) and part.get("type") == "text" else part
            for part in content
        ]
    }


OPENAI_RESPONSES = OpenAIResponses()
