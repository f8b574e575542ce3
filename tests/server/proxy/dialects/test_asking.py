"""Each protocol over real HTTP: what a server is asked, what a client gets, and both ways out."""

import json
from typing import Any

import msgspec
import pytest
from tests.server.proxy.dialects.speaking import BY_NAME, SPOKEN, Spoken, place
from tests.server.proxy.serving import Proxy, proxy
from tests.server.proxy.streams import TAG

from limner.prompts import Preset
from limner.server.proxy import Upstream
from limner.server.proxy.beside import KOBOLD_BASES
from limner.server.proxy.dialects.koboldai import KOBOLD_STREAM
from limner.testing.chat_server import PROTOCOLS, ChatServer, Cut, Reply

pytestmark = pytest.mark.real_time

DEFAULT = Preset(id="p", name="P", template="Ask like this: {tag_example}")

every = pytest.mark.parametrize("spoken", SPOKEN, ids=str)


async def asked(limner: Proxy, spoken: Spoken, body: Any, **headers: str) -> tuple[int, bytes]:
    """Status and body of an answer."""
    async with limner.client.post(place(limner, spoken), json=body, headers=headers) as response:
        return response.status, await response.read()


@every
async def test_a_story_gets_its_pictures_and_its_history_back(spoken: Spoken) -> None:
    """The tag becomes a picture; sent back it is the tag again, whatever the model wrote."""
    server = ChatServer(spoken.server.stream("A fox. ", TAG, " It ran."))
    async with server, proxy(server, preset=DEFAULT) as limner:
        status, sent = await asked(limner, spoken, spoken.asks("Go."))
        text = spoken.text(sent)
        assert (status, text.count("![")) == (200, 1)
        assert "img-prompt" not in text
        told = json.dumps(server.requests[0].body)
        assert "img-prompt" in told, "the model is told how to ask for pictures"
        assert "Go." in spoken.asked(server.requests[0].body)
        await asked(limner, spoken, spoken.asks(f"Before: {text} Go on."))
        again = spoken.asked(server.requests[1].body)
    assert f"A fox. {TAG} It ran." in again
    assert "/images/" not in again


@every
async def test_without_pictures_all_passes_to_the_byte(spoken: Spoken) -> None:
    """The request and the answer, but for our pictures in the history."""
    reply = spoken.server.stream("A fox. ", TAG)
    server = ChatServer(reply)
    async with server, proxy(server, preset=DEFAULT) as limner:
        body = {**spoken.asks("Go."), "min_p": 0.1, "x": None}
        status, sent = await asked(limner, spoken, body, **{"X-Limner-Mode": "off"})
    assert (status, sent) == (
        200,
        b"".join(step for step in reply.steps if isinstance(step, bytes)),
    )
    assert server.requests[0].body == body


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        *(("openai responses", {"input": odd, "instructions": "x"}) for odd in (5, True, {"a": 1})),
        *(("ollama generate", {"system": odd}) for odd in (5, ["x"], {"a": 1})),
    ],
)
async def test_what_is_of_no_kind_that_a_protocol_knows_is_its_servers_to_refuse(
    name: str, odd: dict[str, Any]
) -> None:
    """It gets what was sent, and its answer passes."""
    spoken = BY_NAME[name]
    server = ChatServer(Reply.error(400, "of the wrong kind"))
    async with server, proxy(server, preset=DEFAULT) as limner:
        body = {**spoken.asks("Go."), **odd}
        status, sent = await asked(limner, spoken, body, **{"X-Limner-Mode": "inline"})
    assert status == 400
    assert "of the wrong kind" in sent.decode()
    assert {field: server.requests[0].body[field] for field in odd} == odd


@pytest.mark.parametrize(
    "spoken", [one for one in SPOKEN if one.dialect is not KOBOLD_STREAM], ids=str
)
async def test_an_answer_that_is_not_streamed_has_pictures_where_they_are_wished(
    spoken: Spoken,
) -> None:
    """By the header, as for chat completions."""
    server = ChatServer(spoken.server.reply(f"A fox. {TAG}"))
    async with server, proxy(server) as limner:
        body = {**spoken.asks("Go."), "stream": False}
        status, sent = await asked(limner, spoken, body, **{"X-Limner-Mode": "inline"})
    assert status == 200
    (part,) = spoken.dialect.parts(sent)
    assert part.text.startswith("A fox. \n\n![")


@every
async def test_an_error_is_told_in_the_protocols_own_form(spoken: Spoken) -> None:
    """Of the server's, before a stream; and of limner's, where nobody answers."""
    server = ChatServer(Reply.error(404, "no such model"))
    async with server, proxy(server) as limner:
        status, sent = await asked(limner, spoken, spoken.asks("Go."))
        assert status == 404
        assert spoken.dialect.refusal(sent) == sent
        assert "no such model" in sent.decode()
        assert (await asked(limner, spoken, []))[0] == 400
    async with proxy(Upstream(url="http://127.0.0.1:9/v1")) as limner:
        status, sent = await asked(limner, spoken, spoken.asks("Go."))
    assert status == 502
    assert spoken.dialect.refusal(sent) == sent


@every
async def test_a_stream_that_breaks_ends_with_an_error_of_the_protocol(spoken: Spoken) -> None:
    """What came stays; then the reason, in an event that its programs read."""
    server = ChatServer(spoken.server.stream("A fox ", Cut()))
    async with server, proxy(server) as limner:
        _, sent = await asked(limner, spoken, spoken.asks("Go."))
    assert spoken.text(sent) == "A fox "
    assert "closed the connection" in json.dumps(spoken.data(sent)[-1])


async def test_the_instruction_stands_where_a_prompt_is_said_to_have_it() -> None:
    """Before all, before the last line, or nowhere."""
    spoken = BY_NAME["openai completions"]
    for name, expected in (("start", 0), ("last-line", 1), ("none", -1)):
        server = ChatServer(spoken.server.stream("Hi."))
        async with server, proxy(server, preset=DEFAULT, prompt_place=name) as limner:
            await asked(limner, spoken, spoken.asks("Ann: Go.\nFox:"))
        prompt = spoken.asked(server.requests[0].body)
        place = prompt.find("img-prompt")
        assert (place < 0) == (expected < 0)
        if expected == 0:
            assert prompt.endswith("\n\nAnn: Go.\nFox:")
        if expected == 1:
            assert prompt.startswith("Ann: Go.\n")
            assert prompt.endswith("\nFox:")


async def test_what_an_editor_asks_is_left_alone() -> None:
    """Code that is filled in gets no instruction."""
    spoken = BY_NAME["openai completions"]
    server = ChatServer(spoken.server.stream("return 1"))
    async with server, proxy(server, preset=DEFAULT) as limner:
        for more in ({"suffix": "x"}, {"prompt": "<|fim_prefix|>def f():<|fim_suffix|>"}):
            body = {**spoken.asks("def f():"), **more}
            await asked(limner, spoken, body)
            assert server.requests[-1].body == body


async def test_servers_are_asked_for_what_they_speak() -> None:
    """By the kind of their address; the key goes in the header that the kind wants."""
    spoken = BY_NAME["anthropic messages"]
    anthropic = ChatServer(spoken.server.stream("By Anthropic."), models=["claude"])
    plain = ChatServer(Reply.stream("By OpenAI."), models=["gpt"])
    async with anthropic, plain:
        servers = (
            Upstream(url=plain.url, name="plain"),
            Upstream(url=anthropic.url, name="anthropic", kind="anthropic", key="sk-ant"),
        )
        async with proxy(*servers) as limner:
            _, sent = await asked(limner, spoken, spoken.asks("Go."), **{"anthropic-beta": "x"})
            assert spoken.text(sent) == "By Anthropic."
            headers = anthropic.requests[0].headers
            assert (headers["x-api-key"], headers["anthropic-beta"]) == ("sk-ant", "x")
            assert headers["anthropic-version"] == "2023-06-01"
            assert "authorization" not in headers
            assert "By OpenAI." in (await limner.ask()).decode()
            async with limner.client.get(f"{limner.url}/models") as response:
                assert {one["id"] for one in (await response.json())["data"]} == {"claude", "gpt"}
        async with proxy(servers[1]) as limner:
            body = spoken.asks("Go.")
            async with limner.client.post(f"{limner.url}/chat/completions", json=body) as response:
                assert response.status == 404
                assert "--llm openai+" in await response.text()


async def test_ollamas_list_and_what_is_asked_beside() -> None:
    """Its models in its own form; versions and the like go on; nothing that changes a server."""
    spoken = BY_NAME["ollama chat"].server
    server = ChatServer(spoken.stream("Hi."), models=["tiny", "large"])
    async with server, proxy(Upstream(url=server.url, kind="ollama")) as limner:
        ollama = f"{limner.address}/ollama/api"
        async with limner.client.get(f"{ollama}/tags") as response:
            models = (await response.json())["models"]
            assert [one["name"] for one in models] == ["tiny", "large"]
            assert len({one["digest"] for one in models}) == 2, "what is alike counts as one"
        async with limner.client.get(f"{ollama}/version") as response:
            assert await response.json() == {"version": "0.0.0"}
        async with limner.client.post(f"{ollama}/pull", json={"model": "x"}) as response:
            assert response.status == 404


kobold = pytest.mark.parametrize("base", KOBOLD_BASES)
"""Below its own place and at the root, where programs ask that drop the path of an address."""


@kobold
async def test_kobolds_other_paths_are_answered_whole(base: str) -> None:
    """``/api/v1/generate`` never streams."""
    server = ChatServer(PROTOCOLS["koboldai stream"].reply(f"A fox. {TAG}"))
    async with server, proxy(server, unstreamed="inline") as limner:
        for version in ("v1", "latest"):
            url = f"{limner.address}{base}/api/{version}/generate"
            async with limner.client.post(url, json={"prompt": "Go."}) as response:
                (result,) = (await response.json())["results"]
            assert result["text"].startswith("A fox. \n\n![")
            assert server.requests[-1].path == f"/api/{version}/generate"


@kobold
async def test_kobold_streams_wherever_it_is_asked(base: str) -> None:
    """With pictures, from its own path."""
    server = ChatServer(BY_NAME["koboldai stream"].server.stream("A fox. ", TAG))
    async with server, proxy(Upstream(url=server.url, kind="kobold")) as limner:
        url = f"{limner.address}{base}{KOBOLD_STREAM.asks}"
        async with limner.client.post(url, json={"prompt": "Go."}) as response:
            assert BY_NAME["koboldai stream"].text(await response.read()).count("![") == 1
    assert server.requests[0].path == KOBOLD_STREAM.asks


@kobold
async def test_what_kobold_has_written_so_far_shows_no_tag(base: str) -> None:
    """Programs that do not stream ask for it again and again."""
    text = {"results": [{"text": f'A fox. {TAG} Its <!--img-prompt="t'}]}
    server = ChatServer(
        Reply((msgspec.json.encode(text),), headers={"Content-Type": "application/json"})
    )
    async with server, proxy(Upstream(url=server.url, kind="kobold")) as limner:
        check = f"{limner.address}{base}/api/extra/generate/check"
        async with limner.client.post(check, json={}) as response:
            assert (await response.json())["results"][0]["text"] == "A fox.  Its "
