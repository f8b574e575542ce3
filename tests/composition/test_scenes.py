"""Who puts tags into a text without any, and what becomes of a model's answers."""

import os
import re
from pathlib import Path

import pytest

from limner.composition import Scenes, ScenesMode, scene_writer
from limner.config import Settings
from limner.errors import BackendError, ConfigError
from limner.prompts import find_prompts
from limner.testing.chat_server import ChatRequest, ChatServer, Reply

pytestmark = pytest.mark.real_time

FILLING = "Nothing happened for a very long time, and nobody minded that at all. " * 70
BOOK = f"The fox ran. It hid.\n\n{FILLING}\n\n# Two\n\nThe owl woke. It flew.\n\n{FILLING}\n"


def block(prompt: str, after: str, before: str) -> str:
    """A suggestion as models write it."""
    return (
        f"---PROMPT---\nTEXT: {prompt}\nINSERT_AFTER: {after}\nINSERT_BEFORE: {before}\n---END---"
    )


def answer(request: ChatRequest) -> Reply:
    """What a model proposes for the part it is shown."""
    shown = request.body["messages"][1]["content"].partition("<latest>")[2]
    if "The fox ran." in shown:
        looks = "---LOOKS---\nFox: red fur, one white ear\n---END---\n"
        return Reply.stream(looks + block("a fox", "The fox ran.", "It hid."))
    return Reply.stream(block("an owl", "The owl woke.", "It flew."))


def settings(server: ChatServer) -> Settings:
    """Those with this model."""
    return Settings(llm_url=server.url)


MODEL = Scenes(mode=ScenesMode.MODEL)


async def test_a_model_reads_a_book_in_parts_and_remembers_the_looks(tmp_path: Path) -> None:
    """Each tag stands where its part says; the second part is asked with the looks of the first."""
    told: list[str] = []
    async with ChatServer(answer) as server:
        written = await scene_writer(MODEL, settings(server), told.append).write(BOOK)
        asked = [request.body["messages"][1]["content"] for request in server.requests]
    assert [tag.prompt for tag in find_prompts(written)] == ["a fox", "an owl"]
    assert 'The fox ran. <!--img-prompt="a fox"-->' in written
    assert len(asked) == 2
    assert "one white ear" not in asked[0]
    assert "Fox: red fur, one white ear" in asked[1]
    assert told == ["no tags in the text: 2 places for pictures proposed by the model"]


def one_per_part(request: ChatRequest) -> Reply:
    """A picture behind the first sentence of a part."""
    (number,) = re.findall(r"Chapter (\d+) began", request.body["messages"][1]["content"])[-1:]
    place = f"Chapter {number} began."
    return Reply.stream(block(f"picture {number}", place, "Then it went on."))


async def test_a_long_book_with_few_pictures_has_them_all_over_it() -> None:
    """Only those parts are read that are to have one."""
    chapters = (f"Chapter {n} began. Then it went on. {'And on. ' * 600}" for n in range(1, 13))
    scenes = Scenes(mode=ScenesMode.MODEL, maximum=4)
    async with ChatServer(one_per_part) as server:
        writer = scene_writer(scenes, settings(server), lambda _: None)
        written = await writer.write("\n\n***\n\n".join(chapters))
    assert [tag.prompt for tag in find_prompts(written)] == [
        "picture 1", "picture 5", "picture 8", "picture 11",
    ]  # fmt: skip
    assert len(server.requests) == 4


async def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    """Answers are kept in files, by what was asked and whom; another text is asked anew."""
    async with ChatServer(answer) as server:
        for _ in range(2):
            writer = scene_writer(MODEL, settings(server), print, answers=tmp_path / "answers")
            assert len(find_prompts(await writer.write(BOOK))) == 2
        assert len(server.requests) == 2
        await writer.write(f"{BOOK}\n\nAnd so on.\n")
        assert len(server.requests) == 3


async def test_what_was_proposed_before_a_failure_stands(tmp_path: Path) -> None:
    """It is told where the model failed; the next run asks from there on."""
    told: list[str] = []
    refusal = Reply.error(400, "no more")
    async with ChatServer(lambda r: answer(r) if len(server.requests) == 1 else refusal) as server:
        writer = scene_writer(MODEL, settings(server), told.append, answers=tmp_path)
        written = await writer.write(BOOK)
    assert [tag.prompt for tag in find_prompts(written)] == ["a fox"]
    assert any("failed at part 2 of 2" in line for line in told)
    assert len(os.listdir(tmp_path)) == 1  # noqa: PTH208 - a Path would block the loop as well


async def test_a_model_that_proposes_nothing_is_an_error_only_if_it_fails() -> None:
    """An empty answer means no pictures; a refusal is raised."""
    async with ChatServer(Reply.stream("None.")) as server:
        assert await scene_writer(MODEL, settings(server), print).write("A fox.") == "A fox."
    async with ChatServer(Reply.error(400, "no")) as server:
        with pytest.raises(BackendError):
            await scene_writer(MODEL, settings(server), print).write("A fox.")


async def test_a_place_that_is_not_in_the_part_is_left_out() -> None:
    """Nothing is put at the end of a part only because a model invented its place."""
    said = block("a fox", "It was never said so", "nor was this said")
    async with ChatServer(Reply.stream(said)) as server:
        writer = scene_writer(MODEL, settings(server), print)
        assert await writer.write("The owl woke. It flew.") == "The owl woke. It flew."


async def test_without_a_model_it_is_told_how_to_set_one() -> None:
    """Before anything is done."""
    with pytest.raises(ConfigError, match="add --llm URL"):
        scene_writer(MODEL, Settings(), print)
