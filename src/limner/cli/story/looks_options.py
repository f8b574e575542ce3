"""The options of `limner illustrate` about how pictures look, and the files they can name."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from limner.cli.story.looks import Looks, character, files_of, split_files

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
        metavar="'NAME: LOOKS @PICTURE'|FILE",
        help="Somebody's looks, wherever they occur in a picture, in words, by a picture, or both; "
        "a file has one a line; can be repeated.",
    ),
]
ReferenceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reference",
        metavar="PICTURE",
        help="A picture after which all are drawn, for backends that can; can be repeated.",
    ),
]
_LEAD = re.compile(r"^[ \t]*[-*+][ \t]+")


def choose_looks(
    style: str | None,
    negative: str | None,
    characters: Sequence[str] | None,
    references: Sequence[str] | None = None,
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
        references=tuple(str(Path(one).absolute()) for one in references or ()),
    )
    made = replace(made, digests=_digests(made))
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
    is_file = _is_file(path)
    lines = _lines(path, "--character") if is_file else [given]
    folder = (path.parent if is_file else Path()).absolute()
    for line in lines:
        if ":" not in line or not (character(line).prompt or files_of(line)):
            raise typer.BadParameter(
                f"{line!r} is not 'NAME: LOOKS', nor a file", param_hint="--character"
            )
    return [_with_places(line, folder) for line in lines]


def _with_places(line: str, folder: Path) -> str:
    """A line about somebody whose pictures are named by where they are."""
    words, *files = split_files(line)
    return " ".join([words, *(f"@{folder / Path(file).expanduser()}" for file in files)])


def _digests(looks: Looks) -> tuple[str, ...]:
    """What is in the files of pictures that are named.

    Raises:
        typer.BadParameter: One cannot be used.
    """
    if not looks.pictures:
        return ()
    from limner.backends.images.support.reference_files import read_reference

    found: list[str] = []
    for path in looks.pictures.values():
        option = "--reference" if str(path) in looks.references else "--character"
        try:
            digest = hashlib.sha256(read_reference(path)).hexdigest()
        except (OSError, ValueError) as error:
            why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else error
            raise typer.BadParameter(
                f"{path} is no picture to draw after: {why}", param_hint=option
            ) from error
        found.append(f"{path}={digest}")
    return tuple(found)


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
