"""`limner illustrate --library`: what is made is kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.cli.kept import FOX, in_library

from limner.cli.shared.kept_run import remembered
from limner.illustration import ImageRequest, Message, MessageState
from limner.storage import Library
from limner.testing import ScriptedBackend

Command = Callable[..., Any]


@pytest.fixture
def story(tmp_path: Path) -> str:
    """A short story with two tags, in the directory the command runs in."""
    (tmp_path / "snow-fox.md").write_text(FOX)
    return "snow-fox.md"


async def everything(library: Library) -> list[tuple[str | None, list[Message]]]:
    """The titles of all chats with their messages."""
    return [(chat.title, await library.messages(chat.id)) for chat in await library.chats()]


def test_the_message_and_its_pictures_are_kept(
    limner: Command, story: str, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """In a new chat named after the file; the page is written, and nothing is left to do."""
    ran = limner("illustrate", story, "--backend", "scripted", "--library", "kept")
    assert ran.code == 0, ran.err
    assert (tmp_path / "snow-fox.html").exists()
    ((title, (message,)),) = in_library(tmp_path / "kept", everything)
    assert title == "Snow Fox"
    assert message.text == FOX
    assert message.state is MessageState.COMPLETE
    assert [slot.image is not None for slot in message.slots] == [True, True]
    assert in_library(tmp_path / "kept", remembered) == []
    assert len(scripted.calls) == 2


@pytest.mark.usefixtures("scripted")
def test_a_chat_is_called_as_its_text_calls_itself(limner: Command, tmp_path: Path) -> None:
    """Unless it is named on the command line; a chat that is continued keeps its name."""
    (tmp_path / "x.md").write_text("# The Fox\n\nOnce.")
    common = ("--backend", "scripted", "--library", "kept", "-q")
    assert limner("illustrate", "x.md", *common).code == 0
    assert limner("illustrate", "x.md", "--chat", "Tales", *common).code == 0
    assert limner("illustrate", "x.md", "--chat", "tales", *common).code == 0
    found = in_library(tmp_path / "kept", everything)
    assert [(title, len(messages)) for title, messages in found] == [("Tales", 1), ("The Fox", 1)]


@pytest.mark.usefixtures("scripted")
def test_the_library_of_the_settings_is_used(
    limner: Command, story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LIMNER_LIBRARY keeps everything."""
    monkeypatch.setenv("LIMNER_LIBRARY", "kept")
    assert limner("illustrate", story, "--backend", "scripted").code == 0
    assert len(in_library(tmp_path / "kept", everything)) == 1


def test_everything_is_kept_before_the_first_picture_is_asked_for(
    limner: Command, story: str, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """A backend that looks into the library finds the message, and how to go on with it."""
    seen: list[tuple[list[str], int]] = []

    def look(request: ImageRequest) -> Exception | None:
        async def into(library: Library) -> tuple[list[str], int]:
            ids = [m.id for _, messages in await everything(library) for m in messages]
            return ids, len(await remembered(library))

        with ThreadPoolExecutor(1) as another:  # as another process would look
            seen.append(another.submit(in_library, tmp_path / "kept", into).result())
        return None

    scripted.fails = look
    assert limner("illustrate", story, "--backend", "scripted", "--library", "kept").code == 0
    assert len(seen) == 2
    assert all(len(ids) == 1 and runs == 1 for ids, runs in seen)


@pytest.mark.usefixtures("scripted")
def test_a_library_that_cannot_be_opened_stops_before_any_work(
    limner: Command, story: str, tmp_path: Path
) -> None:
    """One line, exit code 2, no page."""
    (tmp_path / "file").write_text("x")
    ran = limner("illustrate", story, "--backend", "scripted", "--library", "file")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "snow-fox.html").exists()


@pytest.mark.usefixtures("scripted")
def test_a_model_that_never_answers_leaves_the_library_as_it_was(
    limner: Command, tmp_path: Path
) -> None:
    """No empty chat, no question without an answer, nothing to resume."""
    ran = limner(
        "illustrate", "--llm", "http://127.0.0.1:1/v1", "--ask", "A tale!",
        "--library", "kept", "--backend", "scripted",
    )  # fmt: skip
    assert ran.code == 2
    assert in_library(tmp_path / "kept", everything) == []
    assert in_library(tmp_path / "kept", remembered) == []
