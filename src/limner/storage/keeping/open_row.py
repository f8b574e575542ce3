"""Who has a library open whose pictures are in a bucket: rows say so, where no file can."""

import asyncio
import logging
import secrets
from collections.abc import Collection
from typing import Self

from sqlalchemy import Connection, delete, insert, select, update

from limner.errors import StorageError
from limner.storage.database.database import Database
from limner.storage.database.tables import processes
from limner.storage.keeping.loose import now_of

log = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds between two times that one is heard."""
TTL = 5.0
"""Seconds after which one that was not heard is gone."""
OLD = 60.0
"""Seconds after which its row goes, if it did not take it along."""
PREFIX = "open-"


class OpenRow:
    """Says by the database's clock that this process has the library open.

    Args:
        database: A server.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._me = PREFIX + secrets.token_hex(8)
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> Self:
        """Say so from now on."""

        def work(connection: Connection) -> None:
            gone = delete(processes).where(processes.c.id.startswith(PREFIX))
            old = processes.c.seen_at < now_of(connection) - OLD
            connection.execute(gone.where(old)).close()
            self._put(connection)

        await self._database.write(work)
        self._task = asyncio.create_task(self._beat(), name="open")
        return self

    async def others(self, own: Collection[str]) -> bool:
        """Whether somebody else has it open, or serves it.

        Args:
            own: By what other names this process is present.
        """

        def work(connection: Connection) -> bool:
            here = processes.c.seen_at > now_of(connection) - TTL
            others = processes.c.id.not_in([self._me, *own])
            return (
                connection.execute(select(processes.c.id).where(here, others)).first() is not None
            )

        return await self._database.read(work)

    async def end(self) -> None:
        """Say so no more."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.wait((task,))
        gone = delete(processes).where(processes.c.id == self._me)
        try:
            await self._database.write(lambda connection: connection.execute(gone).close())
        except StorageError as error:
            log.info("others will notice by themselves that this limner is gone: %s", error)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self._database.write(self._put)
            except StorageError as error:
                log.info("nobody hears that this limner has the library open: %s", error)

    def _put(self, connection: Connection) -> None:
        now = now_of(connection)
        here = update(processes).where(processes.c.id == self._me).values(seen_at=now)
        if connection.execute(here).rowcount == 0:
            connection.execute(insert(processes).values(id=self._me, seen_at=now)).close()
