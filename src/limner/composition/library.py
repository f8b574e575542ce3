"""Where everything is kept, as the settings say."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from limner.config import Settings
from limner.errors import ConfigError, StorageUnavailable

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.storage import Bound, Library


DAY = 86400.0
CONNECTIONS = 5
"""Connections of a server to its database."""


def default_library() -> str:
    """Where a server's library is if nobody says so (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(home) / "limner" / "library")


def begin_library(settings: Settings) -> str:
    """Where a server's library is; the usual place is made so that only its owner can look into it.

    Raises:
        limner.errors.StorageUnavailable: The place cannot be made.
    """
    if settings.library is not None:
        return settings.library
    place = Path(default_library())
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        told = f"the library cannot be made in {place}: {error.strerror}"
        raise StorageUnavailable(told, place=str(place)) from error
    return str(place)


@asynccontextmanager
async def open_library(
    place: str,
    settings: Settings,
    *,
    begin: bool = False,
    to_read: bool = False,
    connections: int = CONNECTIONS,
) -> AsyncIterator["Library"]:
    """Open a library for the time of the block.

    Args:
        place: A directory, or a database's address.
        settings: Say where its pictures are, and how often text is committed.
        begin: Whether one is begun where there is none.
        to_read: Whether it is opened also where it cannot be written.
        connections: How many it has to a database that is a server, and as many for long work.

    Raises:
        limner.errors.ConfigError: The address cannot be read.
        limner.errors.StorageError: It is not there, or cannot be opened.
    """
    from limner.storage import Library

    if not begin and "://" not in place and not (Path(place) / "limner.db").is_file():
        raise StorageUnavailable(f"there is no library in {place}", place=place)
    try:
        opened = await Library.open(
            place,
            pictures=settings.library_pictures,
            pace=settings.library_pace,
            to_read=to_read,
            connections=connections,
        )
    except ValueError as error:
        raise ConfigError(f"the library cannot be opened: {error}") from error
    async with opened as library:
        yield library


def pictures_of(place: str, settings: Settings) -> str | None:
    """Where the pictures of a library are that a command names; ``None``: in its own folder.

    The setting is said of the library that the settings name. Another one that is a directory
    holds its own: one place is never two libraries'. A database has no folder, and a bucket
    counts for all.

    Examples:
        >>> settings = Settings(library="tales", library_pictures="/srv/pictures")
        >>> pictures_of("postgresql://db/tales", settings), pictures_of("other", settings)
        ('/srv/pictures', None)
        >>> pictures_of("./tales", settings)
        '/srv/pictures'
    """
    pictures = settings.library_pictures
    if pictures is None or pictures.startswith("s3://") or "://" in place:
        return pictures
    usual = settings.library or default_library()
    return pictures if os.path.realpath(place) == os.path.realpath(usual) else None


def bound_of(settings: Settings) -> "Bound | None":
    """What each owner's pictures keep to; ``None``: nothing bounds them."""
    from limner.storage import Bound

    keep = settings.keep
    if keep.bytes_per_owner is None and keep.days is None:
        return None
    seconds = None if keep.days is None else keep.days * DAY
    return Bound(bytes=keep.bytes_per_owner, seconds=seconds)
