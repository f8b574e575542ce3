"""What was spent on pictures, for people."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Integer, Table, cast, func, select

from limner.illustration.model.cost import Cost
from limner.storage.database.tables import costs, drawings
from limner.storage.repositories.repository import Repository

DAY = 86400.0
By = Literal["day", "owner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was drawn on a day, or for somebody.

    Attributes:
        what: The day, as ``2026-11-29``, or the owner.
        pictures: How many were begun.
        costs: What they cost, in each unit; those that are drawn now, what they are expected to.
    """

    what: str
    pictures: int
    costs: tuple[Cost, ...]


class CostReport(Repository):
    """Tells what was spent."""

    async def spending(
        self, *, by: By = "day", since: float = 0.0, owner: str | None = None, offset: float = 0.0
    ) -> list[Spent]:
        """What was spent since an instant, the last day or the first owner first.

        Args:
            by: A line for each day, or for each owner.
            since: What was begun before this instant, in seconds since the epoch, does not count.
            owner: Of whom; ``None``: of all.
            offset: Seconds by which days begin before those of UTC.
        """
        return await self._read(lambda connection: _spending(connection, by, since, owner, offset))


def _spending(
    connection: Connection, by: By, since: float, owner: str | None, offset: float
) -> list[Spent]:
    def rows(table: Table, what: Any, *more: Any) -> list[Any]:
        key = table.c.owner if by == "owner" else _day(connection, table.c.at + offset)
        query = select(key, *more, what).where(table.c.at >= since).group_by(key, *more)
        query = query if owner is None else query.where(table.c.owner == owner)
        return list(connection.execute(query))

    paid: dict[Any, list[Cost]] = defaultdict(list)
    for key, unit, micros in rows(costs, func.sum(costs.c.micros), costs.c.unit):
        paid[key].append(Cost(int(micros), unit))
    begun = sorted(rows(drawings, func.count()), key=lambda row: row[0], reverse=by == "day")
    return [
        Spent(
            what=str(key) if by == "owner" else _date(int(key)),
            pictures=count,
            costs=tuple(sorted(paid[key], key=lambda cost: cost.unit)),
        )
        for key, count in begun
    ]


def _day(connection: Connection, at: Any) -> Any:
    """Which day an instant is in, counted from 1970. SQLite cuts a number, others round it."""
    days = at / DAY
    return cast(days if connection.dialect.name == "sqlite" else func.floor(days), Integer)


def _date(day: int) -> str:
    return f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}"
