"""The options of `limner illustrate` about a page or book as a whole."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from limner.cli.story.imprint import Imprint

LARGEST_COVER = 48 << 20
"""Bytes of a cover's file."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")

Title = Annotated[
    str | None,
    typer.Option("--title", metavar="TEXT", help="What it is called, whatever heading it has."),
]
Author = Annotated[
    str | None,
    typer.Option("--author", metavar="NAME", help="Who wrote it: on the page, in the book."),
]
Lang = Annotated[
    str | None,
    typer.Option("--lang", metavar="TAG", help="The text's language, such as de or pt-BR."),
]
Cover = Annotated[
    str | None,
    typer.Option(
        "--cover",
        metavar="FILE",
        help="The picture on a book's cover; else one is drawn if there is an author.",
    ),
]
SmartQuotes = Annotated[
    bool,
    typer.Option("--smart-quotes", help="Make straight quotes and hyphens curly, and dashes."),
]


def choose_imprint(
    *,
    title: str | None,
    author: str | None,
    lang: str | None,
    cover: str | None,
    smart_quotes: bool,
    files: tuple[str, ...] = (),
) -> Imprint:
    """What the options say of a page or book.

    Raises:
        typer.BadParameter: The language is none, or the cover cannot be read as a picture.
    """
    if lang is not None and not _LANGUAGE.fullmatch(lang):
        raise typer.BadParameter(f"{lang!r} is no tag such as en or pt-BR", param_hint="--lang")
    return Imprint(
        title=_line(title),
        author=_line(author),
        language=lang.replace("_", "-") if lang else None,
        cover=_cover(cover) if cover is not None else None,
        smart=smart_quotes,
        files=tuple(os.path.realpath(file) for file in files),
    )


def _line(words: str | None) -> str | None:
    return " ".join(words.split()) or None if words is not None else None


def _cover(name: str) -> str:
    from limner.backends.manuscripts.pictures import own_picture

    path = Path(os.path.realpath(name))
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST_COVER else b""
    except OSError as error:
        raise typer.BadParameter(
            f"{name} cannot be read: {error.strerror or error}", param_hint="--cover"
        ) from error
    if own_picture(data) is None:
        raise typer.BadParameter(f"{name} is no picture", param_hint="--cover")
    return str(path)
