"""A conversation copied up to one of its messages, row by row; files are shared."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, insert, select

from limner.errors import UnknownSlot
from limner.illustration import MessageState
from limner.storage.database.statement import batches
from limner.storage.database.tables import (
    alternatives,
    answers,
    chats,
    jobs,
    messages,
    prompt_versions,
    slots,
    text_chunks,
)
from limner.storage.repositories.tally import COUNTS

Row = dict[str, Any]
Keys = Mapping[int, int]
"""The keys of copies, by those of what they are copies of."""


def copy_messages(
    connection: Connection, chat_id: str, message_id: str, now: float, new_id: str | None = None
) -> str:
    """Copy a conversation up to a message into a new one; gives the new one's id.

    Raises:
        UnknownSlot: The conversation has no such message.
    """
    source = connection.execute(
        select(chats.c.key, chats.c.title, chats.c.owner, messages.c.key.label("last"))
        .join(messages, messages.c.chat_key == chats.c.key)
        .where(chats.c.id == chat_id)
        .where(messages.c.id == message_id)
        .where(messages.c.deleted_at.is_(None))
    ).one_or_none()
    if source is None:
        raise UnknownSlot(f"message {message_id} in the chat {chat_id}")
    taken = and_(
        messages.c.chat_key == source.key,
        messages.c.key <= source.last,
        messages.c.deleted_at.is_(None),
    )
    rows = connection.execute(select(messages).where(taken).order_by(messages.c.key)).mappings()
    old = [dict(row) for row in rows]
    for row in old:
        row["writing"] = 0
    new_id = new_id or uuid.uuid4().hex
    chat_row = {"id": new_id, "title": source.title, "created_at": now, "updated_at": now}
    chat_row["owner"] = source.owner
    counts = {name: sum(row[name] for row in old) for name in COUNTS}
    made = connection.execute(insert(chats).returning(chats.c.key), {**chat_row, **counts})
    _copy_rows(connection, old, made.scalar_one())
    return new_id


def _copy_rows(connection: Connection, old: Sequence[Row], chat: int) -> None:
    def message(row: Row) -> Row:
        origin = row["origin"] or row["id"]
        return {**row, "id": uuid.uuid4().hex, "chat_key": chat, "origin": origin}

    message_keys = _insert(connection, messages, old, message)
    chunks: dict[int, list[str]] = defaultdict(list)
    for chunk in _rows(connection, text_chunks, "answer_key", _answer_keys(connection, old)):
        chunks[chunk["answer_key"]].append(chunk["text"])

    def answer(row: Row) -> Row:
        writing = row["state"] == MessageState.WRITING.value
        state = MessageState.CUT.value if writing else row["state"]
        return {**row, "text": "".join([row["text"], *chunks[row["key"]]]), "state": state}

    answer_keys = _copy(connection, answers, "message_key", message_keys, answer)
    slot_keys = _copy(connection, slots, "answer_key", answer_keys)
    for table in (prompt_versions, jobs):
        _copy(connection, table, "slot_key", slot_keys)
    _copy(connection, alternatives, "slot_key", slot_keys, lambda row: {**row, "chat_key": chat})


def _answer_keys(connection: Connection, old: Sequence[Row]) -> list[int]:
    keys = [row["key"] for row in old]
    return [row["key"] for row in _rows(connection, answers, "message_key", keys)]


def _copy(
    connection: Connection,
    table: Table,
    column: str,
    owners: Keys,
    change: Callable[[Row], Row] = dict,
) -> Keys:
    """Copy the rows that belong to some owners for the owners' copies."""
    rows = _rows(connection, table, column, list(owners))

    def copy(row: Row) -> Row:
        return {**change(row), column: owners[row[column]]}

    if "key" in table.c:
        return _insert(connection, table, rows, copy)
    for some in batches(rows):
        connection.execute(insert(table), [copy(row) for row in some])
    return {}


def _rows(connection: Connection, table: Table, column: str, keys: Sequence[int]) -> list[Row]:
    order = table.c.key if "key" in table.c else table.c[column]
    return [
        dict(row)
        for some in batches(keys)
        for row in connection.execute(
            select(table).where(table.c[column].in_(some)).order_by(order)
        ).mappings()
    ]


def _insert(
    connection: Connection, table: Table, old: Sequence[Row], change: Callable[[Row], Row]
) -> Keys:
    keys: dict[int, int] = {}
    statement = insert(table).returning(table.c.key, sort_by_parameter_order=True)
    for some in batches(old):
        rows = [{**change(row)} for row in some]
        for row in rows:
            del row["key"]
        made = connection.execute(statement, rows).scalars()
        keys.update(zip((row["key"] for row in some), made, strict=True))
    return keys
