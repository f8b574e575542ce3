"""What was done to a message, kept so that it can be taken back and done again."""

from collections.abc import Container
from dataclasses import replace

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from limner.illustration import Change, Slot
from limner.storage.database.statement import Statement
from limner.storage.database.tables import operation_pictures, operations
from limner.storage.files.picture_store import PictureStore
from limner.storage.repositories.reading import image_of
from limner.storage.repositories.slot_record import (
    Record,
    alternative_records,
    of_snapshot,
    snapshot,
)
from limner.storage.repositories.writing import put_images

_FORGET_BEYOND = Statement(
    delete(operations)
    .where(operations.c.message_key == bindparam("message"))
    .where(operations.c.variant == bindparam("number"))
    .where(operations.c.last_ordinal >= bindparam("slots"))
)


def note(connection: Connection, message_key: int, change: Change, now: float) -> None:
    """Keep a change as the last one. The pictures it remembers stay as long as it does."""
    known = {made.id for slot in change.before for made in slot.alternatives}
    after = [_kept_now(slot, known, now) for slot in change.after]
    touched = (*change.before, *after)
    row = {
        "message_key": message_key,
        "variant": touched[0].id.variant,
        "last_ordinal": max(slot.id.ordinal for slot in touched),
        "kind": change.kind,
        "before": [snapshot(slot) for slot in change.before],
        "after": [snapshot(slot) for slot in after],
        "undone": False,
    }
    key = connection.execute(insert(operations).returning(operations.c.key), row).scalar_one()
    put_images(connection, touched, now)
    pictures = {
        (record["digest"], record["media_type"])
        for slot in touched
        for record in alternative_records(slot)
    }
    if pictures:
        rows = [
            {"operation_key": key, "digest": digest, "media_type": media_type}
            for digest, media_type in sorted(pictures)
        ]
        connection.execute(insert(operation_pictures), rows)


def _kept_now(slot: Slot, known: Container[str], now: float) -> Slot:
    """The slot with its new pictures as old as the table of alternatives says."""
    made = (one if one.id in known else replace(one, made_at=now) for one in slot.alternatives)
    return replace(slot, alternatives=tuple(made))


def forget_undone(connection: Connection, message_key: int) -> None:
    """Forget what was taken back: after a new change it cannot be done again."""
    connection.execute(
        delete(operations)
        .where(operations.c.message_key == message_key)
        .where(operations.c.undone.is_(True))
    )


def forget_beyond(connection: Connection, message_key: int, variant: int, slots: int) -> None:
    """Forget changes of slots that an answer has no more, of which it has so many now."""
    _FORGET_BEYOND.run(connection, message=message_key, number=variant, slots=slots)


def take_back(connection: Connection, message_key: int, *, undone: bool) -> Record | None:
    """Mark the last change as undone, or the one undone last as done; gives its row."""
    order = operations.c.key.desc() if undone else operations.c.key
    query = (
        select(operations)
        .where(operations.c.message_key == message_key)
        .where(operations.c.undone.is_(not undone))
        .order_by(order)
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is not None:
        connection.execute(
            update(operations).where(operations.c.key == row["key"]).values(undone=undone)
        )
    return row


def read_change(message_id: str, row: Record, files: PictureStore) -> Change:
    """The change that a row keeps."""
    make = image_of(files)
    before, after = (
        tuple(of_snapshot(message_id, row["variant"], record, make) for record in row[name])
        for name in ("before", "after")
    )
    return Change(kind=row["kind"], before=before, after=after)
