"""The official OpenAI client sees an answer like any other, with pictures in it."""

import asyncio
import threading
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import openai
import pytest
from tests.server.proxy.serving import Proxy, proxy
from tests.server.proxy.streams import TAG

from limner.server.proxy import Upstream
from limner.testing.chat_server import ChatServer, Reply
from limner.testing.chat_server.dialects import DIALECTS, ChatDialect, Spoken

pytestmark = pytest.mark.real_time

STORY: list[Any] = [{"role": "user", "content": "A story, please."}]
every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=str)


def sdk(limner: Proxy) -> openai.AsyncOpenAI:
    """A client of the proxy."""
    return openai.AsyncOpenAI(base_url=limner.url, api_key="sk-client", max_retries=0)


def without_pictures(text: str) -> str:
    """A text as the model wrote it, but for its tags."""
    parts = text.split("\n\n![")
    return parts[0] + "".join(part.partition(".png)\n\n")[2] for part in parts[1:])


@every_dialect
async def test_a_stream_is_whole_and_in_order(dialect: ChatDialect) -> None:
    """Text, reasoning, finish reason and usage arrive; only the tag is a picture."""
    thought: Spoken = {"reasoning_content": "hm"}
    spoken = [thought, "Once ", *[TAG[i : i + 7] for i in range(0, len(TAG), 7)], " the end <3"]
    async with ChatServer(dialect.reply(spoken)) as model, proxy(model) as limner:
        async with sdk(limner) as client:
            stream = await client.chat.completions.create(model="m", messages=STORY, stream=True)
            chunks = [chunk async for chunk in stream]
    deltas = [c.choices[0].delta for c in chunks if c.choices]
    text = "".join(delta.content or "" for delta in deltas)
    assert without_pictures(text) == "Once  the end <3"
    assert text.count("![") == 1
    picture = next(d.content for d in deltas if d.content and "![" in d.content)
    assert picture.endswith(".png)\n\n")
    assert [getattr(d, "reasoning_content", None) for d in deltas].count("hm") == 1
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert sum(chunk.usage is not None for chunk in chunks) == dialect.usage
    assert {chunk.id for chunk in chunks} == {dialect.fields["id"]}


async def test_two_choices_are_two_texts() -> None:
    """Each has its own pictures."""
    spoken = [(0, "A"), (1, "B"), (0, TAG[:9]), (1, f"{TAG}!"), (0, TAG[9:]), (1, "?")]
    async with ChatServer(DIALECTS[0].reply(spoken)) as model, proxy(model) as limner:
        async with sdk(limner) as client:
            stream = await client.chat.completions.create(
                model="m", messages=STORY, stream=True, n=2
            )
            said: defaultdict[int, str] = defaultdict(str)
            async for chunk in stream:
                for choice in chunk.choices:
                    said[choice.index] += choice.delta.content or ""
    assert {i: without_pictures(text) for i, text in said.items()} == {0: "A", 1: "B!?"}
    assert all(text.count("![") == 1 for text in said.values())
    assert (await model.request()).body["n"] == 2


async def test_an_answer_that_is_not_streamed_has_pictures_when_asked() -> None:
    """The suffix asks for them and does not reach the model; without it nothing changes."""
    async with ChatServer(Reply.completion(f"A{TAG}B")) as model, proxy(model) as limner:
        async with sdk(limner) as client:
            plain = await client.chat.completions.create(model="m", messages=STORY)
            drawn = await client.chat.completions.create(model="m:inline", messages=STORY)
    assert plain.choices[0].message.content == f"A{TAG}B"
    assert without_pictures(drawn.choices[0].message.content or "") == "AB"
    assert [request.body["model"] for request in model.requests] == ["m", "m"]


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
        {"response_format": {"type": "json_object"}},
    ],
)
async def test_tools_and_json_are_left_alone(fields: dict[str, Any]) -> None:
    """What a program reads has its tags as the model wrote them."""
    call = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]}
    reply = DIALECTS[0].reply([f'{{"a": "{TAG[:20]}"}}', call], finish="tool_calls")
    async with ChatServer(reply) as model, proxy(model) as limner:
        async with sdk(limner) as client:
            stream = await client.chat.completions.create(
                model="m", messages=STORY, stream=True, **fields
            )
            deltas = [chunk.choices[0].delta async for chunk in stream if chunk.choices]
        assert limner.backend.calls == []
    assert "".join(delta.content or "" for delta in deltas) == f'{{"a": "{TAG[:20]}"}}'
    assert [delta.tool_calls for delta in deltas if delta.tool_calls]


async def test_the_synchronous_client_reads_it_too() -> None:
    """From another thread, as scripts do."""

    def ask(url: str) -> str:
        with openai.OpenAI(base_url=url, api_key="x", max_retries=0) as client:
            stream = client.chat.completions.create(model="m", messages=STORY, stream=True)
            return "".join(c.choices[0].delta.content or "" for c in stream if c.choices)

    async with ChatServer(DIALECTS[0].reply(["A", TAG, "B"])) as model, proxy(model) as limner:
        text = await asyncio.to_thread(ask, limner.url)
    assert without_pictures(text) == "AB"
    assert threading.active_count() < 50


@pytest.mark.parametrize(
    ("reply", "status", "kind"),
    [
        (Reply.error(400, "too long", kind="invalid_request_error"), 400, openai.BadRequestError),
        (Reply.error(401, "Unauthorized", dialect="fastapi"), 401, openai.AuthenticationError),
        (Reply.error(404, "no such model", dialect="ollama"), 404, openai.NotFoundError),
        (Reply.error(429, "slow down", dialect="openrouter"), 429, openai.RateLimitError),
        (Reply.error(503, "Server is busy", dialect="koboldcpp"), 503, openai.APIStatusError),
        (Reply.error(500, "Internal Server Error", dialect="plain"), 500, openai.APIStatusError),
        (Reply.page("502 Bad Gateway", status=502), 502, openai.APIStatusError),
        (Reply.page("A router"), 502, openai.APIStatusError),
    ],
)
async def test_every_error_has_its_status_and_openais_form(
    reply: Reply, status: int, kind: Callable[..., Exception]
) -> None:
    """Whatever the server's dialect, the client raises what it raises for OpenAI's own."""
    async with ChatServer(reply) as model, proxy(model) as limner, sdk(limner) as client:
        for stream in (True, False):
            with pytest.raises(openai.APIStatusError) as caught:
                await client.chat.completions.create(model="m", messages=STORY, stream=stream)
            assert isinstance(caught.value, kind)  # type: ignore[arg-type]
            assert caught.value.status_code == status
            error = caught.value.body
            assert isinstance(error, dict)
            assert error["message"]
            assert {"message", "type", "code"} <= set(error) or reply.status == 429


async def test_an_unreachable_server_is_told_as_such() -> None:
    """The client hears who is missing."""
    async with ChatServer(Reply.stream("x")) as model:
        url = model.url
    async with proxy(Upstream(url=url)) as limner, sdk(limner) as client:
        with pytest.raises(openai.APIStatusError, match="is the server running"):
            await client.chat.completions.create(model="m", messages=STORY, stream=True)


async def test_the_models_are_listed_and_described() -> None:
    """As the client asks for them, names with slashes too."""
    async with (
        ChatServer(Reply.stream("x"), models=["a/b:8", "c"]) as model,
        proxy(model) as limner,
        sdk(limner) as client,
    ):
        assert [listed.id async for listed in client.models.list()] == ["a/b:8", "c"]
        assert (await client.models.retrieve("a/b:8")).object == "model"
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("d")


async def test_pictures_can_be_asked_for_alone() -> None:
    """Through the same limiter; as data, as addresses, several, in the encoding asked for."""
    async with (
        ChatServer(Reply.stream("x")) as model,
        proxy(model) as limner,
        sdk(limner) as client,
    ):
        plain = await client.images.generate(prompt="a fox", n=2, size="512x512")
        assert plain.data is not None
        assert [image.url for image in plain.data] == [None, None]
        assert {b64decode(image.b64_json or "")[:4] for image in plain.data} == {b"\x89PNG"}
        small = await client.images.generate(prompt="a fox", size="512x512", output_format="webp")
        assert small.data is not None
        assert b64decode(small.data[0].b64_json or "")[8:12] == b"WEBP"
        shown = await client.images.generate(prompt="a fox", size="512x512", response_format="url")
        assert shown.data is not None
        assert shown.data[0].b64_json is None
        path = (shown.data[0].url or "").partition("8750")[2]
        picture = await limner.client.get(limner.address + path)
        assert (await picture.read())[:4] == b"\x89PNG"
        assert {c.request.width for c in limner.backend.calls} == {512}
        with pytest.raises(openai.BadRequestError, match="n"):
            await client.images.generate(prompt="a fox", n=50)
        for size in ("4096x4096", "16x512", "99999x99999", "big"):
            with pytest.raises(openai.BadRequestError, match="64 to 2048") as refused:
                await client.images.generate(prompt="a fox", size=size)
            assert refused.value.param == "size"
        assert len(limner.backend.calls) == 4
