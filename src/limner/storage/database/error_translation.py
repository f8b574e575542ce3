"""What went wrong with a database or a disk, told as one of limner's errors."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from limner.errors import (
    StorageBusy,
    StorageCorrupt,
    StorageError,
    StorageFull,
    StorageReadOnly,
    StorageUnavailable,
)

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NOT_OURS = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
CRAMPED = 1 << 20
"""Bytes free on a disk below which a failed write is put down to the lack of room."""


def full(place: str) -> StorageFull:
    """There is no room."""
    return StorageFull(
        f"there is no room left for the library {place}: free some space or move the library, then"
        " try again; nothing of this change was kept, all that was there before is",
        place=place,
    )


def busy(place: str) -> StorageBusy:
    """Somebody else holds it."""
    return StorageBusy(
        f"the library {place} is held by somebody else: another program is writing to it for long;"
        " end that one or try again later",
        place=place,
    )


def unavailable(place: str, reason: str) -> StorageUnavailable:
    """It cannot be reached or written."""
    return StorageUnavailable(f"the library {place} cannot be used: {reason}", place=place)


def read_only(place: str, reason: str) -> StorageReadOnly:
    """It cannot be written by whoever runs limner."""
    return StorageReadOnly(
        f"the library {place} is read-only, and this needs to write in it: {reason}", place=place
    )


def corrupt(place: str, reason: str) -> StorageCorrupt:
    """It is damaged or is none."""
    return StorageCorrupt(
        f"the library {place} is damaged or is none ({reason}); it was left as it is: restore it"
        " from a backup or choose another place",
        place=place,
    )


@contextmanager
def told(place: str, disk: Path | None = None) -> Iterator[None]:
    """Turn the errors of databases and disks that are raised inside into limner's.

    Args:
        place: The library, as people know it.
        disk: Something on the disk that holds the database, if it is a file.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, InterfaceError) or is_confused(error):
            lost = "the connection to its database was lost; try again"
            raise unavailable(place, lost) from error
        raise of_database(error.orig or error, place, disk) from error
    except (sqlite3.Error, OSError) as error:
        raise of_database(error, place, disk) from error
    except PoolTimeout as error:
        raise busy(place) from error
    except SQLAlchemyError as error:
        raise StorageError(f"the library {place}: {error}", place=place) from error


def is_confused(error: BaseException | None) -> bool:
    """Whether it is an error of the driver itself: its connection was cut while it used it.

    Those of a PostgreSQL server have a code.
    """
    from_server = isinstance(getattr(getattr(error, "orig", None), "sqlstate", None), str)
    return isinstance(error, InternalError) and not from_server


def of_database(error: BaseException, place: str, disk: Path | None = None) -> StorageError:
    """The error of limner that says what this error of a driver or of the system means."""
    state = getattr(error, "sqlstate", None)
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error, place, disk)
    if isinstance(state, str):
        return _of_postgres(error, state, place)
    if isinstance(error, TimeoutError):
        return unavailable(place, "its server does not answer; look at it and at the network")
    if isinstance(error, OSError):
        if error.errno in NO_ROOM:
            return full(place)
        reason = error.strerror or str(error)
        return (read_only if error.errno in NOT_OURS else unavailable)(place, reason)
    return StorageError(f"the library {place}: {error}", place=place)


def _of_sqlite(error: sqlite3.Error, place: str, disk: Path | None) -> StorageError:
    name = getattr(error, "sqlite_errorname", "") or ""
    kind = "_".join(name.split("_")[:2])
    if kind in ("SQLITE_BUSY", "SQLITE_LOCKED"):
        return busy(place)
    if kind == "SQLITE_FULL" or (kind == "SQLITE_IOERR" and _cramped(disk)):
        return full(place)
    if kind in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
        return corrupt(place, str(error))
    if kind in ("SQLITE_READONLY", "SQLITE_PERM"):
        return read_only(place, str(error))
    if kind in ("SQLITE_CANTOPEN", "SQLITE_IOERR"):
        return unavailable(place, f"{error} ({name})")
    return StorageError(f"the library {place}: {error} ({name})", place=place)


def _cramped(disk: Path | None) -> bool:
    try:
        return disk is not None and shutil.disk_usage(disk).free < CRAMPED
    except OSError:
        return False


def _of_postgres(error: BaseException, state: str, place: str) -> StorageError:
    # https://www.postgresql.org/docs/current/errcodes-appendix.html
    reason = str(error).rpartition(">: ")[2]
    if state in ("40001", "40P01", "55P03", "53300", "57014"):
        return busy(place)
    if state == "53100":
        return full(place)
    if state in ("XX001", "XX002"):
        return corrupt(place, reason)
    if state == "25006":
        return read_only(place, reason)
    if state == "42501" and "schema public" in reason:
        reason += "; let limner's user own the database: createdb -O USER NAME"
    if state[:2] in ("08", "28", "3D", "42", "25", "57", "53"):
        return unavailable(place, reason)
    return StorageError(f"the library {place}: {reason}", place=place)
