"""The queue's order and timeline, and what holds in one conversation."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.server.api.running import PATIENCE, Api, running

from limner.server.preferences import Preferences
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

FIVE = "".join(f'<!--img-prompt="animal {n}"-->' for n in range(5))


async def jobs(api: Api, number: int) -> list[str]:
    """The ids of the jobs that wait, in order, when so many do."""
    async with asyncio.timeout(PATIENCE):
        while True:
            queue = await api.ask("GET", "/queue")
            waiting = [job["id"] for job in queue["jobs"] if job["state"] == "queued"]
            if len(waiting) == number:
                return waiting


async def test_what_waits_is_drawn_in_the_order_that_people_say(tmp_path: Path) -> None:
    """Those that are named come first, the others follow; what is gone or drawn is passed over."""
    async with running(tmp_path, defaults=Preferences(max_concurrent=1)) as api:
        api.gate.open.clear()
        await api.ask("POST", "/chats/tale/illustrate", {"text": FIVE}, status=202)
        one, two, three, four = await jobs(api, 4)
        body = {"jobs": [three, "nobody", one]}
        assert (await api.ask("POST", "/queue/order", body))["jobs"] == [three, one]
        assert await jobs(api, 4) == [three, one, two, four]
        await api.ask("POST", "/queue/order", {"jobs": [one, three, four]})
        assert await jobs(api, 4) == [one, three, four, two]
        async with api.events() as events:
            api.gate.open.set()
            await events.until("message.finished")
        drawn = [call.request.prompt for call in api.gate.scripted.calls]
        assert drawn == ["animal 0", "animal 1", "animal 3", "animal 4", "animal 2"]
        await api.fails("POST", "/queue/order", {"jobs": []}, status=422)


async def test_the_timeline_has_a_lane_for_each_that_runs_beside_others(tmp_path: Path) -> None:
    """What runs, and what ended and how, with its place and conversation."""
    async with running(tmp_path, defaults=Preferences(max_concurrent=2)) as api:
        api.gate.open.clear()
        text = '<!--img-prompt="a fox"--><!--img-prompt="an owl"--><!--img-prompt="broken"-->'
        begun = await api.ask("POST", "/chats/tale/illustrate", {"text": text}, status=202)
        await jobs(api, 1)
        told = await api.ask("GET", "/queue/timeline")
        assert [run["lane"] for run in told["runs"]] == [0, 1]
        assert {run["outcome"] for run in told["runs"]} == {"running"}
        assert told["runs"][0]["slot"] == f"{begun['message']}/0/0"
        assert told["runs"][0]["chat"] == "tale"
        async with api.events() as events:
            api.gate.open.set()
            await events.until("message.finished")
        ended = (await api.ask("GET", "/queue/timeline?seconds=60"))["runs"]
        assert [run["outcome"] for run in ended] == ["done", "done", "failed"]
        assert all(run["began"] <= run["ended"] <= told["now"] + 60 for run in ended)
        assert {run["lane"] for run in ended} == {0, 1}
        await api.fails("GET", "/queue/timeline?seconds=0", status=422)


async def asked(model: ChatServer) -> dict[str, Any]:
    """What a model was asked last."""
    return dict(model.requests[-1].body)


async def test_one_conversation_may_have_a_prompt_a_model_and_an_instruction_of_its_own(
    tmp_path: Path,
) -> None:
    """They count from the next turn, in this one only and in its branches; null ends them."""
    async with ChatServer(Reply.stream("Once.")) as model:
        async with running(tmp_path, model, defaults=Preferences(system_prompt="Be brief.")) as api:
            choices = {"system_prompt": "Be a bard.", "model": "tiny", "preset": "none"}
            told = await api.ask("PATCH", "/chats/tale/settings", choices)
            unset = dict.fromkeys(("prompts", "prompts_model", "prompts_most"))
            assert told["chosen"] == {**choices, **unset, "blurred": False}
            async with api.events() as events:
                said = {"text": "Sing!"}
                begun = await api.ask("POST", "/chats/tale/messages", said, status=202)
                await events.until("message.finished")
                sent = await asked(model)
                assert sent["model"] == "tiny"
                assert [one["content"] for one in sent["messages"]] == ["Be a bard.", "Sing!"]
                await api.ask("POST", "/chats/other/messages", said, status=202)
                await events.until("message.finished", lambda data: data["message"] != begun)
            sent = await asked(model)
            assert sent.get("model") != "tiny"
            assert sent["messages"][0]["content"].startswith("Be brief.")
            branch = await api.ask(
                "POST", "/chats/tale/branch", {"message": begun["message"]}, status=201
            )
            kept = await api.ask("GET", f"/chats/{branch['id']}/settings")
            assert kept["chosen"]["system_prompt"] == "Be a bard."
            nothing = dict.fromkeys(choices)
            told = await api.ask("PATCH", "/chats/tale/settings", nothing)
            assert told["chosen"] == {**nothing, **unset, "blurred": False}
            await api.fails("PATCH", "/chats/tale/settings", {"preset": "no such"}, status=422)
            await api.fails("PATCH", "/chats/tale/settings", {"colour": "red"}, status=422)
