"""With pictures off, and where there are none, the client gets the server's own bytes."""

import asyncio

import pytest
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG, data, texts

from limner.testing.chat_server import ChatServer, Cut, Hang, Reply
from limner.testing.chat_server.dialects import DIALECTS, ChatDialect, Spoken

pytestmark = pytest.mark.real_time

SPOKEN: list[Spoken] = ["Once <", "b>, é😀 a < b", {"reasoning": "hm"}, " The end."]


@pytest.mark.parametrize("mode", ["off", "inline", "hold"])
@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
async def test_every_server_is_passed_on_to_the_byte(dialect: ChatDialect, mode: str) -> None:
    """Line ends, comments, missing ends and cut characters included."""
    spoken = [*SPOKEN, TAG] if mode == "off" else SPOKEN
    reply = dialect.reply(spoken).split(97)
    expected = b"".join(dialect.events(spoken))
    async with ChatServer(reply) as model, proxy(model) as limner:
        assert await limner.ask(headers={"X-Limner-Mode": mode}) == expected


async def test_an_error_in_the_stream_is_passed_on() -> None:
    """The server's own words reach the client, with its end."""
    error = b'data: {"error":{"message":"out of memory","code":500}}\n\n'
    reply = Reply.stream("Once ", error, finish=None)
    async with ChatServer(reply) as model, proxy(model) as limner:
        for mode in ("off", "inline"):
            sent = await limner.ask(headers={"X-Limner-Mode": mode})
            assert sent == b"".join(step for step in reply.steps if isinstance(step, bytes))


@pytest.mark.parametrize("mode", ["off", "inline", "hold", "append"])
async def test_a_cut_ends_cleanly(mode: str) -> None:
    """What came is kept, the reason is told, and the stream ends as every client expects."""
    whole = DIALECTS[0].events(["Once ", "upon <"])[:3]
    reply = Reply(
        (b"".join(whole), whole[2][:40], Cut()), headers={"Content-Type": "text/event-stream"}
    )
    async with ChatServer(reply) as model, proxy(model) as limner:
        sent = await limner.ask(headers={"X-Limner-Mode": mode})
    assert sent.startswith(b"".join(whole))
    *_, error, done = data(sent)
    assert done == "[DONE]"
    assert "closed the connection" in error["error"]["message"]
    assert texts(sent) == {0: "Once upon <"}


async def test_a_server_that_falls_silent_is_given_up() -> None:
    """The client is told to wait meanwhile, and then why nothing comes."""
    never = asyncio.Event()
    reply = Reply.stream("Once ", never)
    async with (
        ChatServer(reply) as model,
        proxy(model, idle_timeout=0.3, keep_alive=0.05) as limner,
    ):
        sent = await limner.ask()
        assert b": keep-alive\n\n" in sent
        assert "fell silent" in data(sent)[-2]["error"]["message"]
        asked = await model.request()
        await asyncio.wait_for(asked.disconnected.wait(), 5)


@pytest.mark.parametrize("mode", ["off", "inline", "hold"])
async def test_a_server_that_keeps_the_line_open_after_its_end_is_left(mode: str) -> None:
    """What it said is the whole answer, and no error."""
    reply = Reply.stream("Once", Hang())
    whole = b"".join(step for step in reply.steps if isinstance(step, bytes))
    hanging = Reply((whole, Hang()), headers=reply.headers)
    async with ChatServer(hanging) as model, proxy(model, keep_alive=0.1) as limner:
        assert await limner.ask(headers={"X-Limner-Mode": mode}) == whole


async def test_plain_completions_and_their_fields_pass() -> None:
    """Nothing of the old endpoint is read or changed."""
    reply = Reply.completion(TAG)
    async with ChatServer(reply) as model, proxy(model) as limner:
        body = b'{"prompt": "x", "model": "m", "min_p": 1.50}'
        answer = await limner.client.post(f"{limner.url}/completions", data=body)
        assert await answer.read() == reply.steps[0]
        assert (await model.request()).path == "/v1/completions"
