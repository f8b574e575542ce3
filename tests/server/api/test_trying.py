"""Servers and patterns are tried before they count."""

from pathlib import Path

import pytest
from tests.server.api.running import running
from tests.server.served import served

from limner.composition.checking.configured import UnusedServer, unused_servers, with_chosen
from limner.composition.checking.usual_servers import FoundText
from limner.config import Settings
from limner.server.api.trying import preview
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time


async def test_a_pattern_shows_what_it_matches_in_a_sample(tmp_path: Path) -> None:
    """With its place; one that cannot be used says why, and so does none at all."""
    async with running(tmp_path) as api:
        body = {"patterns": [r"\[pic:(.*?)\]", "("], "text": "A [pic: fox] and [pic:owl]."}
        told = await api.ask("POST", "/patterns/check", body)
        assert [(one["prompt"], one["start"], one["end"]) for one in told["matches"]] == [
            ("fox", 2, 12),
            ("owl", 17, 26),
        ]
        (problem,) = told["problems"]
        assert problem["pattern"] == "("
        assert "regular expression" in problem["reason"]
        own = {"text": 'x <!--img-prompt="a fox" size="wide"--> y'}
        (match,) = (await api.ask("POST", "/patterns/check", own))["matches"]
        assert (match["prompt"], match["attributes"]) == ("a fox", {"size": "wide"})
        await api.fails("POST", "/patterns/check", {"text": ""}, status=422)


async def test_a_pattern_that_takes_for_ever_is_given_up(tmp_path: Path) -> None:
    """The server goes on, and says which it was."""
    async with running(tmp_path) as api:
        body = {"patterns": [r"((?:a+)+)b"], "text": "a" * 5000}
        told = await api.ask("POST", "/patterns/check", body)
        assert told["matches"] == []
        assert [one["pattern"] for one in told["problems"]] == body["patterns"]


async def test_a_preview_that_may_not_begin_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could see what it waits for; nothing waits behind it then."""
    monkeypatch.setattr(preview, "BEGINS", 0.05)
    async with running(tmp_path) as api:
        await api.ask("POST", "/queue/pause")
        error = await api.fails("POST", "/preview", {"prompt": "a fox"}, status=422)
        assert error["message"] == "no picture may begin now: the queue is paused"
        assert (await api.ask("GET", "/queue"))["waiting"] == 0


async def test_the_configured_servers_are_looked_over(tmp_path: Path) -> None:
    """As the doctor does it: what draws draws something, and who writes says a word."""
    async with ChatServer(Reply.stream("yes")) as model:
        async with served(tmp_path, llm=model.url) as server:
            async with server.client.post(f"{server.address}/api/servers/check") as answer:
                findings = (await answer.json())["findings"]
    said = {(one["server"], one["step"]): one["ok"] for one in findings}
    assert said[("sketch", "picture")] is True
    assert [ok for (_, step), ok in said.items() if step == "answer"] == [True]


async def test_what_is_found_beside_the_configuration_is_offered(tmp_path: Path) -> None:
    """A server that is in use already is not."""
    async with ChatServer(Reply.stream("yes")) as model:
        places = [("Ollama", model.url)]
        found = await unused_servers(Settings(), texts=places, pictures=[])
        assert found == [UnusedServer("text", "Ollama", places[0][1], found[0].models)]
        used = Settings(llm_url=model.url.replace("127.0.0.1", "localhost"))
        assert await unused_servers(used, texts=places, pictures=[]) == []


async def test_one_that_was_picked_writes_at_once_and_after_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what was found can be picked; where the configuration names one, it rules."""
    async with ChatServer(Reply.stream("Once.")) as model:
        address = model.url

        async def found(places: object) -> list[FoundText]:
            return [FoundText("Ollama", address, ("tiny",))]

        async def none(places: object) -> list[object]:
            return []

        monkeypatch.setattr("limner.composition.checking.configured.text_servers", found)
        monkeypatch.setattr("limner.composition.checking.configured.picture_servers", none)
        async with served(tmp_path) as server:
            use = f"{server.address}/api/servers/use"
            wrong = {"kind": "text", "address": "http://elsewhere/v1"}
            async with server.client.post(use, json=wrong) as answer:
                assert answer.status == 404
            async with server.client.post(use, json=wrong | {"address": address}) as answer:
                assert await answer.json() == {"now": True}
            async with server.client.get(f"{server.address}/api/about") as answer:
                assert (await answer.json())["storyteller"] is False
            async with server.client.get(f"{server.address}/api/models") as answer:
                assert {one["server"] for one in (await answer.json())["models"]} >= {"Ollama"}
        async with served(tmp_path) as server:
            async with server.client.get(f"{server.address}/api/about") as answer:
                assert (await answer.json())["storyteller"] is False
    assert with_chosen(Settings(llm_url="http://h/v1"), {"text": address}).llm_url == "http://h/v1"
