"""What a message adds to the counts of its chat, kept in the transaction that changes it."""

from sqlalchemy import Connection, func, select, update

from limner.illustration import MessageState, SlotState
from limner.storage.database.tables import alternatives, answers, chats, messages, slots

COUNTS = "messages", "pictures", "failed", "writing"

_SLOTS = (
    select(func.count())
    .select_from(slots)
    .join(answers, slots.c.answer_key == answers.c.key)
    .where(answers.c.message_key == messages.c.key)
)
_PICTURES = _SLOTS.join(alternatives, alternatives.c.slot_key == slots.c.key)

COUNTED = select(
    messages.c.chat_key,
    messages.c.deleted_at,
    *(messages.c[name].label(f"was_{name}") for name in COUNTS),
    _PICTURES.scalar_subquery().label("pictures"),
    _SLOTS.where(slots.c.state == SlotState.FAILED.value).scalar_subquery().label("failed"),
    select(func.count())
    .select_from(answers)
    .where(answers.c.message_key == messages.c.key)
    .where(answers.c.state == MessageState.WRITING.value)
    .scalar_subquery()
    .label("writing"),
)


def settle(connection: Connection, message_key: int, *, now: float | None = None) -> None:
    """Bring the counts of a message, and so those of its chat, up to date.

    Args:
        connection: In a transaction that holds the message.
        message_key: The message that was changed.
        now: When its chat was changed; ``None`` leaves what it says.
    """
    row = connection.execute(COUNTED.where(messages.c.key == message_key)).mappings().one()
    there = row["deleted_at"] is None
    counts = {name: row[name] if there else 0 for name in COUNTS[1:]}
    counts["messages"] = int(there)
    _put(connection, message_key, row["chat_key"], counts, dict(row), now)


def forget(connection: Connection, message_key: int) -> None:
    """Take a message out of the counts of its chat, before it leaves it."""
    row = connection.execute(COUNTED.where(messages.c.key == message_key)).mappings().one()
    _put(connection, message_key, row["chat_key"], dict.fromkeys(COUNTS, 0), dict(row), None)


def _put(
    connection: Connection,
    message_key: int,
    chat_key: int,
    counts: dict[str, int],
    row: dict[str, int],
    now: float | None,
) -> None:
    more = {name: counts[name] - row[f"was_{name}"] for name in COUNTS}
    if any(more.values()):
        connection.execute(update(messages).where(messages.c.key == message_key).values(**counts))
    changed = {chats.c[name]: chats.c[name] + more[name] for name in COUNTS if more[name]}
    stamp = {} if now is None else {chats.c.updated_at: now}
    if changed or stamp:
        connection.execute(
            update(chats).where(chats.c.key == chat_key).values({**changed, **stamp})
        )
