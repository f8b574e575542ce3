"""Messages read from the tables: a few statements, however many messages they are."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, select

from limner.illustration import Message, MessageState, Role, Slot, SlotId
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
from limner.storage.files.picture_files import PictureFiles
from limner.storage.files.stored_image import StoredImage
from limner.storage.repositories.slot_record import ImageOf, Record, slot_of

T = TypeVar("T")
BATCH = 500
"""Keys in one statement; databases allow some ten thousand."""

Keyed = dict[int, list[Record]]

ANSWER = (
    select(
        answers.c.key,
        answers.c.variant,
        answers.c.text,
        answers.c.state,
        answers.c.role,
        answers.c.owner,
        messages.c.id.label("message_id"),
        chats.c.id.label("chat_id"),
    )
    .join(messages, answers.c.message_key == messages.c.key)
    .join(chats, messages.c.chat_key == chats.c.key)
)
"""Rows that `answers_of` makes messages of."""

IMAGED = select(*alternatives.c, images.c.size).join(
    images,
    and_(
        alternatives.c.digest == images.c.digest,
        alternatives.c.media_type == images.c.media_type,
    ),
)
"""Alternatives with the sizes of their files."""


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in pieces that fit into a statement."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def live(message_id: str) -> ColumnElement[bool]:
    """Holds for a message that is there and not deleted."""
    return and_(messages.c.id == message_id, messages.c.deleted_at.is_(None))


def image_of(files: PictureFiles) -> ImageOf:
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


def answers_of(connection: Connection, query: Select[Any], files: PictureFiles) -> list[Message]:
    """The messages of the rows of a query like `ANSWER`, in its order, with all their slots."""
    found = connection.execute(query).mappings().all()
    keys = [row["key"] for row in found]
    chunks = _by(connection, select(text_chunks), text_chunks, "answer_key", keys, "key")
    slot_rows = _by(connection, select(slots), slots, "answer_key", keys, "ordinal")
    made = _slots_of(connection, found, slot_rows, image_of(files))
    return [
        Message(
            id=row["message_id"],
            chat_id=row["chat_id"],
            variant=row["variant"],
            text="".join([row["text"], *(chunk["text"] for chunk in chunks[row["key"]])]),
            slots=tuple(made[row["key"]]),
            state=MessageState(row["state"]),
            role=Role(row["role"]),
            owner=row["owner"],
        )
        for row in found
    ]


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
    found: Keyed = defaultdict(list)
    for some in batches(keys):
        chosen = query.where(table.c[column].in_(some)).order_by(table.c[order])
        for row in connection.execute(chosen).mappings():
            found[row[column]].append(row)
    return found
