"""`limner migrate`: the tables of a library brought up to date, before anybody works on it."""

import asyncio
from typing import TYPE_CHECKING

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.serve import ConfigOption
from limner.cli.shared.library_place import LibraryOption, PicturesOption

if TYPE_CHECKING:
    from limner.config import Settings


def migrate(
    library: LibraryOption = None,
    pictures: PicturesOption = None,
    config: ConfigOption = None,
) -> int:
    """Bring a library's tables up to date, or begin one; whoever opens a library does so as well.

    For where many servers are started at the same time, so that one has done it before. Exit codes:
    0 it is up to date; 2 it cannot be opened or written, or a newer limner wrote it.
    """
    from limner.cli.shared.options import settings_with

    settings = settings_with(config, library=library, library_pictures=pictures)
    return asyncio.run(_migrate(settings))


async def _migrate(settings: "Settings") -> ExitCode:
    from limner.composition import begin_library, open_library

    async with open_library(begin_library(settings), settings, begin=True) as library:
        typer.echo(f"the library {library.place} is up to date")
    return ExitCode.OK
