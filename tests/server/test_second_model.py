"""A second model writes the prompts: pictures come after the text, and what that cost is told."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.streams import texts
from tests.server.served import Served, served
from tests.server.test_live_settings import BODY, choose
from tests.waiting import until

from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatRequest, ChatServer, Reply

pytestmark = pytest.mark.real_time

STORY = ("The fox ran. ", "It hid in the snow. ", "The end.")
PROPOSED = (
    "---PROMPT---\nTEXT: a red fox\nINSERT_AFTER: The fox ran.\nINSERT_BEFORE: It hid\n---END---\n"
    "---PROMPT---\nTEXT: deep snow\nINSERT_AFTER: in the snow.\nINSERT_BEFORE: The end\n---END---\n"
)
USAGE = {"prompt_tokens": 420, "completion_tokens": 60, "total_tokens": 480}


def is_second(request: ChatRequest) -> bool:
    """Whether the second model is asked."""
    return "You choose the illustrations" in json.dumps(request.body["messages"])


def script(request: ChatRequest) -> Reply:
    """What both models say."""
    if is_second(request):
        return Reply.stream(PROPOSED, usage=USAGE)
    if request.body.get("stream"):
        return Reply.stream(*STORY, usage={"total_tokens": 7})
    return Reply.completion("".join(STORY))


async def drawn(it: Served, backend: ScriptedBackend) -> list[str]:
    """The prompts of what was drawn, when all has ended."""
    await until(lambda: not it.running.services.illustrator.sessions.active())
    return sorted(call.request.prompt for call in backend.calls)


async def test_pictures_are_appended_to_the_answer_of_a_front_end(tmp_path: Path) -> None:
    """In the same stream, before its end; the first model hears nothing of pictures."""
    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(script) as model,
        served(tmp_path, backend=backend, llm=model.url) as it,
    ):
        told: list[Any] = []
        hub = it.running.services.hub
        publish = hub.publish

        def heard(kind: str, data: Any, **more: Any) -> None:
            told.append((kind, data))
            publish(kind, data, **more)

        hub.publish = heard  # type: ignore[assignment, method-assign]
        await choose(it, prompts="second", prompts_most=3)
        async with it.client.post(f"{it.address}/v1/chat/completions", json=BODY) as answer:
            assert answer.headers["x-limner-mode"] == "inline"
            sent = await answer.read()
        text = texts(sent)[0]
        assert text.startswith("".join(STORY))
        assert text.count("](http") == 2
        assert "img-prompt" not in text
        assert sent.rindex(b"/images/") < sent.index(b'"stop"')
        assert sent.endswith(b"data: [DONE]\n\n")
        assert b'"total_tokens": 7' in sent
        assert await drawn(it, backend) == ["a red fox", "deep snow"]
        first, second = model.requests
        assert "img-prompt" not in json.dumps(first.body)
        assert is_second(second)
        (cost,) = [data for kind, data in told if kind == "prompts.written"]
        assert cost == {
            "model": None, "pictures": 2, "prompt_tokens": 420, "completion_tokens": 60,
            "estimated": False,
        }  # fmt: skip
        async with it.client.get(f"{it.address}/api/costs") as costs:
            assert (await costs.json())["prompts"] == [{**cost, "texts": 1}]
        # The next turn: the model sees neither links nor tags, and the answer is known again.
        turn = [
            *BODY["messages"],
            {"role": "assistant", "content": text},
            {"role": "user", "content": "More!"},
        ]
        async with it.client.post(
            f"{it.address}/v1/chat/completions", json=BODY | {"messages": turn}
        ) as answer:
            await answer.read()
        asked = json.dumps(model.requests[2].body["messages"])
        assert "images/" not in asked
        assert "img-prompt" not in asked
        await drawn(it, backend)
        async with it.client.get(f"{it.address}/api/chats") as chats:
            (chat,) = (await chats.json())["chats"]
        assert chat["messages"] == 4


async def test_in_a_whole_answer_they_stand_where_the_second_model_says(tmp_path: Path) -> None:
    """Nothing of it was shown yet."""
    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(script) as model,
        served(tmp_path, backend=backend, llm=model.url, unstreamed="inline") as it,
    ):
        await choose(it, prompts="second")
        body = BODY | {"stream": False}
        async with it.client.post(f"{it.address}/v1/chat/completions", json=body) as answer:
            text = (await answer.json())["choices"][0]["message"]["content"]
        places = [
            text.index(part) for part in ("ran.", "a red fox", "It hid", "deep snow", "The end")
        ]
        assert places == sorted(places)
        assert await drawn(it, backend) == ["a red fox", "deep snow"]


async def test_on_the_page_they_are_placed_when_the_text_has_ended(tmp_path: Path) -> None:
    """By the words around them."""
    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(script) as model,
        served(tmp_path, backend=backend, llm=model.url) as it,
    ):
        await choose(it, prompts="second")
        url = f"{it.address}/api/chats/own/messages"
        async with it.client.post(url, json={"text": "Go."}) as begun:
            message = (await begun.json())["message"]
        assert await drawn(it, backend) == ["a red fox", "deep snow"]
        async with it.client.get(f"{it.address}/api/messages/{message}") as told:
            view = await told.json()
        assert view["text"].startswith('The fox ran. <!--img-prompt="a red fox"-->')
        assert [slot["state"] for slot in view["slots"]] == ["ready", "ready"]


@pytest.mark.parametrize("broken", [Reply.error(500, "out of memory"), Reply.stream("I cannot.")])
async def test_a_second_model_that_fails_costs_no_text(tmp_path: Path, broken: Reply) -> None:
    """The answer ends as it would without."""
    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(lambda request: broken if is_second(request) else script(request)) as model,
        served(tmp_path, backend=backend, llm=model.url) as it,
    ):
        await choose(it, prompts="second")
        async with it.client.post(f"{it.address}/v1/chat/completions", json=BODY) as answer:
            sent = await answer.read()
        assert texts(sent)[0] == "".join(STORY)
        assert sent.endswith(b"data: [DONE]\n\n")
        assert await drawn(it, backend) == []


async def test_who_hangs_up_stops_the_second_model_too(tmp_path: Path) -> None:
    """Nobody waits for its words."""
    async with (
        ChatServer(lambda r: Reply.silence() if is_second(r) else script(r)) as model,
        served(tmp_path, llm=model.url) as it,
    ):
        await choose(it, prompts="second")
        answer = await it.client.post(f"{it.address}/v1/chat/completions", json=BODY)
        second = await model.request(1)
        answer.close()
        await asyncio.wait_for(second.disconnected.wait(), 20)


async def test_who_stops_everything_stops_the_second_model_too(tmp_path: Path) -> None:
    """The answer ends well, without its pictures."""
    async with (
        ChatServer(lambda r: Reply.silence() if is_second(r) else script(r)) as model,
        served(tmp_path, llm=model.url) as it,
    ):
        await choose(it, prompts="second")
        answer = await it.client.post(f"{it.address}/v1/chat/completions", json=BODY)
        second = await model.request(1)
        await until(lambda: bool(it.running.services.illustrator.sessions.active()))
        async with it.client.post(f"{it.address}/api/stop") as stopped:
            assert (await stopped.json())["stopped"] == 1
        sent = await asyncio.wait_for(answer.content.read(), 20)
        assert sent.endswith(b"data: [DONE]\n\n")
        assert b'"error"' not in sent
        await asyncio.wait_for(second.disconnected.wait(), 20)


async def test_a_conversation_has_its_own_choice(tmp_path: Path) -> None:
    """On limner's own page; another conversation goes on as everywhere."""
    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(script, models=["m", "writer"]) as model,
        served(tmp_path, backend=backend, llm=model.url) as it,
    ):
        url = f"{it.address}/api/chats/tale/settings"
        own = {"prompts": "second", "prompts_model": "writer", "prompts_most": 1}
        async with it.client.patch(url, json=own) as answer:
            told = (await answer.json())["chosen"]
            assert {name: told[name] for name in own} == own
        async with it.client.patch(url, json={"prompts": "third"}) as answer:
            assert answer.status == 422
        for chat in ("tale", "other"):
            begun = it.client.post(f"{it.address}/api/chats/{chat}/messages", json={"text": "Go."})
            async with begun as answer:
                assert answer.status == 202
            drawings = await drawn(it, backend)
        assert drawings == ["a red fox"]
        first, second, other = model.requests
        assert "img-prompt" not in json.dumps(first.body)
        assert (is_second(second), second.body["model"]) == (True, "writer")
        assert "img-prompt" in json.dumps(other.body)
        await choose(it, prompts="second")
        async with it.client.patch(url, json={"prompts": "model"}) as answer:
            assert (await answer.json())["chosen"]["prompts"] == "model"
        async with it.client.post(f"{it.address}/api/chats/tale/answer") as answer:
            assert answer.status == 202
        await drawn(it, backend)
        assert not any(map(is_second, model.requests[3:]))


async def test_a_request_of_a_front_end_says_who_writes(tmp_path: Path) -> None:
    """Whatever is chosen for all; another word is refused."""
    backend = ScriptedBackend(seconds=0.0)
    url = "/v1/chat/completions"
    async with (
        ChatServer(script) as model,
        served(tmp_path, backend=backend, llm=model.url) as it,
    ):
        for chosen, wish, asked in (
            (None, "second", 2), ("second", "model", 1), ("second", None, 2), (None, None, 1),
        ):  # fmt: skip
            await choose(it, prompts=chosen)
            before = len(model.requests)
            headers = {"X-Limner-Prompts": wish} if wish else {}
            async with it.client.post(it.address + url, json=BODY, headers=headers) as answer:
                assert answer.status == 200
                await answer.read()
            assert len(model.requests) - before == asked
        headers = {"X-Limner-Prompts": "third"}
        async with it.client.post(it.address + url, json=BODY, headers=headers) as answer:
            assert answer.status == 400
            assert (await answer.json())["error"]["code"] == "unknown_prompts"


async def said(it: Served, *turns: str, **headers: str) -> str:
    """What a front-end is answered to a conversation, the last turn of which is the user's."""
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": turn} for n, turn in enumerate(turns)]
    url, body = f"{it.address}/v1/chat/completions", BODY | {"messages": messages}
    async with it.client.post(url, json=body, headers=headers) as answer:
        assert answer.status == 200
        return texts(await answer.read())[0]


async def the_only_chat(it: Served) -> str:
    """The id of the one conversation that is kept, once its answer is."""
    found: list[Any] = []

    async def kept() -> bool:
        async with it.client.get(f"{it.address}/api/chats") as answer:
            found[:] = (await answer.json())["chats"]
        return [chat["messages"] for chat in found] == [2]

    await until(kept)
    return str(found[0]["id"])


async def test_a_conversation_of_a_front_end_has_its_own_choice(tmp_path: Path) -> None:
    """It is known again by what was said; the pictures stand in the same answer, at its end."""
    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(script, models=["m", "writer"]) as model,
        served(tmp_path, backend=backend, llm=model.url) as it,
    ):
        first = await said(it, "Go.")
        chat = await the_only_chat(it)
        own = {"prompts": "second", "prompts_model": "writer", "prompts_most": 1}
        url = f"{it.address}/api/chats/{chat}/settings"
        assert (await it.client.patch(url, json=own)).status == 200
        text = await said(it, "Go.", first, "On!", **{"X-Limner-Mode": "append"})
        assert text.startswith("".join(STORY))
        assert text.count("](http") == 1
        assert await drawn(it, backend) == ["a red fox"]
        asked, second = model.requests[1:]
        assert "img-prompt" not in json.dumps(asked.body)
        assert (is_second(second), second.body["model"]) == (True, "writer")
        before = len(model.requests)
        await said(it, "Another one.")
        assert len(model.requests) - before == 1  # all others go on as everywhere
        await said(it, "Go.", first, "On!", text, "More!", **{"X-Limner-Prompts": "model"})
        assert not is_second(model.requests[-1])
        await drawn(it, backend)


@pytest.mark.parametrize("where", ["everywhere", "in a conversation"])
async def test_an_instruction_says_who_writes(tmp_path: Path, where: str) -> None:
    """Wherever it is chosen, on the page and for front-ends; a conversation's own word wins."""
    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(script) as model,
        served(tmp_path, backend=backend, llm=model.url) as it,
    ):
        preset = {"name": "Two", "template": "Nobody reads this.", "prompts": "second"}
        async with it.client.post(f"{it.address}/api/presets", json=preset) as made:
            assert (await made.json())["prompts"] == "second"
        chat = f"{it.address}/api/chats/tale"
        if where == "everywhere":
            await choose(it, preset="two")
            await said(it, "Go.")
            assert is_second(model.requests[-1])
        else:
            await it.client.patch(f"{chat}/settings", json={"preset": "two"})
        await it.client.post(f"{chat}/messages", json={"text": "Go."})
        await drawn(it, backend)
        assert is_second(model.requests[-1])
        await it.client.patch(f"{chat}/settings", json={"prompts": "model"})
        await it.client.post(f"{chat}/answer")
        await drawn(it, backend)
        assert not is_second(model.requests[-1])
        url = f"{it.address}/api/presets/two"
        async with it.client.patch(url, json={"prompts": None}) as changed:
            assert (await changed.json())["prompts"] is None
        before = len(model.requests)
        await it.client.patch(f"{chat}/settings", json={"prompts": None})
        await it.client.post(f"{chat}/answer")
        await drawn(it, backend)
        assert len(model.requests) - before == 1
