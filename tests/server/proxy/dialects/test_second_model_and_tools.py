"""A second model writes prompts for stories, not for what a model says while it calls tools."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.server.proxy.dialects.speaking import BY_NAME, Spoken, place
from tests.server.proxy.dialects.test_under_way import Director
from tests.server.proxy.serving import proxy

from limner.server.proxy import Instruction
from limner.server.proxy.mode import Illustrating, Prompting
from limner.testing.chat_server import ChatServer, Reply
from limner.testing.chat_server.dialects import DIALECTS

pytestmark = pytest.mark.real_time

SAID = ("Let me ", "look. ran.")
TEXT = "".join(SAID)
ARGUMENTS = '{"at":"fox"}'


def _event(told: Any) -> bytes:
    return f"event: {told['type']}\ndata: {json.dumps(told)}\n\n".encode()


def _chat() -> tuple[list[bytes], Any]:
    function = {"name": "look", "arguments": ARGUMENTS}
    calls = {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": function}]}
    message = {"role": "assistant", "content": TEXT, **calls}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    events = DIALECTS[0].events([*SAID, calls], finish="tool_calls")
    return events, {"object": "chat.completion", "choices": [choice]}


def _response() -> tuple[list[bytes], Any]:
    events = BY_NAME["openai responses"].server.events(SAID)
    *_, last = BY_NAME["openai responses"].data(events[-1])
    at, response = last["sequence_number"], last["response"]
    call = {"id": "fc_1", "type": "function_call", "name": "look", "call_id": "c"}
    call |= {"arguments": ARGUMENTS, "status": "completed"}
    kinds = ("response.output_item.added", "response.output_item.done")
    told = [
        _event({"type": kind, "output_index": 2, "item": call, "sequence_number": at + more})
        for more, kind in enumerate(kinds)
    ]
    whole = {**response, "output": [*response["output"], call]}
    end = {"type": "response.completed", "response": whole, "sequence_number": at + 2}
    return [*events[:-1], *told, _event(end)], whole


def _message() -> tuple[list[bytes], Any]:
    spoken = BY_NAME["anthropic messages"].server
    events = [one.replace(b"end_turn", b"tool_use") for one in spoken.events(SAID)]
    call = {"type": "tool_use", "id": "t", "name": "look", "input": {"at": "fox"}}
    whole = json.loads(spoken.whole(TEXT)) | {"stop_reason": "tool_use"}
    return events, {**whole, "content": [*whole["content"], call]}


def _ollama() -> tuple[list[bytes], Any]:
    spoken = BY_NAME["ollama chat"].server
    calls = {"tool_calls": [{"function": {"name": "look", "arguments": {"at": "fox"}}}]}
    *said, last = spoken.events(SAID)
    line = {"model": "m", "message": {"role": "assistant", "content": "", **calls}, "done": False}
    whole = json.loads(spoken.whole(TEXT))
    whole["message"] |= calls
    return [*said, json.dumps(line).encode() + b"\n", last], whole


CALLING: dict[str, Callable[[], tuple[Sequence[bytes], Any]]] = {
    "openai chat": _chat,
    "openai responses": _response,
    "anthropic messages": _message,
    "ollama chat": _ollama,
}
"""Answers that say something and call a tool, streamed and whole."""
tools = pytest.mark.parametrize("name", CALLING)
OFFERED = {"tools": [{"name": "look", "type": "function"}]}


async def answered(spoken: Spoken, reply: Reply, *, stream: bool) -> tuple[bytes, Director]:
    """What a program gets, and who was asked for prompts."""
    director = Director()
    async with ChatServer(reply) as server, proxy(server) as limner:
        illustrating = Illustrating(prompting=Prompting(proposer=director))
        limner.app.instruct(Instruction(preset=None), illustrating)
        body = {**spoken.asks("Go."), **OFFERED, "stream": stream}
        wish = {"X-Limner-Mode": "inline"}
        url = place(limner, spoken)
        async with limner.client.post(url, json=body, headers=wish) as response:
            got = await response.read()
    assert server.requests[0].body["tools"] == OFFERED["tools"]
    return got, director


@tools
async def test_an_answer_that_calls_a_tool_is_left_as_it_is(name: str) -> None:
    """It goes on when the tool has been asked, and what is said then is the story."""
    spoken = BY_NAME[name]
    events, whole = CALLING[name]()
    headers = {"Content-Type": spoken.server.media_type}
    got, director = await answered(spoken, Reply(tuple(events), headers=headers), stream=True)
    assert got == b"".join(events)
    assert not director.context
    body = json.dumps(whole).encode()
    reply = Reply((body,), headers={"Content-Type": "application/json"})
    got, director = await answered(spoken, reply, stream=False)
    assert got == body
    assert not director.context


@tools
async def test_tools_that_are_only_offered_change_nothing(name: str) -> None:
    """Programs offer them with every question."""
    spoken = BY_NAME[name]
    events = spoken.server.events(SAID)
    if name == "anthropic messages":  # its stories of the tests hold a call
        events = [one for one in events if b'"index":2' not in one]
    headers = {"Content-Type": spoken.server.media_type}
    got, director = await answered(spoken, Reply(tuple(events), headers=headers), stream=True)
    assert spoken.text(got).count("/images/") == 1
    assert director.context
    got, _ = await answered(spoken, spoken.server.reply(TEXT), stream=False)
    (part,) = spoken.dialect.parts(got)
    assert part.text.count("/images/") == 1
