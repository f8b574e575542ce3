"""The fake model server does what its script says."""

import asyncio
import subprocess
import sys

import aiohttp
import pytest

from limner.testing.chat_server import ChatRequest, ChatServer, Cut, Hang, Reply, chunk, joined


def test_it_is_loaded_only_on_its_own() -> None:
    """`import limner.testing` does not load a web framework."""
    code = "import sys, limner.testing; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_split_reply_has_the_same_bytes() -> None:
    """Splitting changes the writes, not the body, and keeps the other steps."""
    more = asyncio.Event()
    reply = Reply.stream("é", more, newline="\r\n")
    small = reply.split(2)
    assert joined(small.steps) == joined(reply.steps)
    assert more in small.steps
    assert max(len(step) for step in small.steps if isinstance(step, bytes)) == 2


def test_a_stream_has_the_faults_it_is_asked_for() -> None:
    """Line ends, blanks, missing ends: exactly as written."""
    reply = Reply.stream(
        "a", newline="\r\n", space=False, role=False, finish_with_text=True, last_newline=False
    )
    assert joined(reply.steps).decode() == (
        f"data:{chunk(delta={'content': 'a'}, finish='stop')}\r\n\r\ndata:[DONE]"
    )
    assert joined(Reply.stream(role=False, finish=None, done=False).steps) == b""


@pytest.mark.real_time
async def test_it_records_what_it_is_asked() -> None:
    """Path, headers and body; a body that is no JSON is None."""
    async with ChatServer(Reply.completion("Hi")) as server, aiohttp.ClientSession() as session:
        url = f"{server.url}/chat/completions?a=1"
        async with session.post(url, json={"n": 1}, headers={"X-Name": "value"}) as answer:
            await answer.read()
        async with session.post(url, data=b"what") as answer:
            await answer.read()
    first, second = server.requests
    assert (first.path, first.body, second.body) == ("/v1/chat/completions?a=1", {"n": 1}, None)
    assert first.headers["x-name"] == "value"
    assert first.answered.is_set()
    assert not first.disconnected.is_set()


@pytest.mark.real_time
async def test_scripts_may_be_lists_or_functions() -> None:
    """A list is answered in order, its last for ever; a function sees the request."""

    def echo(request: ChatRequest) -> Reply:
        return Reply.error(int(request.body["status"]), "as you like")

    async with aiohttp.ClientSession() as session:
        async with ChatServer([Reply.error(500), Reply.error(503)]) as server:
            url = f"{server.url}/chat/completions"
            for expected in (500, 503, 503):
                async with session.post(url) as answer:
                    assert answer.status == expected
        async with ChatServer(echo) as server:
            url = f"{server.url}/chat/completions"
            async with session.post(url, json={"status": 418}) as answer:
                assert answer.status == 418


@pytest.mark.real_time
async def test_a_key_guards_every_route() -> None:
    """Without it, 401 in OpenAI's shape."""
    async with ChatServer(Reply.completion("Hi"), key="k", prefix="/api") as server:
        async with aiohttp.ClientSession() as session:
            for method, route in (("GET", "models"), ("POST", "chat/completions")):
                async with session.request(method, f"{server.url}/{route}") as answer:
                    assert answer.status == 401
                    assert (await answer.json())["error"]["code"] == "invalid_api_key"
            let_in = {"Authorization": "Bearer k"}
            async with session.get(f"{server.url}/models", headers=let_in) as answer:
                assert (await answer.json())["data"] == [{"id": "test-model", "object": "model"}]


@pytest.mark.real_time
async def test_steps_wait_for_events_and_cut() -> None:
    """An event holds the body; a cut resets the connection in its middle."""
    more = asyncio.Event()
    reply = Reply((b"a", more, b"b", Cut()))
    async with ChatServer(reply) as server, aiohttp.ClientSession() as session:
        async with session.post(f"{server.url}/chat/completions") as answer:
            assert await answer.content.readany() == b"a"
            more.set()
            with pytest.raises(aiohttp.ClientError):
                await answer.content.read()


@pytest.mark.real_time
async def test_it_tells_that_a_client_went_away() -> None:
    """Before the first byte and in the middle; its own stop is no such thing."""
    hanging = [Reply.silence(), Reply((b"a", Hang())), Reply((b"a", Hang()))]
    async with ChatServer(hanging) as server, aiohttp.ClientSession() as session:
        asking = asyncio.ensure_future(session.post(f"{server.url}/chat/completions"))
        request = await server.request(0)
        asking.cancel()
        await request.disconnected.wait()
        answer = await session.post(f"{server.url}/chat/completions")
        answer.close()
        await server.requests[1].disconnected.wait()
        last = await session.post(f"{server.url}/chat/completions")
    last.close()
    assert not server.requests[2].disconnected.is_set()
