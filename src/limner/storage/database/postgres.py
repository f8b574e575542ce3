"""A library's database on a PostgreSQL server."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import (
    URL,
    AdaptedConnection,
    Connection,
    PoolProxiedConnection,
    bindparam,
    event,
    select,
)
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from limner.errors import WorkTaken
from limner.storage.database.error_translation import is_confused, told
from limner.storage.database.tables import processes

T = TypeVar("T")

CONNECTIONS = 5
ANSWER = 5.0
"""Seconds after which a statement is given up that waits for no lock: a server that hangs, or a
network that swallows what is sent, must not hang limner."""
LONG = 600.0
"""The same for work that goes through the whole library."""
GLANCE = 2.0
"""Seconds in which a connection that was idle must show that somebody is still at its other end."""
FRESH = "limner_fresh"

IN_THE_WAY = frozenset({"40001", "40P01"})
"""Answers after which the same work may do: it met another's (serialisation, deadlock)."""
OVERTAKEN = frozenset({"23503", "23505"})
"""Answers after which it may do, if another's transaction made or removed a row meanwhile."""
OVERTAKINGS = 3
"""How often that is believed."""


_PRESENT = (
    select(processes.c.id)
    .where(processes.c.id == bindparam("process"))
    .with_for_update(read=True, key_share=True)
)
"""Whoever takes it for dead skips a process whose row is locked so; a heartbeat need not wait."""


class PostgresDatabase:
    """Does work over a small pool of connections.

    Args:
        url: The server's address, with or without a driver's name in it.
        place: The library, as errors name it.
        busy_timeout: Seconds to wait for locks and connections, and to try again.
        connections: How many it has at most, and as many for what takes long.
    """

    def __init__(
        self, url: URL, *, place: str, busy_timeout: float, connections: int = CONNECTIONS
    ) -> None:
        self._place = place
        self._busy_timeout = busy_timeout
        self.engine = _engine(url, busy_timeout, busy_timeout + ANSWER, connections)
        self._patient = _engine(url, busy_timeout, busy_timeout + LONG, connections)
        self._process: str | None = None
        self._reader = self.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    is_server = True

    def let_in(self, process: str | None) -> None:
        """See `Database.let_in`; it is looked for last, so that it may have come just now."""
        self._process = process

    def glance(self, work: Callable[[Connection], T], *, single: bool = False) -> tuple[T] | None:
        """Nothing is read from a server without waiting for it; see `Database.glance`."""
        return None

    def write_here(self, work: Callable[[Connection], T]) -> tuple[T] | None:
        """Nor is anything written; see `Database.write_here`."""
        return None

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do work that only reads; see `Database.read`."""
        with told(self._place):
            async with self._reader.begin() as connection:
                return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], T], *, long: bool = False) -> T:
        """Do work in one transaction; see `Database.write`."""
        engine = self._patient if long else self.engine
        until, attempt = time.monotonic() + self._busy_timeout, 0
        with told(self._place):
            while True:
                attempt += 1
                try:
                    async with engine.begin() as connection:
                        return await connection.run_sync(self._fenced(work))
                except DBAPIError as error:
                    state = getattr(error.orig, "sqlstate", None)
                    again = state in IN_THE_WAY or (state in OVERTAKEN and attempt < OVERTAKINGS)
                    if not again or time.monotonic() >= until:
                        raise
                await asyncio.sleep(random.uniform(0.001, 0.03))  # noqa: S311 - no secret

    def _fenced(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        process = self._process
        if process is None:
            return work

        def fenced(connection: Connection) -> T:
            done = work(connection)
            if connection.execute(_PRESENT, {"process": process}).first() is None:
                told = "others took this limner for dead, and went on with what it was doing"
                raise WorkTaken(told, place=self._place)
            return done

        return fenced

    async def aclose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        await self._patient.dispose()


def _engine(url: URL, busy_timeout: float, command_timeout: float, connections: int) -> AsyncEngine:
    milliseconds = str(max(1, int(busy_timeout * 1000)))
    engine = create_async_engine(
        _for_asyncpg(url),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=busy_timeout,
        connect_args={
            "timeout": max(busy_timeout, 1.0),
            "command_timeout": command_timeout,
            "server_settings": {"lock_timeout": milliseconds, "application_name": "limner"},
        },
    )

    @event.listens_for(engine.sync_engine, "connect")
    def begin(_: object, entry: ConnectionPoolEntry) -> None:
        entry.info[FRESH] = True

    @event.listens_for(engine.sync_engine, "checkout")
    def look(
        connection: AdaptedConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection
    ) -> None:
        # What SQLAlchemy does by itself waits as long as for any statement, for each connection.
        if not entry.info.pop(FRESH, False):
            try:
                connection.run_async(lambda driver: driver.fetchrow(";", timeout=GLANCE))
            except Exception as error:
                raise InvalidatePoolError("nobody is at its other end") from error

    @event.listens_for(engine.sync_engine, "handle_error")
    def give_up(failed: ExceptionContext) -> None:
        # Where one waits in vain, the others would as well.
        silent = isinstance(failed.original_exception, TimeoutError)
        if silent or is_confused(failed.sqlalchemy_exception):
            failed.is_disconnect = True

    return engine


def _for_asyncpg(url: URL) -> URL:
    """The address with what other drivers call otherwise put as asyncpg knows it."""
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(drivername="postgresql+asyncpg", query=query)
