"""A library's database in a file: SQLite, with one writer and several readers at a time."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from limner.errors import StorageCorrupt, StorageError
from limner.storage.database.access import Access
from limner.storage.database.error_translation import corrupt, told
from limner.storage.database.statement import BOOK, StatementBook

T = TypeVar("T")

APPLICATION = 0x4C696D6E
"""What SQLite's header says whose file this is ("Limn"), so that no other file is touched."""
TROUBLE = sqlite3.Error, SQLAlchemyError, OSError
READERS = 4
STATEMENTS = 256
"""Statements that a connection keeps prepared."""
HERE = 64
"""Commits in the event loop, after which the thread brings the log of changes into the database and
begins the log anew, which takes it two commits."""


class SqliteDatabase:
    """Does each piece of work in a thread: one step out of the event loop and back, not many.

    But what is little is done in the event loop: an indexed look-up takes a few microseconds and
    the commit of a few rows some fifty, a step into a thread and back at least as much again, and
    far more where threads compete for the interpreter. Nothing there waits: not for a lock that
    somebody holds, and not for the disk, which is waited for only where the log of changes is
    brought into the database. That is left to the thread.

    SQLite lets one connection write at a time. Within a process the one writing thread sees to
    that; between processes SQLite's own lock, for which a call waits up to `busy_timeout`.

    Args:
        file: The database. It is made if it is not there.
        place: The library, as errors name it.
        busy_timeout: Seconds.
        access: What may be done with the file.
    """

    def __init__(
        self, file: Path, *, place: str, busy_timeout: float, access: Access = Access.FULL
    ) -> None:
        self._file = file
        self._place = place
        self._busy_timeout = busy_timeout
        self._writing = ThreadPoolExecutor(1, "limner-library-write")
        self._reading = ThreadPoolExecutor(READERS, "limner-library-read")
        self.writer = _engine(file, 1, busy_timeout, "BEGIN IMMEDIATE", access)
        self.reader = _engine(file, READERS, busy_timeout, "BEGIN", access)
        self._here = _engine(file, 1, 0.0, None, access)
        self._at_hand: tuple[Connection, sqlite3.Connection] | None = None
        self._committed = 0

    is_server = False

    def let_in(self, process: str | None) -> None:
        """There is nobody who takes over what others do; see `Database.let_in`."""

    def glance(self, work: Callable[[Connection], T], *, single: bool = False) -> tuple[T] | None:
        """Do a little reading in the event loop; see `Database.glance`."""
        try:
            connection, driver = self._at_hand or self._take_in_hand()
            if single:
                return (work(connection),)
            driver.execute("BEGIN")
            try:
                return (work(connection),)
            finally:
                driver.rollback()
        except (*TROUBLE, StorageError):
            return None  # whoever reads in a thread may wait, and is told what is wrong

    def write_here(self, work: Callable[[Connection], T]) -> tuple[T] | None:
        """Commit a few rows in the event loop; see `Database.write_here`."""
        if self._committed >= HERE:
            return None
        try:
            connection, driver = self._at_hand or self._take_in_hand()
            driver.execute("BEGIN IMMEDIATE")
            try:
                made = work(connection)
                driver.execute("COMMIT")
            finally:
                if connection.in_transaction():
                    connection.rollback()
                driver.rollback()  # nothing, after a commit
        except Exception:  # nothing is changed: the thread tells it to whoever it concerns
            return None
        self._committed += 1
        return (made,)

    def _take_in_hand(self) -> tuple[Connection, sqlite3.Connection]:
        connection = self._here.connect()
        driver = _driver(connection)
        driver.execute("PRAGMA wal_autocheckpoint=0")
        self._at_hand = connection, driver
        return self._at_hand

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do work that only reads; see `Database.read`."""
        return await self._in_thread(self._reading, lambda: self._read(work))

    async def write(self, work: Callable[[Connection], T], *, long: bool = False) -> T:
        """Do work in one transaction; see `Database.write`."""
        until = time.monotonic() + self._busy_timeout
        self._committed = (self._committed + 1) % (HERE + 2)
        return await self._in_thread(self._writing, lambda: self._write(work, until))

    async def aclose(self) -> None:
        """Close the file."""
        await self._in_thread(self._writing, self.writer.dispose)
        self._writing.shutdown()
        self._reading.shutdown()
        self.reader.dispose()
        if self._at_hand is not None:
            self._at_hand[0].close()
        self._here.dispose()

    async def _in_thread(self, threads: Executor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with told(self._place, self._file.parent), self.reader.begin() as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], T], until: float) -> T:
        with told(self._place, self._file.parent), self.writer.connect() as connection:
            # The time in the queue of this process counts as well.
            left = max(1, int((until - time.monotonic()) * 1000))
            _driver(connection).execute(f"PRAGMA busy_timeout={left}")
            with connection.begin():
                return work(connection)


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - tells the type checker
    return driver


def _engine(
    file: Path, size: int, busy_timeout: float, begin: str | None, access: Access
) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=_uri(file, access), query={"uri": "true"}),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None,  # every use is a transaction that has ended
        connect_args={
            "check_same_thread": False,
            "timeout": busy_timeout,
            "cached_statements": STATEMENTS,
        },
    )

    named = dialect(paramstyle="named")

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, pooled: Any) -> None:
        # Without this the driver begins transactions where it likes, and only for some statements.
        connection.isolation_level = None
        pragmas = ["synchronous=NORMAL", "foreign_keys=ON"]
        for pragma in (["journal_mode=WAL"] if access is Access.FULL else []) + pragmas:
            connection.execute(f"PRAGMA {pragma}")
        pooled.info[BOOK] = StatementBook(connection, named)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        if begin is not None:
            connection.exec_driver_sql(begin)

    return engine


def _uri(file: Path, access: Access) -> str:
    """The file's address in SQLite's own form, which says what may be done with it.

    Examples:
        >>> _uri(Path("/tales/a?b.db"), Access.READ)
        'file:///tales/a%3Fb.db?mode=ro'
    """
    wanted = {Access.FULL: "mode=rwc", Access.READ: "mode=ro", Access.FROZEN: "immutable=1"}
    return f"{file.absolute().as_uri()}?{wanted[access]}"


def look_at(file: Path, place: str, access: Access = Access.FULL) -> None:
    """Refuse a file that is no library, before anything is written into it.

    Raises:
        StorageCorrupt: It is something else, or damaged.
        StorageError: It cannot be read.
    """
    if not file.exists() or file.stat().st_size == 0:
        return
    with told(place, file.parent):
        connection = sqlite3.connect(_uri(file, access), isolation_level=None, uri=True)
        try:
            whose = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        finally:
            connection.close()
    if whose != APPLICATION and tables:
        raise _not_ours(place)


def _not_ours(place: str) -> StorageCorrupt:
    return corrupt(place, "its database belongs to another program")
