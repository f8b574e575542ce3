"""Stop means stop: text, pictures or both, of an answer, of a chat, of everything."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.server.api.running import running
from tests.server.served import Served, served
from tests.waiting import PATIENCE, until

from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Hang, Reply

pytestmark = pytest.mark.real_time

FOX = '<!--img-prompt="a fox"-->'
BODY: dict[str, Any] = {
    "model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]
}  # fmt: skip


@pytest.mark.parametrize("whose", ["/messages/{message}", "/chats/tale", ""])
async def test_writing_is_stopped_and_its_pictures_are_drawn(tmp_path: Path, whose: str) -> None:
    """Whoever has read enough wants to see what was told of."""
    reply = Reply.stream(f"A {FOX} b ", Hang())
    async with ChatServer(reply) as model, running(tmp_path, model) as api:
        api.gate.open.clear()
        async with api.events() as events:
            begun = await api.ask("POST", "/chats/tale/messages", {"text": "Go."}, status=202)
            await events.until("slot.started")
            path = f"{whose.format(**begun)}/stop"
            assert (await api.ask("POST", path, {"what": "text"}))["stopped"]
            await events.until("message.text_ended")
            await asyncio.wait_for((await model.request()).disconnected.wait(), PATIENCE)
            (session,) = (await api.ask("GET", "/sessions"))["sessions"]
            assert session["waits_for"] == ["pictures"]
            assert not (await api.ask("POST", path, {"what": "text"}))["stopped"]
            api.gate.open.set()
            await events.until("slot.ready")
            end = await events.until("message.finished")
            assert (end.data["cancelled"], end.data["state"]) == (True, "cut")


async def test_pictures_are_stopped_and_the_text_goes_on(tmp_path: Path) -> None:
    """Also those that it asks for later."""
    go_on = asyncio.Event()
    reply = Reply.stream(f"A {FOX} b ", go_on, f"c {FOX} d")
    async with ChatServer(reply) as model, running(tmp_path, model) as api:
        api.gate.open.clear()
        async with api.events() as events:
            begun = await api.ask("POST", "/chats/tale/messages", {"text": "Go."}, status=202)
            await events.until("slot.started")
            assert await api.ask("POST", "/chats/tale/stop", {"what": "pictures"}) == {
                "stopped": True
            }
            await events.until("slot.failed")
            go_on.set()
            end = await events.until("message.finished")
        assert (end.data["cancelled"], end.data["state"]) == (False, "complete")
        message = await api.ask("GET", f"/messages/{begun['message']}")
        assert [slot["state"] for slot in message["slots"]] == ["failed", "failed"]
        assert message["text"].endswith("d")


async def test_what_is_no_kind_of_stop_is_refused(tmp_path: Path) -> None:
    """With the kinds there are."""
    async with running(tmp_path) as api:
        error = await api.fails("POST", "/stop", {"what": "time"}, status=422)
        assert "pictures" in error["message"]


@pytest.mark.parametrize("what", ["all", "text"])
async def test_an_answer_of_a_foreign_front_end_is_stopped_here(tmp_path: Path, what: str) -> None:
    """The model is left, the front-end's stream ends well, and what was said is kept."""
    backend = ScriptedBackend(seconds=3600)
    reply = Reply.stream("Once. ", FOX, " The end", Hang())
    async with ChatServer(reply) as model, served(tmp_path, backend=backend, llm=model.url) as it:
        asking = asyncio.create_task(it.client.post(f"{it.address}/v1/chat/completions", json=BODY))
        answer = await asking
        seen = b""
        while b"The end" not in seen:
            seen += await answer.content.readany()
        await until(lambda: bool(backend.running))
        async with it.client.post(f"{it.address}/api/stop", json={"what": what}) as stopped:
            assert (await stopped.json())["stopped"] == 1
        seen += await asyncio.wait_for(answer.content.read(), PATIENCE)
        assert seen.endswith(b"data: [DONE]\n\n")
        assert b'"error"' not in seen
        await asyncio.wait_for((await model.request()).disconnected.wait(), PATIENCE)
        if what == "text":
            assert backend.running == 1
            async with it.client.post(f"{it.address}/api/stop") as stopped:
                assert (await stopped.json())["stopped"] == 1
        await until(lambda: not it.running.services.illustrator.sessions.active())
        async with it.client.get(f"{it.address}/api/chats") as chats:
            (chat,) = (await chats.json())["chats"]
        async with it.client.get(f"{it.address}/api/chats/{chat['id']}/messages") as told:
            answer_view = (await told.json())["messages"][-1]
        assert answer_view["state"] == "cut"
        assert answer_view["text"].startswith("Once. ")
        assert "The end" in answer_view["text"]


@pytest.mark.parametrize("what", ["all", "text"])
@pytest.mark.parametrize("mode", ["inline", "hold", "off"])
async def test_an_answer_whose_model_is_silent_is_stopped(
    tmp_path: Path, what: str, mode: str
) -> None:
    """Before its first word it is no session of anybody's: the model is left all the same."""
    async with (
        ChatServer(Reply.stream(Hang(), role=False)) as model,
        served(tmp_path, llm=model.url) as it,
    ):
        asking = asyncio.create_task(_asked(it, {"X-Limner-Mode": mode}))
        request = await model.request()
        await until(lambda: it.running.services.opened.open > 0)
        async with it.client.post(f"{it.address}/api/stop", json={"what": what}) as stopped:
            assert await stopped.json() == {"stopped": 1}
        await asyncio.wait_for(request.disconnected.wait(), PATIENCE)
        status, seen = await asyncio.wait_for(asking, PATIENCE)
        assert status == 200
        assert seen.endswith(b"data: [DONE]\n\n")
        assert b'"error"' not in seen
        async with it.client.post(f"{it.address}/api/stop") as stopped:
            assert await stopped.json() == {"stopped": 0}


async def test_an_answer_whose_model_has_not_even_answered_is_stopped(tmp_path: Path) -> None:
    """A stream ends well, without a word; whoever wants a whole answer is told so in an error."""
    async with (
        ChatServer([Reply(before=(Hang(),))] * 2) as model,
        served(tmp_path, llm=model.url) as it,
    ):
        for number, stream in enumerate((True, False)):
            asking = asyncio.create_task(_asked(it, {}, stream=stream))
            request = await model.request(number)
            async with it.client.post(f"{it.address}/api/stop") as stopped:
                assert await stopped.json() == {"stopped": 1}
            await asyncio.wait_for(request.disconnected.wait(), PATIENCE)
            status, seen = await asyncio.wait_for(asking, PATIENCE)
            assert (status, b"[DONE]" in seen) == ((200, True) if stream else (499, False))
            assert stream or b"answer_stopped" in seen


async def test_a_stop_of_a_chat_reaches_a_silent_model_where_the_chat_is_known(
    tmp_path: Path,
) -> None:
    """At once, even if it was asked for this very moment. Another chat's goes on."""
    replies = [Reply.stream("Once."), Reply.stream(Hang()), Reply.stream(Hang())]
    async with ChatServer(replies) as model, served(tmp_path, llm=model.url) as it:
        headers = {"X-Limner-Chat": "tale"}
        assert (await _asked(it, headers))[0] == 200

        async def chats() -> list[str]:
            async with it.client.get(f"{it.address}/api/chats") as answer:
                return [one["id"] for one in (await answer.json())["chats"]]

        async def kept() -> bool:
            return len(await chats()) == 1

        await until(kept)
        (chat,) = await chats()
        said = [
            {"role": "user", "content": "Go."},
            {"role": "assistant", "content": "Once."},
            {"role": "user", "content": "On."},
        ]
        asking = asyncio.create_task(_asked(it, headers, messages=said))
        other = asyncio.create_task(
            _asked(it, {"X-Limner-Chat": "else"}, messages=[{"role": "user", "content": "Else."}])
        )
        for number in (1, 2):
            await model.request(number)

        async with it.client.post(f"{it.address}/api/chats/{chat}/stop") as answer:
            assert (await answer.json())["stopped"]
        assert (await asyncio.wait_for(asking, PATIENCE))[1].endswith(b"data: [DONE]\n\n")
        assert not other.done()
        async with it.client.post(f"{it.address}/api/stop") as answer:
            assert await answer.json() == {"stopped": 1}
        await asyncio.wait_for(other, PATIENCE)


async def test_pictures_stopped_before_the_first_word_are_not_drawn(tmp_path: Path) -> None:
    """The text comes all the same."""
    go_on = asyncio.Event()
    backend = ScriptedBackend(seconds=0.0)
    reply = Reply.stream(go_on, "A ", FOX, " b.")
    async with ChatServer(reply) as model, served(tmp_path, backend=backend, llm=model.url) as it:
        asking = asyncio.create_task(_asked(it, {}))
        await model.request()
        await until(lambda: it.running.services.opened.open > 0)

        async def stopped() -> bool:
            url = f"{it.address}/api/stop"
            async with it.client.post(url, json={"what": "pictures"}) as answer:
                return bool((await answer.json())["stopped"])

        await until(stopped)
        go_on.set()
        _, seen = await asyncio.wait_for(asking, PATIENCE)
        assert b" b." in seen
        await until(lambda: not it.running.services.illustrator.sessions.active())
        assert backend.calls == []


async def _asked(it: Served, headers: dict[str, str], **more: Any) -> tuple[int, bytes]:
    """The status and the body of an answer, when it has ended."""
    url = f"{it.address}/v1/chat/completions"
    async with it.client.post(url, json=BODY | more, headers=headers) as answer:
        return answer.status, await answer.read()
