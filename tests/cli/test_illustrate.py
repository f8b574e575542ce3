"""`limner illustrate`: what it writes, what it says, how it ends."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from limner.testing import ScriptedBackend

Command = Callable[..., Any]

STORY = 'The snow.\n\n<!--img-prompt="a fox"-->\n\nThe night.\n\n<!--img-prompt="an owl"-->\n'


@pytest.fixture
def story(tmp_path: Path) -> str:
    """A short story with two tags, in the directory the command runs in."""
    (tmp_path / "story.md").write_text(STORY)
    return "story.md"


@pytest.mark.usefixtures("scripted")
def test_a_file_becomes_a_page_of_its_own(limner: Command, story: str, tmp_path: Path) -> None:
    """The page stands beside nothing, holds both pictures, and no tag is left in it."""
    ran = limner("illustrate", story, "--backend", "scripted")
    assert ran.code == 0, ran.err
    page = (tmp_path / "story.html").read_text()
    assert page.count("data:image/png;base64,") >= 2
    assert "img-prompt" not in page
    assert "story.html: 2 of 2 pictures" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["story.html", "story.md"]


@pytest.mark.usefixtures("scripted")
def test_markdown_stands_beside_its_pictures(limner: Command, story: str, tmp_path: Path) -> None:
    """Each picture is a file in a folder named like the text, and linked from its place."""
    ran = limner("illustrate", story, "-o", "book.md", "--backend", "scripted")
    assert ran.code == 0, ran.err
    text = (tmp_path / "book.md").read_text()
    pictures = sorted(path.name for path in (tmp_path / "book-pictures").iterdir())
    assert len(pictures) == 2
    assert all(f"book-pictures/{name}" in text for name in pictures)


@pytest.mark.usefixtures("scripted")
def test_the_input_is_never_overwritten(limner: Command, story: str, tmp_path: Path) -> None:
    """Markdown from Markdown gets another name by itself, and -o on the input is refused."""
    assert limner("illustrate", story, "--format", "md", "--backend", "scripted").code == 0
    assert (tmp_path / "story-illustrated.md").exists()
    ran = limner("illustrate", story, "-o", story, "--backend", "scripted")
    assert ran.code == 2
    assert "is the input itself" in ran.err
    assert (tmp_path / "story.md").read_text() == STORY


@pytest.mark.usefixtures("scripted")
def test_the_result_can_go_to_standard_output(limner: Command, story: str) -> None:
    """`-o -` writes the page to standard output and nothing else there."""
    ran = limner("illustrate", story, "-o", "-", "--backend", "scripted")
    assert ran.code == 0, ran.err
    assert ran.out.lower().startswith("<!doctype html>")


@pytest.mark.usefixtures("scripted")
def test_json_prints_one_event_a_line_in_order(limner: Command, story: str) -> None:
    """`--json`: each line is an event with its instant; found comes before ready, written last."""
    ran = limner("illustrate", story, "--backend", "scripted", "--json")
    events = [json.loads(line) for line in ran.out.splitlines()]
    names = [event["event"] for event in events]
    assert ran.code == 0
    assert names[-2:] == ["finished", "written"]
    assert names.count("prompt_found") == names.count("image_ready") == 2
    assert [event["t"] for event in events] == sorted(event["t"] for event in events)
    assert "".join(event["text"] for event in events if event["event"] == "text") == (
        "The snow.\n\n\n\nThe night.\n\n\n"
    )


def test_a_failing_picture_leaves_a_placeholder_and_exit_code_1(
    limner: Command, story: str, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """The page is written all the same; the reason is in it and on standard error."""
    scripted.fails = lambda r: ValueError("no more paint") if r.prompt == "an owl" else None
    ran = limner("illustrate", story, "--backend", "scripted")
    assert ran.code == 1
    assert "picture 2 (an owl) failed: the drawing broke off: no more paint" in ran.err
    page = (tmp_path / "story.html").read_text()
    assert "no more paint" in page
    assert page.count("data:image/png;base64,") >= 1


def test_two_equal_tags_give_two_pictures(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """The same words twice are two pictures."""
    (tmp_path / "twice.md").write_text('<!--img-prompt="a fox"--> and <!--img-prompt="a fox"-->')
    ran = limner("illustrate", "twice.md", "--backend", "scripted")
    assert ran.code == 0
    assert len(scripted.calls) == 2
    assert "2 of 2 pictures" in ran.err


def test_own_patterns_take_the_place_of_the_defaults(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """`--pattern` finds what it describes, and the default tags are text then."""
    (tmp_path / "own.md").write_text('[draw: a fox] <!--img-prompt="an owl"-->')
    ran = limner("illustrate", "own.md", "--backend", "scripted", "--pattern", r"\[draw:([^\]]+)\]")
    assert ran.code == 0, ran.err
    assert [call.request.prompt for call in scripted.calls] == ["a fox"]


def test_size_and_seed_reach_the_backend(
    limner: Command, story: str, scripted: ScriptedBackend
) -> None:
    """`--size` and `--seed` fix what is drawn."""
    common = ("--backend", "scripted", "--size", "320x200", "--no-library")
    for _ in range(2):
        limner("illustrate", story, *common, "--seed", "5")
    first, second, third, fourth = (call.request for call in scripted.calls)
    assert (first.width, first.height) == (320, 200)
    assert {first.seed, second.seed} == {third.seed, fourth.seed}


@pytest.mark.usefixtures("scripted")
def test_a_text_without_tags_is_written_with_a_hint(limner: Command, tmp_path: Path) -> None:
    """No tag is no failure, but who wants tags only is told what was looked for."""
    (tmp_path / "plain.txt").write_text("Only words.")
    ran = limner("illustrate", "plain.txt", "--scenes", "none", "--backend", "scripted")
    assert ran.code == 0
    assert "no picture requests were found" in ran.err
    assert "Only words." in (tmp_path / "plain.html").read_text()


@pytest.mark.usefixtures("scripted")
def test_what_looks_like_a_tag_and_is_none_is_told(limner: Command, tmp_path: Path) -> None:
    """Whoever wonders about a missing picture reads how many comments were meant to ask for one."""
    text = "A <!-- image prompt: a fox --> <!--imgprompt='owl'--> <!--img-prompt='a hare'-->."
    (tmp_path / "slips.md").write_text(text)
    ran = limner("illustrate", "slips.md", "--backend", "scripted")
    assert ran.code == 0
    assert "1 of 1 pictures" in ran.err
    assert "2 comments look like picture requests and are none" in ran.err


@pytest.mark.usefixtures("scripted")
def test_settings_come_from_file_environment_and_options_in_this_order(
    limner: Command, story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment goes before the file, an option before both."""
    config = tmp_path / "limner.toml"
    config.write_text('backend = "crayon"\n')
    monkeypatch.setenv("LIMNER_CONFIG", str(config))
    assert "unknown backend 'crayon'" in limner("illustrate", story).err
    monkeypatch.setenv("LIMNER_BACKEND", "chalk")
    assert "unknown backend 'chalk'" in limner("illustrate", story).err
    assert limner("illustrate", story, "--backend", "scripted").code == 0


def test_version_says_the_version(limner: Command) -> None:
    """`limner version` and `limner --version` agree."""
    assert limner("version").out == limner("--version").out
    assert limner("version").out.startswith("limner 0.")


def test_without_a_command_the_help_is_shown(limner: Command) -> None:
    """`limner` alone says what there is, as `limner --help` does."""
    assert limner() == limner("--help")
    assert limner().code == 0
    assert "illustrate" in limner().out


@pytest.mark.usefixtures("scripted")
def test_a_book_is_written_by_its_ending_or_by_format(
    limner: Command, story: str, tmp_path: Path
) -> None:
    """`-o story.epub` and `--format epub` give a whole zip file with both pictures."""
    assert limner("illustrate", story, "-o", "a.epub", "--backend", "scripted").code == 0
    assert limner("illustrate", story, "--format", "epub", "--backend", "scripted").code == 0
    for name in ("a.epub", "story.epub"):
        with zipfile.ZipFile(tmp_path / name) as book:
            assert book.testzip() is None
            assert sum("/pictures/" in entry for entry in book.namelist()) == 2


@pytest.mark.usefixtures("scripted")
def test_json_is_a_format_of_chats_only(limner: Command, story: str) -> None:
    """Unknown formats and endings name those there are."""
    ran = limner("illustrate", story, "--format", "json", "--backend", "scripted")
    assert ran.code == 2
    assert "known: html, md, epub" in ran.err


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(
    ("text", "words"), [("The fox ran, and hid.", 5), ("狐狸在雪地里走，天黑了。", 6)]
)
def test_words_are_counted_where_no_spaces_are_between_them(
    limner: Command, tmp_path: Path, text: str, words: int
) -> None:
    """Two characters of Chinese or Japanese are one, and their commas none."""
    (tmp_path / "fox.md").write_text(text, "utf-8")
    ran = limner("illustrate", "fox.md", "--scenes", "none", "--backend", "scripted")
    assert f", {words} words, " in ran.err
