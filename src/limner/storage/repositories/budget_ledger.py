"""How many pictures were drawn for whom."""

from typing import Any

from sqlalchemy import Select, func, insert, select

from limner.illustration import DrawingRecord
from limner.storage.database.tables import drawings
from limner.storage.repositories.repository import Repository


class BudgetLedger(Repository):
    """Remembers drawings; a `limner.illustration.DrawingLedger`."""

    async def record(self, drawing: DrawingRecord) -> None:
        """Remember a drawing."""
        row = {"at": drawing.at, "owner": drawing.owner, "message_id": drawing.message_id}
        await self._write(lambda connection: connection.execute(insert(drawings), row).close())

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


def _of(query: Select[Any], since: float, owner: str | None, message_id: str | None) -> Select[Any]:
    query = query.where(drawings.c.at >= since)
    if owner is not None:
        query = query.where(drawings.c.owner == owner)
    return query if message_id is None else query.where(drawings.c.message_id == message_id)
