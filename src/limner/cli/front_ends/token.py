"""`limner token`: who may use a server."""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.serve import ConfigOption
from limner.cli.shared.library_place import LibraryOption
from limner.errors import StorageUnavailable

if TYPE_CHECKING:
    from limner.server.tokens import TokenEntry

token = typer.Typer(help="Make, list and revoke the tokens of `limner serve`.")

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Whose token: pictures are counted by this name.")
]
FrontEnd = Annotated[
    bool,
    typer.Option(
        "--front-end",
        help="It is a front-end's with many users (Open WebUI): each of them is told apart.",
    ),
]
Admin = Annotated[
    bool,
    typer.Option("--admin", help="Its holder may do everything, also where `household` is off."),
]


@token.command()
def add(
    name: Name,
    front_end: FrontEnd = False,
    admin: Admin = False,
    library: LibraryOption = None,
    config: ConfigOption = None,
) -> int:
    """Make a token, and show it this once: only its hash is kept."""
    from limner.cli.shared.options import settings_with
    from limner.composition import begin_library, open_library
    from limner.server.tokens import add_token

    settings = settings_with(config, library=library)
    where = begin_library(settings)

    async def work() -> str:
        async with open_library(where, settings, begin=True) as opened:
            return await add_token(opened, name, now=time.time(), front_end=front_end, admin=admin)

    made = asyncio.run(work())
    once = "the token is shown only this once; keep it, for nobody can show it again"
    typer.echo(f"limner: {once}", err=True)
    typer.echo(made)
    return ExitCode.OK


@token.command("list")
def list_(library: LibraryOption = None, config: ConfigOption = None) -> int:
    """List the names of all tokens that a library keeps and the settings hold."""
    from limner.cli.shared.options import settings_with
    from limner.composition import default_library, open_library
    from limner.server.from_settings import configured_tokens
    from limner.server.tokens import list_tokens

    settings = settings_with(config, library=library)
    where = settings.library or default_library()

    async def work() -> "list[TokenEntry]":
        async with open_library(where, settings) as opened:
            return await list_tokens(opened)

    try:
        kept = asyncio.run(work())
    except StorageUnavailable:
        if "://" in where or (Path(where) / "limner.db").is_file():
            raise
        kept = []  # no library yet, so no tokens in it
    for name in configured_tokens(settings):
        typer.echo(f"{name}  in the settings")
    for entry in kept:
        typer.echo(_line(entry))
    return ExitCode.OK


def _line(entry: "TokenEntry") -> str:
    made = datetime.fromtimestamp(entry.created_at or 0).strftime("%Y-%m-%d %H:%M")
    what = ["front-end"] * entry.front_end + ["admin"] * entry.admin
    return f"{entry.name}  made {made}{''.join(f', {one}' for one in what)}"


@token.command()
def revoke(name: Name, library: LibraryOption = None, config: ConfigOption = None) -> int:
    """Make a token worthless, at once also for a server that runs."""
    from limner.cli.shared.options import settings_with
    from limner.composition import default_library, open_library
    from limner.server.tokens import revoke_token

    settings = settings_with(config, library=library)
    where = settings.library or default_library()

    async def work() -> bool:
        async with open_library(where, settings) as opened:
            return await revoke_token(opened, name)

    if not asyncio.run(work()):
        raise typer.BadParameter(
            f"there is no token {name!r}; `limner token list` shows those there are",
            param_hint="NAME",
        )
    return ExitCode.OK
