"""The application: paths, origins, limits, several model servers, and what must not leak."""

import asyncio
import json
from typing import Any

import fastapi
import pytest
from tests.server.proxy.serving import Call, proxy, serve
from tests.server.proxy.streams import TAG, texts

from limner.errors import ConfigError
from limner.server.proxy import ProxySettings, Upstream
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

STORY: dict[str, Any] = {"stream": True, "messages": [{"role": "user", "content": "Go."}]}


def ask(model: str = "m", **headers: str) -> Call:
    """A question to a model."""
    body = json.dumps(STORY | {"model": model}).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Call("POST", "/v1/chat/completions", body, sent)


async def test_paths_work_with_and_without_v1_and_below_a_mount() -> None:
    """As people write the base URL; anything else is told in OpenAI's form."""
    async with ChatServer(Reply.stream("x")) as model, proxy(model) as limner:
        for path, root in (("/v1/models", ""), ("/models", ""), ("/llm/v1/models", "/llm")):
            call = await Call("GET", path).run(limner.app, root_path=root)
            assert [entry["id"] for entry in call.json["data"]] == ["test-model"]
            assert limner.app.serves({"type": "http", "path": path, "root_path": root})
        assert not limner.app.serves({"type": "http", "path": "/api/queue"})
        assert not limner.app.serves({"type": "websocket", "path": "/v1/models"})
        for method, path, status in (("GET", "/v1/x", 404), ("GET", "/v1/completions", 405)):
            call = await Call(method, path).run(limner.app)
            assert call.status == status
            assert call.json["error"]["message"]


async def test_it_can_be_mounted_in_a_framework() -> None:
    """Streams go through it at the root and below a path."""
    async with ChatServer(Reply.stream("x", TAG)) as model, proxy(model) as limner:
        api = fastapi.FastAPI(openapi_url=None)
        api.mount("/llm", limner.app)
        api.mount("/", limner.app)
        async with serve(api) as address:
            for base in ("/v1", "", "/llm/v1"):
                url = f"{address}{base}/chat/completions"
                async with limner.client.post(url, json=STORY) as response:
                    assert "![" in texts(await response.read())[0]


async def test_bad_requests_are_told_apart() -> None:
    """No JSON, too large, no such mode: each with its status, before the model is asked."""
    async with ChatServer(Reply.stream("x")) as model, proxy(model, body_limit=1000) as limner:
        chat = "/v1/chat/completions"
        large = Call("POST", chat, b"x" * 1001)
        announced = Call("POST", chat, b"{}", {"content-length": "1001"})
        for call, status in (
            (Call("POST", chat, b"{"), 400),
            (large, 413),
            (announced, 413),
            (ask(x_limner_mode="sideways"), 400),
        ):
            await call.run(limner.app)
            assert call.status == status
            assert call.json["error"]["type"] == "invalid_request_error"
        assert model.requests == []


async def test_pages_of_strangers_are_refused() -> None:
    """A page one merely visits cannot spend the model's time; one's own pages can."""
    options: dict[str, Any] = {"allowed_origins": ("https://chat.example",)}
    async with ChatServer(Reply.stream("x")) as model, proxy(model, **options) as limner:
        call = await ask(origin="https://evil.example").run(limner.app)
        assert call.status == 403
        assert model.requests == []
        for origin in ("https://chat.example", "http://localhost:8000", "http://127.0.0.1"):
            call = await ask(origin=origin).run(limner.app)
            assert call.status == 200
            assert call.header("access-control-allow-origin") == origin
        headers = {
            "origin": "http://localhost:1",
            "access-control-request-headers": "x-stainless-os",
        }
        call = await Call("OPTIONS", "/v1/chat/completions", headers=headers).run(limner.app)
        assert call.status == 204
        assert call.header("access-control-allow-headers") == "x-stainless-os"


async def test_models_are_asked_where_they_are() -> None:
    """By what the settings say, by what the servers list, by prefix; else the first."""
    async with (
        ChatServer(Reply.stream("x"), models=["a", "both"]) as first,
        ChatServer(Reply.stream("x"), models=["b", "both"]) as second,
        proxy(Upstream(url=first.url, name="one"), Upstream(url=second.url, name="two")) as limner,
    ):
        for model in ("a", "b:inline", "both", "two/both", "nobody's"):
            assert (await ask(model).run(limner.app)).status == 200
        assert [r.body["model"] for r in first.requests] == ["a", "both", "nobody's"]
        assert [r.body["model"] for r in second.requests] == ["b", "both"]
        call = await Call("GET", "/v1/models").run(limner.app)
        assert [m["id"] for m in call.json["data"]] == ["a", "both", "b", "two/both"]
        assert (await Call("GET", "/v1/models/two/both").run(limner.app)).status == 200


async def test_one_missing_server_does_not_hide_the_others() -> None:
    """Its models are not listed; if all are missing, that is an error."""
    async with ChatServer(Reply.stream("x")) as gone:
        url = gone.url
    missing = Upstream(url=url, name="gone")
    async with ChatServer(Reply.stream("x")) as model:
        async with proxy(missing, Upstream(url=model.url, name="here")) as limner:
            call = await Call("GET", "/v1/models").run(limner.app)
            assert [m["id"] for m in call.json["data"]] == ["test-model"]
            assert (await ask("test-model").run(limner.app)).status == 200
    async with proxy(missing) as limner:
        assert (await Call("GET", "/v1/models").run(limner.app)).status == 502


async def test_the_servers_key_is_sent_and_never_shown_and_the_clients_is_not_sent() -> None:
    """Nor is any header of the client that is not meant for the model."""
    client = {"authorization": "Bearer sk-client", "cookie": "c=1", "x_request_id": "r-1"}
    key = "sk-server-secret"
    reply = Reply.error(400, f"Incorrect key {key} given")
    async with ChatServer(reply, key=key) as model:
        async with proxy(Upstream(url=model.url, key=key)) as limner:
            call = await ask(**client).run(limner.app)
            assert call.status == 400
            assert key.encode() not in call.answer
            assert key not in repr(limner.app.settings)
    sent = model.requests[0].headers
    assert sent["authorization"] == f"Bearer {key}"
    assert sent["x-request-id"] == "r-1"
    assert "cookie" not in sent


async def test_the_clients_authorization_is_forwarded_when_told_to() -> None:
    """Only to servers that have no key here."""
    options: dict[str, Any] = {"forward_authorization": True}
    async with ChatServer(Reply.stream("x")) as model:
        for key, expected in ((None, "Bearer sk-client"), ("sk-server", "Bearer sk-server")):
            async with proxy(Upstream(url=model.url, key=key), **options) as limner:
                await ask(authorization="Bearer sk-client").run(limner.app)
            assert model.requests[-1].headers["authorization"] == expected


async def test_a_redirect_is_not_followed() -> None:
    """The key goes to the configured server and nowhere else."""
    reply = Reply((), 307, {"Location": "http://127.0.0.1:9/v1"})
    async with ChatServer(reply) as model, proxy(model) as limner:
        call = await ask().run(limner.app)
        assert call.status == 502
        assert "redirects" in call.json["error"]["message"]


async def test_many_streams_are_kept_apart() -> None:
    """Each client gets its own answer, whole and in order."""
    async with (
        ChatServer(
            lambda request: Reply.stream(*[f"{request.body['seed']}:{i} " for i in range(40)])
        ) as model,
        proxy(model) as limner,
    ):
        answers = await asyncio.gather(*(limner.ask(seed=seed) for seed in range(60)))
    for seed, answer in enumerate(answers):
        said = [json.loads(e[6:]) for e in answer.split(b"\n\n") if e.startswith(b"data: {")]
        text = "".join(c["choices"][0]["delta"].get("content", "") for c in said)
        assert text == "".join(f"{seed}:{i} " for i in range(40))


@pytest.mark.parametrize("url", ["ftp://x", "http://Höst", "http://h/A_b", "http://[::1]:1", "x"])
def test_a_public_url_that_front_ends_would_break_is_refused(url: str) -> None:
    """At the start, not in the first answer."""
    with pytest.raises(ConfigError, match="public URL"):
        ProxySettings(upstreams=(Upstream(url="http://localhost:1"),), public_url=url)


def test_settings_without_a_model_server_or_with_two_of_one_name_are_refused() -> None:
    """Both are mistakes that would show only later."""
    with pytest.raises(ConfigError, match="no model server"):
        ProxySettings(upstreams=())
    same = Upstream(url="http://localhost:1")
    with pytest.raises(ConfigError, match="same name"):
        ProxySettings(upstreams=(same, same))
