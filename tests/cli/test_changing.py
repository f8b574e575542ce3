"""What one can do with a kept story by command: redraw, choose, undo, delete, open."""

import json
import re
import shlex
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from limner.testing import ScriptedBackend

Command = Callable[..., Any]

STORY = '# The Fox\n\nOnce.\n\n<!--img-prompt="a fox"-->\n\nThen.\n\n<!--img-prompt="an owl"-->\n'


@pytest.fixture
def story(limner: Command, tmp_path: Path, scripted: ScriptedBackend) -> ScriptedBackend:
    """A story of two pictures that was illustrated without naming a library."""
    (tmp_path / "fox.md").write_text(STORY)
    ran = limner("illustrate", "fox.md", "--backend", "scripted")
    assert ran.code == 0, ran.err
    scripted.calls.clear()
    return scripted


def pictures(limner: Command, name: str = "fox") -> list[dict[str, Any]]:
    """What `limner pictures` tells."""
    return [json.loads(line) for line in limner("pictures", name, "--json").out.splitlines()]


def test_the_usual_library_is_used_unless_somebody_says_otherwise(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """Every command knows it; `--no-library` keeps nothing."""
    assert [one["prompt"] for one in pictures(limner)] == ["a fox", "an owl"]
    assert "The Fox" in limner("list").out
    (tmp_path / "owl.md").write_text(STORY.replace("Fox", "Owl"))
    assert limner("illustrate", "owl.md", "--backend", "scripted", "--no-library").code == 0
    assert limner("pictures", "owl").code == 2
    assert limner("illustrate", "owl.md", "--no-library", "--chat", "a").code == 2


def test_a_copy_under_the_same_title_is_the_same_story(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """Only what changed in it is drawn, and there is no second chat."""
    (tmp_path / "copy.md").write_text(STORY.replace("an owl", "a hare"))
    assert limner("illustrate", "copy.md", "--backend", "scripted").code == 0
    assert [call.request.prompt for call in story.calls] == ["a hare"]
    assert len(limner("list").out.splitlines()) == 1
    page = (tmp_path / "fox.html").read_text()
    ran = limner("redraw", "fox", "2")
    assert "copy.html: written anew" in ran.err
    assert (tmp_path / "fox.html").read_text() == page
    assert limner("illustrate", "fox.md", "--backend", "scripted").code == 0
    assert len(limner("list").out.splitlines()) == 1


def test_another_story_of_the_same_title_gets_a_number(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """It has other lines: nothing of the first is lost, and no two chats are called the same."""
    (tmp_path / "other.md").write_text('# The Fox\n\nRain.\n\n<!--img-prompt="rain"-->\n')
    assert limner("illustrate", "other.md", "--backend", "scripted").code == 0
    assert re.findall(r"The Fox[^\t]*", limner("list").out) == ["The Fox (2)", "The Fox"]
    assert [one["prompt"] for one in pictures(limner, "fox.md")] == ["a fox", "an owl"]


def test_redraw_draws_one_and_writes_the_page_anew(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """With what drew before; what was there comes back with the command that is told."""
    page = (tmp_path / "fox.html").read_text()
    ran = limner("redraw", "fox", "2", "--prompt", "a barn owl")
    assert ran.code == 0, ran.err
    assert [call.request.prompt for call in story.calls] == ["a barn owl"]
    assert "a barn owl" in (tmp_path / "fox.html").read_text()
    assert [one["prompt"] for one in pictures(limner)] == ["a fox", "a barn owl"]
    undo = re.search(r"back: limner (.*)", ran.out)
    assert undo is not None
    assert limner(*shlex.split(undo[1])).code == 0
    assert [one["prompt"] for one in pictures(limner)] == ["a fox", "an owl"]
    assert (tmp_path / "fox.html").read_text() == page


def test_keep_and_choose(limner: Command, story: ScriptedBackend, tmp_path: Path) -> None:
    """The former picture stays beside the new one, and can be shown again."""
    assert limner("redraw", "fox.md", "1", "--keep", "--prompt", "a red fox").code == 0
    assert pictures(limner)[0]["shown"] == 2
    assert limner("choose", "fox.md", "1", "1").code == 0
    first = pictures(limner)[0]
    assert (first["shown"], first["alternatives"]) == (1, 2)
    assert 'alt="a fox"' in (tmp_path / "fox.html").read_text()
    ran = limner("choose", "fox.md", "1", "3")
    assert (ran.code, "has 2 to choose from" in ran.err) == (2, True)


def test_what_cannot_be_drawn_stays_as_it_was(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """One line, and exit code 1."""
    story.fails = lambda r: ValueError("no paint")
    ran = limner("redraw", "fox", "all")
    assert ran.code == 1
    assert ran.err.count("could not be drawn") == 2
    assert [one["state"] for one in pictures(limner)] == ["ready", "ready"]
    assert "no picture of it has failed" in limner("redraw", "fox", "failed").err


def test_a_story_is_deleted_and_comes_back(limner: Command, story: ScriptedBackend) -> None:
    """The command that brings it back is told."""
    ran = limner("delete", "fox")
    assert ran.code == 0, ran.err
    assert limner("pictures", "fox").code == 2
    undo = re.search(r"back: limner (.*)", ran.out)
    assert undo is not None
    assert limner(*shlex.split(undo[1])).code == 0
    assert len(pictures(limner)) == 2


def test_a_picture_is_deleted_and_comes_back(limner: Command, story: ScriptedBackend) -> None:
    """Only that one."""
    assert limner("delete", "fox", "1").code == 0
    assert [one["state"] for one in pictures(limner)] == ["deleted", "ready"]
    assert "picture 1: it is back" in limner("undo", "fox").out
    assert [one["state"] for one in pictures(limner)] == ["ready", "ready"]


def test_open_shows_the_page(
    limner: Command, story: ScriptedBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that was written, or one that is made for it."""
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", shown.append)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ran = limner("open", "fox")
    assert ran.out.strip() == str(tmp_path / "fox.html")
    assert "there is no browser" in ran.err
    (tmp_path / "fox.html").unlink()
    made = Path(limner("open", "fox").out.strip())
    assert made.read_text().count('<img src="data:') == 2
    assert shown == [(tmp_path / "fox.html").as_uri(), made.as_uri()]


def test_words_of_a_title_find_it_everywhere(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """In any order; `--chat` goes on with it, too."""
    (tmp_path / "more.md").write_text("Later, it rained. And rained.\n")
    ran = limner("illustrate", "more.md", "--chat", "fox the", "--scenes", "none")
    assert ran.code == 0, ran.err
    assert len(limner("list").out.splitlines()) == 1
    assert len(limner("list", "fox the").out.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("redraw", "fox", "3"), "its pictures are 1 to 2"),
        (("redraw", "fox", "x"), "none of all, failed, or numbers"),
        (("redraw", "fox", "1,2", "--prompt", "a"), "for one picture"),
        (("redraw", "fox", "1", "--prompt", " "), "blank"),
        (("redraw", "fox", "1", "--feedback", "night"), "--feedback needs a model"),
        (("choose", "hen", "1", "1"), "there is no chat 'hen'"),
        (("undo", "fox"), "nothing was done"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    limner: Command, story: ScriptedBackend, arguments: tuple[str, ...], told: str
) -> None:
    """And why."""
    ran = limner(*arguments)
    assert told in ran.err
    assert ran.err.count("\n") == 1
