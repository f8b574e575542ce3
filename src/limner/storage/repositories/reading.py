"""Messages read from the tables: a few statements, however many messages they are."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, bindparam, select

from limner.illustration import Message, MessageState, Role, Slot, SlotId
from limner.storage.database.statement import Statement, batches
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
from limner.storage.files.picture_store import PictureStore
from limner.storage.files.stored_image import StoredImage
from limner.storage.repositories.slot_record import ImageOf, Record, slot_of

Keyed = dict[int, list[Record]]

ANSWER = (
    select(
        answers.c.key,
        answers.c.variant,
        answers.c.text,
        answers.c.state,
        answers.c.role,
        answers.c.owner,
        answers.c.heeded_from,
        messages.c.id.label("message_id"),
        chats.c.id.label("chat_id"),
    )
    .join(messages, answers.c.message_key == messages.c.key)
    .join(chats, messages.c.chat_key == chats.c.key)
)
"""Rows that `answers_of` makes messages of."""

_THERE = ANSWER.where(messages.c.id == bindparam("message")).where(messages.c.deleted_at.is_(None))
LOAD_SELECTED = Statement(_THERE.where(answers.c.variant == messages.c.selected))
LOAD_VARIANT = Statement(_THERE.where(answers.c.variant == bindparam("number")))
"""The answer of a message that is selected, and one by its number."""

IMAGED = select(*alternatives.c, images.c.size).join(
    images,
    and_(
        alternatives.c.digest == images.c.digest,
        alternatives.c.media_type == images.c.media_type,
    ),
)
"""Alternatives with the sizes of their files."""


_CHUNKS = Statement(
    select(text_chunks.c.text)
    .where(text_chunks.c.answer_key == bindparam("answer"))
    .order_by(text_chunks.c.key)
)
_SLOTS = Statement(
    select(slots).where(slots.c.answer_key == bindparam("answer")).order_by(slots.c.ordinal)
)
_VERSIONS, _PICTURES, _PENDING = (
    Statement(
        query.join(slots, table.c.slot_key == slots.c.key)
        .where(slots.c.answer_key == bindparam("answer"))
        .order_by(order)
    )
    for query, table, order in (
        (select(prompt_versions), prompt_versions, prompt_versions.c.number),
        (IMAGED, alternatives, alternatives.c.position),
        (select(jobs), jobs, jobs.c.position),
    )
)
"""What belongs to the slots of one answer."""


def image_of(files: PictureStore) -> ImageOf:
    """Makes pictures of records, without touching their files."""

    def make(record: Record) -> StoredImage:
        return StoredImage(
            digest=record["digest"],
            path=files.path(record["digest"], record["media_type"]),
            size=record["size"],
            media_type=record["media_type"],
            width=record["width"],
            height=record["height"],
            seed=record["seed"],
            info=record["info"],
        )

    return make


def answers_of(connection: Connection, query: Select[Any], files: PictureStore) -> list[Message]:
    """The messages of the rows of a query like `ANSWER`, in its order, with all their slots."""
    found = connection.execute(query).mappings().all()
    keys = [row["key"] for row in found]
    chunks = _by(connection, select(text_chunks), text_chunks, "answer_key", keys, "key")
    slot_rows = _by(connection, select(slots), slots, "answer_key", keys, "ordinal")
    made = _slots_of(connection, found, slot_rows, image_of(files))
    return [
        _message(
            row,
            "".join([row["text"], *(chunk["text"] for chunk in chunks[row["key"]])]),
            made[row["key"]],
        )
        for row in found
    ]


def answer_of(connection: Connection, found: Record, files: PictureStore) -> Message:
    """The message of one row like those of `ANSWER`, with all its slots."""
    key = found["key"]
    chunks = _CHUNKS.rows(connection, answer=key)
    text = found["text"] + "".join(chunk[0] for chunk in chunks) if chunks else found["text"]
    return _message(found, text, _slots_of_one(connection, found, files))


def _message(row: Record, text: str, its_slots: Sequence[Slot]) -> Message:
    return Message(
        id=row["message_id"],
        chat_id=row["chat_id"],
        variant=row["variant"],
        text=text,
        slots=tuple(its_slots),
        state=MessageState(row["state"]),
        role=Role(row["role"]),
        owner=row["owner"],
        heeded_from=row["heeded_from"],
    )


def _slots_of_one(connection: Connection, found: Record, files: PictureStore) -> list[Slot]:
    rows = _SLOTS.records(connection, answer=found["key"])
    if not rows:
        return []
    versions, pictures, pending = (
        _grouped(statement.records(connection, answer=found["key"]), "slot_key")
        for statement in (_VERSIONS, _PICTURES, _PENDING)
    )
    make = image_of(files)
    return [
        slot_of(
            SlotId(found["message_id"], found["variant"], row["ordinal"]),
            row,
            versions=versions[row["key"]],
            alternatives=pictures[row["key"]],
            jobs=pending[row["key"]],
            image_of=make,
        )
        for row in rows
    ]


def _grouped(rows: Sequence[Record], column: str) -> Keyed:
    found: Keyed = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _slots_of(
    connection: Connection, found: Sequence[Record], slot_rows: Keyed, make: ImageOf
) -> dict[int, list[Slot]]:
    keys = [row["key"] for rows in slot_rows.values() for row in rows]
    versions = _by(connection, select(prompt_versions), prompt_versions, "slot_key", keys, "number")
    pictures = _by(connection, IMAGED, alternatives, "slot_key", keys, "position")
    pending = _by(connection, select(jobs), jobs, "slot_key", keys, "position")
    return {
        answer["key"]: [
            slot_of(
                SlotId(answer["message_id"], answer["variant"], row["ordinal"]),
                row,
                versions=versions[row["key"]],
                alternatives=pictures[row["key"]],
                jobs=pending[row["key"]],
                image_of=make,
            )
            for row in slot_rows[answer["key"]]
        ]
        for answer in found
    }


def _by(
    connection: Connection,
    query: Select[Any],
    table: Table,
    column: str,
    keys: Sequence[int],
    order: str,
) -> Keyed:
    """The rows whose column has one of these keys, by that key, in order."""
    rows: list[Record] = []
    for some in batches(keys):
        chosen = query.where(table.c[column].in_(some)).order_by(table.c[order])
        rows += connection.execute(chosen).mappings()
    return _grouped(rows, column)
