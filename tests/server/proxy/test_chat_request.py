"""Requests: what is not ours stays to the byte, and side requests are told apart."""

from typing import Any

import msgspec
import pytest

from limner.errors import RequestRejected
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.mode import Mode
from limner.server.proxy.side_request import mode_of


def request(**fields: Any) -> ChatRequest:
    """A streamed request for a story, with these fields besides or instead."""
    messages = [{"role": "user", "content": "A story about a fox, please."}]
    body = {"model": "m", "stream": True, "messages": messages} | fields
    return ChatRequest.read(msgspec.json.encode(body))


def mode(asked: str | None = None, **fields: Any) -> Mode:
    """How the answer is illustrated."""
    return mode_of(request(**fields), asked=asked, default=Mode.INLINE)


def asking(text: str) -> dict[str, Any]:
    """A request with this one message of a user."""
    return {"messages": [{"role": "user", "content": text}]}


def test_an_unchanged_request_is_sent_to_the_byte() -> None:
    """Blanks, order, numbers and doubled keys are not touched."""
    body = b'{ "b": 1.10, "model":"m", "big": 123456789012345678901234567890, "a": 1E5, "a": 2}'
    assert ChatRequest.read(body).encoded() == body


def test_a_suffix_is_taken_off_and_nothing_else_changes() -> None:
    """The model server is asked for its own model; other fields keep order and spelling."""
    made = ChatRequest.read(b'{"z": 1.10, "model": "m:append", "a": {"q":  1e2}}')
    assert (made.model, made.suffix) == ("m", Mode.APPEND)
    assert made.encoded() == b'{"z":1.10,"model":"m","a":{"q":  1e2}}'


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b"[" * 100_000])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    """The client hears that its body is at fault."""
    with pytest.raises(RequestRejected, match="no JSON object"):
        ChatRequest.read(body)


def test_a_story_is_illustrated_as_the_settings_say() -> None:
    """The default holds unless header or suffix say otherwise; the header counts first."""
    assert mode() is Mode.INLINE
    assert mode(model="m:hold") is Mode.HOLD
    assert mode("append", model="m:hold") is Mode.APPEND
    assert mode(" OFF ") is Mode.OFF
    with pytest.raises(ValueError, match="sideways"):
        mode("sideways")


def test_what_is_not_streamed_is_illustrated_only_when_asked() -> None:
    """Quiet calls come without a stream; whoever wants pictures there says so."""
    assert mode(stream=False) is Mode.OFF
    assert mode(stream=False, model="m:inline") is Mode.INLINE
    assert mode("hold", stream=None) is Mode.HOLD


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": "function"}]},
        {"functions": [{"name": "f"}]},
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "json_schema", "json_schema": {}}},
        {"grammar": "root ::= [0-9]"},
        asking("### Task:\nGenerate 1-3 broad tags"),
        asking("Please generate a concise, 5-word-or-less title for the conversation"),
        {"messages": []},
        {"messages": "hello"},
    ],
)
def test_side_requests_are_left_alone(fields: dict[str, Any]) -> None:
    """Not even a header makes pictures in what a program asks for."""
    assert mode("inline", **fields) is Mode.OFF


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": []},
        {"tools": [{"type": "function"}], "tool_choice": "none"},
        {"response_format": {"type": "text"}},
        asking("Write a story with the title ‘Rain’. It begins with a conversation."),
        asking("Write a story titled Talk, about a long discussion in a pub."),
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "A story"}]}]},
    ],
)
def test_stories_that_look_like_side_requests_are_illustrated(fields: dict[str, Any]) -> None:
    """A word alone does not make a side request."""
    assert mode(**fields) is Mode.INLINE
