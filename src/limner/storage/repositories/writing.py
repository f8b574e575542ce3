"""Messages and slots written into the tables, in the transaction that is open."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from limner.illustration import Message, Slot
from limner.storage.database.tables import (
    alternatives,
    answers,
    chats,
    images,
    jobs,
    messages,
    prompt_versions,
    slots,
    text_chunks,
)
from limner.storage.files.stored_image import StoredImage
from limner.storage.repositories.reading import batches
from limner.storage.repositories.slot_record import (
    Record,
    alternative_records,
    job_records,
    slot_record,
    version_records,
)

Rows = list[dict[str, Any]]


def insert_or_leave(connection: Connection, table: Table) -> Insert:
    """An insertion that leaves a row alone that is there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def chat_key(connection: Connection, chat_id: str, now: float) -> int:
    """The chat, made if it is not there, back if it was deleted."""
    found = connection.execute(
        select(chats.c.key, chats.c.deleted_at).where(chats.c.id == chat_id)
    ).one_or_none()
    if found is None:
        row = {"id": chat_id, "created_at": now, "updated_at": now}
        connection.execute(insert_or_leave(connection, chats).values(row))
        made: int = connection.execute(
            select(chats.c.key).where(chats.c.id == chat_id)
        ).scalar_one()
        return made
    if found.deleted_at is not None:
        connection.execute(update(chats).where(chats.c.key == found.key).values(deleted_at=None))
    key: int = found.key
    return key


def locked(connection: Connection, message_id: str) -> Record | None:
    """The message's row, which nobody else changes until the transaction ends."""
    query = select(messages).where(messages.c.id == message_id).with_for_update()
    return connection.execute(query).mappings().one_or_none()


def message_row(connection: Connection, message: Message, chat: int) -> Record:
    """The message's row, made if it is not there."""
    row = {"id": message.id, "chat_key": chat, "selected": message.variant}
    found = locked(connection, message.id)
    if found is None:
        connection.execute(insert_or_leave(connection, messages).values(row))
        found = locked(connection, message.id)
        assert found is not None  # noqa: S101 - tells the type checker
    return found


def answer_key(connection: Connection, message_key: int, variant: int) -> int | None:
    """One of a message's answers."""
    found: int | None = connection.scalar(
        select(answers.c.key)
        .where(answers.c.message_key == message_key)
        .where(answers.c.variant == variant)
    )
    return found


def put_answer(connection: Connection, message_key: int, message: Message) -> tuple[int, bool]:
    """Put an answer in the place of its former self; gives its key and whether it is new."""
    values = {
        "text": message.text,
        "state": message.state.value,
        "role": message.role.value,
        "owner": message.owner,
    }
    key = answer_key(connection, message_key, message.variant)
    if key is None:
        row = {**values, "message_key": message_key, "variant": message.variant}
        made = connection.execute(insert(answers).returning(answers.c.key), row)
        return made.scalar_one(), True
    connection.execute(update(answers).where(answers.c.key == key).values(values))
    connection.execute(delete(text_chunks).where(text_chunks.c.answer_key == key))
    return key, False


def put_slots(
    connection: Connection, answer: int, chat: int, given: Sequence[Slot], now: float
) -> None:
    """Put slots of an answer in the place of their former selves; new ones are added."""
    keys = _slot_keys(connection, answer, given)
    for some in batches(list(keys.values())):
        for table in (prompt_versions, jobs):
            connection.execute(delete(table).where(table.c.slot_key.in_(some)))
    _insert(connection, prompt_versions, _of_each(keys, given, version_records))
    _insert(connection, jobs, _of_each(keys, given, job_records))
    put_images(connection, given, now)
    _put_alternatives(connection, keys, chat, given, now)


def _slot_keys(connection: Connection, answer: int, given: Sequence[Slot]) -> dict[int, int]:
    """The keys of the slots' rows by ordinal; the rows are made or brought up to date."""
    keys: dict[int, int] = {}
    for some in batches([slot.id.ordinal for slot in given]):
        rows = connection.execute(
            select(slots.c.ordinal, slots.c.key)
            .where(slots.c.answer_key == answer)
            .where(slots.c.ordinal.in_(some))
        )
        keys.update((row.ordinal, row.key) for row in rows)
    new: Rows = []
    for slot in given:
        record = slot_record(slot)
        if slot.id.ordinal in keys:
            key = keys[slot.id.ordinal]
            connection.execute(update(slots).where(slots.c.key == key).values(record))
        else:
            new.append({"answer_key": answer, **record})
    for rows_ in batches(new):
        made = connection.execute(
            insert(slots).returning(slots.c.ordinal, slots.c.key), list(rows_)
        )
        keys.update((row.ordinal, row.key) for row in made)
    return keys


def _of_each(keys: Mapping[int, int], given: Iterable[Slot], records: Any) -> Rows:
    return [
        {"slot_key": keys[slot.id.ordinal], **record} for slot in given for record in records(slot)
    ]


def _insert(connection: Connection, table: Table, rows: Rows) -> None:
    if rows:
        connection.execute(insert(table), rows)


def put_images(connection: Connection, given: Iterable[Slot], now: float) -> None:
    """Note the files of the slots' pictures."""
    rows = {
        (made.image.digest, made.image.media_type): {
            "digest": made.image.digest,
            "media_type": made.image.media_type,
            "size": made.image.size,
            "created_at": now,
        }
        for slot in given
        for made in slot.alternatives
        if isinstance(made.image, StoredImage)
    }
    if rows:
        # In one order for all, so that two who note the same pictures do not wait for each other.
        ordered = [rows[key] for key in sorted(rows)]
        connection.execute(insert_or_leave(connection, images), ordered)


def _put_alternatives(
    connection: Connection,
    keys: Mapping[int, int],
    chat: int,
    given: Sequence[Slot],
    now: float,
) -> None:
    """Keep the rows of alternatives that stay, because their keys tell which came first."""
    there: dict[tuple[int, str], int] = {}
    for some in batches(list(keys.values())):
        query = select(alternatives.c.slot_key, alternatives.c.id, alternatives.c.key)
        rows = connection.execute(query.where(alternatives.c.slot_key.in_(some)))
        there.update(((row.slot_key, row.id), row.key) for row in rows)
    new: Rows = []
    for record in _of_each(keys, given, alternative_records):
        key = there.pop((record["slot_key"], record["id"]), None)
        if key is None:
            new.append({"chat_key": chat, "made_at": now, **record})
        else:
            connection.execute(update(alternatives).where(alternatives.c.key == key).values(record))
    for gone in batches(list(there.values())):
        connection.execute(delete(alternatives).where(alternatives.c.key.in_(gone)))
    _insert(connection, alternatives, new)
