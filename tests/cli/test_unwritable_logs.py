"""What a command says cannot be written: its work is done all the same."""

import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command.commands import clean_environment

from limner.cli import entry
from limner.errors import installation
from limner.testing import ScriptedBackend

Command = Callable[..., Any]
pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")

TOLD = "No space left on device"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A story of one picture."""
    file = tmp_path / "story.md"
    file.write_text('The snow. <!--img-prompt="a fox"-->')
    return file


def test_events_that_cannot_be_written_lose_no_picture(
    limner: Command, scripted: ScriptedBackend, story: Path
) -> None:
    """The page is written; one line says what is missing, and the code is 1."""
    ran = limner("illustrate", "story.md", "--backend", "scripted", "--events", "/dev/full")
    assert ran.code == 1
    assert f"limner: not all events were written to /dev/full: {TOLD}" in ran.err
    assert '<img src="data:' in story.with_suffix(".html").read_text()


def as_process(
    folder: Path, *arguments: str, out: str | int = os.devnull, err: int | None = None
) -> tuple[int | None, str]:
    """Run a command whose output goes there; how it ended, and what it complained about."""
    place = os.open(out, os.O_WRONLY) if isinstance(out, str) else out
    ran = subprocess.run(
        [sys.executable, "-m", "limner", *arguments], cwd=folder, text=True, timeout=100,
        env=clean_environment(folder), stdin=subprocess.DEVNULL, stdout=place,
        stderr=err or subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(place)
    return ran.returncode, ran.stderr or ""


def test_standard_output_that_is_full_loses_no_picture(tmp_path: Path, story: Path) -> None:
    """Events are told to be missing, and a list that cannot be shown is one line."""
    told = ("illustrate", "story.md", "--size", "64x64", "--quiet", "--library", "kept")
    code, said = as_process(tmp_path, *told, "--json", out="/dev/full")
    assert (code, said) == (1, f"limner: not all events were written to standard output: {TOLD}\n")
    assert '<img src="data:' in story.with_suffix(".html").read_text()
    code, said = as_process(tmp_path, "list", "--library", "kept", out="/dev/full")
    assert (code, said) == (1, f"limner: cannot write standard output: {TOLD}\n")


def test_standard_error_that_is_full_and_a_reader_who_left_lose_no_picture(
    tmp_path: Path, story: Path
) -> None:
    """Nobody can be told; the code says it."""
    told = ("illustrate", "story.md", "--size", "64x64", "--no-library")
    quiet = (*told, "--quiet", "--json")
    full = os.open("/dev/full", os.O_WRONLY)
    code, _ = as_process(tmp_path, *told, err=full)
    os.close(full)
    assert code == 1
    page = story.with_suffix(".html")
    assert '<img src="data:' in page.read_text()
    page.unlink()
    reads, writes = os.pipe()
    os.close(reads)
    code, said = as_process(tmp_path, *quiet, out=writes)
    assert (code, said) == (1, "")
    assert '<img src="data:' in page.read_text()


def test_ctrl_c_while_the_program_is_loaded_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was begun then."""
    monkeypatch.setattr(installation, "needing", lambda _: signal.raise_signal(signal.SIGINT))
    with pytest.raises(SystemExit) as ended:
        entry.main(["list"])
    assert ended.value.code == 130
    assert capsys.readouterr().err == "limner: interrupted before anything was begun\n"


def test_ctrl_c_while_a_command_is_prepared_is_told(
    limner: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever command it is."""
    from limner import config

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(config, "load_settings", pressed)
    ran = limner("list")
    assert ran.code == 130
    assert ran.err.strip() == "limner: interrupted"


def test_ctrl_c_before_the_text_is_opened_says_so(
    limner: Command, scripted: ScriptedBackend, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page is there, and nobody need look for one."""
    from limner.cli.shared import run

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "open_pipeline", pressed)
    ran = limner("illustrate", "story.md", "--backend", "scripted", "--no-library")
    assert ran.code == 130
    assert ran.err == "limner: interrupted before the text was opened; nothing was written\n"
    assert not story.with_suffix(".html").exists()


def test_a_book_that_finds_no_room_is_one_line(tmp_path: Path, story: Path) -> None:
    """Nothing is said of what the program had half done then."""
    code, said = as_process(
        tmp_path, "illustrate", "story.md", "--size", "64x64", "--no-library", "--quiet",
        "-o", "-", "--format", "epub", out="/dev/full",
    )  # fmt: skip
    assert code == 2
    assert said == f"limner: cannot write standard output: {TOLD}\n"


def test_a_book_that_finds_no_more_room_leaves_no_traceback(tmp_path: Path) -> None:
    """It is ended when it is left, not when all else is gone."""
    words = random.Random(1)
    text = "\n\n".join(f"{words.getrandbits(2000):x}" for _ in range(300))
    (tmp_path / "story.md").write_text(text)
    ran = subprocess.run(
        [sys.executable, "-m", "limner", "illustrate", "story.md", "--scenes", "none",
         "--no-library", "--quiet", "-o", "story.epub"],
        cwd=tmp_path, env=clean_environment(tmp_path), text=True, capture_output=True,
        timeout=100, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (2, "limner: cannot write story.epub: File too large\n")
