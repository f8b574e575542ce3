"""The bundled storyteller is a model for every front-end, as long as there is no other."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.server.served import Served, served

from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

ASKED = {"role": "user", "content": "Tell me a tale of a lighthouse keeper and a whale."}


async def ask(server: Served, path: str = "/v1/chat/completions", **more: Any) -> tuple[int, str]:
    """The status and body of an answer to a chat."""
    body = {"model": "storyteller", "messages": [ASKED], **more}
    async with server.client.post(server.address + path, json=body) as answer:
        return answer.status, await answer.text()


def events(body: str) -> list[dict[str, Any]]:
    """The chunks of a stream."""
    lines = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def check_tale(text: str) -> None:
    """It is of what was asked for, with pictures in the places of its tags."""
    assert "lighthouse keeper" in text
    assert 3 <= text.count("](http://127.0.0.1:") <= 7
    assert "img-prompt" not in text


async def test_it_is_listed_and_described(tmp_path: Path) -> None:
    """So that a front-end that is told the address finds something to ask."""
    async with served(tmp_path) as server:
        listed = json.loads(await server.text("/v1/models"))
        assert [one["id"] for one in listed["data"]] == ["storyteller"]
        assert json.loads(await server.text("/v1/models/storyteller"))["id"] == "storyteller"
        assert await server.status("GET", "/v1/models/other") == 404


async def test_it_streams_a_tale_with_pictures(tmp_path: Path) -> None:
    """In the form of every front-end's protocol: role first, then words, then why it ended."""
    async with served(tmp_path) as server:
        status, body = await ask(server, stream=True)
        assert status == 200
        choices = [one["choices"][0] for one in events(body) if one["choices"]]
        check_tale("".join(one["delta"].get("content") or "" for one in choices))
        assert choices[0]["delta"]["role"] == "assistant"
        assert choices[-1]["finish_reason"] == "stop"


async def test_it_tells_a_tale_at_once(tmp_path: Path) -> None:
    """For front-ends that do not stream; here the request names how it wishes its pictures."""
    async with served(tmp_path) as server:
        status, body = await ask(server, model="storyteller:inline")
        assert status == 200
        (choice,) = json.loads(body)["choices"]
        check_tale(choice["message"]["content"])
        assert choice["finish_reason"] == "stop"


async def test_what_is_said_in_parts_is_heard(tmp_path: Path) -> None:
    """As front-ends write that can send pictures."""
    parts = {"role": "user", "content": [{"type": "text", "text": "A tale of a hedgehog!"}]}
    async with served(tmp_path) as server:
        _, body = await ask(server, messages=[parts])
        assert "hedgehog" in json.loads(body)["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/chat/completions", {"model": "gpt-5"}),
        ("/v1/completions", {"prompt": "Once"}),
        ("/v1/embeddings", {"input": "Once"}),
        ("/v1/messages", {"max_tokens": 9}),
    ],
)
async def test_what_it_is_not_is_refused_with_what_to_do(
    tmp_path: Path, path: str, more: dict[str, Any]
) -> None:
    """Nobody who asks for a real model gets a tale in its place."""
    async with served(tmp_path) as server:
        status, body = await ask(server, path, **more)
        assert status == 404
        assert "--llm URL" in body
        assert "storyteller" in body


async def test_where_a_model_server_is_known_there_is_none(tmp_path: Path) -> None:
    """It stands in only for what is missing."""
    async with ChatServer(Reply.stream("Once."), models=["m"]) as model:
        async with served(tmp_path, llm=model.url) as server:
            listed = json.loads(await server.text("/v1/models"))
            assert [one["id"] for one in listed["data"]] == ["m"]
