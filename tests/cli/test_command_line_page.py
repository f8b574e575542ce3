"""The page about the command line names every command and every option there is."""

import re
from pathlib import Path

import pytest
import typer

from limner.cli.app import app
from limner.cli.exit_code import ExitCode

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined] # typer's own type


def sections() -> list[tuple[str, str]]:
    """The page's sections: heading and text."""
    parts = re.split(r"^#+ (.*)$", PAGE, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_is_in_the_overview() -> None:
    """A reader finds all of them at the top of the page."""
    overview = PAGE.partition("\n## ")[0]
    assert [name for name in COMMANDS if f"limner {name}" not in overview] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_the_section_of_its_command(name: str) -> None:
    """By every name it has."""
    told = "".join(text for heading, text in sections() if f"limner {name}" in heading)
    words = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", told or PAGE))
    options = [
        option
        for parameter in COMMANDS[name].params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("-") and not (name == "demo" and option in ("--output", "-q"))
    ]
    assert [option for option in options if option not in words] == []


def test_every_exit_code_is_told() -> None:
    """In the table of exit codes."""
    (table,) = (text for heading, text in sections() if heading == "Exit codes")
    assert [code for code in ExitCode if f"\n| {code.value} |" not in table] == []
