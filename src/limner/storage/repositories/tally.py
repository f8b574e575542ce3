"""What a message adds to the counts of its chat, kept in the transaction that changes it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    Function,
    FunctionFilter,
    Select,
    bindparam,
    func,
    literal,
    select,
    update,
)

from limner.illustration import Message, MessageState, SlotState
from limner.storage.database.statement import Statement
from limner.storage.database.tables import alternatives, answers, chats, messages, slots

COUNTS = "messages", "pictures", "failed", "writing"
Counts = Mapping[str, int]

# What is in a state is told apart while it is counted: were it asked for, SQLite would look for it
# by the index of the states, and so at all of the library that are in that state.
_HAS_FAILED = func.count().filter(slots.c.state == SlotState.FAILED.value)
_IS_WRITING = func.count().filter(answers.c.state == MessageState.WRITING.value)


def _in_slots(what: Function[int] | FunctionFilter[int]) -> Select[Any]:
    return (
        select(what)
        .select_from(slots)
        .join(answers, slots.c.answer_key == answers.c.key)
        .where(answers.c.message_key == messages.c.key)
    )


_IN_MESSAGE = {
    "pictures": _in_slots(func.count())
    .join(alternatives, alternatives.c.slot_key == slots.c.key)
    .scalar_subquery(),
    "failed": _in_slots(_HAS_FAILED).scalar_subquery(),
    "writing": select(_IS_WRITING)
    .select_from(answers)
    .where(answers.c.message_key == messages.c.key)
    .scalar_subquery(),
}

COUNTED = select(
    messages.c.chat_key,
    messages.c.deleted_at,
    *(messages.c[name].label(f"was_{name}") for name in COUNTS),
    *(count.label(name) for name, count in _IN_MESSAGE.items()),
)

_COUNT_MESSAGES = Statement(
    update(messages)
    .where(messages.c.chat_key == bindparam("chat"))
    .where(messages.c.deleted_at.is_(None))
    .values(messages=1, **_IN_MESSAGE)
)
_COUNT_CHAT = Statement(
    update(chats)
    .where(chats.c.key == bindparam("chat"))
    .values(
        {
            name: select(func.coalesce(func.sum(messages.c[name]), 0))
            .where(messages.c.chat_key == chats.c.key)
            .scalar_subquery()
            for name in COUNTS
        }
    )
)


NOTHING: Counts = dict.fromkeys(COUNTS, 0)

_OF_ITS_SLOTS = slots.c.answer_key == bindparam("answer")
_ITS_SLOTS = select(func.count()).select_from(slots).where(_OF_ITS_SLOTS)
_OF_ANSWER = Statement(
    select(
        literal(1).label("messages"),
        _ITS_SLOTS.scalar_subquery().label("slots"),
        _ITS_SLOTS.join(alternatives, alternatives.c.slot_key == slots.c.key)
        .scalar_subquery()
        .label("pictures"),
        select(_HAS_FAILED).where(_OF_ITS_SLOTS).scalar_subquery().label("failed"),
        select(_IS_WRITING)
        .where(answers.c.key == bindparam("answer"))
        .scalar_subquery()
        .label("writing"),
    )
)
_ADD_TO_MESSAGE = Statement(
    update(messages)
    .where(messages.c.key == bindparam("message"))
    .values({name: messages.c[name] + bindparam(f"more_{name}") for name in COUNTS})
)
_ADD_TO_CHAT = Statement(
    update(chats)
    .where(chats.c.key == bindparam("chat"))
    .values(
        {
            **{name: chats.c[name] + bindparam(f"more_{name}") for name in COUNTS},
            "updated_at": bindparam("now"),
        }
    )
)


def of_answer(connection: Connection, answer: int) -> Counts:
    """What one answer adds to the counts of its message, which counts itself; and its slots."""
    found = _OF_ANSWER.record(connection, answer=answer)
    assert found is not None  # noqa: S101 - counts are always there
    return found


def of_text(message: Message) -> Counts:
    """What an answer without slots adds."""
    writing = int(message.state is MessageState.WRITING)
    return {**NOTHING, "slots": 0, "messages": 1, "writing": writing}


class ChatCounts:
    """What changed answers add to the counts of their chats: kept once for each, at the end."""

    def __init__(self) -> None:
        self._more: dict[int, list[int]] = {}

    def add(self, chat_key: int, before: Counts, after: Counts) -> None:
        """An answer of a chat was changed; see `shift`."""
        more = self._more.setdefault(chat_key, [0] * len(COUNTS))
        for at, name in enumerate(COUNTS):
            more[at] += after[name] - before[name]

    def keep(self, connection: Connection, *, now: float) -> None:
        """Bring the counts of all these chats up to date, which were changed now."""
        for chat_key, more in self._more.items():
            given = {f"more_{name}": count for name, count in zip(COUNTS, more, strict=True)}
            _ADD_TO_CHAT.run(connection, chat=chat_key, now=now, **given)


def shift(
    connection: Connection,
    message: Mapping[str, Any],
    before: Counts,
    after: Counts,
    chats_: ChatCounts,
) -> None:
    """Bring the counts of a message up to date, of which one answer was changed.

    It costs the same however many answers there are.

    Args:
        connection: In a transaction that holds the message.
        message: Its row; it is there.
        before: What the answer added; `NOTHING` if the message was not counted yet.
        after: What it adds.
        chats_: Those of its chat, which are kept when all is changed.
    """
    more = {f"more_{name}": after[name] - before[name] for name in COUNTS}
    if any(more.values()):
        _ADD_TO_MESSAGE.run(connection, message=message["key"], **more)
    chats_.add(message["chat_key"], before, after)


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


def settle_chat(connection: Connection, chat_key: int) -> None:
    """Count anew what is in a chat and in each of its messages: two statements, however many.

    When it was changed stays what it says.

    Args:
        connection: In a transaction that holds the chat and those of its messages that are there.
        chat_key: The chat; nothing counts of its deleted messages.
    """
    _COUNT_MESSAGES.run(connection, chat=chat_key)
    _COUNT_CHAT.run(connection, chat=chat_key)


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
