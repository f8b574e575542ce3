"""Ctrl-C: the first writes what is finished, the second leaves at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.kept import in_library
from tests.command.commands import Running, clean_environment

from limner.storage import Library

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

plugins.installed = lambda: [Point()]
main(sys.argv[1:])
"""

Spawn = Callable[..., Running]


async def titles(library: Library) -> list[str | None]:
    """What the chats are called."""
    return [chat.title for chat in await library.chats()]


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


EARLY = """
import runpy, signal, sys

class Interrupted:
    '''Ctrl-C at the moment in which a module is looked for.'''

    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupted())
runpy.run_module("limner", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    "module",
    ["limner.cli", "limner.cli.entry", "limner.cli.exit_code", "limner.errors", "typer", "typing"],
)
def test_an_interrupt_while_it_is_loaded_is_one_line(module: str) -> None:
    """However early it comes, from the first module of limner's own on."""
    done = subprocess.run(
        [sys.executable, "-c", EARLY, module], capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        130, "limner: interrupted before anything was begun\n"
    )  # fmt: skip


def test_hardly_anything_is_loaded_before_an_interrupt_is_awaited() -> None:
    """What the installed command imports by itself, where nothing can catch it, is very little."""
    program = (
        "import sys; before = set(sys.modules); from limner.cli import main;"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path = {sys.path}; {program}"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["limner", "limner.cli", "limner.cli.entry"]


def test_an_interrupt_before_the_first_word_leaves_no_chat(spawn: Spawn, tmp_path: Path) -> None:
    """Nor a page: nothing came of it."""
    process = spawn("illustrate", "-", "-o", "page.html", "--library", "kept", "--title", "Snow")
    process.stdin.write(" ")
    process.stdin.flush()
    deadline = time.monotonic() + 60
    while not (tmp_path / "kept" / "limner.db").exists() and time.monotonic() < deadline:
        process.poll()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert in_library(tmp_path / "kept", titles) == []
    assert not (tmp_path / "page.html").exists()


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
