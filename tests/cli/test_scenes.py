"""`limner illustrate` of a story without tags: places found by its words or by a model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from limner.testing import ScriptedBackend

Command = Callable[..., Any]

STORY = (
    "# The Fox\n\nThe fox crossed the snowy bridge at night.\n\n"
    "Nothing was heard of it for long.\n\n"
    "## Morning\n\nAn owl sat on the tower in the forest, waiting.\n"
)


@pytest.fixture(autouse=True)
def story(tmp_path: Path) -> None:
    """A story without tags, in the directory the command runs in."""
    (tmp_path / "story.md").write_text(STORY)


def prompts(scripted: ScriptedBackend) -> list[str]:
    """What was drawn, in the order of the alphabet."""
    return sorted(call.request.prompt for call in scripted.calls)


def test_a_story_without_tags_gets_pictures(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """Found by its words, each behind its paragraph; one line says so."""
    ran = limner("illustrate", "story.md", "--every", "14", "--backend", "scripted")
    assert ran.code == 0, ran.err
    assert prompts(scripted) == [
        "An owl sat on the tower in the forest, waiting",
        "The fox crossed the snowy bridge at night",
    ]
    assert "no tags in the text: 2 places for pictures found by its words" in ran.err
    page = (tmp_path / "story.html").read_text()
    assert page.index("crossed the snowy") < page.index("data:image/png") < page.index("heard of")


def test_tags_in_the_text_are_all_that_counts(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """Nothing is proposed beside them, whatever `--scenes` says."""
    (tmp_path / "story.md").write_text(f'{STORY}\n<!--img-prompt="a hare"-->\n')
    ran = limner("illustrate", "story.md", "--scenes", "words", "--backend", "scripted")
    assert ran.code == 0, ran.err
    assert prompts(scripted) == ["a hare"]


def test_scenes_none_leaves_the_text_without_pictures(
    limner: Command, scripted: ScriptedBackend
) -> None:
    """And tells how a tag looks."""
    ran = limner("illustrate", "story.md", "--scenes", "none", "--backend", "scripted")
    assert ran.code == 0
    assert scripted.calls == []
    assert "no picture requests" in ran.err


def test_scenes_max_bounds_the_pictures(limner: Command, scripted: ScriptedBackend) -> None:
    """However often `--every` asks for one."""
    more = ("--every", "5", "--scenes-max", "1", "--backend", "scripted")
    assert limner("illustrate", "story.md", *more).code == 0
    assert len(scripted.calls) == 1


def test_a_dry_run_shows_the_places_and_draws_nothing(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """Numbered, with the words before each place; `--json` for programs; no file is written."""
    ran = limner("illustrate", "story.md", "--dry-run", "--every", "14", "--backend", "scripted")
    assert ran.code == 0, ran.err
    assert "1. line 5, after “…e fox crossed the snowy bridge at night.”:" in ran.out
    ran = limner("illustrate", "story.md", "--dry-run", "--every", "14", "--json")
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert [one["number"] for one in told] == [1, 2]
    assert scripted.calls == []
    assert [path.name for path in tmp_path.iterdir()] == ["story.md"]


def test_the_text_is_written_with_tags_and_drawn_from_them(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """`--write-tags` draws nothing; what it wrote is the story with tags, to be edited."""
    ran = limner("illustrate", "story.md", "--write-tags", "tagged.md", "--every", "14")
    assert ran.code == 0, ran.err
    assert "tagged.md: 2 tags" in ran.err
    text = (tmp_path / "tagged.md").read_text()
    assert text.replace("<!--img", "\n<!--img").count('<!--img-prompt="') == 2
    assert not (tmp_path / "story.html").exists()
    (tmp_path / "tagged.md").write_text(text.replace('snowy bridge at night"', 'bridge"'))
    assert limner("illustrate", "tagged.md", "--backend", "scripted").code == 0
    assert "The fox crossed the bridge" in prompts(scripted)


def test_the_input_is_not_overwritten_with_tags(limner: Command, tmp_path: Path) -> None:
    """As with any other output."""
    ran = limner("illustrate", "story.md", "--write-tags", "story.md")
    assert ran.code == 2
    assert "is the input itself" in ran.err
    assert (tmp_path / "story.md").read_text() == STORY


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--scenes", "some"), "none of auto, model, words, none"),
        (("--scenes", "none", "--every", "9"), "say nothing"),
        (("--scenes", "model"), "needs a model: add --llm URL"),
        (("--scenes", "words", "--pattern", r"\[(.*?)\]"), "not those of --pattern"),
        (("--scenes", "words", "--llm", "http://127.0.0.1:9"), "only asked with --ask or for"),
        (("--system", "Be kind."), "add --ask"),
    ],
)
def test_options_that_do_not_go_together_are_one_clear_line(
    limner: Command, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    """And nothing is written."""
    ran = limner("illustrate", "story.md", *options)
    assert ran.code == 2
    assert told in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["story.md"]
