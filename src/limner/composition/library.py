"""Where everything is kept, as the settings say."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from limner.config import Settings
from limner.errors import ConfigError, StorageUnavailable

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.storage import Library


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
    place: str, settings: Settings, *, begin: bool = False, to_read: bool = False
) -> AsyncIterator["Library"]:
    """Open a library for the time of the block.

    Args:
        place: A directory, or a database's address.
        settings: Say where the pictures of a database are, and how often text is committed.
        begin: Whether one is begun where there is none.
        to_read: Whether it is opened also where it cannot be written.

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
        )
    except ValueError as error:
        raise ConfigError(f"the library cannot be opened: {error}") from error
    async with opened as library:
        yield library
