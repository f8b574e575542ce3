"""A model that tells stories with tags, calls a tool when it is asked for the time, and titles."""

import json
from collections.abc import Mapping
from typing import Any

from limner.testing.chat_server import ChatRequest, ChatServer, Reply

NAME = "story"
FOX = '<!--img-prompt="a red fox in the snow, moonlight"-->'
OWL = '<!--img-prompt="an old owl on a branch, night"-->'
CLOCK = '<!--img-prompt="a great brass clock in a tower"-->'
FIRST = f"Once there was a fox.\n\n{FOX}\n\nHe ran through the snow."
SECOND = f"Then an owl called. {OWL} And all was still."
MINE = f"I follow the fox. {FOX}"
"""What the user might say, with a tag although nobody asked for one."""
TIMED = f"The clock strikes. {CLOCK} It is late."


def story_model() -> ChatServer:
    """The model's server, on this machine."""
    return ChatServer(_answer, models=[NAME])


def told(request: ChatRequest) -> list[dict[str, Any]]:
    """The messages a model was asked with, but for limner's instruction."""
    messages: list[dict[str, Any]] = request.body["messages"]
    return [one for one in messages if "img-prompt" not in text_of(one) or one["role"] != "system"]


def text_of(message: Mapping[str, Any]) -> str:
    """What a message says."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def _answer(request: ChatRequest) -> Reply:
    body = request.body
    messages = told(request)
    asked = next((text_of(one) for one in reversed(messages) if one["role"] == "user"), "")
    if "point of view" in text_of(messages[-1]):
        return _spoken(MINE)
    if not body.get("stream"):
        return Reply.completion(_whole(asked, quiet=messages[-1]["role"] == "system"))
    if messages[-1]["role"] == "tool":
        return _spoken(TIMED)
    tool = next((name for name in _tools(body) if "time" in name), None)
    if "time" in asked and tool is not None:
        call = {"index": 0, "id": "call_1", "type": "function"}
        made = {"choices": [{"index": 0, "delta": {"tool_calls": [
            call | {"function": {"name": tool, "arguments": "{}"}}]}}]}  # fmt: skip
        return Reply.stream("Let me look. ", made, finish="tool_calls")
    return _spoken(FIRST if "Tell me" in asked else SECOND)


def _spoken(text: str) -> Reply:
    return Reply.stream(*(text[at : at + 7] for at in range(0, len(text), 7)))


def _whole(asked: str, *, quiet: bool) -> str:
    """An answer that is not streamed."""
    if "### Task" in asked:
        return json.dumps(_task(asked))
    return "Quietly." if quiet else SECOND


def _task(asked: str) -> dict[str, Any]:
    if "title" in asked[:400].lower():
        return {"title": "The Fox"}
    if "tags" in asked[:400].lower():
        return {"tags": ["Stories"]}
    return {"follow_ups": ["And then?"]}


def _tools(body: Mapping[str, Any]) -> list[str]:
    return [tool["function"]["name"] for tool in body.get("tools") or ()]
