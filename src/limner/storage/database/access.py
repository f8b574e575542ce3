"""What whoever runs limner may do in a library's place."""

import os
from enum import Enum
from pathlib import Path

from limner.storage.database.address import Address
from limner.storage.database.bucket_address import BucketAddress


class Access(Enum):
    """How a library's files are opened."""

    FULL = "full"
    READ = "read"
    """Nothing is written, but others may write: their changes are seen."""
    FROZEN = "frozen"
    """Not even the files that SQLite has beside its own can be made: it is read as it lies."""


def access_to(where: Address) -> Access:
    """Find out how a library that is only to be read is opened.

    One that can be written is opened as any other, because it may have to be brought up to date.
    """
    pictures = isinstance(where.pictures, BucketAddress) or _writable(where.pictures)
    if not isinstance(where.database, Path):
        return Access.FULL if pictures else Access.READ
    folder = where.database.parent
    if pictures and all(map(_writable, (folder, where.database))):
        return Access.FULL
    log = where.database.with_name(where.database.name + "-wal")
    if _writable(folder) or (log.exists() and log.stat().st_size):
        return Access.READ
    return Access.FROZEN


def _writable(path: Path) -> bool:
    """Whether something can be written, or made where it is not there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(path, os.W_OK | (os.X_OK if path.is_dir() else 0))
