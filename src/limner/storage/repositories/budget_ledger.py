"""How many pictures were drawn for whom, and what they cost."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
)

from limner.illustration import DrawingLimit, DrawingRecord
from limner.illustration.model.cost import PICTURES
from limner.storage.database.tables import costs, drawings, messages
from limner.storage.repositories.repository import Repository

BUDGET_LOCK = 0x6275_6467_6574
"""PostgreSQL's advisory lock under which one process at a time looks and remembers ("budget")."""


def _origin(message_id: ColumnElement[str]) -> ColumnElement[str]:
    """The message whose budget a message uses: that which it is a copy of, or itself.

    By this id drawings are remembered, so that a branch of a conversation does not renew it.
    """
    origin = select(messages.c.origin).where(messages.c.id == message_id).scalar_subquery()
    return func.coalesce(origin, message_id)


_DRAWN = insert(drawings).values(
    at=bindparam("at"), owner=bindparam("owner"), message_id=_origin(bindparam("whose", type_=Text))
)
_COST = insert(costs).values(
    drawing=bindparam("drawing"),
    at=bindparam("at"),
    owner=bindparam("owner"),
    message_id=_origin(bindparam("whose", type_=Text)),
    unit=bindparam("unit"),
    micros=bindparam("micros"),
)
_NO_COST = delete(costs).where(costs.c.drawing == bindparam("settled"))


class BudgetLedger(Repository):
    """Remembers drawings; a `limner.illustration.DrawingLedger`."""

    async def record(self, drawing: DrawingRecord) -> None:
        """Remember a drawing."""
        await self._write(lambda connection: _remember(connection, drawing))

    async def admit(self, drawing: DrawingRecord, limits: Sequence[DrawingLimit]) -> int | None:
        """Remember a drawing, unless a limit is reached, in one transaction; tells which is.

        On PostgreSQL a lock of the ledger's own keeps other processes out until it has ended; in
        SQLite a transaction that writes is alone anyway. It shares none with other work, so that
        nobody waits for the lock who holds another.
        """
        return await self._whole(
            self._database.write(lambda connection: _admitted(connection, drawing, limits))
        )

    async def settle(self, drawing: DrawingRecord) -> None:
        """Put what a drawing really cost in place of what was expected. Again is fine."""

        def settled(connection: Connection) -> None:
            connection.execute(_NO_COST, {"settled": drawing.id}).close()
            _charge(connection, drawing)

        await self._write(settled)

    async def count(
        self, *, since: float = 0.0, owner: str | None = None, message_id: str | None = None
    ) -> int:
        """How many drawings were begun since an instant, of one owner or message or of all."""
        query = _of(select(func.count()), drawings, since, owner, message_id)
        return await self._read(lambda connection: connection.scalar(query)) or 0

    async def spent(
        self,
        unit: str,
        *,
        since: float = 0.0,
        owner: str | None = None,
        message_id: str | None = None,
    ) -> int:
        """What these cost, or will, in millionths of a unit; drawings are counted as pictures."""
        query = _sum(unit, since, owner, message_id)
        return int(await self._read(lambda connection: connection.scalar(query)) or 0)

    async def oldest(
        self, *, since: float, owner: str | None = None, unit: str = PICTURES
    ) -> float | None:
        """When the first was begun that cost something; ``None`` if there is none."""
        if unit == PICTURES:
            query = _of(select(func.min(drawings.c.at)), drawings, since, owner, None)
        else:
            query = _of(select(func.min(costs.c.at)), costs, since, owner, None)
            query = query.where(costs.c.unit == unit, costs.c.micros > 0)
        found: float | None = await self._read(lambda connection: connection.scalar(query))
        return found


def _admitted(
    connection: Connection, drawing: DrawingRecord, limits: Sequence[DrawingLimit]
) -> int | None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({BUDGET_LOCK})")).close()
    for place, limit in enumerate(limits):
        query = _sum(limit.unit, limit.since, limit.owner, limit.message_id)
        if not limit.allows(drawing, int(connection.scalar(query) or 0)):
            return place
    _remember(connection, drawing)
    return None


def _remember(connection: Connection, drawing: DrawingRecord) -> None:
    row = {"at": drawing.at, "owner": drawing.owner, "whose": drawing.message_id}
    connection.execute(_DRAWN, row).close()
    _charge(connection, drawing)


def _charge(connection: Connection, drawing: DrawingRecord) -> None:
    whose = {"at": drawing.at, "owner": drawing.owner, "whose": drawing.message_id}
    rows = [
        {"drawing": drawing.id, **whose, "unit": cost.unit, "micros": cost.micros}
        for cost in drawing.costs
    ]
    if rows:
        connection.execute(_COST, rows).close()


def _sum(unit: str, since: float, owner: str | None, message_id: str | None) -> Select[Any]:
    """Asks for what was used of a unit, in millionths."""
    if unit == PICTURES:
        return _of(select(func.count() * 1_000_000), drawings, since, owner, message_id)
    return _of(select(func.sum(costs.c.micros)), costs, since, owner, message_id).where(
        costs.c.unit == unit
    )


def _of(
    query: Select[Any], table: Any, since: float, owner: str | None, message_id: str | None
) -> Select[Any]:
    query = query.select_from(table).where(table.c.at >= since)
    if owner is not None:
        query = query.where(table.c.owner == owner)
    if message_id is None:
        return query
    return query.where(table.c.message_id == _origin(literal(message_id)))
