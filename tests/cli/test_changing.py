"""What one can do with a kept story by command: redraw, choose, undo, delete, open."""

import json
import os
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


def test_what_was_made_of_a_picture_goes_along_when_the_text_is_edited(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """Its changed prompt, and the others beside it; a new look is drawn with that prompt, too."""
    assert limner("redraw", "fox", "1", "--prompt", "a red dragon", "--keep").code == 0
    assert [one["alternatives"] for one in pictures(limner)] == [2, 1]
    story.calls.clear()
    text = f"By the sea. {STORY.replace('an owl', 'a hare')}"
    (tmp_path / "fox.md").write_text(text)
    ran = limner("illustrate", "fox.md", "--backend", "scripted")
    assert "1 picture is as before, 1 is new" in ran.err
    assert [call.request.prompt for call in story.calls] == ["a hare"]
    (dragon, hare) = pictures(limner)
    assert (dragon["prompt"], dragon["alternatives"], hare["alternatives"]) == (
        "a red dragon",
        2,
        1,
    )
    assert limner("choose", "fox", "1", "1").code == 0
    assert (pictures(limner)[0]["shown"], dragon["shown"]) == (1, 2)
    story.calls.clear()
    assert limner("illustrate", "fox.md", "--backend", "scripted", "--style", "ink").code == 0
    drawn = [call.request.prompt for call in story.calls]
    assert [("dragon" in one, "hare" in one) for one in drawn] == [(True, False), (False, True)]
    assert pictures(limner)[0]["prompt"] == "a red dragon"


def test_a_chat_is_called_after_its_file_where_the_text_does_not_say(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """With capital letters; who knew it by small ones finds it."""
    (tmp_path / "twelfth-night.txt").write_text('If music be. <!--img-prompt="an owl"-->\n')
    assert limner("illustrate", "twelfth-night.txt", "--backend", "scripted").code == 0
    assert "\tTwelfth Night\t" in limner("list").out
    assert len(pictures(limner, "twelfth night")) == 1


def test_a_chat_is_called_what_the_text_says_of_itself_before_its_first_heading(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """The first chapter's heading is no title."""
    (tmp_path / "tale.md").write_text(f"---\ntitle: The Owl's Winter\n---\n\n{STORY}")
    assert limner("illustrate", "tale.md", "--backend", "scripted").code == 0
    assert "The Owl's Winter" in limner("list").out
    assert [one["prompt"] for one in pictures(limner, "winter")] == ["a fox", "an owl"]


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
    assert first["prompt"] == "a fox"  # what the picture shows, not what was asked for later
    assert limner("pictures", "fox").out.startswith("1\tready (1 of 2)\ta fox\t")
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


def test_a_story_of_one_picture_says_so_to_who_asks_for_the_second(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """In words, not as a range from 1 to 1."""
    (tmp_path / "hen.md").write_text('# Hen\n\nA hen. <!--img-prompt="a hen"-->\n')
    assert limner("illustrate", "hen.md", "--backend", "scripted").code == 0
    assert "there is no picture 2: it has only picture 1" in limner("choose", "hen", "2", "1").err


def test_undo_leaves_what_was_done_before_the_text_was_edited(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """Nobody sees the former version; what is done to the picture from now on is taken back."""
    assert limner("redraw", "fox", "1", "--prompt", "a wolf").code == 0
    (tmp_path / "fox.md").write_text(STORY + "\nMore.\n")
    assert limner("illustrate", "fox.md", "--backend", "scripted").code == 0
    shown, page = pictures(limner), (tmp_path / "fox.html").read_bytes()
    for _ in range(2):
        ran = limner("undo", "fox")
        assert (ran.out, "nothing was done to its pictures" in ran.err) == ("", True)
    assert pictures(limner) == shown
    assert (tmp_path / "fox.html").read_bytes() == page
    assert limner("redraw", "fox", "1", "--prompt", "a bear").code == 0
    assert pictures(limner)[0]["prompt"] == "a bear"
    assert "picture 1: the former picture is back" in limner("undo", "fox").out
    assert pictures(limner) == shown


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


@pytest.mark.parametrize("name", ["tale", "tale.html", "../here/tale"])
def test_a_story_is_known_by_its_file_with_or_without_its_ending(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend, name: str
) -> None:
    """Also where its title says something else, and another title has the word."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "tale.md").write_text(STORY)
    (tmp_path / "other.md").write_text("# A tale of rain\n\nRain.\n")
    assert limner("illustrate", "other.md", "--scenes", "none").code == 0
    os.chdir(here)
    assert limner("illustrate", "tale.md", "--backend", "scripted").code == 0
    assert [one["prompt"] for one in pictures(limner, name)] == ["a fox", "an owl"]
    assert limner("redraw", name, "1").code == 0
    assert limner("undo", name).code == 0
    assert limner("export", name, "-o", "again.md").code == 0
    os.chdir(tmp_path)
    assert [one["prompt"] for one in pictures(limner, "tale")] == ["a fox", "an owl"]


def test_of_several_files_of_one_name_the_one_here_is_meant(
    limner: Command, story: ScriptedBackend, tmp_path: Path
) -> None:
    """Elsewhere they are listed."""
    for folder, word in (("a", "hen"), ("b", "cat")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.md").write_text(
            f'# {word}\n\nA {word}.\n\n<!--img-prompt="{word}"-->\n'
        )
        assert limner("illustrate", f"{folder}/x.md", "--backend", "scripted").code == 0
    os.chdir(tmp_path / "b")
    assert [one["prompt"] for one in pictures(limner, "x")] == ["cat"]
    os.chdir(tmp_path)
    ran = limner("pictures", "x")
    assert (ran.code, "can be any of" in ran.err) == (2, True)
    assert "there is no story 'x.epub'" in limner("pictures", "x.epub").err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("redraw", "fox", "3"), "its pictures are 1 to 2"),
        (("redraw", "fox", "x"), "none of all, failed, or numbers"),
        (("redraw", "fox", "1,2", "--prompt", "a"), "for one picture"),
        (("redraw", "fox", "1", "--prompt", " "), "blank"),
        (("redraw", "fox", "1", "--feedback", "night"), "--feedback needs a model"),
        (("choose", "hen", "1", "1"), "STORY: there is no story 'hen'; `limner list`"),
        (("choose", "fxo.md", "1", "1"), "there is no story 'fxo.md'; did you mean 'fox.md'?"),
        (("redraw", "fox"), "Missing argument 'N'; `limner redraw --help` says what it is"),
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
