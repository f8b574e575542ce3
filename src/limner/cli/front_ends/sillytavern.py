"""`limner sillytavern`: limner's extension for SillyTavern, put where it belongs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from limner.cli.exit_code import ExitCode

sillytavern = typer.Typer(help="Install, update and remove limner's extension for SillyTavern.")

Place = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PATH]",
        help="SillyTavern's folder, its folder of data, or that of one user; by default "
        "the usual places are looked through.",
        show_default=False,
    ),
]
User = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Only for this user; by default for all.", show_default=False
    ),
]


@sillytavern.command()
def install(path: Place = None, user: User = None) -> int:
    """Put the extension into SillyTavern, over an older one if there is one."""
    from limner.server.sillytavern import extension_files
    from limner.server.sillytavern import install as put

    files = extension_files()
    for place in _places(path, user):
        done = put(place, files)
        if done is not None:
            was = "" if done.before is None else f" (was {done.before})"
            typer.echo(f"installed {done.now}{was}: {done.place}")
    typer.echo(
        "Next: run `limner serve`, reload SillyTavern's page, choose limner's address "
        "(http://127.0.0.1:8750/v1) under API Connections as the Custom Endpoint of a Chat "
        "Completion, and press Connect under Extensions, limner."
    )
    return ExitCode.OK


@sillytavern.command()
def update(path: Place = None, user: User = None) -> int:
    """Bring the extension up to this limner's version, wherever it is installed."""
    from limner.server.sillytavern import extension_files
    from limner.server.sillytavern import install as put

    files = extension_files()
    done = [put(place, files, only_update=True) for place in _places(path, user)]
    for one in filter(None, done):
        typer.echo(f"{one.now} (was {one.before}): {one.place}")
    if not any(done):
        typer.echo("it is not installed there; `limner sillytavern install` does that", err=True)
        return ExitCode.USAGE
    return ExitCode.OK


@sillytavern.command()
def remove(path: Place = None, user: User = None) -> int:
    """Take the extension out of SillyTavern."""
    from limner.server.sillytavern import remove as take

    gone = [take(place) for place in _places(path, user)]
    for place in filter(None, gone):
        typer.echo(f"removed: {place}")
    if not any(gone):
        typer.echo("it was not installed there", err=True)
        return ExitCode.USAGE
    return ExitCode.OK


def _places(path: Path | None, user: str | None) -> list[Path]:
    """The folders of extensions that are meant."""
    from limner.errors import ConfigError
    from limner.server.sillytavern import extension_places, usual_places

    if path is None:
        found = usual_places(Path.home(), Path.cwd(), os.environ)
        if len(found) != 1:
            told = "no SillyTavern was found" if not found else "several were found: "
            named = ", ".join(str(place) for place in found)
            raise ConfigError(f"{told}{named}; name its folder: limner sillytavern install PATH")
        path = found[0]
    return extension_places(path, user)
