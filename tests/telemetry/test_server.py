"""What a server tells: from the front-end's request to its pictures, in the caller's own trace."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.server.served import Served, served
from tests.server.test_live_settings import choose
from tests.telemetry.told import Told, facts, trace_of
from tests.waiting import until

from limner.illustration.generation.easel.picture_spans import DRAW, KEEP, PICTURE, WAIT
from limner.testing.chat_server import ChatServer, Reply

pytestmark = [pytest.mark.real_time, pytest.mark.needs("opentelemetry.sdk")]

CALLER = "0af7651916cd43dd8448eb211c80319c"
FROM = {"traceparent": f"00-{CALLER}-b7ad6b7169203331-01", "tracestate": "them=1"}
SECRET = "sk-a-key-that-nobody-may-see"
ASKED = "POST /v1/chat/completions"


async def ask(server: Served, text: str, **headers: str) -> str:
    """What a front-end is answered, to its end."""
    url = f"{server.address}/v1/chat/completions"
    async with server.client.post(url, json=question(text), headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


def question(text: str) -> dict[str, object]:
    """What a front-end asks."""
    return {"model": "tiny", "stream": True, "messages": [{"role": "user", "content": text}]}


async def test_a_picture_is_in_the_trace_of_whoever_asked_the_front_end(tmp_path: Path) -> None:
    """Which the model's server learns, too; nobody's words, names of chats or keys are told."""
    told = Told()
    reply = Reply.stream('Once upon <!--img-prompt="a purple fox"--> a time.')
    headers = {**FROM, "Authorization": f"Bearer {SECRET}", "X-Limner-Chat": "diary of ann"}
    async with (
        ChatServer(reply) as model,
        served(tmp_path, llm=model.url, spans=told.spans(), token=SECRET) as server,
    ):
        assert "a purple fox" in await ask(server, "tell me of my illness", **headers)
        await until(lambda: len(told.named(PICTURE)) == 1)
        passed = model.requests[-1].headers
    (request,) = told.named(ASKED)
    (call,) = told.named("chat tiny")
    (picture,) = told.named(PICTURE)
    assert {trace_of(one) for one in (request, call, picture)} == {CALLER}
    assert told.in_(request) == ["chat tiny"]
    assert told.in_(call) == [PICTURE]
    assert told.in_(picture) == [WAIT, DRAW, KEEP]
    assert facts(request)["http.response.status_code"] == 200
    assert facts(call)["server.address"] == "127.0.0.1"
    assert call.context is not None
    assert passed["traceparent"] == f"00-{CALLER}-{call.context.span_id:016x}-01"
    assert passed["tracestate"] == "them=1"
    for text in ("fox", "Once", "illness", "diary", "ann", SECRET):
        assert not told.says(text), text


async def turn(server: Served) -> None:
    """Have the model answer on the page, for one who is in a trace."""
    chats, said = "/api/chats", {"text": "Go on!"}
    assert await server.status("POST", chats, json={"id": "tale"}) == 201
    path = f"{chats}/tale/messages"
    assert await server.status("POST", path, json=said, headers=FROM) == 202
    await until(lambda: not server.running.services.illustrator.sessions.active())


async def second(server: Served) -> None:
    """Have a second model write prompts for the answer that a front-end gets."""
    await choose(server, prompts="second")
    await ask(server, "Go.", **FROM)


@pytest.mark.parametrize(("way", "questions"), [(turn, 1), (second, 2)])
async def test_whoever_writes_learns_the_place_of_its_own_question(
    tmp_path: Path, way: Callable[[Served], Awaitable[None]], questions: int
) -> None:
    """For the page, and the second model that is asked for prompts, as for a front-end."""
    told = Told()
    async with (
        ChatServer(Reply.stream("Once upon a time."), models=("tiny",)) as model,
        served(tmp_path, llm=model.url, spans=told.spans()) as server,
    ):
        await way(server)
        await until(lambda: len(told.named("chat tiny") + told.named("chat")) == questions)
        passed = [request.headers["traceparent"] for request in model.requests]
    calls = [*told.named("chat tiny"), *told.named("chat")]
    assert {trace_of(call) for call in calls} == {CALLER}
    spans = [f"{call.context.span_id:016x}" for call in calls if call.context is not None]
    assert passed == [f"00-{CALLER}-{span}-01" for span in spans]
    assert len(set(passed)) == questions


@pytest.mark.parametrize("way", [turn, second])
async def test_model_servers_learn_nothing_where_that_is_not_wished(
    tmp_path: Path, way: Callable[[Served], Awaitable[None]]
) -> None:
    """Not from us, and not from the caller either; whoever it is that asks them."""
    told = Told()
    async with (
        ChatServer(Reply.stream("Once.")) as model,
        served(
            tmp_path, llm=model.url, spans=told.spans(), settings={"tracing": {"pass_on": False}}
        ) as server,
    ):
        await way(server)
        assert model.requests
        for request in model.requests:
            assert not {"traceparent", "tracestate"} & request.headers.keys()
        await until(lambda: bool(told.named("chat") or told.named("chat tiny")))
    calls = [*told.named("chat tiny"), *told.named("chat")]
    assert {trace_of(one) for one in calls} == {CALLER}


async def test_without_spans_the_callers_place_goes_on_as_it_came(tmp_path: Path) -> None:
    """Whoever stands before and behind us still has one trace."""
    async with ChatServer(Reply.stream("Once.")) as model, served(tmp_path, llm=model.url) as one:
        await ask(one, "Go.", **FROM)
        passed = model.requests[-1].headers
        assert {name: passed[name] for name in FROM} == FROM


async def test_only_what_asks_for_something_begins_a_trace(tmp_path: Path) -> None:
    """A look does in a trace that there is; a probe never does; a refusal and an error are told."""
    told = Told()
    async with served(tmp_path, spans=told.spans()) as server:
        await server.status("GET", "/healthz", headers=FROM)
        await server.status("GET", "/api/chats")
        await server.status("GET", "/api/chats/my-diary", headers=FROM)
        await server.status("POST", "/api/chats", data=b"{", headers={"Host": "evil.example"})
        drawing = {"prompt": "a fox", "size": "64x64"}
        assert await server.status("POST", "/v1/images/generations", json=drawing) == 200
        await until(lambda: len(told.named(PICTURE)) == 1)
    seen = [one.name for one in told.all if one.kind.name == "SERVER"]
    assert seen == ["GET /api/chats", "POST /api/chats", "POST /v1/images/generations"]
    look, refused, _ = (one for one in told.all if one.kind.name == "SERVER")
    assert trace_of(look) == CALLER
    assert (facts(refused)["limner.refused"], facts(refused)["http.response.status_code"]) == (
        "unknown_host", 421,
    )  # fmt: skip
    assert not told.says("my-diary") and not told.says("evil")  # noqa: PT018 - both or none


async def test_a_picture_that_is_asked_for_again_is_in_the_trace_of_that(tmp_path: Path) -> None:
    """By the API, while many ask at the same time."""
    told = Told()
    reply = Reply.stream("".join(f'<!--img-prompt="fox {n}"--> ' for n in range(3)))
    traces = [f"{n:032x}" for n in range(1, 7)]
    async with (
        ChatServer(reply) as model,
        served(tmp_path, llm=model.url, spans=told.spans()) as server,
    ):
        asking = [
            ask(server, f"Story {one}", traceparent=f"00-{one}-b7ad6b7169203331-01")
            for one in traces
        ]
        await asyncio.gather(*asking)
        await until(lambda: len(told.named(PICTURE)) == 18)
        slot = facts(told.named(PICTURE)[0])
        named = f"{slot['limner.message']}/{slot['limner.variant']}/{slot['limner.ordinal']}"
        path = f"/api/slots/{named}/regenerate"
        assert await server.status("POST", path, headers=FROM, json={}) in (200, 202)
        await until(lambda: len(told.named(PICTURE)) == 19)
    made = [trace_of(one) for one in told.named(PICTURE)]
    assert sorted(made[:18]) == sorted(traces * 3)
    assert made[18] == CALLER
