"""A place that cannot be used is told in one line, which names it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unprivileged import rights, unprivileged

LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--library", LONG),
        ("illustrate", "story.md", "--backend", "sketch", "-o", f"{LONG}.html"),
        ("illustrate", f"{LONG}.md", "--backend", "sketch"),
        ("illustrate", "story.md", "--backend", "sketch", "--library", LONG),
    ],
)
def test_a_path_that_is_too_long_says_so(
    limner: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """The reason and the path, and exit code 2."""
    (tmp_path / "story.md").write_text("Snow.")
    ran = limner(*arguments)
    assert ran.code == 2
    assert "too long" in ran.err
    assert LONG in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="rights of files as Linux has them")
@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "HOME"])
def test_settings_that_may_not_be_read_are_one_line(tmp_path: Path, variable: str) -> None:
    """Not even looking for them is allowed, as in the home of somebody else."""
    home = tmp_path / "home"
    (home / "limner").mkdir(parents=True)
    without = {"XDG_CONFIG_HOME", "HOME"}
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith("LIMNER_") and k not in without
    }
    with rights(home, folders=0o000, files=0o000):
        ran = subprocess.run(
            unprivileged("-m", "limner", "config"),
            env=environment | {variable: str(home)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 2, ran.stderr
    assert "Permission denied" in ran.stderr
    assert str(home) in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_closed_standard_output_is_no_traceback(tmp_path: Path) -> None:
    """What would have gone there is lost, and nothing else."""
    ran = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m limner version >&-', sys.executable],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_reader_who_has_had_enough_is_no_traceback(tmp_path: Path) -> None:
    """As `limner illustrate story.md --json | head -1`."""
    (tmp_path / "story.md").write_text("Snow falls. " * 20000)
    command = '"$0" -m limner illustrate story.md --backend sketch -o - --format md | head -c 10'
    ran = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "Snow falls"
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
