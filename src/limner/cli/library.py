"""`limner library`: a whole library moved from one place to another."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.serve import ConfigOption
from limner.cli.wording import counted
from limner.errors import OutputError

if TYPE_CHECKING:
    from limner.config import Settings

library = typer.Typer(help="Copy a whole library to another place.")

From = Annotated[str, typer.Argument(metavar="FROM", help="A directory, or a database's address.")]
To = Annotated[str, typer.Argument(metavar="TO", help="Likewise; in it there is nothing yet.")]
FromPictures = Annotated[
    str | None,
    typer.Option(
        "--from-pictures",
        metavar="PLACE",
        help="Where the pictures of FROM are, a directory or s3://BUCKET/PREFIX; else "
        "library_pictures, or its own folder.",
    ),
]
ToPictures = Annotated[
    str | None,
    typer.Option("--to-pictures", metavar="PLACE", help="Where those of TO are to be, likewise."),
]


@library.callback()
def _library() -> None:
    pass


@library.command()
def copy(
    source: From,
    target: To,
    from_pictures: FromPictures = None,
    to_pictures: ToPictures = None,
    config: ConfigOption = None,
) -> int:
    """Copy all that a library keeps, with its pictures, into a place in which nothing is yet.

    Each is a directory, or the address of a database: sqlite:///FILE or postgresql://HOST/NAME.
    A password belongs into the environment (PGPASSWORD) or ~/.pgpass. Servers may go on meanwhile;
    what is written then is not in the copy. It is there whole or not at all.

    Exit codes: 0 all is copied; 1 there are pictures whose files are gone or damaged, and the copy
    lacks them too; 2 wrong usage, or nothing could be copied.
    """
    from limner.cli.shared.options import settings_with
    from limner.composition import pictures_of

    if from_pictures and "://" not in from_pictures and not Path(from_pictures).is_dir():
        raise OutputError(f"there is no folder {from_pictures} of pictures", path=from_pictures)
    settings = settings_with(config)
    here, there = (
        settings.model_copy(update={"library_pictures": given or pictures_of(place, settings)})
        for place, given in ((source, from_pictures), (target, to_pictures))
    )
    return asyncio.run(_copy(source, target, here, there))


async def _copy(source: str, target: str, here: "Settings", there: "Settings") -> ExitCode:
    from limner.composition import open_library

    async with (
        open_library(source, here) as old,
        open_library(target, there, begin=True) as new,
    ):
        shown = sys.stderr.isatty()
        copied = await old.copy_to(new, on_picture=_progress if shown else None)
        if shown and copied.pictures:
            typer.echo(err=True)
        words = ", ".join(
            counted(number, name)
            for name, number in (
                ("chat", copied.rows["chats"]),
                ("message", copied.rows["messages"]),
                ("picture", copied.pictures),
            )
        )
        typer.echo(f"copied {words} from {old.place} to {new.place}")
    if copied.missing:
        typer.echo(
            f"limner: {counted(len(copied.missing), 'picture')} of {old.place} cannot be read and "
            "is missing in the copy, too; `limner repair` draws such pictures again",
            err=True,
        )
        return ExitCode.INCOMPLETE
    return ExitCode.OK


def _progress(done: int, of: int) -> None:
    typer.echo(f"\r{done} of {of} pictures", nl=False, err=True)
