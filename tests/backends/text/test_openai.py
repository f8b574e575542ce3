"""The client against a real HTTP server that does everything servers do."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from limner.backends.text import Finish, OpenAIChat, ReasoningDelta, TextDelta, Usage
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    ContentRefused,
    StreamCut,
)
from limner.testing.chat_server import ChatServer, Cut, Dialect, Hang, Reply, Script, joined

pytestmark = pytest.mark.real_time

KEY = "sk-very-secret-0123"
ASK = [{"role": "system", "content": "You tell stories."}, {"role": "user", "content": "One!"}]


async def tell(chat: OpenAIChat) -> str:
    """The whole answer."""
    return "".join([piece async for piece in chat.stream(ASK)])


async def hear(script: Script) -> tuple[str, BackendError | None]:
    """What arrives of an answer, and how it fails."""
    text = ""
    async with ChatServer(script) as server, OpenAIChat(server.url, model="m") as chat:
        try:
            async for piece in chat.stream(ASK):
                text += piece
        except BackendError as error:
            return text, error
    return text, None


async def failure(script: Script) -> BackendError:
    """How an answer fails that gives no text."""
    text, error = await hear(script)
    assert text == ""
    assert error is not None
    return error


def test_making_a_client_does_nothing() -> None:
    """Without a loop, without a network, without showing a secret."""
    chat = OpenAIChat("http://me:secret@host:1/v1", model="tiny", key=KEY)
    assert repr(chat) == "OpenAIChat('http://host:1/v1', model='tiny')"
    assert chat.server == "http://host:1/v1"


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", "a\x00"])
def test_a_key_no_header_can_hold_is_refused_at_once(key: str) -> None:
    """It is refused without being shown; blanks and a line end around a key are dropped."""
    with pytest.raises(BackendRejected) as caught:
        OpenAIChat("http://host", key=key)
    assert key not in str(caught.value)
    OpenAIChat("http://host", key=f" {KEY}\n")


async def test_the_request_is_what_servers_expect() -> None:
    """Route, key, model, messages, options; None leaves a field out; `stream` is always on."""
    async with ChatServer(Reply.stream("Hi"), key=KEY) as server:
        async with OpenAIChat(server.address, model="m", key=KEY, headers={"X-A": "b"}) as chat:
            stream = chat.stream(
                ASK, temperature=0.5, seed=None, stream=False, extra={"grammar": "root ::= x"}
            )
            assert [piece async for piece in stream] == ["Hi"]
            assert [piece async for piece in chat.stream("One!")] == ["Hi"]
    first, second = server.requests
    assert first.path == "/v1/chat/completions"
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert first.headers["content-type"] == "application/json"
    assert first.headers["x-a"] == "b"
    assert first.body == {
        "model": "m",
        "messages": ASK,
        "temperature": 0.5,
        "grammar": "root ::= x",
        "stream": True,
    }
    assert second.body["messages"] == [{"role": "user", "content": "One!"}]


async def test_a_password_in_the_url_is_basic_authentication() -> None:
    """Unless there is a key."""
    async with ChatServer(Reply.stream("Hi")) as server:
        url = server.url.replace("http://", "http://me:pass@")
        for key in (None, KEY):
            async with OpenAIChat(url, model="m", key=key) as chat:
                await tell(chat)
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Basic bWU6cGFzcw==", f"Bearer {KEY}"]


async def test_without_a_model_the_first_is_asked_once() -> None:
    """The list is asked for one time; the answer is remembered."""
    async with ChatServer(Reply.stream("Hi"), models=["tiny", "large"]) as server:
        async with OpenAIChat(server.url) as chat:
            assert await chat.models() == ["tiny", "large"]
            await tell(chat)
            await tell(chat)
    assert [request.body["model"] for request in server.requests] == ["tiny", "tiny"]


async def test_a_question_that_is_no_text_is_refused() -> None:
    """Half a character, as a broken terminal gives, is told and not sent."""
    async with ChatServer(Reply.stream("Hi")) as server, OpenAIChat(server.url) as chat:
        with pytest.raises(BackendRejected, match="no text"):
            await anext(chat.stream("One \udcff!"))
    assert server.requests == []


async def test_a_model_named_for_one_answer_is_asked() -> None:
    """It goes before the client's own, and no list is asked for."""
    async with ChatServer(Reply.stream("Hi"), models=None) as server:
        async with OpenAIChat(server.url) as chat:
            assert [piece async for piece in chat.stream(ASK, model="large")] == ["Hi"]
    assert server.requests[0].body["model"] == "large"


@pytest.mark.parametrize(("models", "said"), [([], "offers no model"), (None, "no list of models")])
async def test_without_any_model_it_says_so(models: list[str] | None, said: str) -> None:
    """An empty list and no list at all are told apart."""
    async with ChatServer(Reply.stream("Hi"), models=models) as server:
        async with OpenAIChat(server.url) as chat:
            with pytest.raises(BackendRejected, match=said):
                await tell(chat)


async def test_events_tell_everything() -> None:
    """Reasoning, text, finish and cost; only the text is in the stream."""
    reply = Reply.stream(
        {"choices": [{"delta": {"reasoning": "hm"}}]},
        "Hi",
        usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    )
    async with ChatServer(reply) as server, OpenAIChat(server.url) as chat:
        assert [event async for event in chat.events(ASK)] == [
            ReasoningDelta("hm"),
            TextDelta("Hi"),
            Finish("stop"),
            Usage(1, 2, 3),
        ]
        assert await tell(chat) == "Hi"


GOOD: list[Reply] = [
    Reply.stream("Once 🦊", " upon").split(1),
    Reply.stream("Once 🦊", " upon", newline="\r\n", space=False).split(5),
    Reply.stream(b": OPENROUTER PROCESSING\n\n", "Once 🦊", b":\n\n", " upon"),
    Reply.stream("Once 🦊", " upon", done=False),
    Reply.stream("Once 🦊", " upon", last_newline=False),
    Reply.stream("Once 🦊", " upon", finish_with_text=True, done=False, last_newline=False),
    Reply.stream("Once 🦊", " upon", finish=None),
    Reply.stream("Once 🦊", " upon", Cut(), done=False, finish_with_text=False).split(3),
    Reply.stream("Once 🦊", " upon", role=False),
    Reply.completion("Once 🦊 upon", keep_alive=b"\n\n: wait\n\n"),
]


@pytest.mark.parametrize("index", range(len(GOOD)))
async def test_every_dialect_gives_the_whole_text(index: int) -> None:
    """However it is cut, ended and commented."""
    text, error = await hear(GOOD[index])
    assert text == "Once 🦊 upon"
    assert isinstance(error, StreamCut) == (index == 7)  # the one that is cut before its finish


async def test_text_arrives_while_the_model_writes() -> None:
    """Each piece is given out when it comes, not at the end."""
    more = asyncio.Event()
    async with ChatServer(Reply.stream("Once", more, " upon")) as server:
        async with OpenAIChat(server.url) as chat, aclosing(chat.stream(ASK)) as stream:
            assert await anext(stream) == "Once"
            more.set()
            assert await anext(stream) == " upon"


async def test_a_cut_or_unfinished_answer_is_told_after_its_text() -> None:
    """Reset connection, body that ends too early, stream without end: nothing is lost."""
    for reply in (
        Reply.stream("Once", Cut()),
        Reply.stream("Once", finish=None, done=False),
        Reply((joined(Reply.stream("Once").steps)[:120],), headers={"Content-Length": "9999"}),
    ):
        text, error = await hear(reply)
        assert text in ("Once", "")
        assert type(error) is StreamCut
        assert "in the middle of its answer" in str(error)


async def test_a_server_that_stays_after_its_finish_does_not_hold_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once the finish reason has come, a short silence is the end, and a good one."""
    monkeypatch.setattr("limner.backends.text.openai.client.AFTERGLOW", 0.2)
    reply = Reply.stream("Once", done=False)
    reply = Reply((*reply.steps, Hang()), headers=reply.headers)
    async with ChatServer(reply) as server, OpenAIChat(server.url, idle_timeout=300) as chat:
        async with asyncio.timeout(60):
            assert await tell(chat) == "Once"


async def test_silence_has_limits() -> None:
    """No first byte, no first token, no next token: each ends in its time."""
    for reply, said in (
        (Reply.silence(), "did not begin to answer"),
        (Reply.stream(b": ping\n\n", Hang()), "did not begin to answer"),
        (Reply.stream("Once", b": ping\n\n", Hang()), "fell silent in the middle"),
    ):
        async with ChatServer(reply) as server:
            async with OpenAIChat(server.url, first_token_timeout=0.3, idle_timeout=0.3) as chat:
                with pytest.raises(BackendTimeout, match=said):
                    await tell(chat)
            await server.requests[0].disconnected.wait()


async def test_closing_or_cancelling_stops_the_server() -> None:
    """The server sees the connection go, whether we stop between pieces or while waiting."""
    async with ChatServer(Reply.stream("Once", Hang())) as server:
        async with OpenAIChat(server.url) as chat:
            async with aclosing(chat.stream(ASK)) as stream:
                assert await anext(stream) == "Once"
            await server.requests[0].disconnected.wait()

            task = asyncio.create_task(tell(chat))
            request = await server.request(1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await request.disconnected.wait()


async def test_one_client_streams_many_answers_at_once() -> None:
    """They do not wait for each other."""
    more = asyncio.Event()
    async with ChatServer(Reply.stream("Once", more)) as server:
        async with OpenAIChat(server.url) as chat:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(tell(chat)) for _ in range(20)]
                await server.request(19)
                more.set()
    assert [task.result() for task in tasks] == ["Once"] * 20


async def test_a_closed_client_is_closed() -> None:
    """Closing twice is fine, asking afterwards is not."""
    chat = OpenAIChat("http://127.0.0.1:9")
    await chat.aclose()
    await chat.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await tell(chat)


@pytest.mark.parametrize("dialect", ["openai", "fastapi", "koboldcpp", "ollama", "plain"])
async def test_the_words_of_every_server_reach_the_reader(dialect: Dialect) -> None:
    """An error before the stream keeps the server's message."""
    error = await failure(Reply.error(500, "the GPU is on fire", dialect=dialect))
    assert type(error) is BackendUnavailable
    assert "the GPU is on fire" in str(error)
    assert error.status == 500


async def test_a_busy_server_says_when() -> None:
    """429 and 503 carry Retry-After."""
    error = await failure(Reply.error(429, "slowly", headers={"Retry-After": "7"}))
    assert isinstance(error, BackendBusy)
    assert error.retry_after == 7


async def test_a_wrong_key_names_the_remedy_and_not_the_key() -> None:
    """401 says which variable to set."""
    async with ChatServer(Reply.stream("Hi"), key="another") as server:
        for asking in ("stream", "models"):
            async with OpenAIChat(server.url, model="m", key=KEY) as chat:
                with pytest.raises(BackendRejected, match="LIMNER_LLM_KEY") as caught:
                    await (tell(chat) if asking == "stream" else chat.models())
            assert caught.value.status == 401


async def test_an_unknown_model_comes_with_those_there_are() -> None:
    """The list is asked for; where there is none, the error stands alone."""
    reply = Reply.error(404, 'model "m" not found', kind="not_found_error")
    for models, said in ((["tiny", "large"], "; it offers: tiny, large"), (None, "not found")):
        async with ChatServer(reply, models=models) as server:
            async with OpenAIChat(server.url, model="m") as chat:
                with pytest.raises(BackendRejected) as caught:
                    await tell(chat)
        assert str(caught.value).startswith(f"{server.url} does not know the model 'm': model")
        assert str(caught.value).endswith(said)


async def test_an_unknown_route_asks_for_the_url() -> None:
    """404 without a word of a model means the address."""
    async with ChatServer(Reply.stream("Hi")) as server:
        async with OpenAIChat(server.address + "/api", model="m") as chat:
            with pytest.raises(BackendRejected, match=r"has no chat completions.*is the address"):
                await tell(chat)


async def test_a_web_page_is_told_with_its_title() -> None:
    """HTML instead of a stream asks for the URL."""
    error = await failure(Reply.page("My Router"))
    assert type(error) is BackendRejected
    assert "a web page titled “My Router”; is the URL right (…/v1)?" in str(error)


async def test_a_redirect_is_not_followed() -> None:
    """The key goes to nobody else."""
    async with ChatServer(Reply.stream("Hi")) as other:
        reply = Reply(status=307, headers={"Location": f"{other.url}/chat/completions"})
        error = await failure(reply)
        assert f"redirects to {other.url}" in str(error)
        assert other.requests == []


async def test_a_content_filter_that_stops_the_answer_is_an_error() -> None:
    """The text up to there is given out."""
    text, error = await hear(Reply.stream("Once", finish="content_filter"))
    assert (text, type(error)) == ("Once", ContentRefused)


async def test_an_error_in_the_stream_comes_after_the_text() -> None:
    """Nothing that arrived is lost."""
    text, error = await hear(Reply.stream("Once", {"error": {"message": "full", "code": 500}}))
    assert (text, type(error)) == ("Once", BackendUnavailable)


@asynccontextmanager
async def raw_server(answer: bytes) -> AsyncIterator[str]:
    """A server that answers every connection with these bytes, and closes it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "it closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "it does not answer in HTTP; is the port right?"),
    ],
)
async def test_what_is_no_http_server_is_told(answer: bytes, said: str) -> None:
    """Another service on that port, or one that hangs up."""
    async with raw_server(answer) as place, OpenAIChat(f"http://{place}", model="m") as chat:
        with pytest.raises(BackendUnavailable) as caught:
            await tell(chat)
    assert str(caught.value) == f"cannot reach http://{place}/v1: {said}"


async def test_tls_to_a_plain_server_is_told() -> None:
    """https:// where http:// is spoken."""
    async with ChatServer(Reply.stream("Hi")) as server:
        url = server.url.replace("http://", "https://")
        async with OpenAIChat(url, model="m") as chat:
            with pytest.raises(BackendUnavailable, match=r"is it http:// rather than https://\?"):
                await tell(chat)


async def test_a_server_that_is_not_there_is_told() -> None:
    """Connection refused and unknown hosts, with what to check."""
    async with ChatServer(Reply.stream("Hi")) as server:
        gone = server.url
    for url, said in (
        (gone, "connection refused; is the server running?"),
        ("http://no-such-host.invalid", "there is no host named 'no-such-host.invalid'"),
    ):
        async with OpenAIChat(url, key=KEY) as chat:
            with pytest.raises(BackendUnavailable) as caught:
                await tell(chat)
        assert str(caught.value) == f"cannot reach {chat.server}: {said}"


SPITEFUL: list[Reply] = [
    Reply.error(400, f"what is {KEY}?"),
    Reply.error(401, f"Incorrect key {KEY}"),
    Reply.error(404, f"no model for {KEY}"),
    Reply.page(KEY),
    Reply.stream({"error": {"message": f"bad {KEY}"}}),
    Reply((f"what {KEY}".encode(),), headers={"Content-Type": "text/plain"}),
    Reply(status=302, headers={"Location": f"http://x:{KEY}@else/{KEY}?k={KEY}"}),
    Reply.stream({"what": KEY}, role=False, finish=None),
]


@pytest.mark.parametrize("index", range(len(SPITEFUL)))
async def test_a_server_that_repeats_the_key_does_not_make_us_show_it(
    index: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in errors, tracebacks or logs."""
    caplog.set_level(logging.DEBUG)
    async with ChatServer(SPITEFUL[index], models=[KEY]) as server:
        url = server.url.replace("http://", f"http://me:{KEY}@")
        async with OpenAIChat(url, model="m", key=KEY, headers={"api-key": KEY}) as chat:
            with pytest.raises(BackendError) as caught:
                await tell(chat)
    error: BaseException | None = caught.value
    assert KEY not in "".join(traceback.format_exception(error)) + caplog.text
    while error is not None:
        assert KEY not in repr(error.args)
        error = error.__cause__ or error.__context__


async def test_bad_http_does_not_carry_the_key_in_its_cause() -> None:
    """The network library's own error would hold the request's headers."""
    async with raw_server(b"garbage\r\n\r\n") as place:
        async with OpenAIChat(f"http://{place}", model="m", key=KEY) as chat:
            with pytest.raises(BackendUnavailable) as caught:
                await tell(chat)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
