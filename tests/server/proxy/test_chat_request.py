"""Requests: what is not ours stays to the byte, and what is a chat is told from what is none."""

from typing import Any

import msgspec
import pytest

from limner.errors import RequestRejected
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.mode import Mode, Reason
from limner.server.proxy.mode_decision import decide


def request(**fields: Any) -> ChatRequest:
    """A streamed request for a story, with these fields besides or instead."""
    messages = [{"role": "user", "content": "A story about a fox, please."}]
    body = {"model": "m", "stream": True, "messages": messages} | fields
    return ChatRequest.read(msgspec.json.encode(body))


def mode(asked: str | None = None, **fields: Any) -> Mode:
    """How the answer is illustrated."""
    return decide(request(**fields), asked=asked, setting=None).mode


def why(setting: Mode | None = None, **fields: Any) -> Reason | None:
    """Why the answer is not illustrated."""
    return decide(request(**fields), asked=None, setting=setting).reason


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


@pytest.mark.parametrize("between", ["\n", " ", "\n\n  "])
def test_a_chat_about_documents_is_illustrated(between: str) -> None:
    """Open WebUI 0.12 wraps the user's words as it does what it asks beside a chat."""
    told = "Respond to the user query using the provided context, incorporating inline citations"
    wrapped = f"### Task:{between}{told}.\n\n<context>\nFoxes.\n</context>\n\nTell me of one!"
    assert mode(**asking(wrapped)) is Mode.INLINE
    asked = f"### Task:{between}Generate a concise title summarizing the chat history."
    assert mode(**asking(asked)) is Mode.OFF


TOOLS: dict[str, Any] = {"tools": [{"type": "function", "function": {"name": "f"}}]}
NAMED = {"type": "function", "function": {"name": "f"}}


def allowed(mode: str) -> dict[str, Any]:
    """OpenAI's choice among some of the tools."""
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [NAMED]}}


NOT_ILLUSTRATED: list[tuple[Reason, dict[str, Any]]] = [
    (Reason.FORCED_TOOL, TOOLS | {"tool_choice": "required"}),
    (Reason.FORCED_TOOL, TOOLS | {"tool_choice": "any"}),
    (Reason.FORCED_TOOL, TOOLS | {"tool_choice": NAMED}),
    (Reason.FORCED_TOOL, TOOLS | {"tool_choice": {"type": "custom", "custom": {"name": "f"}}}),
    (Reason.FORCED_TOOL, TOOLS | {"tool_choice": allowed("required")}),
    (Reason.FORCED_TOOL, TOOLS | {"tool_choice": {"type": "allowed_tools", "mode": "required"}}),
    (Reason.FORCED_TOOL, {"functions": [{"name": "f"}], "function_call": {"name": "f"}}),
    (Reason.RESPONSE_FORMAT, {"response_format": {"type": "json_object"}}),
    (Reason.RESPONSE_FORMAT, {"response_format": {"type": "json_schema", "json_schema": {}}}),
    (Reason.GRAMMAR, {"grammar": "root ::= [0-9]"}),
    (Reason.GRAMMAR, {"structured_outputs": {"choice": ["a", "b"]}}),
    (Reason.SIDE_REQUEST, asking("### Task:\nGenerate 1-3 broad tags") | {"stream": False}),
    (
        Reason.SIDE_REQUEST,
        asking("Please generate a concise, 5-word-or-less title for the conversation"),
    ),
    (Reason.NO_MESSAGES, {"messages": []}),
    (Reason.NO_MESSAGES, {"messages": "hello"}),
    (Reason.UNSTREAMED, {"stream": False}),
    (Reason.UNSTREAMED, {"stream": None}),
]


@pytest.mark.parametrize(("reason", "fields"), NOT_ILLUSTRATED)
def test_what_is_no_chat_is_left_alone_and_the_reason_told(
    reason: Reason, fields: dict[str, Any]
) -> None:
    """As long as nobody says that pictures are wanted."""
    assert why(**fields) is reason
    assert mode(**fields) is Mode.OFF


@pytest.mark.parametrize(("reason", "fields"), NOT_ILLUSTRATED)
def test_a_wish_wins_over_every_guess(reason: Reason, fields: dict[str, Any]) -> None:
    """Whether it stands in the header, behind the model's name or in the settings; and for none."""
    assert mode("append", **fields) is Mode.APPEND
    assert mode(**fields, model="m:hold") is Mode.HOLD
    assert why(**fields, model="m:off") is Reason.WISH
    assert why(model="m:off") is Reason.WISH
    for setting in (Mode.INLINE, Mode.APPEND, Mode.HOLD):
        assert why(setting, **fields) is None
        assert decide(request(**fields), asked=None, setting=setting).mode is setting


@pytest.mark.parametrize(
    "fields",
    [
        TOOLS,
        TOOLS | {"tool_choice": "auto"},
        TOOLS | {"tool_choice": "none"},
        TOOLS | {"tool_choice": None, "parallel_tool_calls": True},
        TOOLS | {"tool_choice": {"type": "auto"}},
        TOOLS | {"tool_choice": allowed("auto")},
        {"tools": []},
        {"tools": [], "tool_choice": "required"},
        {"functions": [{"name": "f"}]},
        {"functions": [{"name": "f"}], "function_call": "auto"},
        {"functions": [{"name": "f"}], "function_call": "none"},
        {"response_format": {"type": "text"}},
        asking("Write a story with the title ‘Rain’. It begins with a conversation."),
        asking("Write a story titled Talk, about a long discussion in a pub."),
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "A story"}]}]},
    ],
)
def test_a_chat_is_illustrated_whatever_tools_it_offers(fields: dict[str, Any]) -> None:
    """Front-ends offer theirs with every chat; and a word alone makes no side request."""
    assert why(**fields) is None
    assert mode(**fields) is Mode.INLINE


def test_pictures_that_are_switched_off_come_when_a_request_asks_for_them() -> None:
    """What the settings say holds for all requests that say nothing."""
    assert why(setting=Mode.OFF) is Reason.SETTING
    assert why(setting=Mode.OFF, **TOOLS) is Reason.SETTING
    assert decide(request(model="m:hold"), asked=None, setting=Mode.OFF).mode is Mode.HOLD
