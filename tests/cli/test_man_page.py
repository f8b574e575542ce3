"""The manual page, as `make man` wrote it."""

import re
import tomllib
from pathlib import Path

import typer

from limner import __version__
from limner.cli.app import app
from limner.cli.exit_code import ExitCode

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "man" / "limner.1"


def test_the_manual_page_has_every_command_and_this_version() -> None:
    """A command that it does not have: run `make man`."""
    text = PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    names = {name for name, one in group.commands.items() if not one.hidden}
    assert names <= set(re.findall(r"^\.TP\n([a-z]+)$", text, re.MULTILINE))
    assert f'"limner {__version__}"' in text


def test_the_manual_page_tells_every_exit_code() -> None:
    """As the scripts that call it want to know."""
    text = PAGE.read_text(encoding="utf-8")
    assert [f".TP\n{code.value}\n" in text for code in ExitCode] == [True] * len(ExitCode)


def test_the_manual_page_was_made_where_every_letter_can_be_written() -> None:
    """Not with question marks in the place of letters: `make man` says in which locale."""
    assert "???" not in PAGE.read_text(encoding="utf-8")


def test_an_install_brings_the_manual_page_where_man_looks_for_it() -> None:
    """Also `pipx` links what lies there."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shared = told["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {"docs/man/limner.1": "share/man/man1/limner.1"}
