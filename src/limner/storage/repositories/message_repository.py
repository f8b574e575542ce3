"""The messages of a library: what the illustration needs of a store."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from limner.illustration import Change, Image, Message, MessageState, Slot, SlotId
from limner.illustration.model.pending import UNFINISHED
from limner.storage.database.statement import Statement
from limner.storage.database.tables import (
    alternatives,
    answers,
    chats,
    jobs,
    messages,
    slots,
    text_chunks,
)
from limner.storage.repositories import tally
from limner.storage.repositories.change_log import (
    forget_beyond,
    forget_undone,
    note,
    read_change,
    take_back,
)
from limner.storage.repositories.reading import (
    ANSWER,
    IMAGED,
    LOAD_SELECTED,
    LOAD_VARIANT,
    answer_of,
    answers_of,
    image_of,
)
from limner.storage.repositories.records import NewChat, SaidMessage
from limner.storage.repositories.repository import Repository
from limner.storage.repositories.slot_record import Record
from limner.storage.repositories.writing import (
    answer_key,
    chat_key,
    locked,
    message_row,
    new_chat,
    put_answer,
    put_slots,
)

if TYPE_CHECKING:  # it needs an extra
    from limner.storage.database.order_queue import OrderQueue

GATHER = 0.005
"""Seconds for which saving an answer waits for what else is to be kept."""
BRIEF = 1 << 14
"""Characters of a text that are quickly kept."""

_APPEND = Statement(
    insert(text_chunks).from_select(
        ["answer_key", "text"],
        select(answers.c.key, bindparam("more", type_=text_chunks.c.text.type))
        .join(messages, answers.c.message_key == messages.c.key)
        .where(messages.c.id == bindparam("message"))
        .where(messages.c.deleted_at.is_(None))
        .where(answers.c.variant == bindparam("number")),
    )
)
_VARIANTS = Statement(
    select(answers.c.variant)
    .join(messages, answers.c.message_key == messages.c.key)
    .where(messages.c.id == bindparam("message"))
    .where(messages.c.deleted_at.is_(None))
    .order_by(answers.c.variant)
)
_SELECT = Statement(
    update(messages)
    .where(messages.c.key == bindparam("message"))
    .values(selected=bindparam("number"))
)
_SELECT_AND_REVIVE = Statement(
    update(messages)
    .where(messages.c.key == bindparam("message"))
    .values(selected=bindparam("number"), deleted_at=None)
)
_CUT_SLOTS = Statement(
    delete(slots)
    .where(slots.c.answer_key == bindparam("answer"))
    .where(slots.c.ordinal >= bindparam("count"))
)


class MessageRepository(Repository):
    """Keeps messages; a `limner.illustration.MessageStore`.

    Every call raises a `limner.errors.StorageError` if the library cannot be read or written, and
    then has changed nothing.
    """

    async def load(self, message_id: str, variant: int | None = None) -> Message | None:
        """One of the message's answers as last saved; by default the one selected."""

        def work(connection: Connection) -> Message | None:
            if variant is None:
                found = LOAD_SELECTED.record(connection, message=message_id)
            else:
                found = LOAD_VARIANT.record(connection, message=message_id, number=variant)
            return None if found is None else answer_of(connection, found, self._files)

        return await self._glance(work)

    async def variants(self, message_id: str) -> tuple[int, ...]:
        """The numbers of the message's alternative answers, in order."""
        rows = await self._glance(
            lambda connection: _VARIANTS.rows(connection, message=message_id), single=True
        )
        return tuple(row[0] for row in rows)

    async def select_variant(self, message_id: str, variant: int) -> bool:
        """Show another of the alternative answers; tells whether there is such a one."""

        def work(connection: Connection) -> bool:
            found = locked(connection, message_id)
            if found is None or found["deleted_at"] is not None:
                return False
            if answer_key(connection, found["key"], variant) is None:
                return False
            _SELECT.run(connection, message=found["key"], number=variant)
            return True

        return await self._write(work)

    async def save(self, message: Message) -> None:
        """Keep this snapshot of one answer in the place of its former one, with its chat."""
        await self.save_said([SaidMessage(message)])

    async def save_said(self, said: Sequence[SaidMessage], *, chat: NewChat | None = None) -> None:
        """Keep several answers in order, as `save` does, with what they are known by.

        Args:
            said: The answers.
            chat: A conversation that begins with them; one that is there stays as it is.
        """
        now = self._clock()
        slots_ = tuple(slot for one in said for slot in one.message.slots)

        def work(connection: Connection, given: tuple[Slot, ...]) -> None:
            keys: dict[str, int] = {}
            if chat and (made := new_chat(connection, chat.id, now, chat.owner, chat.title)):
                keys[chat.id] = made[0]
            counts, left = tally.ChatCounts(), iter(given)
            for one in said:
                message = one.message
                if message.slots:
                    message = replace(message, slots=tuple(islice(left, len(message.slots))))
                if message.chat_id not in keys:
                    key = chat_key(connection, message.chat_id, now, message.owner)
                    keys[message.chat_id] = key
                at = _Saving(keys[message.chat_id], counts, now, self._orders)
                _save(connection, message, one.words, at)
            counts.keep(connection, now=now)

        brief = not slots_ and sum(len(one.message.text) for one in said) <= BRIEF
        await self._write_slots(slots_, work, within=GATHER, brief=brief)

    def append_text(self, message_id: str, variant: int, text: str) -> "asyncio.Future[bool]":
        """Keep more of an answer that is being written; tells whether it is there."""

        def work(connection: Connection) -> bool:
            return _APPEND.run(connection, message=message_id, number=variant, more=text) == 1

        return self._given(work, brief=len(text) <= BRIEF)

    async def save_slots(self, *slots: Slot, change: Change | None = None) -> bool:
        """Keep these slots of one answer, replacing or adding; ``False`` if it is gone."""
        if not slots:
            return False
        now, number = self._clock(), len(slots)
        logged = (*change.before, *change.after) if change else ()

        def work(connection: Connection, given: tuple[Slot, ...]) -> bool:
            slot_id = given[0].id
            found = locked(connection, slot_id.message_id)
            if found is None or found["deleted_at"] is not None:
                return False
            answer = answer_key(connection, found["key"], slot_id.variant)
            if answer is None:
                return False
            before = tally.of_answer(connection, answer)
            chat, slots_ = found["chat_key"], given[:number]
            put_slots(connection, answer, chat, slots_, now, queue=self._orders)
            if change is not None:
                middle = number + len(change.before)
                kept = replace(change, before=given[number:middle], after=given[middle:])
                forget_undone(connection, found["key"])
                note(connection, found["key"], kept, now)
            counts = tally.ChatCounts()
            tally.shift(connection, found, before, tally.of_answer(connection, answer), counts)
            counts.keep(connection, now=now)
            return True

        return await self._write_slots((*slots, *logged), work)

    async def undo(self, message_id: str) -> Change | None:
        """Take the last change back that was not taken back yet, if there is one."""
        return await self._go(message_id, undone=True)

    async def redo(self, message_id: str) -> Change | None:
        """Make the change again that was taken back last, if there is one."""
        return await self._go(message_id, undone=False)

    async def _go(self, message_id: str, *, undone: bool) -> Change | None:
        now = self._clock()

        def work(connection: Connection) -> Change | None:
            found = locked(connection, message_id)
            if found is None or found["deleted_at"] is not None:
                return None
            row = take_back(connection, found["key"], undone=undone)
            if row is None:
                return None
            change = read_change(message_id, row, self._files)
            former = change.before if undone else change.after
            answer = answer_key(connection, found["key"], row["variant"])
            assert answer is not None  # noqa: S101 - answers go only with their message
            present = {slot.id: slot for slot in self._slots(connection, answer)}
            given = [slot.as_it_was(present[slot.id]) for slot in former]
            put_slots(
                connection, answer, found["chat_key"], given, now, queue=self._orders, back=True
            )
            tally.settle(connection, found["key"], now=now)
            return change

        return await self._write(work)

    def _slots(self, connection: Connection, answer: int) -> tuple[Slot, ...]:
        return answers_of(connection, ANSWER.where(answers.c.key == answer), self._files)[0].slots

    async def delete(self, message_id: str) -> bool:
        """Delete the message with all its answers; tells whether there was one."""
        now = self._clock()
        return await self._write(lambda connection: _mark(connection, message_id, now, now))

    async def restore(self, message_id: str) -> bool:
        """Bring a deleted message back, and its chat; tells whether it is there."""
        now = self._clock()
        return await self._write(lambda connection: _mark(connection, message_id, None, now))

    async def unfinished(self) -> list[SlotId]:
        """The slots that wait for pictures, the one asked for first before all others."""
        query = (
            select(
                func.min(jobs.c.requested_at).label("first"),
                messages.c.id,
                answers.c.variant,
                slots.c.ordinal,
            )
            .select_from(slots)
            .outerjoin(jobs, jobs.c.slot_key == slots.c.key)
            .join(answers, slots.c.answer_key == answers.c.key)
            .join(messages, answers.c.message_key == messages.c.key)
            .where(messages.c.deleted_at.is_(None))
            .where(or_(slots.c.state.in_(UNFINISHED), slots.c.key.in_(select(jobs.c.slot_key))))
            .group_by(messages.c.id, answers.c.variant, slots.c.ordinal)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        found = sorted(
            (float("-inf") if row[0] is None else row[0], SlotId(row[1], row[2], row[3]))
            for row in rows
        )
        return [slot_id for _, slot_id in found]

    async def writing(self) -> list[tuple[str, int]]:
        """Message and variant of every answer whose text is still being written."""
        query = (
            select(messages.c.id, answers.c.variant)
            .join(answers, answers.c.message_key == messages.c.key)
            .where(answers.c.state == MessageState.WRITING.value)
            .where(messages.c.deleted_at.is_(None))
            .order_by(messages.c.key, answers.c.key)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [(row[0], row[1]) for row in rows]

    async def picture(self, request_key: str) -> Image | None:
        """A picture that was kept for an identical request, if its file is there."""
        query = (
            IMAGED.where(alternatives.c.request_key == request_key)
            .order_by(alternatives.c.key)
            .limit(8)
        )
        rows: Any = await self._read(lambda connection: connection.execute(query).mappings().all())
        make = image_of(self._files)
        for row in rows:
            image = make(row)
            if await self._is_there(image):
                return image
        return None

    async def _is_there(self, image: Image) -> bool:
        """Where the pictures are on another machine, asked in a thread."""
        if not self._files.is_far:
            return self._files.is_there(image)
        return await asyncio.to_thread(self._files.is_there, image)


@dataclass(frozen=True, slots=True)
class _Saving:
    """Where an answer is saved: the key of its chat, whose counts are kept later; and when."""

    chat: int
    counts: tally.ChatCounts
    now: float
    queue: "OrderQueue | None"


def _save(connection: Connection, message: Message, words: str | None, at: _Saving) -> None:
    text = tally.of_text(message)
    found, begun = message_row(connection, message, at.chat, text)
    moved = found["chat_key"] != at.chat
    if moved:
        tally.forget(connection, found["key"])
        _move(connection, found["key"], at.chat)
    known = None if begun else answer_key(connection, found["key"], message.variant)
    before = text if begun else _counted(connection, known, found)
    answer, new = put_answer(connection, found["key"], message, known, words)
    if found["deleted_at"] is not None:
        number = message.variant if new else found["selected"]
        _SELECT_AND_REVIVE.run(connection, message=found["key"], number=number)
    elif new and found["selected"] != message.variant:
        _SELECT.run(connection, message=found["key"], number=message.variant)
    if before["slots"] > len(message.slots):
        forget_beyond(connection, found["key"], message.variant, len(message.slots))
        _CUT_SLOTS.run(connection, answer=answer, count=len(message.slots))
    if message.slots:
        slots_ = message.slots
        put_slots(connection, answer, at.chat, slots_, at.now, read=False, queue=at.queue)
    if moved or found["deleted_at"] is not None:
        tally.settle(connection, found["key"], now=at.now)
        return
    if begun:  # its row was made with the counts of its text
        at.counts.add(at.chat, tally.NOTHING, text)
    after = tally.of_answer(connection, answer) if message.slots else text
    if after is not before:
        tally.shift(connection, found, before, after, at.counts)


def _counted(connection: Connection, answer: int | None, message: Record) -> tally.Counts:
    """What an answer adds to the counts before it is changed."""
    if answer is not None:
        return tally.of_answer(connection, answer)
    return {**tally.NOTHING, "messages": message["messages"], "slots": 0}


def _move(connection: Connection, message_key: int, chat: int) -> None:
    """Put a message that was saved with another chat into that one."""
    connection.execute(update(messages).where(messages.c.key == message_key).values(chat_key=chat))
    its_slots = (
        select(slots.c.key)
        .join(answers, slots.c.answer_key == answers.c.key)
        .where(answers.c.message_key == message_key)
    )
    connection.execute(
        update(alternatives).where(alternatives.c.slot_key.in_(its_slots)).values(chat_key=chat)
    )


def _mark(connection: Connection, message_id: str, deleted_at: float | None, now: float) -> bool:
    """Delete or restore a message; tells whether there is something that was done."""
    found = locked(connection, message_id)
    if found is None:
        return False
    if (found["deleted_at"] is None) == (deleted_at is None):
        return deleted_at is None
    key = found["key"]
    connection.execute(update(messages).where(messages.c.key == key).values(deleted_at=deleted_at))
    if deleted_at is None:
        connection.execute(
            update(chats).where(chats.c.key == found["chat_key"]).values(deleted_at=None)
        )
    tally.settle(connection, key, now=now)
    return True
