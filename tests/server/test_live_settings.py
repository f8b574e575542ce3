"""What people choose counts at once in what front-ends get: whether and how there are pictures."""

from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.streams import TAG, texts
from tests.server.served import Served, served
from tests.waiting import until

from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

BODY: dict[str, Any] = {
    "model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]
}  # fmt: skip


async def choose(it: Served, **choices: Any) -> Any:
    """Change the settings."""
    async with it.client.patch(f"{it.address}/api/settings", json=choices) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def asked(it: Served, **headers: str) -> tuple[str, str]:
    """How an answer is illustrated, and its text as a front-end gets it."""
    url = f"{it.address}/v1/chat/completions"
    async with it.client.post(url, json=BODY, headers=headers) as answer:
        return answer.headers["x-limner-mode"], texts(await answer.read())[0]


async def test_off_draws_nothing_whoever_asks(tmp_path: Path) -> None:
    """Neither what a model asks for unasked, nor what a request wishes, nor limner's own page."""
    backend = ScriptedBackend(seconds=0.0)
    async with (
        ChatServer(Reply.stream("A ", TAG, " B")) as model,
        served(tmp_path, backend=backend, llm=model.url) as it,
    ):
        mode, text = await asked(it)
        assert mode == "inline"
        assert "![" in text
        await until(lambda: not it.running.services.illustrator.sessions.active())
        assert len(backend.calls) == 1
        await choose(it, illustrate=False)
        for headers in ({}, {"X-Limner-Mode": "inline"}):
            mode, text = await asked(it, **headers)
            assert mode == "off; reason=setting"
            assert "![" not in text
        url = f"{it.address}/api/chats/own/messages"
        async with it.client.post(url, json={"text": "Go."}) as begun:
            message = (await begun.json())["message"]
        await until(lambda: not it.running.services.illustrator.sessions.active())
        async with it.client.get(f"{it.address}/api/messages/{message}") as told:
            view = await told.json()
        assert (view["state"], view["slots"]) == ("complete", [])
        assert len(backend.calls) == 1
        await choose(it, illustrate=None)
        assert "![" in (await asked(it))[1]


async def test_the_mode_is_chosen_live_and_a_request_may_say_otherwise(tmp_path: Path) -> None:
    """Appended where somebody chose so; a header's wish goes before it."""
    async with (
        ChatServer(Reply.stream("A ", TAG, " B")) as model,
        served(tmp_path, llm=model.url) as it,
    ):
        assert (await asked(it))[1].endswith(" B")
        await choose(it, mode="append")
        mode, text = await asked(it)
        assert mode == "append"
        assert text.startswith("A  B")
        assert (await asked(it, **{"X-Limner-Mode": "inline"}))[0] == "inline"
        await choose(it, mode="off")
        assert (await asked(it))[0] == "off; reason=setting"
        assert (await asked(it, **{"X-Limner-Mode": "hold"}))[0] == "hold"
        await choose(it, mode=None)
        assert (await asked(it))[0] == "inline"


async def test_what_needs_a_restart_is_told(tmp_path: Path) -> None:
    """By name and with what holds, without keys."""
    settings = {"patterns": ("<p>(.*?)</p>",)}
    async with served(tmp_path, settings=settings) as it:
        async with it.client.get(f"{it.address}/api/settings") as answer:
            told = {one["name"]: one["value"] for one in (await answer.json())["restart"]}
    assert told["patterns"] == "<p>(.*?)</p>"
    assert told["backends"] == "sketch"


@pytest.mark.parametrize(
    "name", ["patterns", "backends", "backend", "serve.unstreamed", "serve", "llm_url"]
)
async def test_a_change_of_what_needs_a_restart_says_so_and_changes_nothing(
    tmp_path: Path, name: str
) -> None:
    """By its name, with what to do; what stands beside it is not taken either."""
    async with served(tmp_path) as it:
        url, choices = f"{it.address}/api/settings", {"width": 512, name: "x"}
        async with it.client.patch(url, json=choices) as answer:
            assert answer.status == 422
            error = (await answer.json())["error"]
        assert (error["kind"], error["field"]) == ("needs_restart", name)
        assert error["message"] == (
            f"{name!r} counts from the next start on; set it in the settings file or the "
            "environment, and restart limner serve"
        )
        async with it.client.get(url) as answer:
            assert (await answer.json())["chosen"] == []
        async with it.client.patch(url, json={"colour": 1}) as answer:
            assert (await answer.json())["error"]["kind"] == "invalid"


async def test_the_budget_of_the_configuration_is_what_holds_first(tmp_path: Path) -> None:
    """Until somebody chooses another one, bound by bound; what was drawn counts in both."""
    budget = {"per_day": (1, "2 USD"), "per_owner": 9}
    async with served(tmp_path, budget=budget) as it:
        url = f"{it.address}/api/settings"
        async with it.client.get(url) as answer:
            told = (await answer.json())["settings"]
        assert (told["budget_per_day"], told["budget_per_owner"]) == ("1, 2 USD", "9")
        body = {"prompt": "a fox", "response_format": "b64_json"}
        draw = f"{it.address}/v1/images/generations"
        statuses = []
        for most in ("1, 2 USD", "", None):
            await choose(it, budget_per_day=most)
            async with it.client.post(draw, json=body) as answer:
                statuses.append(answer.status)
        assert statuses == [200, 200, 429]
