"""`limner init`: a settings file, written by looking around and asking three questions."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode

if TYPE_CHECKING:
    from limner.composition.checking.usual_servers import FoundPictures, FoundText

MOST = 12
"""Models that are offered."""

To = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help="Where to write; else the usual place."),
]
Yes = Annotated[
    bool, typer.Option("-y", "--yes", help="Ask nothing: take the first of what is found.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]

_HEAD = """\
# Settings of limner, written by `limner init`. `limner config --example` shows all there are;
# `limner doctor` looks whether these work. Keys belong here too: llm_key = "…", backend_key = "…".

"""


def init(config: To = None, yes: Yes = False, force: Force = False) -> int:
    """Write a settings file: look for servers on this machine, and ask three questions.

    Who writes, what draws, and where stories are kept. Exit codes: 0 it is written; 2 there is one
    already, it cannot be written, or nobody is there to be asked; 130 interrupted.
    """
    place = Path(config) if config else _usual_place()
    if place.exists() and not force:
        raise typer.BadParameter(f"{place} is there already; --force writes over it")
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to be asked: add --yes to take what is found")
    texts, pictures = asyncio.run(_look())
    settings = {
        **_writer(texts, ask=not yes),
        **_drawer(pictures, ask=not yes),
        **_library(ask=not yes),
    }
    _write(place, settings)
    typer.echo(f"{place}: written; `limner doctor` looks whether it works")
    return ExitCode.OK


async def _look() -> "tuple[list[FoundText], list[FoundPictures]]":
    from limner.composition.checking.usual_servers import picture_servers, text_servers

    typer.echo("looking for servers on this machine…", err=True)
    texts, pictures = await asyncio.gather(text_servers(), picture_servers())
    return texts, pictures


def _writer(found: "Sequence[FoundText]", *, ask: bool) -> dict[str, str]:
    """Who writes prompts and stories."""
    offers = [(one, model) for one in found for model in one.models][:MOST]
    lines = [f"{model}, of {one.name} at {one.url}" for one, model in offers]
    lines.append("no model: places for pictures are found by the words of a story")
    chosen = _ask("Who writes prompts?", lines) if ask else 0
    if chosen >= len(offers):
        return {}
    one, model = offers[chosen]
    return {"llm_url": one.url, "llm_model": model}


def _drawer(found: "Sequence[FoundPictures]", *, ask: bool) -> dict[str, str]:
    """What draws."""
    lines = [f"{one.name} at {one.address.partition('+')[2]}" for one in found]
    lines.append("sketch: draws by itself, with no model and no server")
    chosen = _ask("What draws?", lines) if ask else 0
    return {"backend": found[chosen].address if chosen < len(found) else "sketch"}


def _library(*, ask: bool) -> dict[str, str]:
    """Where stories are kept."""
    from limner.composition import default_library

    usual = default_library()
    place = typer.prompt("Where are stories kept?", default=usual, err=True) if ask else usual
    return {} if place == usual else {"library": str(Path(place).expanduser().resolve())}


def _ask(question: str, offers: Sequence[str]) -> int:
    """Which of several things is meant; the first if nothing is said."""
    typer.echo(question, err=True)
    for number, offer in enumerate(offers, 1):
        typer.echo(f"  {number}  {offer}", err=True)
    while True:
        said = typer.prompt("Number", default="1", err=True)
        if str(said).strip().isdecimal() and 1 <= int(said) <= len(offers):
            return int(said) - 1
        typer.echo(f"a number from 1 to {len(offers)}, please", err=True)


def _usual_place() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(os.environ.get("LIMNER_CONFIG") or Path(home) / "limner" / "config.toml")


def _write(place: Path, settings: dict[str, str]) -> None:
    """Write the file; only its owner can read it, since keys belong there.

    Raises:
        limner.errors.OutputError: It cannot be written.
    """
    from limner.errors import OutputError

    # A basic string of TOML is one of JSON, but for characters that JSON may leave as they are.
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_HEAD + "".join(lines))
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {place}: {reason}", path=str(place)) from error
