"""Which answers are illustrated that nobody sees as they come, and what lands in an input."""

from typing import Any

import msgspec
import pytest

from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.mode import Mode, Unstreamed
from limner.server.proxy.mode_decision import decide

TOOLS = [{"type": "function", "function": {"name": "look"}}]
SAID = [
    {"role": "system", "content": "Write Seraphina's next reply in a fictional chat."},
    {"role": "system", "content": "[Start a new Chat]"},
    {"role": "assistant", "content": "You wake in a glade."},
    {"role": "user", "content": "Where am I?"},
]
"""What SillyTavern sends, in short."""
QUIET = {"role": "system", "content": "Summarize the story so far."}
IMPERSONATE = (
    "[Write your next reply from the point of view of User, using the chat history so far as a "
    "guideline for the writing style of User. Don't write as Seraphina or system.]"
)
ASKED = [{"role": "user", "content": "Tell me of a fox."}]
"""What Open WebUI sends, and any program."""


def told(messages: list[dict[str, Any]], **fields: Any) -> str:
    """What is decided."""
    known = ("unstreamed", "setting", "named")
    wish: dict[str, Any] = {name: fields.pop(name) for name in known if name in fields}
    body = {"model": "m", "stream": False, "messages": messages} | fields
    request = ChatRequest.read(msgspec.json.encode(body))
    options = {"setting": None} | wish
    return str(decide(request, asked=None, **options))


def test_a_chat_that_is_not_streamed_is_a_chat() -> None:
    """SillyTavern's, with tools or without; Open WebUI's, by its tools or the chat it names."""
    assert told(SAID) == "inline"
    assert told(SAID, tools=TOOLS) == "inline"
    assert told(ASKED, tools=TOOLS) == "inline"
    assert told(ASKED, named=True) == "inline"
    assert told([{"role": "system", "content": "Be kind."}, *ASKED], tools=TOOLS) == "inline"


def test_what_nobody_reads_is_left_alone() -> None:
    """Quiet generations, bare questions of programs, side requests, and calls that are forced."""
    assert told([*SAID, QUIET]) == "off; reason=unstreamed"
    assert told([*SAID, QUIET], named=True) == "off; reason=unstreamed"
    assert told(ASKED) == "off; reason=unstreamed"
    assert told([{"role": "system", "content": "Be brief."}, *ASKED]) == "off; reason=unstreamed"
    task = [{"role": "user", "content": "### Task:\nSuggest tags."}]
    assert told(task, named=True) == "off; reason=side-request"
    assert told(SAID, tools=TOOLS, tool_choice="required") == "off; reason=forced-tool"
    assert told(SAID, response_format={"type": "json_object"}) == "off; reason=response-format"


def test_the_setting_says_more_than_the_guess_and_less_than_the_request() -> None:
    """For or against them all; what a program reads, nobody's wish makes a chat but its own."""
    for messages in (SAID, ASKED, [*SAID, QUIET]):
        assert told(messages, unstreamed=Unstreamed.INLINE) == "inline"
        assert told(messages, unstreamed=Unstreamed.OFF) == "off; reason=unstreamed"
        assert told(messages, unstreamed=Unstreamed.OFF, stream=True) == "inline"
        assert told(messages, unstreamed=Unstreamed.OFF, model="m:inline") == "inline"
        assert told(messages, unstreamed=Unstreamed.OFF, setting=Mode.HOLD) == "hold"
    json = {"response_format": {"type": "json_object"}}
    assert told(ASKED, unstreamed=Unstreamed.INLINE, **json) == "off; reason=response-format"


@pytest.mark.parametrize("stream", [True, False])
def test_what_lands_in_the_users_input_has_no_pictures(stream: bool) -> None:
    """As its own system message, or joined to the last turn by prompt post-processing."""
    off = "off; reason=impersonation"
    asked = {"role": "system", "content": IMPERSONATE}
    assert told([*SAID, asked], stream=stream) == off
    joined = {"role": "user", "content": f"Where am I?\n\n{IMPERSONATE}"}
    assert told([*SAID[:-1], joined], stream=stream) == off
    parts = {"role": "user", "content": [{"type": "text", "text": joined["content"]}]}
    assert told([*SAID[:-1], parts], stream=stream) == off
    assert told([*SAID, asked], stream=stream, model="m:inline") == "inline"


def test_a_user_may_ask_for_a_point_of_view() -> None:
    """And a character's instructions may name one that is past."""
    said = {"role": "user", "content": "Write your next reply from the point of view of the fox."}
    assert told([*SAID[:-1], said], stream=True) == "inline"
    assert told([{"role": "system", "content": IMPERSONATE}, *SAID], stream=True) == "inline"
    nudge = {"role": "system", "content": "[Write the next reply only as Seraphina.]"}
    assert told([*SAID, nudge], stream=True) == "inline"


def test_a_front_end_that_says_what_it_asks_for_is_believed() -> None:
    """What is quiet shows the model its tags, what is a chat is one; a wish says more."""
    read = ChatRequest.read(msgspec.json.encode({"messages": [*SAID, QUIET]}))

    def decided(generation: str, **options: Any) -> str:
        return str(
            decide(read, **{"asked": None, "setting": None} | options, generation=generation)
        )

    assert decided("quiet") == "quiet; reason=quiet"
    assert decided("quiet", setting=Mode.INLINE) == "quiet; reason=quiet"
    assert decided("impersonate") == "off; reason=impersonation"
    assert decided("normal") == decided("swipe") == decided("continue") == "inline"
    assert decided("normal", setting=Mode.APPEND) == "append"
    assert decided("normal", setting=Mode.OFF) == "off; reason=setting"
    assert decided("quiet", asked="hold") == "hold"
    assert decided("") == "off; reason=unstreamed"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("title_generation", "off; reason=side-request"),
        ("TASKS.FOLLOW_UP_GENERATION", "off; reason=side-request"),
        ("function_calling", "off; reason=side-request"),
        ("moa_response_generation", "inline"),
    ],
)
def test_open_webuis_side_requests_are_known_by_their_names(task: str, expected: str) -> None:
    """In whatever words they ask; what is made of several answers is read."""
    read = ChatRequest.read(msgspec.json.encode({"stream": True, "messages": SAID}))
    for setting in (None, Mode.INLINE):
        assert str(decide(read, asked=None, setting=setting, generation=task)) == expected
