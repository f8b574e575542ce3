"""Which model servers there are, by the settings."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.server.proxy.streams import TAG
from tests.server.served import served
from tests.waiting import until

from limner.config import Settings
from limner.server.from_settings import proxy_upstreams
from limner.server.page import PageFiles
from limner.testing.chat_server import PROTOCOLS, ChatRequest, ChatServer, Reply

ROOT = Path(__file__).parents[2]


def test_a_server_that_is_named_twice_is_asked_as_the_table_says() -> None:
    """The plain address is for who has one server; what the table says of it counts."""
    table = [
        {"url": "http://one.example/v1", "name": "one"},
        {"url": "http://two.example/v1", "name": "two"},
    ]
    settings = Settings.model_validate({"llm_url": "http://one.example/v1", "upstreams": table})
    assert [one.name for one in proxy_upstreams(settings)] == ["one", "two"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:11434",
        "http://127.0.0.1:1234",
        "http://127.0.0.1:8080",
        "https://api.openai.com",
    ],
)
def test_a_servers_address_may_leave_out_v1_and_the_page_shows_it_as_the_guides_do(
    address: str,
) -> None:
    """With it, which is true for Ollama, LM Studio, llama.cpp and OpenAI alike."""
    (short,) = proxy_upstreams(Settings(llm_url=address))
    (whole,) = proxy_upstreams(Settings(llm_url=f"{address}/v1"))
    assert short.endpoint.base == whole.endpoint.base == f"{address}/v1"
    connect = PageFiles.bundled()["views/connect/connect.js"].data.decode()
    guides = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*/*.md")]
    for text in (connect, *(guide.read_text() for guide in guides)):
        assert re.search(rf"--llm {re.escape(address)}(?!/v1)", text) is None
    assert f"{address}/v1" in connect


@pytest.mark.real_time
async def test_a_server_with_its_address_in_both_places_runs(tmp_path: Path) -> None:
    """It answers for the model server that it has, once."""
    async with ChatServer(Reply.stream("Snow.")) as model:
        both = {"upstreams": [{"url": model.url}]}
        async with served(tmp_path, llm=model.url, settings=both) as server:
            assert await server.status("GET", "/v1/models") == 200


def _by_protocol(request: ChatRequest) -> Reply:
    """An answer in the protocol of the question, which says how it was asked."""
    path = request.path.partition("?")[0].removeprefix("/v1")
    spoken = PROTOCOLS[PATHS[path]]
    return spoken.stream(f"{request.body.get('model', 'm')} at {path}. ", TAG)


PATHS = {
    "/chat/completions": "openai chat",
    "/messages": "anthropic messages",
    "/api/chat": "ollama chat",
    "/api/extra/generate/stream": "koboldai stream",
}


class _Ollama(ChatServer):
    """One that lists its models in both ways."""

    def application(self) -> web.Application:
        """Besides, Ollama's list, with what it alone tells."""
        app = super().application()
        app.add_routes([web.get("/api/tags", self._tags)])
        return app

    async def _tags(self, request: web.Request) -> web.StreamResponse:
        models = [{"name": name, "model": name, "size": 7} for name in self._models or ()]
        return web.json_response({"models": models})


@pytest.mark.real_time
async def test_servers_of_three_kinds_are_listed_and_reached_at_once(tmp_path: Path) -> None:
    """Each by its address, in what it speaks; the page and its own turns use all of them."""
    claude = ChatServer(_by_protocol, models=["claude", "both"], key="sk-ant")
    llama = _Ollama(_by_protocol, models=["llama", "both"])
    cydonia = ChatServer(_by_protocol, models=["cydonia"])
    async with claude, llama, cydonia:
        table = [
            {"url": f"anthropic+{claude.address}", "name": "claude", "key": "sk-ant"},
            {"url": f"ollama+{llama.address}", "name": "box"},
            {"url": f"kobold+{cydonia.address}", "name": "kobold"},
        ]
        async with served(tmp_path, settings={"upstreams": table}) as server:

            async def told(path: str) -> Any:
                async with server.client.get(server.address + path) as answer:
                    assert answer.status == 200, await answer.text()
                    return await answer.json()

            async def asked(path: str, body: dict[str, Any]) -> str:
                body = {"stream": True, **body}
                async with server.client.post(server.address + path, json=body) as answer:
                    assert answer.status == 200, await answer.text()
                    return await answer.text()

            every = {"claude", "both", "llama", "box/both", "cydonia"}
            assert {one["id"] for one in (await told("/v1/models"))["data"]} == every
            own = (await told("/ollama/api/tags"))["models"]
            assert [(one["name"], one["size"]) for one in own] == [("llama", 7), ("both", 7)]
            page = await told("/api/models")
            listed = [(one["server"], one["name"]) for one in page["models"]]
            assert {("claude", "claude"), ("box", "llama"), ("kobold", "cydonia")} <= set(listed)
            assert {("claude", "both"), ("box", "box/both")} <= set(listed)
            assert not page["problems"]

            go = {"messages": [{"role": "user", "content": "Go."}]}
            ways: list[tuple[str, dict[str, Any], str]] = [
                ("/v1/messages", {"model": "claude", "max_tokens": 9, **go}, "claude at /messages"),
                ("/ollama/api/chat", {"model": "llama", **go}, "llama at /api/chat"),
                ("/ollama/api/chat", {"model": "both", **go}, "both at /api/chat"),
                ("/kobold/api/extra/generate/stream", {"prompt": "Go."},
                 "m at /api/extra/generate/stream"),
                ("/v1/chat/completions", {"model": "cydonia", **go}, "cydonia at /chat"),
                ("/v1/chat/completions", {"model": "llama", **go}, "llama at /chat"),
            ]  # fmt: skip
            for path, body, answer in ways:
                said = await asked(path, body)
                assert answer in said
                assert "/images/" in said, path

            for path, model, why in (
                ("/v1/chat/completions", "claude", "claude, which speaks anthropic"),
                ("/v1/messages", "cydonia", "kobold, which speaks kobold and openai"),
            ):
                url, body = server.address + path, {"model": model, "max_tokens": 9, **go}
                async with server.client.post(url, json=body) as refused:
                    assert refused.status == 404
                    assert why in await refused.text()

            for model in ("claude", "llama", "cydonia", "box/both"):
                chat = await server.library.create_chat(model)
                body = {"text": "Go.", "model": model}
                url = f"{server.address}/api/chats/{chat.id}/messages"
                async with server.client.post(url, json=body) as begun:
                    assert begun.status == 202, await begun.text()

                said = "both at /api/chat" if model == "box/both" else f"{model} at /"

                async def answered(name: str = chat.id, said: str = said) -> bool:
                    messages = await server.library.messages(name)
                    return any(said in one.text for one in messages)

                await until(answered)
        shown = {one.headers.get("x-api-key") for one in claude.requests}
        assert shown == {"sk-ant"}


@pytest.mark.real_time
async def test_what_programs_ask_beside_is_reached_and_pages_may_ask_it(tmp_path: Path) -> None:
    """Also at the root, between the paths of limner's own; a browser asks first whether it may."""
    places = ("/ollama/api/version", "/kobold/api/extra/abort", "/api/extra/abort",
              "/api/extra/generate/check", "/v1/messages/count_tokens")  # fmt: skip
    page = {"Origin": "http://localhost:5001", "Access-Control-Request-Method": "POST"}
    async with ChatServer(Reply.stream("Snow.")) as model:
        async with served(tmp_path, llm=model.url) as server:
            for path in places:
                url = server.address + path
                async with server.client.options(url, headers=page) as answer:
                    assert answer.status == 204, path
                    assert answer.headers["access-control-allow-origin"] == page["Origin"]
            assert await server.status("GET", "/ollama/api/version") == 200
            assert await server.status("POST", "/api/extra/generate/check", json={}) == 200
            assert await server.status("GET", "/api/chats") == 200
