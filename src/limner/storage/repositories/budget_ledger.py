"""How many pictures were drawn for whom."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, text

from limner.illustration import DrawingLimit, DrawingRecord
from limner.storage.database.tables import drawings
from limner.storage.repositories.repository import Repository

BUDGET_LOCK = 0x6275_6467_6574
"""PostgreSQL's advisory lock under which one process at a time looks and remembers ("budget")."""


class BudgetLedger(Repository):
    """Remembers drawings; a `limner.illustration.DrawingLedger`."""

    async def record(self, drawing: DrawingRecord) -> None:
        """Remember a drawing."""
        row = {"at": drawing.at, "owner": drawing.owner, "message_id": drawing.message_id}
        await self._write(lambda connection: connection.execute(insert(drawings), row).close())

    async def admit(self, drawing: DrawingRecord, limits: Sequence[DrawingLimit]) -> int | None:
        """Remember a drawing, unless a limit is reached, in one transaction; tells which is.

        On PostgreSQL a lock of the ledger's own keeps other processes out until it has ended; in
        SQLite a transaction that writes is alone anyway. It shares none with other work, so that
        nobody waits for the lock who holds another.
        """
        return await self._whole(
            self._database.write(lambda connection: _admitted(connection, drawing, limits))
        )

    async def count(
        self, *, since: float = 0.0, owner: str | None = None, message_id: str | None = None
    ) -> int:
        """How many drawings were begun since an instant, of one owner or message or of all."""
        query = _of(select(func.count()).select_from(drawings), since, owner, message_id)
        return await self._read(lambda connection: connection.scalar(query)) or 0

    async def oldest(self, *, since: float, owner: str | None = None) -> float | None:
        """When the first of them was begun; ``None`` if there is none."""
        query = _of(select(func.min(drawings.c.at)), since, owner, None)
        found: float | None = await self._read(lambda connection: connection.scalar(query))
        return found


def _admitted(
    connection: Connection, drawing: DrawingRecord, limits: Sequence[DrawingLimit]
) -> int | None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({BUDGET_LOCK})")).close()
    for place, limit in enumerate(limits):
        query = select(func.count()).select_from(drawings)
        begun = connection.scalar(_of(query, limit.since, limit.owner, limit.message_id)) or 0
        if begun >= limit.most:
            return place
    row = {"at": drawing.at, "owner": drawing.owner, "message_id": drawing.message_id}
    connection.execute(insert(drawings), row).close()
    return None


def _of(query: Select[Any], since: float, owner: str | None, message_id: str | None) -> Select[Any]:
    query = query.where(drawings.c.at >= since)
    if owner is not None:
        query = query.where(drawings.c.owner == owner)
    return query if message_id is None else query.where(drawings.c.message_id == message_id)
