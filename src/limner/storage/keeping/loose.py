"""Pictures in a bucket that no row of `images` names: those being placed, and those to be removed.

A row says until when, by the database's clock, whoever wrote it may place or remove the picture.
It is there before the object is, and stays until the object has a row of `images`, or is gone: so
rows alone tell what may be removed, and nobody has to ask the store how old something is.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from limner.storage.database.statement import batches
from limner.storage.database.tables import images, loose_pictures

Key = tuple[str, str]
"""The digest and the media type of a picture."""

_SQLITE_NOW: ColumnElement[float] = literal_column(
    "((julianday('now') - 2440587.5) * 86400.0)", Float
)


def now_of(connection: Connection) -> ColumnElement[float]:
    """Now, by the database's clock."""
    if connection.dialect.name == "postgresql":
        return cast(func.extract("epoch", func.clock_timestamp()), Float)
    return _SQLITE_NOW


def announce(connection: Connection, keys: Collection[Key], lease: float) -> set[Key]:
    """Say that pictures are about to be placed; gives those that are being removed right now."""
    table, held = loose_pictures, set()
    now = now_of(connection)
    for digest, media_type in sorted(keys):
        new = (
            _dialect(connection)
            .insert(table)
            .values(
                digest=digest, media_type=media_type, until=now + lease, placing=1, removing=False
            )
        )
        mine = new.on_conflict_do_update(
            index_elements=["digest", "media_type"],
            set_={
                "until": new.excluded.until,
                "placing": case((table.c.until <= now, 1), else_=table.c.placing + 1),
                "removing": False,
            },
            where=or_(table.c.removing.is_(False), table.c.until <= now),
        ).returning(table.c.digest)
        if connection.execute(mine).first() is None:
            held.add((digest, media_type))
    return held


def end_placing(connection: Connection, keys: Iterable[Key]) -> None:
    """One of those who announced pictures is done; what no row of `images` names may go."""
    table = loose_pictures
    for some in batches(sorted(keys)):
        mine = and_(_among(some), table.c.removing.is_(False))
        placed = update(table).where(mine, table.c.placing > 0)
        connection.execute(placed.values(placing=table.c.placing - 1)).close()
        over = and_(mine, table.c.placing == 0)
        connection.execute(delete(table).where(over, _is_named())).close()
        connection.execute(update(table).where(over).values(until=now_of(connection))).close()


def hold_placing(connection: Connection) -> None:
    """Let nobody announce pictures before the transaction ends.

    Who announced before is seen; who comes later sees what the transaction has decided.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        lock = text("LOCK TABLE loose_pictures IN SHARE ROW EXCLUSIVE MODE")
        connection.execute(lock).close()


def loosen(connection: Connection, keys: Iterable[Key], grace: float) -> None:
    """Note pictures that no row of `images` names, to be removed after a while."""
    until = now_of(connection) + grace
    for digest, media_type in sorted(keys):
        new = (
            _dialect(connection)
            .insert(loose_pictures)
            .values(digest=digest, media_type=media_type, until=until, placing=0, removing=False)
        )
        connection.execute(new.on_conflict_do_nothing()).close()


def is_being_placed(connection: Connection, key: Key) -> bool:
    """Whether somebody is placing a picture."""
    found = select(loose_pictures.c.digest).where(_among([key]), _placed_now(connection))
    return connection.execute(found).first() is not None


def being_placed(connection: Connection) -> ColumnElement[bool]:
    """Whether somebody is placing the picture of a row of `images`."""
    return exists().where(_SAME, _placed_now(connection))


def tidy(connection: Connection) -> None:
    """Forget those that have a row in `images` by now."""
    over = or_(loose_pictures.c.until <= now_of(connection), loose_pictures.c.placing == 0)
    old = delete(loose_pictures).where(over, loose_pictures.c.removing.is_(False), _is_named())
    connection.execute(old).close()


def removable(connection: Connection) -> list[Key]:
    """What may be removed now."""
    found = select(loose_pictures.c.digest, loose_pictures.c.media_type)
    rows = connection.execute(found.where(_may_go(connection)))
    return [(row[0], row[1]) for row in rows]


def claim(connection: Connection, most: int, lease: float, *, only: Key | None = None) -> list[Key]:
    """Take so many at most of what may be removed, for so many seconds; or one."""
    table = loose_pictures
    some = (
        select(table.c.digest, table.c.media_type)
        .where(_may_go(connection))
        .order_by(table.c.digest, table.c.media_type)
        .limit(most)
    )
    if only is not None:
        some = some.where(_among([only]))
    if connection.dialect.name == "postgresql":
        some = some.with_for_update(skip_locked=True)
    keys = [(row[0], row[1]) for row in connection.execute(some)]
    if keys:
        taken = update(table).where(_among(keys))
        values = {"until": now_of(connection) + lease, "placing": 0, "removing": True}
        connection.execute(taken.values(values)).close()
    return keys


def removed(connection: Connection, keys: Sequence[Key]) -> None:
    """What was taken to be removed is gone."""
    gone = delete(loose_pictures).where(_among(keys), loose_pictures.c.removing)
    connection.execute(gone).close()


def _dialect(connection: Connection) -> Any:
    return postgresql if connection.dialect.name == "postgresql" else sqlite


def _placed_now(connection: Connection) -> ColumnElement[bool]:
    return and_(loose_pictures.c.placing > 0, loose_pictures.c.until > now_of(connection))


def _may_go(connection: Connection) -> ColumnElement[bool]:
    return and_(loose_pictures.c.until <= now_of(connection), ~_is_named())


_SAME = and_(
    loose_pictures.c.digest == images.c.digest, loose_pictures.c.media_type == images.c.media_type
)


def _is_named() -> ColumnElement[bool]:
    return exists().where(_SAME)


def _among(keys: Sequence[Key]) -> ColumnElement[bool]:
    return tuple_(loose_pictures.c.digest, loose_pictures.c.media_type).in_(list(keys))
