"""The client of Ollama's own API, against a fake of it."""

import asyncio
import logging
import traceback
from contextlib import aclosing

import pytest

from limner.backends.text import (
    Finish,
    OllamaChat,
    OllamaOptions,
    OpenAIChat,
    ReasoningDelta,
    TextDelta,
    Usage,
)
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    ContentRefused,
    StreamCut,
)
from limner.illustration.ports import TextModel
from limner.testing.chat_server import ChatServer, Cut, Hang, Reply, Script
from limner.testing.ollama_server import NDJSON, OllamaServer, line, lines

pytestmark = pytest.mark.real_time

KEY = "sk-very-secret-0123"
ASK = [{"role": "system", "content": "You tell stories."}, {"role": "user", "content": "One!"}]


async def hear(script: Script) -> tuple[str, BackendError | None]:
    """What arrives of an answer, and how it fails."""
    text = ""
    async with OllamaServer(script) as server, OllamaChat(server.url, model="m") as chat:
        try:
            async for piece in chat.stream(ASK):
                text += piece
        except BackendError as error:
            return text, error
    return text, None


async def test_the_request_is_what_ollama_expects() -> None:
    """Route, key, model, messages, options."""
    options = OllamaOptions(num_ctx=8192, keep_alive="10m", think="false")
    async with OllamaServer(lines("Hi"), key=KEY) as server:
        client = OllamaChat(server.url, model="m", key=KEY, options=options, headers={"X-A": "b"})
        async with client as chat:
            assert await chat.complete(ASK, temperature=0.5, extra={"format": "json"}) == "Hi"
    request = server.requests[0]
    assert request.path == "/api/chat"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["x-a"] == "b"
    assert request.body == {
        "model": "m", "messages": ASK, "stream": True, "keep_alive": "10m", "think": False,
        "format": "json", "options": {"num_ctx": 8192, "temperature": 0.5},
    }  # fmt: skip


async def test_events_tell_everything() -> None:
    """Thinking, text, finish and cost; only the text is in the stream."""
    reply = lines(line(thinking="hm"), "Hi", usage=(1, 2))
    async with OllamaServer(reply) as server, OllamaChat(server.url) as chat:
        assert [event async for event in chat.events(ASK)] == [
            ReasoningDelta("hm"), TextDelta("Hi"), Finish("stop"), Usage(1, 2, 3),
        ]  # fmt: skip
        assert await chat.complete("Hello?") == "Hi"


@pytest.mark.parametrize("size", [1, 5, 1000])
async def test_text_is_whole_however_it_is_cut(size: int) -> None:
    """Also inside a character."""
    assert await hear(lines("Once 🦊", " upon").split(size)) == ("Once 🦊 upon", None)


async def test_text_arrives_while_the_model_writes() -> None:
    """Each piece is given out when it comes, not at the end."""
    more = asyncio.Event()
    async with OllamaServer(lines("Once", more, " upon")) as server:
        async with OllamaChat(server.url) as chat, aclosing(chat.stream(ASK)) as stream:
            assert await anext(stream) == "Once"
            more.set()
            assert await anext(stream) == " upon"


@pytest.mark.parametrize(
    "reply",
    [
        lines("Once", Cut(), reason=None),
        lines("Once", reason=None),
        lines("Once", b'{"message": {"cont', reason=None),
        Reply((line("Once"),), headers=NDJSON | {"Content-Length": "9999"}),
    ],
)
async def test_a_cut_answer_is_told_after_its_text(reply: Reply) -> None:
    """Reset connection, no last line, half a line, a body that ends too early."""
    text, error = await hear(reply)
    assert text in ("Once", "")
    assert type(error) is StreamCut
    assert "in the middle of its answer" in str(error)


async def test_an_error_in_the_stream_comes_after_the_text() -> None:
    """Nothing that arrived is lost."""
    text, error = await hear(lines("Once", {"error": "out of memory"}, reason=None))
    assert (text, type(error)) == ("Once", BackendUnavailable)
    assert "out of memory" in str(error)


async def test_an_answer_that_hit_its_bound_is_given() -> None:
    """The reason is an event; the text is what there is."""
    reply = lines("Once", reason="length")
    assert await hear(reply) == ("Once", None)


async def test_a_content_filter_that_stops_the_answer_is_an_error() -> None:
    """The text up to there is given out."""
    text, error = await hear(lines("Once", reason="content_filter"))
    assert (text, type(error)) == ("Once", ContentRefused)


async def test_without_a_model_the_first_that_writes_is_asked() -> None:
    """One that only measures texts is passed over; the answer is remembered."""
    async with OllamaServer(lines("Hi"), models=["nomic-embed", "tiny", "large"]) as server:
        async with OllamaChat(server.url) as chat:
            assert await chat.models() == ["nomic-embed", "tiny", "large"]
            await chat.complete(ASK)
            await chat.complete(ASK, model="large")
    assert [request.body["model"] for request in server.requests] == ["tiny", "large"]


@pytest.mark.parametrize(
    ("models", "said"), [([], "ollama pull"), (["embed"], "ollama pull"), (None, "is it Ollama?")]
)
async def test_without_any_model_it_says_what_to_do(models: list[str] | None, said: str) -> None:
    """None installed, none that writes, and no list at all."""
    async with OllamaServer(lines("Hi"), models=models) as server:
        async with OllamaChat(server.url) as chat:
            with pytest.raises(BackendRejected) as caught:
                await chat.complete(ASK)
    assert said in str(caught.value)
    assert server.requests == []


async def test_an_unknown_model_comes_with_those_there_are() -> None:
    """And how to install it."""
    reply = Reply.error(404, 'model "m" not found', dialect="ollama")
    async with OllamaServer(reply, models=["tiny", "large"]) as server:
        async with OllamaChat(server.url, model="m") as chat:
            with pytest.raises(BackendRejected) as caught:
                await chat.complete(ASK)
    assert str(caught.value) == (
        f"{server.url} does not know the model 'm'; it offers: tiny, large; "
        "install it with: ollama pull m"
    )


ERRORS: list[tuple[Reply, type[BackendError], str]] = [
    (Reply.error(400, '"m" does not support thinking', dialect="ollama"), BackendRejected,
     "does not support thinking"),
    (Reply.error(401, "unauthorized", dialect="ollama"), BackendRejected, "LIMNER_LLM_KEY"),
    (Reply.error(403, "forbidden", dialect="ollama"), BackendRejected, "LIMNER_LLM_KEY"),
    (Reply.error(500, "llama runner has died", dialect="ollama"), BackendUnavailable,
     "llama runner has died"),
    (Reply.error(503, "server busy", dialect="ollama", headers={"Retry-After": "7"}), BackendBusy,
     "come back in 7 s"),
    (Reply.error(502, "bad gateway", dialect="plain"), BackendUnavailable, "bad gateway"),
    (Reply.page("My Router"), BackendRejected, "titled “My Router”"),
    (Reply.completion("Hi"), BackendRejected, "no Ollama"),
    (Reply(status=307, headers={"Location": "http://other/api/chat"}), BackendRejected,
     "redirects to http://other/api/chat"),
]  # fmt: skip


@pytest.mark.parametrize("index", range(len(ERRORS)))
async def test_every_error_says_what_to_do(index: int) -> None:
    """Ollama's words, and whose fault it is."""
    reply, kind, said = ERRORS[index]
    text, error = await hear(reply)
    assert text == ""
    assert type(error) is kind
    assert said in str(error)


async def test_a_server_of_another_kind_is_told() -> None:
    """An OpenAI-compatible one has no such route: the address lacks nothing but is not Ollama's."""
    async with ChatServer(Reply.stream("Hi")) as server:
        async with OllamaChat(server.address, model="m") as chat:
            with pytest.raises(
                BackendRejected, match=r"has no /api/chat.*without ollama\+|Without"
            ):
                await chat.complete(ASK)


async def test_silence_has_limits() -> None:
    """No first byte, no next token: each ends in its time."""
    for reply, said in (
        (Reply.silence(), "did not begin to answer"),
        (lines("Once", Hang()), "fell silent in the middle"),
    ):
        async with OllamaServer(reply) as server:
            client = OllamaChat(server.url, first_token_timeout=0.3, idle_timeout=0.3)
            async with client as chat:
                with pytest.raises(BackendTimeout, match=said):
                    await chat.complete(ASK)
            await server.requests[0].disconnected.wait()


async def test_closing_or_cancelling_stops_the_server() -> None:
    """Ollama sees the connection go, whether we stop between pieces or while waiting."""
    async with OllamaServer(lines("Once", Hang())) as server:
        async with OllamaChat(server.url) as chat:
            async with aclosing(chat.stream(ASK)) as stream:
                assert await anext(stream) == "Once"
            await server.requests[0].disconnected.wait()

            task = asyncio.create_task(chat.complete(ASK))
            request = await server.request(1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await request.disconnected.wait()


async def test_a_closed_client_is_closed() -> None:
    """Closing twice is fine, asking afterwards is not."""
    chat = OllamaChat("http://127.0.0.1:9", model="m")
    await chat.aclose()
    await chat.aclose()
    with pytest.raises(BackendError, match="closed"):
        await chat.complete(ASK)


SPITEFUL: list[Reply] = [
    Reply.error(400, f"what is {KEY}?", dialect="ollama"),
    Reply.error(401, f"Incorrect key {KEY}", dialect="ollama"),
    Reply.error(404, f"no model for {KEY}", dialect="ollama"),
    Reply.page(KEY),
    lines({"error": f"bad {KEY}"}, reason=None),
    Reply((f"what {KEY}\n".encode(),), headers=NDJSON),
]


@pytest.mark.parametrize("index", range(len(SPITEFUL)))
async def test_a_server_that_repeats_the_key_does_not_make_us_show_it(
    index: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in errors, tracebacks or logs."""
    caplog.set_level(logging.DEBUG)
    async with OllamaServer(SPITEFUL[index], models=[KEY]) as server:
        url = server.url.replace("http://", f"http://me:{KEY}@")
        async with OllamaChat(url, model="m", key=KEY, headers={"api-key": KEY}) as chat:
            assert KEY not in repr(chat)
            with pytest.raises(BackendError) as caught:
                await chat.complete(ASK)
    assert KEY not in "".join(traceback.format_exception(caught.value)) + caplog.text


async def test_both_clients_are_text_models() -> None:
    """What writes prompts takes either."""
    async with OllamaServer(lines("Hi ", "there")) as server, OllamaChat(server.url) as ollama:
        first: TextModel = ollama
        assert await first.complete(ASK) == "Hi there"
    async with ChatServer(Reply.stream("Hi ", "there")) as other, OpenAIChat(other.url) as openai:
        second: TextModel = openai
        assert await second.complete(ASK) == "Hi there"
