"""The conversations of a library."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, select, tuple_, update

from limner.illustration import Message
from limner.storage.database.statement import Statement
from limner.storage.database.tables import answers, chats, messages
from limner.storage.repositories import tally
from limner.storage.repositories.branching import copy_messages
from limner.storage.repositories.reading import ANSWER, answers_of
from limner.storage.repositories.records import Chat, ChatSummary, Passage
from limner.storage.repositories.repository import Repository
from limner.storage.repositories.writing import chat_key, new_chat

SUMMARY = select(
    chats.c.id, chats.c.title, chats.c.created_at, chats.c.updated_at, chats.c.messages,
    chats.c.pictures, chats.c.failed, chats.c.writing,
)  # fmt: skip
_SUMMARY = Statement(
    SUMMARY.where(chats.c.id == bindparam("chat")).where(chats.c.deleted_at.is_(None))
)
_CHAT = Statement(
    select(chats.c.id, chats.c.title, chats.c.created_at).where(chats.c.id == bindparam("chat"))
)
AROUND = 60
"""Characters an excerpt shows before and after the phrase."""


class ChatRepository(Repository):
    """Keeps conversations. The order of their messages is that in which they were first saved."""

    async def create_chat(
        self,
        title: str | None = None,
        *,
        id: str | None = None,  # noqa: A002 - the field's own name
        owner: str | None = None,
    ) -> Chat:
        """Begin a conversation. One that is there already stays as it is, and is given.

        Args:
            title: What people call it.
            id: Its identity; made up by default.
            owner: Whose it is.
        """
        chat_id, now = id or uuid.uuid4().hex, self._clock()

        def work(connection: Connection) -> Chat:
            if new_chat(connection, chat_id, now, owner, title) is not None:
                return Chat(id=chat_id, title=title, created_at=now)
            chat_key(connection, chat_id, now, owner)  # it is back, if it was deleted
            found = _CHAT.record(connection, chat=chat_id)
            assert found is not None  # noqa: S101 - tells the type checker
            return Chat(**found)

        return await self._write(work, brief=True)

    async def chats(
        self, *, limit: int = 50, after: str | None = None, owner: str | None = None
    ) -> list[ChatSummary]:
        """Conversations, the one changed last before all others.

        Args:
            limit: How many at most.
            after: The id of the conversation that the list is to go on after.
            owner: Only this owner's; ``None``: everybody's.
        """
        query = SUMMARY.where(chats.c.deleted_at.is_(None))
        if owner is not None:
            query = query.where(chats.c.owner == owner)
        if after is not None:
            before = select(chats.c.updated_at, chats.c.key).where(chats.c.id == after).subquery()
            # As one comparison an index finds the place; taken apart, what is before it is read.
            query = query.join(
                before,
                tuple_(chats.c.updated_at, chats.c.key) < tuple_(before.c.updated_at, before.c.key),
            )
        query = query.order_by(chats.c.updated_at.desc(), chats.c.key.desc()).limit(limit)
        rows = await self._read(lambda connection: connection.execute(query).mappings().all())
        return [ChatSummary(**row) for row in rows]

    async def chat(self, id: str) -> ChatSummary | None:  # noqa: A002 - the field's own name
        """One conversation; ``None`` if there is none, or it was deleted."""
        row = await self._glance(
            lambda connection: _SUMMARY.record(connection, chat=id), single=True
        )
        return None if row is None else ChatSummary(**row)

    async def chat_owners(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Whose conversations are, deleted ones too; those that are not there are left out."""
        query = select(chats.c.id, chats.c.owner).where(chats.c.id.in_(ids))
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {row[0]: row[1] for row in rows}

    async def message_owner(self, message_id: str) -> str | None:
        """Whose the conversation of a message is, be that deleted or not."""
        query = (
            select(chats.c.owner)
            .join(messages, messages.c.chat_key == chats.c.key)
            .where(messages.c.id == message_id)
        )
        return await self._read(lambda connection: connection.scalar(query))

    async def messages(
        self, chat_id: str, *, limit: int | None = None, after: str | None = None
    ) -> list[Message]:
        """The messages of a conversation in order, each with the answer that is selected.

        Args:
            chat_id: The conversation.
            limit: How many at most; ``None``: all.
            after: The id of the message that the list is to go on after.
        """
        query = _paged(
            ANSWER.where(answers.c.variant == messages.c.selected), chat_id, after, limit
        )
        return await self._read(lambda connection: answers_of(connection, query, self._files))

    async def message_ids(self, chat_id: str) -> list[str]:
        """The ids of a conversation's messages, in order."""
        query = _paged(
            select(messages.c.id).join(chats, messages.c.chat_key == chats.c.key),
            chat_id,
            None,
            None,
        )
        return await self._read(lambda connection: list(connection.scalars(query)))

    async def rename_chat(self, id: str, title: str | None) -> bool:  # noqa: A002 - the field's own name
        """Give a conversation another title; tells whether it is there."""
        change = update(chats).where(chats.c.id == id).where(chats.c.deleted_at.is_(None))
        return await self._write(
            lambda connection: connection.execute(change.values(title=title)).rowcount == 1
        )

    async def delete_chat(self, id: str) -> bool:  # noqa: A002 - the field's own name
        """Delete a conversation with all its messages; tells whether there was one."""
        now = self._clock()

        def work(connection: Connection) -> bool:
            key = connection.scalar(
                select(chats.c.key)
                .where(chats.c.id == id)
                .where(chats.c.deleted_at.is_(None))
                .with_for_update()
            )
            if key is None:
                return False
            there = and_(messages.c.chat_key == key, messages.c.deleted_at.is_(None))
            gone = {"deleted_at": now, **dict.fromkeys(tally.COUNTS, 0)}
            connection.execute(update(messages).where(there).values(gone))
            connection.execute(update(chats).where(chats.c.key == key).values(gone))
            return True

        return await self._write(work)

    async def drop_empty_chat(self, id: str) -> bool:  # noqa: A002 - the field's own name
        """Remove a conversation in which nothing was ever said; tells whether it was there."""
        said = select(messages.c.key).where(messages.c.chat_key == chats.c.key).exists()
        query = delete(chats).where(chats.c.id == id).where(~said)
        return await self._write(lambda connection: connection.execute(query).rowcount == 1)

    async def restore_chat(self, id: str) -> bool:  # noqa: A002 - the field's own name
        """Bring a deleted conversation back with the messages it had; tells whether it is there.

        Messages that were deleted before it was stay deleted.
        """

        def work(connection: Connection) -> bool:
            query = select(chats.c.key, chats.c.deleted_at).where(chats.c.id == id)
            found = connection.execute(query.with_for_update()).one_or_none()
            if found is None or found.deleted_at is None:
                return found is not None
            with_it = and_(
                messages.c.chat_key == found.key, messages.c.deleted_at == found.deleted_at
            )
            connection.execute(update(messages).where(with_it).values(deleted_at=None))
            connection.execute(
                update(chats).where(chats.c.key == found.key).values(deleted_at=None)
            )
            tally.settle_chat(connection, found.key)
            return True

        return await self._write(work)

    async def branch(self, chat_id: str, message_id: str, *, id: str | None = None) -> str:  # noqa: A002 - the field's own name
        """Begin a new conversation as another one was up to a message; later they are apart.

        The messages are copies with ids of their own, with all answers and pictures (whose files
        they share), without what could be undone. A text that is still being written is cut.

        Args:
            chat_id: The conversation.
            message_id: The last message to take over.
            id: The identity of the new conversation, which is none's yet; made up by default.

        Returns:
            The id of the new conversation.

        Raises:
            UnknownSlot: The conversation has no such message.
        """
        now = self._clock()
        return await self._write(
            lambda connection: copy_messages(connection, chat_id, message_id, now, id)
        )

    async def search(
        self, phrase: str, *, limit: int = 50, owner: str | None = None
    ) -> list[Passage]:
        """Answers in whose text a phrase stands, the newest messages first.

        Upper and lower case count as the same where the database knows them (SQLite: ASCII).
        Text that is still being written is found once it is saved whole.
        """
        query = (
            select(chats.c.id, messages.c.id, answers.c.variant, answers.c.text)
            .join(messages, answers.c.message_key == messages.c.key)
            .join(chats, messages.c.chat_key == chats.c.key)
            .where(messages.c.deleted_at.is_(None))
            .where(answers.c.text.icontains(phrase, autoescape=True))
            .order_by(messages.c.key.desc(), answers.c.variant)
            .limit(limit)
        )
        if owner is not None:
            query = query.where(chats.c.owner == owner)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [
            Passage(
                chat_id=row[0], message_id=row[1], variant=row[2], excerpt=_excerpt(row[3], phrase)
            )
            for row in rows
        ]


def _paged(query: Select[Any], chat_id: str, after: str | None, limit: int | None) -> Select[Any]:
    query = query.where(chats.c.id == chat_id).where(messages.c.deleted_at.is_(None))
    if after is not None:
        last = select(messages.c.key).where(messages.c.id == after).scalar_subquery()
        query = query.where(messages.c.key > last)
    return query.order_by(messages.c.key).limit(limit)


def _excerpt(text: str, phrase: str) -> str:
    at = max(0, text.lower().find(phrase.lower()))
    start, end = max(0, at - AROUND), at + len(phrase) + AROUND
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
