"""What a conversation is known again by: look-ups that cost the same however much is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql

from limner.illustration import MessageState, Role
from limner.storage.database.statement import Statement
from limner.storage.database.tables import (
    answer_names,
    answer_numbers,
    answers,
    chats,
    messages,
    text_chunks,
)
from limner.storage.repositories.repository import Repository

PATIENT = 1.0
"""Seconds for which a digest waits for something to be committed with."""
AT_ONCE = 8
"""Ids that are looked up by one statement."""
MOST_NAMES = 100_000
"""Names of answers that are remembered. Servers themselves forget after some weeks."""

_PLACE = (
    select(
        messages.c.key,
        messages.c.id,
        chats.c.id.label("chat"),
        messages.c.selected,
        answers.c.role,
    )
    .join(chats, messages.c.chat_key == chats.c.key)
    .join(answers, answers.c.message_key == messages.c.key)
    .where(answers.c.variant == messages.c.selected)
    .where(messages.c.deleted_at.is_(None))
)
_PLACES = Statement(
    _PLACE.where(messages.c.id.in_([bindparam(f"id_{at}") for at in range(AT_ONCE)]))
)
_ONE_PLACE = Statement(_PLACE.where(messages.c.id == bindparam("message")))
_LAST = (
    select(func.max(answers.c.variant))
    .where(answers.c.message_key == messages.c.key)
    .correlate(messages)
    .scalar_subquery()
)
_SEAT = Statement(
    select(chats.c.id, messages.c.deleted_at, _LAST.label("last"))
    .join(chats, messages.c.chat_key == chats.c.key)
    .where(messages.c.id == bindparam("message"))
)
# An index finds them: the range of all ids that go on with a hexadecimal digit, or end there.
_BEGINNING = Statement(
    select(messages.c.id)
    .where(messages.c.id >= bindparam("least"))
    .where(messages.c.id < bindparam("beyond"))
    .limit(2)
)
_FOLLOWING = Statement(
    _PLACE.where(
        messages.c.chat_key
        == select(messages.c.chat_key)
        .where(messages.c.key == bindparam("after"))
        .correlate(None)
        .scalar_subquery()
    )
    .where(messages.c.key > bindparam("after"))
    .order_by(messages.c.key)
    .limit(bindparam("most"))
)
_ALIKE = Statement(
    select(answers.c.variant, answers.c.state, answers.c.words, answers.c.key)
    .where(answers.c.message_key == bindparam("message"))
    .where(or_(answers.c.words == bindparam("said"), answers.c.words.is_(None)))
    .order_by(answers.c.variant)
)
_TEXT = Statement(select(answers.c.text).where(answers.c.key == bindparam("answer")))
_MORE_TEXT = Statement(
    select(text_chunks.c.text)
    .where(text_chunks.c.answer_key == bindparam("answer"))
    .order_by(text_chunks.c.key)
)
_LAST_VARIANT = Statement(
    select(func.max(answers.c.variant))
    .join(messages, answers.c.message_key == messages.c.key)
    .where(messages.c.id == bindparam("message"))
)
CLAIM = 600.0
"""Seconds after which the number of an answer that did not come may be given out again."""
_NUMBER = postgresql.insert(answer_numbers)
_NEXT = answer_numbers.c.number + bindparam("count")
_CLAIM = Statement(
    _NUMBER.on_conflict_do_update(
        index_elements=[answer_numbers.c.message_id],
        set_={
            "number": func.greatest(_NEXT, _NUMBER.excluded.number),
            "given_at": _NUMBER.excluded.given_at,
        },
    ).returning(answer_numbers.c.number),
    "message_id", "number", "given_at",
)  # fmt: skip
_FORGET_CLAIMS = Statement(
    delete(answer_numbers).where(answer_numbers.c.given_at < bindparam("before"))
)
_NOTE = Statement(
    update(answers)
    .where(
        answers.c.message_key
        == select(messages.c.key).where(messages.c.id == bindparam("message")).scalar_subquery()
    )
    .where(answers.c.variant == bindparam("number"))
    .where(answers.c.state == MessageState.COMPLETE.value)
    .values(words=bindparam("said"))
)
_CALL = Statement(insert(answer_names), "name", "message_id", "variant")
_FORGET_NAMES = Statement(
    delete(answer_names).where(
        answer_names.c.key
        <= select(func.max(answer_names.c.key)).scalar_subquery() - bindparam("most")
    )
)
_CALLED = Statement(
    select(answer_names.c.message_id, answer_names.c.variant)
    .join(messages, messages.c.id == answer_names.c.message_id)
    .join(answers, answers.c.message_key == messages.c.key)
    .where(answer_names.c.name == bindparam("called"))
    .where(answers.c.variant == answer_names.c.variant)
    .where(messages.c.deleted_at.is_(None))
    .order_by(answer_names.c.key.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePlace:
    """Where a message is, without what it says.

    Attributes:
        key: Its row.
        id: Its identity.
        chat_id: The conversation it is in.
        selected: The number of the answer it shows.
        role: Who speaks in that.
    """

    key: int
    id: str
    chat_id: str
    selected: int
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLike:
    """An answer that may be the one that is looked for.

    Attributes:
        variant: Its number.
        whole: Whether it came to its end.
        known: Whether it is that one for certain.
        key: Its row.
    """

    variant: int
    whole: bool
    known: bool
    key: int


class RecognitionRepository(Repository):
    """Finds messages by their ids, and answers by digests of what they say, or by names."""

    async def places(self, ids: Sequence[str]) -> dict[str, MessagePlace]:
        """Where messages are, by id; those that are not there are left out."""

        def work(connection: Connection) -> dict[str, MessagePlace]:
            if len(ids) == 1:
                rows = _ONE_PLACE.rows(connection, message=ids[0])
                return {row[1]: _place(row) for row in rows}
            found: dict[str, MessagePlace] = {}
            for start in range(0, len(ids), AT_ONCE):
                some = list(ids[start : start + AT_ONCE])
                padded = some + some[-1:] * (AT_ONCE - len(some))
                given = {f"id_{at}": name for at, name in enumerate(padded)}
                found.update((row[1], _place(row)) for row in _PLACES.rows(connection, **given))
            return found

        return await self._glance(work, single=len(ids) <= AT_ONCE)

    async def whole_ids(self, beginnings: Sequence[str]) -> dict[str, str]:
        """The ids of messages, by how they begin; those that are not there are left out.

        What begins two of them begins none.

        Args:
            beginnings: So many hexadecimal digits that hardly two ids begin alike.
        """

        def work(connection: Connection) -> dict[str, str]:
            found = {}
            for one in beginnings:
                rows = _BEGINNING.rows(connection, least=one, beyond=f"{one}g")
                if len(rows) == 1 and rows[0][0].startswith(one):
                    found[one] = str(rows[0][0])
            return found

        return await self._glance(work)

    async def following(self, place: MessagePlace, most: int) -> list[MessagePlace]:
        """The messages that follow one in its conversation, so many at most."""
        rows = await self._glance(
            lambda connection: _FOLLOWING.rows(connection, after=place.key, most=most),
            single=True,
        )
        return [_place(row) for row in rows]

    async def answers_like(self, place: MessagePlace, said: str) -> list[AnswerLike]:
        """The answers of a message with a digest, and those of which none is known, in order."""
        rows = await self._glance(
            lambda connection: _ALIKE.rows(connection, message=place.key, said=said),
            single=True,
        )
        return [
            AnswerLike(
                variant=row[0],
                whole=row[1] == MessageState.COMPLETE.value,
                known=row[2] is not None,
                key=row[3],
            )
            for row in rows
        ]

    async def said_by(self, answer: AnswerLike) -> str:
        """The text of an answer, without its pictures."""

        def work(connection: Connection) -> str:
            first = _TEXT.rows(connection, answer=answer.key)
            return "".join(
                row[0] for row in (*first, *_MORE_TEXT.rows(connection, answer=answer.key))
            )

        return await self._glance(work)

    async def last_variant(self, message_id: str) -> int:
        """The highest number of a message's answers; -1 if it has none."""
        row = await self._glance(
            lambda connection: _LAST_VARIANT.row(connection, message=message_id), single=True
        )
        return -1 if row is None or row[0] is None else int(row[0])

    async def next_variant(self, message_id: str, *, count: int = 1) -> int:
        """The number of a message's next answer, with room for so many.

        Where several processes have one database, none of them is given the same.
        """
        if not self._database.is_server:
            return await self.last_variant(message_id) + 1
        now = self._clock()

        def work(connection: Connection) -> int:
            _FORGET_CLAIMS.run(connection, before=now - CLAIM)
            row = _LAST_VARIANT.row(connection, message=message_id)
            used = -1 if row is None or row[0] is None else int(row[0])
            claimed = _CLAIM.row(
                connection, message_id=message_id, number=used + count, given_at=now, count=count
            )
            return int(claimed[0]) - count + 1

        return await self._write(work)

    async def free_variant(
        self, message_id: str, chat_id: str | None, *, count: int = 1
    ) -> int | None:
        """The number of a message's next answer in a conversation; see `next_variant`.

        ``None``: the message has its place in another one.
        """
        if self._database.is_server:
            place = (await self.places([message_id])).get(message_id)
            elsewhere = place is not None and place.chat_id != chat_id
            return None if elsewhere else await self.next_variant(message_id, count=count)
        row = await self._glance(
            lambda connection: _SEAT.row(connection, message=message_id), single=True
        )
        if row is None:
            return 0
        chat, deleted_at, last = row
        elsewhere = deleted_at is None and chat != chat_id
        return None if elsewhere else (0 if last is None else int(last) + 1)

    def note_words(self, message_id: str, variant: int, said: str) -> None:
        """Keep the digest of what an answer says, if that has come to its end, with what comes.

        Whoever changes the text makes it unknown again. If it is lost, the text is read once more.
        """
        if not self._is_closed:
            self._commits.add(
                lambda connection: _NOTE.run(
                    connection, message=message_id, number=variant, said=said
                ),
                within=PATIENT,
                brief=True,
            )

    async def name_answer(self, name: str, message_id: str, variant: int) -> None:
        """Remember what an answer is called, which may be kept later than its name.

        Raises:
            limner.errors.StorageError: It cannot be kept.
        """

        def work(connection: Connection) -> None:
            _CALL.run(connection, name=name, message_id=message_id, variant=variant)
            _FORGET_NAMES.run(connection, most=MOST_NAMES)

        await self._write(work)

    async def answer_named(self, name: str) -> tuple[str, int] | None:
        """The message and the number of the answer that was called so last, if it is there.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        row = await self._glance(
            lambda connection: _CALLED.row(connection, called=name), single=True
        )
        return None if row is None else (str(row[0]), int(row[1]))

    async def flush(self) -> None:
        """Commit what waits, and wait until it is."""
        await self._commits.flush()


def _place(row: Sequence[object]) -> MessagePlace:
    key, name, chat, selected, role = row
    return MessagePlace(
        key=int(str(key)), id=str(name), chat_id=str(chat), selected=int(str(selected)),
        role=Role(str(role)),
    )  # fmt: skip
