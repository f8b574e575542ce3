"""Ctrl-C: the first writes what is finished, the second leaves at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command.commands import Running, clean_environment

pytestmark = pytest.mark.real_time

STORY = 'The snow. <!--img-prompt="a fox in the snow"-->' + " and so on" * 5000

SCRIPTED = """
import asyncio, sys
from limner.cli import main
from limner.illustration import plugins
from limner.testing import ScriptedBackend

class Stubborn(ScriptedBackend):
    async def generate(self, request):
        print("drawing", file=sys.stderr, flush=True)
        while True:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                print("asked to stop", file=sys.stderr, flush=True)

class Point:
    name = "stubborn"
    def load(self):
        return Stubborn

plugins.entry_points = lambda **_: [Point()]
main(sys.argv[1:])
"""

Spawn = Callable[..., Running]


def read_until(process: Running, words: str) -> None:
    """Read standard error until a line holds these words."""
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return
    raise AssertionError(f"it ended without {words!r}: {seen}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_interrupt_writes_what_is_finished(
    spawn: Spawn, tmp_path: Path, number: signal.Signals
) -> None:
    """Text so far and the finished picture are in the page; the exit code is 130."""
    (tmp_path / "story.md").write_text(STORY)
    process = spawn("illustrate", "story.md", "--speed", "100", "--size", "128x96")
    read_until(process, "picture 1 ready")
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "interrupted; what was finished is written" in said
    page = (tmp_path / "story.html").read_text()
    assert "data:image/webp;base64," in page
    assert "The snow." in page
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_closed_terminal_ends_it_in_order_and_is_not_written_to(tmp_path: Path) -> None:
    """What is finished is written; nothing is said to a terminal that is gone."""
    (tmp_path / "story.md").write_text(STORY)
    ours, theirs = os.openpty()
    told = ("illustrate", "story.md", "--speed", "100", "--size", "128x96")
    process = subprocess.Popen(
        ["setsid", "--ctty", sys.executable, "-m", "limner", *told],  # it is its terminal
        cwd=tmp_path, env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path)},
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while b"1 ready" not in seen and b"1/" not in seen:
        seen += os.read(ours, 4096)
    os.close(ours)  # the terminal is gone: the kernel sends SIGHUP
    assert process.wait(timeout=60) == 130
    assert "The snow." in (tmp_path / "story.html").read_text()


def test_under_nohup_a_closed_terminal_changes_nothing(tmp_path: Path) -> None:
    """Whoever has SIGHUP ignored wants the work to go on."""
    (tmp_path / "story.md").write_text("The snow. " * 50)
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "limner", "illustrate", "story.md", "--speed", "1000"],
            cwd=tmp_path, env=clean_environment(tmp_path), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGHUP, former)
    process.send_signal(signal.SIGHUP)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said


def test_the_second_interrupt_leaves_at_once(spawn: Spawn, tmp_path: Path) -> None:
    """Even while a backend does not stop, a second Ctrl-C ends the process; no file is left."""
    (tmp_path / "story.md").write_text(STORY)
    process = spawn(
        "illustrate", "story.md", "--backend", "stubborn", "--speed", "1000",
        program=SCRIPTED,
    )  # fmt: skip
    read_until(process, "drawing")
    process.send_signal(signal.SIGINT)
    read_until(process, "asked to stop")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - began < 20
    assert [path.name for path in tmp_path.iterdir()] == ["story.md"]


def test_a_reader_who_has_had_enough_is_no_error(spawn: Spawn, tmp_path: Path) -> None:
    """Piping the events into something that stops reading ends quietly."""
    (tmp_path / "story.md").write_text("word " * 200_000)
    process = spawn("illustrate", "story.md", "--json")
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.wait(timeout=60)
    assert "Traceback" not in said
    assert process.returncode in (0, 1)
