"""Which library and which chat a command works with."""

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.story.chats import all_chats, chats_called, find_chats, several
from limner.cli.wording import meant

if TYPE_CHECKING:  # these are heavy: only loaded where a library is opened
    from limner.config import Settings
    from limner.storage import ChatSummary, Library

LibraryOption = Annotated[
    str | None,
    typer.Option(
        "--library",
        metavar="DIR",
        help="Where messages and pictures are kept; else LIMNER_LIBRARY, the settings' library, "
        "or ~/.local/share/limner/library.",
    ),
]
PicturesOption = Annotated[
    str | None,
    typer.Option(
        "--pictures",
        metavar="PLACE",
        help="Where the library's pictures are, if not in its own folder: a directory, or "
        "s3://BUCKET/PREFIX.",
    ),
]
NoLibrary = Annotated[bool, typer.Option("--no-library", help="Keep nothing.")]
ChatArgument = Annotated[
    str,
    typer.Argument(
        metavar="CHAT", help="The chat: its id, how that begins, or words of its title."
    ),
]


def library_place(settings: "Settings") -> str:
    """Where the library is: where the command or the settings say, else the usual place."""
    from limner.composition import default_library

    return settings.library or default_library()


def library_to_begin(settings: "Settings") -> str | None:
    """Where the library is that a command begins if it is not there; ``None``: it cannot be made.

    Only the usual place may be missing: what somebody named is used, or told to be unusable.
    """
    from limner.composition import begin_library
    from limner.errors import StorageError

    try:
        return begin_library(settings)
    except StorageError as error:
        typer.echo(f"limner: nothing is kept: {error}", err=True)
        return None


def command_line(*words: str, library: str | None) -> str:
    """A command that can be given as it is printed.

    Args:
        *words: The command and its arguments.
        library: The library that it is about; it is only named where it is not the usual one.

    Examples:
        >>> command_line("redraw", "The Fox", "2", library="tales")
        "limner redraw 'The Fox' 2 --library tales"
    """
    from limner.config import load_settings

    usual = library is None or library == library_place(load_settings())
    return shlex.join(["limner", *words, *(() if usual else ("--library", library or ""))])


@asynccontextmanager
async def kept_library(given: str | None, *, to_read: bool = False) -> AsyncIterator["Library"]:
    """The library that a command's ``--library`` or the settings name, for the time of the block.

    Args:
        given: The option.
        to_read: Whether it is opened also where it cannot be written.

    Raises:
        limner.errors.ConfigError: The settings cannot be read.
        limner.errors.StorageError: It is not there, or cannot be opened.
    """
    from limner.cli.shared.options import settings_with
    from limner.composition import open_library

    settings = settings_with(library=given)
    async with open_library(library_place(settings), settings, to_read=to_read) as library:
        yield library


async def the_chat(library: "Library", name: str, *, what: str = "chat") -> "ChatSummary":
    """The one chat that is meant: by its id or title, by the file it was made of, by words.

    Args:
        library: The library.
        name: What somebody called it.
        what: What the command takes: a chat, or a story.

    Raises:
        typer.BadParameter: There is none, or several can be meant.
    """
    from limner.cli.story.story_files import names, stories_called, story_here

    here = await story_here(library, name)
    ids = [here.chat_id] if here is not None else []
    if not ids and not await chats_called(library, name):
        ids = list(dict.fromkeys(story.chat_id for story in await stories_called(library, name)))
    found = [chat for one in ids if (chat := await library.chat(one)) is not None]
    found = found or await find_chats(library, name)
    if not found:
        titles = [chat.title or "" for chat in await all_chats(library)]
        near = meant(name, [*titles, *await names(library)])
        raise typer.BadParameter(
            f"there is no {what} {name!r}{near or ';'} `limner list` shows what there is",
            param_hint=what.upper(),
        )
    if len(found) > 1:
        raise typer.BadParameter(several(name, found), param_hint=what.upper())
    return found[0]
