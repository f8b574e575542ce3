"""A second run that goes wrong or is stopped: nothing that was drawn is lost or drawn again."""

import io
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.kept import in_library

from limner.illustration import ImageRequest, SlotState
from limner.testing import ScriptedBackend

Command = Callable[..., Any]
PROMPTS = ["a fox", "an owl", "a hare"]
KEPT = ("--backend", "scripted", "--library", "kept")


def story(*prompts: str) -> str:
    """A text with these tags, each in a paragraph of its own."""
    return "# A tale\n\n" + "".join(f'And so.\n\n<!--img-prompt="{p}"-->\n\n' for p in prompts)


@pytest.fixture
def run(limner: Command, tmp_path: Path, scripted: ScriptedBackend) -> Callable[..., Any]:
    """Illustrates a text as story.md; gives what was said, and what was drawn for it."""

    def illustrate(text: str, *more: str, code: int = 0) -> tuple[str, list[str]]:
        (tmp_path / "story.md").write_text(text)
        scripted.calls.clear()
        ran = limner("illustrate", "story.md", *KEPT, *more)
        assert ran.code == code, ran.err
        return ran.err, sorted(call.request.prompt for call in scripted.calls)

    return illustrate


def shown(folder: Path, page: str = "story.html") -> int:
    """How many pictures a page shows."""
    return (folder / page).read_text().count('<img src="data:')


def interrupted(scripted: ScriptedBackend, prompt: str) -> None:
    """Have Ctrl-C pressed while this is drawn."""

    def pressed(request: ImageRequest) -> None:
        if request.prompt == prompt:
            signal.raise_signal(signal.SIGINT)

    scripted.fails = pressed


@pytest.mark.parametrize("then", ["resume", "again", "again, twice stopped"])
def test_a_text_that_was_cut_in_a_second_run_keeps_its_page_and_its_pictures(
    run: Callable[..., Any], limner: Command, scripted: ScriptedBackend, tmp_path: Path, then: str
) -> None:
    """The page stays whole; whatever is done then draws nothing that was drawn."""
    run(story(*PROMPTS))
    page = (tmp_path / "story.html").read_text()
    longer = story("a bear", *PROMPTS).replace("-->", "-->" + " and so on" * 2000, 1)
    for _ in range(2 if "twice" in then else 1):
        interrupted(scripted, "a bear")
        told, _ = run(longer, "--speed", "2000", code=130)
        assert "story.html stays as it was" in told
        assert (tmp_path / "story.html").read_text() == page
    scripted.fails = lambda request: None
    if then == "resume":
        scripted.calls.clear()
        ran = limner("resume", "--library", "kept")
        assert ran.code == 0, ran.err
        drawn = [call.request.prompt for call in scripted.calls]
    else:
        drawn = run(longer)[1]
    assert set(drawn) <= {"a bear"}
    assert shown(tmp_path) == 4


def test_a_text_that_is_whole_shows_former_pictures_where_no_new_one_is_made(
    run: Callable[..., Any], scripted: ScriptedBackend, tmp_path: Path
) -> None:
    """Of an interrupted second run that draws all anew."""
    run(story(*PROMPTS))
    interrupted(scripted, "an owl")
    run(story(*PROMPTS), "--seed", "3", "--max-concurrent", "1", code=130)
    assert shown(tmp_path) == 3


def test_pictures_that_cannot_be_drawn_anew_stay_and_are_found_by_the_former_options(
    run: Callable[..., Any], scripted: ScriptedBackend, tmp_path: Path
) -> None:
    """A wrong option costs a line and no picture; the next run with it tries them again."""
    run(story(*PROMPTS))
    scripted.fails = lambda request: ValueError("no paint")
    told, _ = run(story(*PROMPTS), "--seed", "3", code=1)
    assert "3 pictures that could not be drawn anew are shown as they were" in told
    assert "0 of 3 pictures" in told
    assert shown(tmp_path) == 3
    told, drawn = run(story(*PROMPTS), "--seed", "4", "--budget", "0", code=1)
    assert drawn == []
    assert shown(tmp_path) == 3
    scripted.fails = lambda request: None
    told, drawn = run(story(*PROMPTS))
    assert "anew" not in told
    assert drawn == []
    assert run(story(*PROMPTS), "--seed", "3")[1] == sorted(PROMPTS)
    assert run(story(*PROMPTS))[1] == []
    assert run(story(*PROMPTS), "--seed", "3")[1] == []


def test_a_picture_that_failed_and_is_shown_as_it_was_is_kept_so(
    run: Callable[..., Any], limner: Command, scripted: ScriptedBackend, tmp_path: Path
) -> None:
    """The library shows it, knows that it failed, and `limner redraw` draws it."""
    run(story("a fox"))
    scripted.fails = lambda request: ValueError("no paint")
    run(story("a fox"), "--seed", "3", code=1)

    async def slots(library: Any) -> Any:
        [chat] = await library.chats(limit=9)
        [message] = await library.messages(chat.id)
        return message.slots

    [slot] = in_library(tmp_path / "kept", slots)
    assert slot.state is SlotState.FAILED
    assert slot.image is not None
    scripted.fails = lambda request: None
    assert limner("redraw", "story.md", "failed", "--library", "kept").code == 0
    [slot] = in_library(tmp_path / "kept", slots)
    assert slot.state is SlotState.READY


def test_equal_tags_keep_their_order_over_an_answer_that_lacks_one(
    run: Callable[..., Any], scripted: ScriptedBackend
) -> None:
    """The second of three that could not be drawn anew is no reason to draw the third again."""
    run(story("a fox", "a fox", "a fox"))
    scripted.fails = lambda request: ValueError("no paint")
    run(story("a fox", "a fox", "a fox"), "--redraw", "2", code=1)
    scripted.fails = lambda request: None
    assert run(story("a fox", "a fox", "a fox"))[1] == []


def test_what_comes_through_a_pipe_again_is_the_same_story(
    limner: Command, scripted: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its title, also where a text of this title was there before; nothing is drawn again."""

    def piped(text: str) -> list[str]:
        scripted.calls.clear()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        ran = limner("illustrate", "-", "-o", "v.html", *KEPT)
        assert ran.code == 0, ran.err
        return [call.request.prompt for call in scripted.calls]

    other = story("a bear").replace("And so.", "It rained.")
    assert piped(story("a fox")) == ["a fox"]
    assert piped(story("a fox")) == []
    assert piped(other) == ["a bear"]
    assert piped(other) == []
    titles = [line.split("\t")[1] for line in limner("list", "--library", "kept").out.splitlines()]
    assert titles == ["A tale (2)", "A tale"]
