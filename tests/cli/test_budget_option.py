"""`limner illustrate --budget`: what one command may draw, and what becomes of the rest."""

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from limner.testing import ScriptedBackend

STORY = "".join(f'And so.\n\n<!--img-prompt="picture {n}"-->\n\n' for n in range(6))


def test_what_is_beyond_the_budget_is_told_and_drawn_by_the_same_command(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """Each run has its budget; what was drawn is not drawn again."""
    (tmp_path / "story.md").write_text(STORY)
    command = ("illustrate", "story.md", "--backend", "scripted", "--budget", "4")
    first = limner(*command)
    assert (first.code, len(scripted.calls)) == (1, 4)
    said = "2 pictures are not drawn: the budget of 4 pictures is used up; the same command goes on"
    assert f"limner: {said}\n" in first.err
    second = limner(*command)
    assert (second.code, len(scripted.calls)) == (0, 6), second.err


def test_a_budget_that_cannot_be_read_is_told(limner: Command, tmp_path: Path) -> None:
    """Before anything is drawn."""
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "--budget", "lots")
    assert ran.code == 2
    assert "an amount is a number and a unit" in ran.err


@pytest.mark.usefixtures("scripted")
def test_a_reason_that_many_pictures_share_is_told_once(
    limner: Command, tmp_path: Path, scripted: ScriptedBackend
) -> None:
    """With their numbers."""
    scripted.fails = lambda request: ValueError("no paint")
    (tmp_path / "story.md").write_text(STORY)
    ran = limner("illustrate", "story.md", "--backend", "scripted")
    assert len(re.findall("no paint", ran.err)) == 1
    assert "limner: pictures 1, 2, 3, 4, 5, 6 failed: " in ran.err


def test_the_summary_tells_what_to_do_next(limner: Command, tmp_path: Path) -> None:
    """By commands that work as they are printed."""
    (tmp_path / "a story.md").write_text(STORY[:50])
    ran = limner("illustrate", "a story.md", "--size", "64x64")
    assert "`limner redraw 'a story.md' N`" in ran.err
    assert limner("pictures", "a story.md").out.startswith("1\tready\tpicture 0\t")


def test_on_a_terminal_somebody_is_asked_before_it_is_passed(tmp_path: Path) -> None:
    """And with a yes all is drawn, each picture once."""
    (tmp_path / "story.md").write_text("".join(STORY.splitlines(keepends=True)[:12]))
    owner, terminal = pty.openpty()
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "LIMNER_CONFIG": ""}
    command = [sys.executable, "-m", "limner", "illustrate", "story.md", "--size", "64x64"]
    with subprocess.Popen(
        [*command, "--budget", "1"],
        stdin=terminal,
        stderr=terminal,
        stdout=subprocess.DEVNULL,
        cwd=tmp_path,
        env=environment,
    ) as running:
        os.close(terminal)
        os.write(owner, b"y\n")
        said = b""
        with suppress(OSError):  # how Linux tells that nobody is at the other end any more
            while piece := os.read(owner, 65536):
                said += piece
    os.close(owner)
    assert running.returncode == 0, said
    assert b"Draw 2 pictures more, beyond the budget?" in said
    assert b"1 picture is as before, 2 are new" in said
    assert (tmp_path / "story.html").read_text().count('<img src="data:') == 3
