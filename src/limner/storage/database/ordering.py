"""The orders of a slot's drawings, kept in step in the transaction that keeps the slot."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Delete, delete
from sqlalchemy.dialects import postgresql

from limner.storage.database.tables import jobs, orders

if TYPE_CHECKING:  # it needs an extra
    from limner.storage.database.order_queue import OrderQueue

Drawing = tuple[int, int]
"""The key of a slot, and which of its drawings it is."""

UNPLACED = 10.0
"""Seconds that whoever keeps a slot gets to say what is to be drawn, before a worker thinks."""

FIRST_PRIORITY, AGAIN_PRIORITY = 5, 4
"""How urgent the first picture of a slot is, and one that somebody asks for by hand."""


def order_name(slot_key: int, attempt: int) -> str:
    """What the order for a drawing of a slot is called."""
    return f"{slot_key}/{attempt}"


def drawings_of(records: Collection[Mapping[str, Any]]) -> set[Drawing]:
    """The drawings that slots wait for, of their records."""
    return {(record["slot_key"], record["attempt"]) for record in records}


def drawings_gone(connection: Connection, gone: Delete) -> set[Drawing]:
    """Take records of drawings out; gives which they were."""
    rows = connection.execute(gone.returning(jobs.c.slot_key, jobs.c.attempt))
    return {(row.slot_key, row.attempt) for row in rows}


def follow_drawings(
    connection: Connection,
    queue: "OrderQueue",
    before: set[Drawing],
    after: set[Drawing],
    now: float,
) -> None:
    """Order the drawings that are new, and call off those that are waited for no more."""
    gone = [order_name(*drawing) for drawing in sorted(before - after)]
    if gone:
        queue.drop(connection, gone)
        connection.execute(delete(orders).where(orders.c.id.in_(gone))).close()
    new = sorted(after - before)
    if new:
        names = [order_name(*drawing) for drawing in new]
        rows = [
            {"id": name, "slot_key": key, "attempt": attempt, "placed_at": now}
            for name, (key, attempt) in zip(names, new, strict=True)
        ]
        connection.execute(postgresql.insert(orders).on_conflict_do_nothing(), rows).close()
        urgent = [AGAIN_PRIORITY if attempt else FIRST_PRIORITY for _, attempt in new]
        queue.enqueue(connection, list(zip(names, urgent, strict=True)), after=UNPLACED)
