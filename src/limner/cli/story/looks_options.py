"""The options of `limner illustrate` about how pictures look, and the files they can name."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from limner.cli.story.looks import Looks, character

LARGEST = 256 << 10
"""Bytes of a file of looks."""

StyleOption = Annotated[
    str | None,
    typer.Option(
        "--style",
        metavar="NAME|WORDS|FILE",
        help="How all pictures are drawn: a preset (`limner presets`), words, or a file of them.",
    ),
]
Negative = Annotated[
    str | None,
    typer.Option(
        "--negative", metavar="WORDS|FILE", help="What no picture should show, for most backends."
    ),
]
CharacterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--character",
        metavar="'NAME: LOOKS'|FILE",
        help="Somebody's looks, wherever they occur in a picture; a file has one a line; can be "
        "repeated.",
    ),
]
_LEAD = re.compile(r"^[ \t]*[-*+][ \t]+")


def choose_looks(
    style: str | None, negative: str | None, characters: Sequence[str] | None
) -> Looks:
    """What the options say, with what is in the files they name.

    Raises:
        typer.BadParameter: A file cannot be read, a character has no looks, or words of it would
            change how the rest of a prompt is read.
    """
    from limner.errors import PartError

    lines = [line for one in characters or () for line in _characters(one)]
    made = Looks(
        style=_words(style, "--style") or None,
        negative=_words(negative, "--negative"),
        characters=tuple(lines),
    )
    try:
        made.look()
    except PartError as error:
        raise typer.BadParameter(str(error)) from error
    return made


def _words(given: str | None, option: str) -> str:
    if given is None:
        return ""
    path = Path(given)
    if path.suffix and _is_file(path):
        return ", ".join(_lines(path, option))
    return " ".join(given.split())


def _characters(given: str) -> list[str]:
    path = Path(given)
    lines = _lines(path, "--character") if _is_file(path) else [given]
    for line in lines:
        if ":" not in line or not character(line).prompt:
            raise typer.BadParameter(
                f"{line!r} is not 'NAME: LOOKS', nor a file", param_hint="--character"
            )
    return lines


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False  # words that are too long to be a name


def _lines(path: Path, option: str) -> list[str]:
    """The lines of a file that say something; what begins with # is for people."""
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST else None
        text = data.decode("utf-8-sig") if data is not None else None
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} cannot be read as text", param_hint=option) from error
    if text is None:
        raise typer.BadParameter(f"{path} is too large", param_hint=option)
    lines = (" ".join(_LEAD.sub("", line).split()) for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
