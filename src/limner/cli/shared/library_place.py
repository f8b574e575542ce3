"""Which library and which chat a command works with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from limner.errors import ConfigError

if TYPE_CHECKING:  # these are heavy: only loaded where a library is opened
    from limner.config import Settings
    from limner.storage import ChatSummary, Library

LibraryOption = Annotated[
    str | None,
    typer.Option(
        "--library",
        metavar="DIR",
        help="Where messages and pictures are kept; else LIMNER_LIBRARY or the settings' library.",
    ),
]
ChatArgument = Annotated[
    str,
    typer.Argument(
        metavar="CHAT", help="The chat: its id, how that begins, or words of its title."
    ),
]


def library_place(settings: "Settings") -> str:
    """Where the library is.

    Raises:
        limner.errors.ConfigError: Neither the command nor the settings say so.
    """
    if settings.library is None:
        raise ConfigError("which library? add --library DIR or set LIMNER_LIBRARY")
    return settings.library


@asynccontextmanager
async def kept_library(given: str | None, *, to_read: bool = False) -> AsyncIterator["Library"]:
    """The library that a command's ``--library`` or the settings name, for the time of the block.

    Args:
        given: The option.
        to_read: Whether it is opened also where it cannot be written.

    Raises:
        limner.errors.ConfigError: Neither names one, or the settings cannot be read.
        limner.errors.StorageError: It is not there, or cannot be opened.
    """
    from limner.cli.shared.options import settings_with
    from limner.composition import open_library

    settings = settings_with(library=given)
    async with open_library(library_place(settings), settings, to_read=to_read) as library:
        yield library


async def all_chats(library: "Library") -> list["ChatSummary"]:
    """Every chat, the one changed last before all others."""
    found: list[ChatSummary] = []
    while page := await library.chats(limit=500, after=found[-1].id if found else None):
        found += page
    return found


async def chats_called(library: "Library", name: str) -> list["ChatSummary"]:
    """The chat with this id, else those whose title it is, in upper or lower case."""
    exact = await library.chat(name)
    if exact is not None:
        return [exact]
    asked = name.casefold()
    return [chat for chat in await all_chats(library) if (chat.title or "").casefold() == asked]


async def find_chats(library: "Library", name: str) -> list["ChatSummary"]:
    """The chats somebody can mean by a name.

    Those called so, else those whose id begins so, else those whose title does, else those whose
    title holds it; upper and lower case of titles count as the same.
    """
    called = await chats_called(library, name)
    if called:
        return called
    chats = await all_chats(library)
    asked = name.casefold()
    titles = [(chat, (chat.title or "").casefold()) for chat in chats]
    return (
        [chat for chat in chats if chat.id.startswith(name)]
        or [chat for chat, title in titles if title.startswith(asked)]
        or [chat for chat, title in titles if asked in title]
    )


async def the_chat(library: "Library", name: str) -> "ChatSummary":
    """The one chat that is meant.

    Raises:
        typer.BadParameter: There is none, or several can be meant.
    """
    found = await find_chats(library, name)
    if not found:
        raise typer.BadParameter(
            f"there is no chat {name!r}; `limner list` shows what there is", param_hint="CHAT"
        )
    if len(found) > 1:
        raise typer.BadParameter(several(name, found), param_hint="CHAT")
    return found[0]


def several(name: str, found: list["ChatSummary"]) -> str:
    """That a name fits several chats, and which."""
    told = ", ".join(f"{chat.id} ({chat.title or 'no title'})" for chat in found[:8])
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return f"{name!r} can be any of {told}{more}; give the id"
