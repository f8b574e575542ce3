"""The action for Open WebUI draws again below an answer, as that program runs it."""

import types
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.server.served import Served, served
from tests.waiting import until

from limner.prompts import find_pictures
from limner.testing.chat_server import ChatRequest, ChatServer, Reply

pytestmark = pytest.mark.real_time

FOX = '<!--img-prompt="a fox"-->'
OWL = '<!--img-prompt="an owl"-->'


class WebUi:
    """Open WebUI, as far as an action sees of it.

    Attributes:
        answers: What a user says when asked, one by one; None is a dialog that was closed.
        asked: What they were asked.
        told: What they were told.
    """

    def __init__(self, source: str, *answers: str | bool | Exception | None) -> None:
        module = types.ModuleType("function_limner_pictures")
        exec(source, module.__dict__)  # as Open WebUI loads it
        self.action = module.__dict__["Action"]()
        self.answers: Iterator[str | bool | Exception | None] = iter(answers)
        self.asked: list[str] = []
        self.told: list[dict[str, Any]] = []

    async def click(self, content: str) -> str:
        """Click below an answer; gives what the answer is then."""
        messages = [{"id": "u", "role": "user", "content": "Go."}]
        messages.append({"id": "a", "role": "assistant", "content": content})
        body = {"model": "m", "id": "a", "chat_id": "c", "session_id": "s", "messages": messages}
        made = await self.action.action(body, self._emit, self._ask)
        assert next(self.answers, "nothing") == "nothing"
        if made is None:
            return content
        assert [one["id"] for one in made["messages"]] == ["a"]
        return str(made["messages"][0]["content"])

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What was told of a kind."""
        return [one["data"] for one in self.told if one["type"] == kind]

    async def _emit(self, event: dict[str, Any]) -> None:
        self.told.append(event)

    async def _ask(self, event: dict[str, Any]) -> Any:
        self.asked.append(event["data"]["message"])
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def story(request: ChatRequest) -> Reply:
    """A model that tells of two animals, and changes a prompt when it is asked to."""
    if "Prompt:" in str(request.body["messages"]):
        return Reply.completion('<!--img-prompt="a fox at noon"-->')
    return Reply.completion(f"See. {FOX} And: {OWL} So.")


async def told(server: Served) -> str:
    """An answer with two pictures, as a front-end has it."""
    body = {"model": "m", "stream": False, "messages": [{"role": "user", "content": "Go."}]}
    url = f"{server.address}/v1/chat/completions"
    async with server.client.post(url, json=body, headers={"X-Limner-Mode": "hold"}) as answer:
        content = str((await answer.json())["choices"][0]["message"]["content"])
    await until(partial(settled, server))
    return content


async def settled(server: Served) -> bool:
    """Whether nothing is written or drawn any more."""
    async with server.client.get(f"{server.address}/api/sessions") as answer:
        return not (await answer.json())["sessions"]


async def source(server: Served) -> str:
    """The action, from the address that Open WebUI imports it from."""
    return await server.text("/open-webui/limner_pictures.py")


async def prompts(server: Served, content: str) -> list[tuple[str, int]]:
    """Of each picture, its prompt and how many there are of it."""
    ids = ",".join(dict.fromkeys(one.id or "" for one in find_pictures(content)))
    async with server.client.get(f"{server.address}/api/pictures/states?ids={ids}") as answer:
        found = (await answer.json())["pictures"]
    return [(found[name]["prompt"], found[name]["count"]) for name in ids.split(",")]


async def test_another_picture_stands_where_the_old_one_was(tmp_path: Path) -> None:
    """With another address, or the page would not show it; it is known again all the same."""
    async with ChatServer(story) as model, served(tmp_path, llm=model.url) as server:
        before = await told(server)
        page = WebUi(await source(server), "1", "")
        after = await page.click(before)
        assert await prompts(server, after) == [("a fox", 2), ("an owl", 1)]
        assert after != before
        assert [one.id for one in find_pictures(after)] == [one.id for one in find_pictures(before)]
        assert page.of("status")[-1]["done"]
        assert not page.of("notification")


async def test_a_wish_changes_the_prompt_which_is_shown_before_it_is_drawn(tmp_path: Path) -> None:
    """Whoever does not like it, draws nothing."""
    async with ChatServer(story) as model, served(tmp_path, llm=model.url) as server:
        before = await told(server)
        page = WebUi(await source(server), "1", "make it noon", True)
        after = await page.click(before)
        assert page.asked[-1] == "a fox at noon"
        assert await prompts(server, after) == [("a fox at noon", 2), ("an owl", 1)]
        for answers in ((None,), ("2", None), ("2", False), ("2", "make it noon", False)):
            assert await WebUi(await source(server), *answers).click(after) == after
        assert [count for _, count in await prompts(server, after)] == [2, 1]


@pytest.mark.parametrize("said", [False, None, TimeoutError()], ids=["no", "closed", "left"])
async def test_a_wish_that_is_called_off_leaves_the_prompt(
    tmp_path: Path, said: bool | Exception | None
) -> None:
    """The next click draws what was there before, and not what nobody wanted."""
    async with ChatServer(story) as model, served(tmp_path, llm=model.url) as server:
        before = await told(server)
        page = WebUi(await source(server), "1", "make it noon", said)
        with suppress(TimeoutError):
            assert await page.click(before) == before
        assert page.asked[-1] == "a fox at noon"
        assert await prompts(server, before) == [("a fox", 1), ("an owl", 1)]
        after = await WebUi(await source(server), "1", "").click(before)
        assert await prompts(server, after) == [("a fox", 2), ("an owl", 1)]


async def test_what_cannot_be_done_is_said_in_words(tmp_path: Path) -> None:
    """Never a traceback, and the answer stays as it is."""
    async with ChatServer(story) as model, served(tmp_path, llm=model.url) as server:
        content = await told(server)
        text = await source(server)
        one = content.partition("And:")[0]
        for said, answers, words in (
            ("No picture.", (), "no picture"),
            (content, ("7",), "no picture 7"),
            (f"![x]({server.address}/images/{'0' * 20}.png)", (), "does not know"),
        ):
            page = WebUi(text, *answers)
            assert await page.click(said) == said
            assert words in page.of("notification")[0]["content"]
        away = WebUi(text)
        away.action.valves.address = "http://127.0.0.1:9/v1"
        assert await away.click(one) == one
        assert "does not answer at http://127.0.0.1:9:" in away.of("notification")[0]["content"]


async def test_a_token_that_is_missing_is_asked_for_by_the_name_of_its_setting(
    tmp_path: Path,
) -> None:
    """Which is the function's own, not Open WebUI's for the connection."""
    async with served(tmp_path / "open") as server:
        text = await source(server)
    async with served(tmp_path / "closed", token="a-token-of-everybody") as server:
        page = WebUi(text)
        content = f"![x]({server.address}/images/{'0' * 20}.png)"
        assert await page.click(content) == content
        assert "setting token of this function" in page.of("notification")[0]["content"]
