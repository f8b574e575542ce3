"""Chats in which tools are offered and called: illustrated like any other, the calls untouched."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG, data, texts
from tests.server.served import served

from limner.prompts import Preset, find_pictures
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

PRESET = Preset(id="p", name="P", template="Ask like this: {tag_example}")
TOOLS = [
    {"type": "function", "function": {"name": f"tool_{i}", "parameters": {"type": "object"}}}
    for i in range(36)
]
CALL = {"index": 0, "id": "c1", "type": "function", "function": {"name": "tool_1"}}
CALLED = {"id": "c1", "type": "function", "function": {"name": "tool_1", "arguments": "{}"}}
USER = {"role": "user", "content": "Go."}


def called(**more: Any) -> bytes:
    """An event in which the model calls a tool, in its server's own spelling."""
    delta = {"tool_calls": [CALL | more]}
    return b"data:  %s\n\n" % json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode()


async def test_a_chat_with_tools_is_instructed_and_illustrated() -> None:
    """As Open WebUI and SillyTavern send every chat; the tools arrive as they were."""
    async with ChatServer(Reply.stream("A ", TAG, " B")) as model:
        async with proxy(model, preset=PRESET) as limner:
            said = texts(await limner.ask(tools=TOOLS, tool_choice="auto"))[0]
    assert len(find_pictures(said)) == 1
    assert TAG not in said
    asked = model.requests[0].body
    assert asked["tools"] == TOOLS
    (message,) = asked["messages"]
    assert message["role"] == "user"
    assert message["content"].startswith("Go.\n\n")


async def test_calls_between_and_inside_texts_and_tags_arrive_as_they_were() -> None:
    """Also where the text before them is held back, since it may be the beginning of a tag."""
    first, second = called(x=1.50), called(function={"arguments": '{"a": "<!--'})
    steps: list[str | bytes] = [
        "A ",
        TAG[:9],
        first,
        TAG[9:],
        " B",
        first,
        TAG[:5],
        second,
        " C",
        TAG[:12],
        second,
    ]
    async with ChatServer(Reply.stream(*steps, finish="tool_calls")) as model:
        async with proxy(model) as limner:
            sent = await limner.ask(tools=TOOLS)
    assert (sent.count(first), sent.count(second)) == (2, 2)
    said = texts(sent)[0]
    (picture,) = find_pictures(said)
    assert said[: picture.start] == "A \n\n"
    assert said[picture.end :] == f"\n\n B{TAG[:5]} C"  # the last one was left open
    ends = [c["choices"][0].get("finish_reason") for c in data(sent) if isinstance(c, dict)]
    assert ends[-1] == "tool_calls"


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
async def test_the_instruction_never_parts_a_call_from_its_results(depth: int) -> None:
    """It goes to the user's question; contents of null and results stay to the byte."""
    call = b'{"role":"assistant","content":null,"tool_calls":[{"id":"c1","n":1.50}]}'
    results = [
        b'{"role":"tool","tool_call_id":"c%d","content":"{ \\"a\\": 1.0 }"}' % i for i in (1, 2)
    ]
    messages = b",".join((b'{"role":"user","content":"Go."}', call, *results))
    body = b'{"model":"m","stream":true,"messages":[%s]}' % messages
    async with ChatServer(Reply.stream("It is ", TAG)) as model:
        async with proxy(model, preset=PRESET, depth=depth) as limner:
            url = f"{limner.url}/chat/completions"
            async with limner.client.post(url, data=body) as response:
                said = texts(await response.read())[0]
    assert len(find_pictures(said)) == 1
    asked = model.requests[0].body["messages"]
    sent = json.loads(body)["messages"]
    assert asked[0]["content"].startswith("Go.\n\n")
    assert asked[1:] == sent[1:]


async def test_the_texts_before_and_after_a_call_get_their_tags_back() -> None:
    """Each in its message, as the front-end sends them with the next turn."""
    replies = [
        Reply.stream("I look. ", TAG, called(), finish="tool_calls"),
        Reply.stream("It rains. ", TAG),
        Reply.stream("x"),
    ]
    async with ChatServer(replies) as model, proxy(model) as limner:
        first = texts(await limner.ask(tools=TOOLS))[0]
        turns: list[dict[str, Any]] = [
            {"role": "assistant", "content": first, "tool_calls": [CALLED]},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        ]
        second = texts(await limner.ask(tools=TOOLS, messages=[USER, *turns]))[0]
        answer = {"role": "assistant", "content": second}
        await limner.ask(tools=TOOLS, messages=[USER, *turns, answer, USER])
    asked = model.requests[2].body["messages"]
    assert asked[1] == {**turns[0], "content": f"I look. {TAG}"}
    assert asked[2] == turns[1]
    assert asked[3]["content"] == f"It rains. {TAG}"


REASONS: list[tuple[str, dict[str, Any]]] = [
    ("inline", {"tools": TOOLS}),
    ("hold", {"model": "m:hold", "tools": TOOLS, "tool_choice": "required"}),
    ("off; reason=wish", {"model": "m:off"}),
    ("off; reason=forced-tool", {"tools": TOOLS, "tool_choice": "required"}),
    ("off; reason=response-format", {"response_format": {"type": "json_object"}}),
    ("off; reason=unstreamed", {"stream": False}),
]


@pytest.mark.parametrize(("told", "fields"), REASONS)
async def test_every_answer_tells_what_was_decided_and_why(
    told: str, fields: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In a header that pages may read, and in the log; also where the model refuses."""
    for reply in (Reply.stream("x"), Reply.error(429, "slow down")):
        async with ChatServer(reply) as model, served(tmp_path, llm=model.url) as server:
            url = f"{server.address}/v1/chat/completions"
            body = {"model": "m", "stream": True, "messages": [USER]} | fields
            with caplog.at_level(logging.INFO, "limner.access"):
                async with server.client.post(url, json=body) as response:
                    await response.read()
                    assert response.headers["X-Limner-Mode"] == told
        assert caplog.messages[-1].endswith(f" bytes, pictures {told}")
        caplog.clear()


async def test_settings_without_pictures_are_told_as_the_reason(tmp_path: Path) -> None:
    """And a request that asks for some gets them."""
    async with ChatServer(Reply.stream(TAG)) as model:
        async with served(tmp_path, llm=model.url, mode="off") as server:
            url = f"{server.address}/v1/chat/completions"
            body = {"model": "m", "stream": True, "messages": [USER], "tools": TOOLS}
            for wish, told in (("", "off; reason=setting"), ("append", "append")):
                headers = {"X-Limner-Mode": wish}
                async with server.client.post(url, json=body, headers=headers) as response:
                    assert response.headers["X-Limner-Mode"] == told
                    said = texts(await response.read())[0]
                    assert bool(find_pictures(said)) == bool(wish)


async def test_pages_may_read_the_reason() -> None:
    """Together with what lets them read the answer at all."""
    async with ChatServer(Reply.stream("x")) as model, proxy(model) as limner:
        url = f"{limner.url}/chat/completions"
        sent = {"origin": "http://localhost:1"}
        body = {"messages": [USER]}
        async with limner.client.post(url, json=body, headers=sent) as response:
            assert response.headers["X-Limner-Mode"] == "off; reason=unstreamed"
            assert "x-limner-mode" in response.headers["Access-Control-Expose-Headers"]
