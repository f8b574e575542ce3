"""Rows that a library no longer needs."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, select, text

from limner.storage.database.tables import (
    alternatives,
    chats,
    images,
    messages,
    operation_pictures,
    orders,
    reference_pictures,
)

Key = tuple[str, str]
"""The digest and the media type of a picture."""
_USES = (alternatives, operation_pictures, reference_pictures, orders)


def forget_deleted(connection: Connection, before: float) -> tuple[int, int]:
    """Remove chats and messages for good that were deleted before an instant; gives how many."""
    gone = connection.execute(delete(messages).where(messages.c.deleted_at <= before)).rowcount
    empty = ~exists().where(messages.c.chat_key == chats.c.key)
    old = connection.execute(delete(chats).where(and_(chats.c.deleted_at <= before, empty)))
    return old.rowcount, gone


def forget_pictures(
    connection: Connection, before: "float | ColumnElement[float]", *more: ColumnElement[bool]
) -> list[Key]:
    """Forget pictures that nothing shows, and that nothing could show again.

    Args:
        connection: In a transaction.
        before: Those only that were kept before this instant.
        more: What else is true of them.
    """
    nowhere = (
        ~exists().where(
            table.c.digest == images.c.digest, table.c.media_type == images.c.media_type
        )
        for table in _USES
    )
    old = delete(images).where(images.c.created_at <= before, *nowhere, *more)
    gone = connection.execute(old.returning(images.c.digest, images.c.media_type))
    return [(row[0], row[1]) for row in gone]


def forget_unused(connection: Connection, digest: str, media_type: str) -> bool:
    """Forget one picture, unless something shows it or could show it again."""
    one = and_(images.c.digest == digest, images.c.media_type == media_type)
    nowhere = (
        ~exists().where(table.c.digest == digest, table.c.media_type == media_type)
        for table in _USES
    )
    return connection.execute(delete(images).where(one, *nowhere)).rowcount == 1


def known_pictures(connection: Connection) -> list[Key]:
    """All pictures that rows name."""
    rows = connection.execute(select(images.c.digest, images.c.media_type))
    return [(row[0], row[1]) for row in rows]


def is_known(connection: Connection, digest: str, media_type: str) -> bool:
    """Whether a row names a picture."""
    found = select(images.c.digest).where(
        images.c.digest == digest, images.c.media_type == media_type
    )
    return connection.execute(found).first() is not None


def complaints(connection: Connection) -> tuple[str, ...]:
    """What the database says about itself."""
    said: Iterable[str] = ()
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("PRAGMA integrity_check")).scalars()
        said = (row for row in rows if row != "ok")
    return tuple(said)
