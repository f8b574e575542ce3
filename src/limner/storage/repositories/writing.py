"""Messages and slots written into the tables, in the transaction that is open."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Insert, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from limner.errors import SlotOvertaken
from limner.illustration import Message, Slot
from limner.storage.database.ordering import (
    Drawing,
    drawings_gone,
    drawings_of,
    follow_drawings,
)
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
from limner.storage.files.stored_image import StoredImage
from limner.storage.repositories.slot_record import (
    Record,
    alternative_records,
    job_records,
    slot_record,
    version_records,
)

if TYPE_CHECKING:  # it needs an extra
    from limner.storage.database.order_queue import OrderQueue

Rows = list[dict[str, Any]]


_CHAT = Statement(select(chats.c.key, chats.c.deleted_at).where(chats.c.id == bindparam("chat")))
_MESSAGE = Statement(
    select(messages).where(messages.c.id == bindparam("message")).with_for_update()
)
_ANSWER_KEY = Statement(
    select(answers.c.key)
    .where(answers.c.message_key == bindparam("message"))
    .where(answers.c.variant == bindparam("number"))
)
_INSERT_CHAT = {
    name: Statement(
        dialect.insert(chats).on_conflict_do_nothing().returning(chats.c.key, chats.c.deleted_at),
        "id", "title", "created_at", "updated_at", "owner",
    )
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}  # fmt: skip
_INSERT_MESSAGE = {
    name: Statement(
        dialect.insert(messages).on_conflict_do_nothing().returning(*messages.c),
        "id", "chat_key", "selected", "messages", "writing",
    )
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}  # fmt: skip
_INSERT_ANSWER = Statement(
    insert(answers).returning(answers.c.key),
    "message_key", "variant", "text", "state", "role", "owner", "heeded_from", "words",
)  # fmt: skip
_UPDATE_ANSWER = Statement(
    update(answers)
    .where(answers.c.key == bindparam("answer"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("text", "state", "role", "owner", "heeded_from", "words")
        }
    )
)
_DELETE_CHUNKS = Statement(
    delete(text_chunks).where(text_chunks.c.answer_key == bindparam("answer"))
)


def insert_or_leave(connection: Connection, table: Table) -> Insert:
    """An insertion that leaves a row alone that is there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def new_chat(
    connection: Connection, chat_id: str, now: float, owner: str | None, title: str | None = None
) -> tuple[int, float | None] | None:
    """Make a chat; gives its key and when it was deleted, ``None`` if one of this id is there."""
    made: tuple[int, float | None] | None = _INSERT_CHAT[connection.dialect.name].row(
        connection, id=chat_id, title=title, created_at=now, updated_at=now, owner=owner
    )
    return made


def chat_key(connection: Connection, chat_id: str, now: float, owner: str | None = None) -> int:
    """The chat, made for an owner if it is not there, back if it was deleted."""
    found = _CHAT.row(connection, chat=chat_id)
    if found is None:
        found = new_chat(connection, chat_id, now, owner)
    if found is None:  # somebody else has made it meanwhile
        found = _CHAT.row(connection, chat=chat_id)
        assert found is not None  # noqa: S101 - tells the type checker
    key, deleted_at = found
    if deleted_at is not None:
        connection.execute(update(chats).where(chats.c.key == key).values(deleted_at=None))
    return int(key)


def locked(connection: Connection, message_id: str) -> Record | None:
    """The message's row, which nobody else changes until the transaction ends."""
    return _MESSAGE.record(connection, message=message_id)


def message_row(
    connection: Connection, message: Message, chat: int, counts: Mapping[str, int]
) -> tuple[Record, bool]:
    """The message's row, made with its counts if it is not there; and whether it was."""
    found = locked(connection, message.id)
    new = found is None
    if found is None:
        insert_message = _INSERT_MESSAGE[connection.dialect.name]
        found = insert_message.record(
            connection,
            id=message.id,
            chat_key=chat,
            selected=message.variant,
            messages=counts["messages"],
            writing=counts["writing"],
        )
    if found is None:  # somebody else has made it meanwhile
        found, new = locked(connection, message.id), False
        assert found is not None  # noqa: S101 - tells the type checker
    return found, new


def answer_key(connection: Connection, message_key: int, variant: int) -> int | None:
    """One of a message's answers."""
    found = _ANSWER_KEY.row(connection, message=message_key, number=variant)
    return None if found is None else int(found[0])


def put_answer(
    connection: Connection,
    message_key: int,
    message: Message,
    key: int | None,
    words: str | None = None,
) -> tuple[int, bool]:
    """Put an answer in the place of its former self; gives its key and whether it is new.

    Args:
        connection: In a transaction.
        message_key: The message.
        message: The answer.
        key: Its former self, if there is one.
        words: By what it is known again.
    """
    values = {
        "text": message.text,
        "state": str(message.state),
        "role": str(message.role),
        "owner": message.owner,
        "heeded_from": message.heeded_from,
        "words": words,
    }
    if key is None:
        made = _INSERT_ANSWER.row(
            connection, **values, message_key=message_key, variant=message.variant
        )
        return int(made[0]), True
    _UPDATE_ANSWER.run(connection, answer=key, **{f"new_{name}": v for name, v in values.items()})
    _DELETE_CHUNKS.run(connection, answer=key)
    return key, False


def put_slots(
    connection: Connection,
    answer: int,
    chat: int,
    given: Sequence[Slot],
    now: float,
    *,
    read: bool = True,
    queue: "OrderQueue | None" = None,
    back: bool = False,
) -> None:
    """Put slots of an answer in the place of their former selves; new ones are added.

    Args:
        connection: In a transaction.
        answer: Whose slots.
        chat: In which conversation.
        given: The slots.
        now: Seconds since the epoch.
        read: Whether a slot takes only the place of the state that was read.
        queue: Where drawings are ordered that workers do.
        back: Whether pictures that are put in were there before, and are as old as they say.

    Raises:
        SlotOvertaken: It was changed since then.
    """
    keys = _slot_keys(connection, answer, given, read=read)
    before: set[Drawing] = set()
    for some in batches(list(keys.values())):
        connection.execute(delete(prompt_versions).where(prompt_versions.c.slot_key.in_(some)))
        waited = delete(jobs).where(jobs.c.slot_key.in_(some))
        if queue is None:
            connection.execute(waited)
        else:
            before.update(drawings_gone(connection, waited))
    _insert(connection, prompt_versions, _of_each(keys, given, version_records))
    waiting = _of_each(keys, given, job_records)
    _insert(connection, jobs, waiting)
    if queue is not None:
        follow_drawings(connection, queue, before, drawings_of(waiting), now)
    put_images(connection, given, now)
    _put_alternatives(connection, keys, chat, given, now, back=back)


def _slot_keys(
    connection: Connection, answer: int, given: Sequence[Slot], *, read: bool
) -> dict[int, int]:
    """The keys of the slots' rows by ordinal; the rows are made or brought up to date."""
    keys: dict[int, int] = {}
    revisions: dict[int, int] = {}
    for some in batches([slot.id.ordinal for slot in given]):
        rows = connection.execute(
            select(slots.c.ordinal, slots.c.key, slots.c.revision)
            .where(slots.c.answer_key == answer)
            .where(slots.c.ordinal.in_(some))
        )
        for row in rows:
            keys[row.ordinal], revisions[row.ordinal] = row.key, row.revision
    new: Rows = []
    for slot in given:
        record = slot_record(slot)
        if slot.id.ordinal in keys:
            key, now = keys[slot.id.ordinal], revisions[slot.id.ordinal]
            if read and slot.revision not in (None, now):
                raise SlotOvertaken(f"slot {slot.id} was changed meanwhile", place=str(slot.id))
            values = {**record, "revision": now + 1}
            connection.execute(update(slots).where(slots.c.key == key).values(values))
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
    found = (made.image for slot in given for made in slot.alternatives)
    note_images(connection, (image for image in found if isinstance(image, StoredImage)), now)


def note_images(connection: Connection, kept: Iterable[StoredImage], now: float) -> None:
    """Note the files of pictures."""
    rows = {
        (image.digest, image.media_type): {
            "digest": image.digest,
            "media_type": image.media_type,
            "size": image.size,
            "created_at": now,
        }
        for image in kept
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
    *,
    back: bool,
) -> None:
    """Keep the rows of alternatives that stay, because their keys tell which came first."""
    ages = {made.id: made.made_at for slot in given for made in slot.alternatives} if back else {}
    there: dict[tuple[int, str], int] = {}
    for some in batches(list(keys.values())):
        query = select(alternatives.c.slot_key, alternatives.c.id, alternatives.c.key)
        rows = connection.execute(query.where(alternatives.c.slot_key.in_(some)))
        there.update(((row.slot_key, row.id), row.key) for row in rows)
    new: Rows = []
    for record in _of_each(keys, given, alternative_records):
        key = there.pop((record["slot_key"], record["id"]), None)
        if key is None:
            new.append({"chat_key": chat, "made_at": ages.get(record["id"]) or now, **record})
        else:
            connection.execute(update(alternatives).where(alternatives.c.key == key).values(record))
    for gone in batches(list(there.values())):
        connection.execute(delete(alternatives).where(alternatives.c.key.in_(gone)))
    _insert(connection, alternatives, new)
