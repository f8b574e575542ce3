"""A server that gives no sign of life: what failed, what waits, and who sets for how long."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.kept import in_library

from limner.cli.shared.kept_run import remembered
from limner.illustration import ImageRequest
from limner.testing import ScriptedBackend

Command = Callable[..., Any]

STORY = " ".join(f'Night {n}. <!--img-prompt="fox {n}"-->' for n in range(3))
NEVER = 1e6


def hangs(request: ImageRequest) -> float:
    """The second picture never comes."""
    return NEVER if request.prompt == "fox 1" else 0.0


@pytest.fixture
def told(tmp_path: Path, scripted: ScriptedBackend) -> str:
    """A story whose second picture hangs."""
    (tmp_path / "story.md").write_text(STORY)
    scripted.seconds = hangs
    return "story.md"


def test_what_was_not_tried_waits_for_resume(
    limner: Command, told: str, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """One was made, one hung, one never came to it: exit code 1, and resume draws the last."""
    ran = limner(
        "illustrate", told, "--library", "kept", "--backend", "scripted", "--max-concurrent", "1",
        "--picture-timeout", "0", "--settle-timeout", "0.3",
    )  # fmt: skip
    assert ran.code == 1
    assert "1 of 3 pictures" in ran.err
    assert "picture 2 (fox 1) failed: no picture of the message was begun" in ran.err
    assert "images_done" not in ran.err
    assert "limner: 1 picture still waits: the server gave no sign of life;" in ran.err
    assert "`limner resume --library kept`" in ran.err
    assert len(in_library(tmp_path / "kept", remembered)) == 1
    scripted.seconds = 0.0
    resumed = limner("resume", "--library", "kept")
    assert "story.html: 2 of 3 pictures" in resumed.err
    assert [call.request.prompt for call in scripted.calls] == ["fox 0", "fox 1", "fox 2"]
    assert "still wait" not in resumed.err
    assert resumed.code == 1  # one has failed
    assert "nothing to resume" in limner("resume", "--library", "kept").err


def test_resume_at_a_server_that_is_dead_ends_too(
    limner: Command, told: str, scripted: ScriptedBackend
) -> None:
    """What it tries in vain has failed, with the reason; nothing waits for ever."""
    bounds = ("--picture-timeout", "0", "--settle-timeout", "0.3", "--max-concurrent", "1")
    limner("illustrate", told, "--library", "kept", "--backend", "scripted", *bounds)
    scripted.seconds = lambda request: NEVER
    resumed = limner("resume", "--library", "kept", *bounds)
    assert resumed.code == 1
    assert "failed: no picture of the message was begun" in resumed.err


def test_without_a_library_nothing_can_be_drawn_later(limner: Command, told: str) -> None:
    """The line says what would have helped."""
    ran = limner(
        "illustrate", told, "--backend", "scripted", "--max-concurrent", "1",
        "--picture-timeout", "0", "--settle-timeout", "0.3", "--no-library",
    )  # fmt: skip
    assert ran.code == 1
    assert "1 picture still waits: the server gave no sign of life; without --no-li" in ran.err


@pytest.mark.parametrize("by", ["option", "environment", "file"])
def test_the_time_out_of_a_picture_is_a_setting(
    limner: Command, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """By option, by variable, by file: the hung picture alone fails, and the next is made."""
    options: tuple[str, ...] = ()
    if by == "option":
        options = ("--picture-timeout", "0.3")
    elif by == "environment":
        monkeypatch.setenv("LIMNER_PICTURE_TIMEOUT", "0.3")
    else:
        (tmp_path / "limner.toml").write_text("picture_timeout = 0.3\n")
        monkeypatch.setenv("LIMNER_CONFIG", str(tmp_path / "limner.toml"))
    ran = limner("illustrate", told, "--backend", "scripted", "--max-concurrent", "1", *options)
    assert ran.code == 1
    assert "2 of 3 pictures" in ran.err
    assert "picture 2 (fox 1) failed: the server has given no sign of the picture" in ran.err


@pytest.mark.parametrize("name", ["picture-timeout", "settle-timeout"])
def test_a_negative_time_is_refused_in_one_line(limner: Command, told: str, name: str) -> None:
    """Wrong usage, before anything is drawn."""
    ran = limner("illustrate", told, f"--{name}", "-1")
    assert ran.code == 2
    assert name in ran.err


def test_the_settings_say_so(limner: Command) -> None:
    """`limner config` shows both, with their defaults."""
    out = limner("config").out
    assert "picture_timeout" in out
    assert "1800" in out
    assert "settle_timeout" in out
    assert "3600" in out
