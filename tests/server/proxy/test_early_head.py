"""Whoever waits long for a model is told so, and of whatever goes wrong then."""

import asyncio
import json
from typing import Any

import pytest
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG, data, texts
from tests.waiting import until

from limner.prompts import find_pictures
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

KEEP_ALIVE = b": keep-alive\n\n"
BODY = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}


async def waited(reply: Reply, *, keep_alive: float = 0.02, **fields: Any) -> tuple[bytes, Any]:
    """All that comes of a model that says nothing until the client was told twice to wait."""
    begins = asyncio.Event()
    late = Reply(reply.steps, reply.status, reply.headers, before=(begins,))
    async with ChatServer(late) as model, proxy(model, keep_alive=keep_alive) as limner:
        url = f"{limner.url}/chat/completions"
        async with limner.client.post(url, json=BODY | fields) as response:
            got = b""
            while got.count(KEEP_ALIVE) < 2:
                got += await response.content.readany()
            begins.set()
            got += await response.read()
            return got, response


@pytest.mark.parametrize("model", ["m", "m:hold", "m:append", "m:off"])
async def test_a_stream_begins_before_the_model_does(model: str) -> None:
    """Its head and comments come, and then the story as if nothing had been."""
    got, response = await waited(Reply.stream("A ", TAG), model=model)
    assert response.status == 200
    assert response.content_type == "text/event-stream"
    assert response.headers["X-Limner-Mode"].startswith(model.partition(":")[2] or "inline")
    said = texts(got)[0]
    assert said.startswith("A ")
    assert bool(find_pictures(said)) == (model != "m:off")
    assert got.endswith(b"data: [DONE]\n\n")
    assert got.count(b"data: [DONE]") == 1


@pytest.mark.parametrize("model", ["m", "m:off"])
async def test_an_error_that_comes_late_stands_in_the_stream(model: str) -> None:
    """In OpenAI's form, on one line, and the stream ends cleanly."""
    for reply, words in (
        (Reply.error(429, "slow down"), "slow down"),
        (Reply.error(500, "out of\nmemory", dialect="plain"), "memory"),
        (Reply.page("Welcome", status=404), "web page"),
        (Reply(status=302, headers={"Location": "/x"}), "redirects"),
    ):
        got, response = await waited(reply, model=model)
        assert response.status == 200
        (event,) = [one for one in data(got) if one != "[DONE]"]
        assert words in event["error"]["message"]
        assert got.endswith(b"data: [DONE]\n\n")


async def test_a_model_that_goes_away_late_is_told_in_the_stream() -> None:
    """Whoever never answers at all, too."""
    async with ChatServer(Reply.silence()) as model:
        async with proxy(model, keep_alive=0.02, idle_timeout=0.2) as limner:
            got = await limner.ask()
    assert KEEP_ALIVE in got
    (event,) = [one for one in data(got) if one != "[DONE]"]
    assert "did not begin to answer" in event["error"]["message"]


async def test_a_whole_answer_that_comes_late_is_one_chunk() -> None:
    """From a server that does not stream; programs read it as they read any other."""
    got, _ = await waited(Reply.completion("All of it."))
    (event,) = [one for one in data(got) if one != "[DONE]"]
    assert event["object"] == "chat.completion.chunk"
    assert texts(got) == {0: "All of it."}


async def test_an_answer_that_is_none_is_told_in_the_stream() -> None:
    """And what it is instead; it is no fault of limner's."""
    odd = Reply((b'{"choices": 5}',), headers={"Content-Type": "application/json"})
    got, _ = await waited(odd)
    (event,) = [one for one in data(got) if one != "[DONE]"]
    assert "it answered with" in event["error"]["message"]
    assert got.endswith(b"data: [DONE]\n\n")


async def test_who_is_answered_soon_gets_the_head_of_the_model() -> None:
    """Its status and headers are the model's, and there is no comment."""
    async with ChatServer(Reply.error(418, "I am a teapot")) as model:
        async with proxy(model, keep_alive=5.0) as limner:
            async with limner.client.post(f"{limner.url}/chat/completions", json=BODY) as response:
                assert response.status == 418
                assert json.loads(await response.read())["error"]["message"]


async def test_a_client_that_leaves_while_it_waits_takes_the_question_with_it() -> None:
    """The model is left at once, although the answer has begun."""
    async with ChatServer(Reply.silence()) as model, proxy(model, keep_alive=0.02) as limner:
        url = f"{limner.url}/chat/completions"
        async with limner.client.post(url, json=BODY) as response:
            assert await response.content.readany() == KEEP_ALIVE
            response.close()
        await until(lambda: model.requests[0].disconnected.is_set())
