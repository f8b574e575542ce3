"""`limner references`: pictures that show a server what somebody or something looks like."""

import asyncio
import json as json_format
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.exit_code import ExitCode
from limner.cli.shared.library_place import LibraryOption, kept_library

if TYPE_CHECKING:
    from limner.storage import ReferenceRecord

references = typer.Typer(help="Keep reference pictures that tags, characters and styles can name.")

_NAME = re.compile(r"[^\x00-\x20/\\?#%,\x7f][^\x00-\x1f/\\?#%,\x7f]{0,99}")
_TAKEN = frozenset(("last", "previous"))

Backend = Annotated[
    list[str] | None,
    typer.Option("--backend", metavar="NAME|KIND+URL", help="Which server may see it; repeatable."),
]
Json = Annotated[bool, typer.Option("--json", help="One picture a line, as a JSON object.")]


@references.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="PNG, JPEG, WebP or AVIF.")],
    name: Annotated[
        str | None, typer.Option("--name", help="What tags call it; else the file's name.")
    ] = None,
    backend: Backend = None,
    library: LibraryOption = None,
) -> int:
    """Keep a picture, in the place of the one that had its name.

    It is checked, freed of its metadata, and brought to 1024 pixels at most. The servers that are
    set up now may see it, or those that are named, and no other.

    Exit codes: 0 it is kept; 2 it is no picture, or nothing that draws takes one.
    """
    called = file.name if name is None else name
    if not _NAME.fullmatch(called) or called in _TAKEN:
        raise typer.BadParameter(
            f"{called!r} cannot be a name: give another, without / \\ ? # % and commas",
            param_hint="--name",
        )
    return asyncio.run(_add(file, called, backend, library))


@references.command("list")
def list_(json: Json = False, library: LibraryOption = None) -> int:
    """Show the names, sizes, and the kinds of servers that may see them.

    Exit codes: 0 also if there is none; 2 there is no library.
    """
    return asyncio.run(_list(json, library))


@references.command("remove")
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME")], library: LibraryOption = None
) -> int:
    """Forget a picture; what was drawn after it stays.

    Exit codes: 0 it is gone; 2 there was none of that name.
    """
    return asyncio.run(_remove(name, library))


async def _add(file: Path, name: str, backend: list[str] | None, given: str | None) -> ExitCode:
    from limner.backends.images.support.references import prepared
    from limner.cli.shared.options import settings_with
    from limner.composition import (
        backend_addresses,
        begin_library,
        closing,
        make_backend_at,
        open_library,
    )
    from limner.errors import BadPicture
    from limner.illustration import Image
    from limner.illustration.capabilities import places_of

    try:
        made = await asyncio.to_thread(lambda: prepared(name, file.read_bytes()))
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from error
    except BadPicture as error:
        why = str(error).rpartition("sent no picture: ")[2]
        raise typer.BadParameter(f"{file} is no picture: {why}", param_hint="FILE") from error
    settings = settings_with(backend=backend, library=given)
    places: set[str] = set()
    for address in backend_addresses(settings):
        async with closing(make_backend_at(address, settings)) as one:
            places |= places_of(one)
    if not places:
        raise typer.BadParameter(
            "what draws here has no place for reference pictures; name a server that has",
            param_hint="--backend",
        )
    image = Image(data=made.data, media_type="image/png", width=made.width, height=made.height)
    async with open_library(begin_library(settings), settings, begin=True) as library:
        kept = await library.keep_reference(name, image, meant_for=places)
    typer.echo(f'limner: {kept.name} is kept for {_kinds(kept)}: reference="{kept.name}"', err=True)
    return ExitCode.OK


async def _list(json: bool, given: str | None) -> ExitCode:
    async with kept_library(given, to_read=True) as library:
        found = await library.references()
    for one in found:
        size = f"{one.image.width}x{one.image.height}"
        if json:
            told = {"name": one.name, "owner": one.owner, "size": size, "for": _kinds(one)}
            typer.echo(json_format.dumps(told))
        else:
            typer.echo("\t".join([one.name, size, _kinds(one), one.owner]).rstrip())
    if not found and not json:
        typer.echo(
            "limner: no reference pictures; `limner references add FILE` keeps one", err=True
        )
    return ExitCode.OK


async def _remove(name: str, given: str | None) -> ExitCode:
    async with kept_library(given) as library:
        if await library.delete_reference(name):
            return ExitCode.OK
    raise typer.BadParameter(
        f"there is no reference picture {name!r}; `limner references list` shows what there is",
        param_hint="NAME",
    )


def _kinds(record: "ReferenceRecord") -> str:
    return ", ".join(sorted({place.partition(":")[0] for place in record.meant_for}))
