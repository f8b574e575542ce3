"""A command that is forked from a process with everything loaded is as one that is begun afresh."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.command.commands import Commands, clean_environment, forget_collectors

pytestmark = pytest.mark.real_time

TELLS = """
import atexit, os, signal, sys
atexit.register(print, "at exit")
print(sys.argv, os.getcwd(), os.environ.get("LIMNER_MODEL"), os.environ["MOOD"], __name__)
print(sorted(int(name) for name in os.listdir("/proc/self/fd"))[:3], len(sys.stdin.read()))
print(signal.getsignal(signal.SIGINT).__name__, signal.getsignal(signal.SIGTERM).name)
sys.stderr.write("complaint\\n")
sys.exit(int(sys.argv[1]))
"""
WAITS = "import sys; print('here', flush=True); sys.stdin.read()"


@pytest.mark.parametrize("code", [0, 7])
def test_it_finds_what_a_process_finds(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Words, place, environment, streams and signals, and the end of the interpreter."""
    monkeypatch.setenv("LIMNER_MODEL", "whoever runs the tests has one")
    monkeypatch.setenv("MOOD", "good")
    afresh = subprocess.run(
        [sys.executable, "-c", TELLS, str(code)], cwd=tmp_path, env=clean_environment(tmp_path),
        input="", capture_output=True, text=True, check=False,
    )  # fmt: skip
    forked = commands.start(str(code), cwd=tmp_path, program=TELLS)
    try:
        assert forked.communicate() == (afresh.stdout, afresh.stderr)
        assert forked.returncode == afresh.returncode
    finally:
        forked.end()
    assert (afresh.returncode, afresh.stderr) == (code, "complaint\n")


def test_it_has_no_settings_of_whoever_runs_the_tests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither limner's, nor, from the first test on, what would send spans to their collector."""
    monkeypatch.setenv("LIMNER_MODEL", "theirs")
    assert "LIMNER_MODEL" not in clean_environment(tmp_path)
    theirs = {"OTEL_EXPORTER_OTLP_ENDPOINT": "theirs", "OTEL_TRACES_EXPORTER": "otlp", "HOME": "/"}
    forget_collectors(theirs)
    assert theirs == {"HOME": "/"}


def test_a_signal_reaches_the_command_itself(commands: Commands, tmp_path: Path) -> None:
    """It ends by it, and nothing is left of it."""
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        running = commands.start(cwd=tmp_path, program=WAITS)
        assert running.stdout.readline() == "here\n"
        assert running.poll() is None
        running.send_signal(number)
        assert running.wait() == -number
        with pytest.raises(ProcessLookupError):
            os.kill(running.pid, 0)
        running.end()


def test_one_command_does_not_keep_anothers_streams_open(
    commands: Commands, tmp_path: Path
) -> None:
    """Each hears the end of its input, whatever was started after it."""
    first, second = (commands.start(cwd=tmp_path, program=WAITS) for _ in range(2))
    assert (first.stdout.readline(), second.stdout.readline()) == ("here\n", "here\n")
    with pytest.raises(subprocess.TimeoutExpired):
        first.wait(0.0)
    assert first.communicate() == ("", "")
    assert (first.returncode, second.poll()) == (0, None)
    first.end()
    second.end()


async def test_the_command_is_the_one_that_is_installed(commands: Commands, tmp_path: Path) -> None:
    """`python -m limner`, with its code."""
    code, out, _ = await commands.run("version", cwd=tmp_path)
    assert (code, out.startswith("limner ")) == (0, True)
    code, _, err = await commands.run("illustrate", "--no-such-option", cwd=tmp_path)
    assert (code, "--no-such-option" in err) == (2, True)


def test_what_was_not_ended_is_ended_with_its_commands(tmp_path: Path) -> None:
    """A test that fails in the middle leaves nothing behind, and holds nobody up."""
    with Commands() as commands:
        running = commands.start(cwd=tmp_path, program=WAITS)
        assert running.stdout.readline() == "here\n"
    assert running.returncode == -signal.SIGKILL
