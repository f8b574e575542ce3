"""What is asked under /v1 beside chats: it goes on, or is refused as OpenAI would."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.server.proxy.serving import proxy
from tests.server.served import TOKEN, served

from limner.server.proxy import Upstream
from limner.server.proxy.picture_id import PictureId

pytestmark = pytest.mark.real_time

LINK = f"http://127.0.0.1:8750/images/{PictureId('0' * 20, 0, 0).written()}.png"
SOUND = bytes(range(256)) * 40


class Everything:
    """A model server that answers anything below /v1, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, by its path."""
        body = await request.read()
        self.asked.append(
            {
                "method": request.method,
                "path": request.path_qs,
                "body": body,
                "key": request.headers.get("Authorization"),
                "kind": request.headers.get("Content-Type"),
            }
        )
        if request.path.endswith("/models"):
            return web.json_response({"data": [{"id": f"model-at-{self.url[-5:]}"}]})
        if request.path.endswith("/speech"):
            return web.Response(body=SOUND, content_type="audio/mpeg")
        if request.path.endswith("/rerank"):
            return web.Response(status=404, text="<h1>no such thing</h1>", content_type="text/html")
        if request.path.endswith("/responses"):
            answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await answer.prepare(request)
            await answer.write(b'event: response.created\ndata: {"type":"response.created"}\n\n')
            await answer.write(b'event: response.completed\ndata: {"a":1}\n\n')
            return answer
        return web.json_response({"data": [{"embedding": [0.5]}]})


@contextlib.asynccontextmanager
async def everything() -> AsyncIterator[Everything]:
    """Such a server."""
    made = Everything()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()


async def test_embeddings_speech_and_responses_go_on_as_they_are() -> None:
    """The body to the byte, the query, the kind of the answer; with the server's own key."""
    async with everything() as model:
        upstream = Upstream(url=model.url, key="sk-model")
        async with proxy(upstream) as limner:
            sent = b'{"model":"m", "input":["a  b"],"x":1e-3}'
            kind = {"Content-Type": "application/json", "Authorization": "Bearer mine"}
            url = f"{limner.url}/embeddings?a=b%20c"
            async with limner.client.post(url, data=sent, headers=kind) as answer:
                assert (await answer.json())["data"] == [{"embedding": [0.5]}]
            async with limner.client.post(f"{limner.url}/audio/speech", data=sent) as answer:
                assert answer.content_type == "audio/mpeg"
                assert await answer.read() == SOUND
            asked = {"model": "m", "input": "Hello", "stream": True}
            async with limner.client.post(f"{limner.url}/responses", json=asked) as answer:
                assert answer.content_type == "text/event-stream"
                assert (await answer.read()).count(b"event: response.") == 2
            async with limner.client.delete(f"{limner.url}/responses/r1") as answer:
                assert answer.status == 200
    first, _, third, last = model.asked
    assert (first["body"], first["path"]) == (sent, "/v1/embeddings?a=b%20c")
    assert {one["key"] for one in model.asked} == {"Bearer sk-model"}
    assert third["kind"] == "application/json"
    assert (last["method"], last["path"], last["body"]) == ("DELETE", "/v1/responses/r1", b"")


async def test_a_recording_goes_to_the_server_that_has_its_model() -> None:
    """A form names the model as JSON does."""
    async with everything() as one, everything() as two:
        async with proxy(Upstream(url=one.url), Upstream(url=two.url)) as limner:
            for name in (f"model-at-{two.url[-5:]}", "unknown"):
                form = aiohttp.FormData({"model": name})
                form.add_field("file", SOUND, filename="a.wav")
                url = f"{limner.url}/audio/transcriptions"
                async with limner.client.post(url, data=form) as answer:
                    assert answer.status == 200
    heard = [
        [ask for ask in model.asked if ask["path"].endswith("/transcriptions")]
        for model in (one, two)
    ]
    assert [len(asks) for asks in heard] == [1, 1]
    assert SOUND in heard[1][0]["body"]
    assert heard[1][0]["kind"].startswith("multipart/form-data; boundary=")


async def test_no_model_is_shown_a_picture_of_ours_by_another_way() -> None:
    """Neither as a text nor as a conversation; the rest stays as it was."""
    shown = f"A fox. ![a fox]({LINK}) It ran."
    given = (shown, [{"role": "assistant", "content": [{"type": "output_text", "text": shown}]}])
    async with everything() as model, proxy(Upstream(url=model.url)) as limner:
        for one in given:
            body = {"model": "m", "input": one, "store": False}
            async with limner.client.post(f"{limner.url}/responses", json=body) as answer:
                await answer.read()
    for ask in model.asked:
        assert b"images" not in ask["body"]
        assert b"A fox." in ask["body"]
        assert b"It ran." in ask["body"]
        assert b'"store":false' in ask["body"].replace(b" ", b"")


async def test_all_errors_under_v1_have_one_form(tmp_path: Path) -> None:
    """Whether the model server refuses, nothing is there, or somebody may not ask."""
    async with everything() as model, served(tmp_path, llm=model.url, token=TOKEN) as server:
        known = {"Authorization": f"Bearer {TOKEN}"}
        for method, path, headers, status in (
            ("POST", "/v1/rerank", known, 404),
            ("POST", "/v1/nothing", known, 404),
            ("GET", "/v1/nothing", known, 404),
            ("POST", "/v1/embeddings", {}, 401),
            ("GET", "/v1/chat/completions", known, 405),
            ("POST", "/v1/files", known, 404),
        ):
            url = server.address + path
            async with server.client.request(method, url, headers=headers) as answer:
                assert answer.status == status, path
                told = (await answer.json())["error"]
            assert set(told) == {"message", "type", "param", "code"}, path
        assert len(model.asked) == 1


async def test_the_list_is_the_settings(tmp_path: Path) -> None:
    """What is not on it stays here; the built-in storyteller, without a model server, has none."""
    async with everything() as model:
        async with served(tmp_path, llm=model.url, pass_through=["/v1/files"]) as server:
            assert await server.status("GET", "/v1/files/f1") == 200
            assert await server.status("POST", "/v1/embeddings", json={}) == 404
            assert await server.status("GET", "/files/f1") == 404
    async with served(tmp_path) as server:
        assert await server.status("POST", "/v1/embeddings", json={}) == 404
