"""Running the command as a user does, with or without a process of its own."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.command.commands import Commands, Running

from limner.cli import main
from limner.illustration import plugins
from limner.testing import ScriptedBackend


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Ran]


class _Point:
    """An entry point for a test's own backend."""

    def __init__(self, name: str, make: Callable[[], ScriptedBackend]) -> None:
        self.name = name
        self._make = make

    def load(self) -> Callable[[], ScriptedBackend]:
        return self._make


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> Callable[[ScriptedBackend], ScriptedBackend]:
    """Has `--backend scripted` find a backend, beside the installed ones."""
    installed = plugins.installed

    def plug(backend: ScriptedBackend) -> ScriptedBackend:
        own = _Point("scripted", lambda: backend)
        monkeypatch.setattr(plugins, "installed", lambda: (*installed(), own))
        return backend

    return plug


@pytest.fixture
def scripted(plugged: Callable[[ScriptedBackend], ScriptedBackend]) -> ScriptedBackend:
    """A backend that `--backend scripted` finds."""
    return plugged(ScriptedBackend(seconds=0.0))


@pytest.fixture
def limner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Runs `limner ARGUMENTS` in an empty directory and gives its output and code."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LIMNER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path.with_name(f"{tmp_path.name}-data")))

    def run(*arguments: str) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(int(ended.value.code), out, err)

    return run


@pytest.fixture
def spawn(tmp_path: Path, commands: Commands) -> Iterator[Callable[..., Running]]:
    """Starts `limner ARGUMENTS` as a process of its own in an empty directory."""
    started: list[Running] = []

    def start(*arguments: str, program: str | None = None) -> Running:
        started.append(commands.start(*arguments, cwd=tmp_path, program=program))
        return started[-1]

    yield start
    for running in started:
        running.end()
