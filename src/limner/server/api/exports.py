"""Conversations and messages as files, given out while they are being made."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import FastAPI, Query
from fastapi.responses import StreamingResponse

from limner.illustration import Message
from limner.server.api.fields import ChatId, MessageId
from limner.server.api.found import the_chat, the_message
from limner.server.api.routing.routes import Routes
from limner.server.services import Services
from limner.storage import ChatSummary

Format = Annotated[Literal["html", "md", "epub", "json"], Query(description="Which kind of file.")]
MISSING = "X-Limner-Missing"
"""The header that tells how many pictures of a document are missing."""
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "epub": "application/epub+zip",
    "json": "application/json",
}


class Exports:
    """Gives conversations and messages out as files.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "exports")
        api.get("/chats/{chat_id}/export", response_class=StreamingResponse)(self.export_chat)
        api.get("/messages/{message_id}/export", response_class=StreamingResponse)(
            self.export_message
        )

    async def export_chat(
        self,
        chat_id: ChatId,
        format: Format = "html",  # noqa: A002 - the parameter's name in the address
        embed: Annotated[bool, Query(description="Put the pictures into the JSON.")] = False,
    ) -> StreamingResponse:
        """A conversation as a page, a book, Markdown or JSON."""
        chat = await the_chat(self._services, chat_id)
        messages = await self._services.library.messages(chat_id)
        shown, missing = await asyncio.to_thread(_without_missing, messages)
        name = chat.title or chat.id
        if format == "json":
            answers = [await self._answers(message) for message in messages]
            return _file(_json(chat, messages, answers, embed), format, name, missing)
        return _file(_chat_pieces(chat, shown, format), format, name, missing)

    async def export_message(
        self,
        message_id: MessageId,
        format: Format = "html",  # noqa: A002 - as above
    ) -> StreamingResponse:
        """One message, with the answer that is shown, as a page, a book, Markdown or JSON."""
        message = await the_message(self._services, message_id)
        (shown,), missing = await asyncio.to_thread(_without_missing, [message])
        if format == "json":
            chat = await the_chat(self._services, message.chat_id)
            answers = [await self._answers(message)]
            return _file(_json(chat, [message], answers, embed=False), format, message_id, missing)
        pieces = _message_pieces(shown, missing, format, self._now())
        return _file(pieces, format, message_id, missing)

    async def _answers(self, message: Message) -> list[Message]:
        """All answers of a message."""
        library = self._services.library
        variants = await library.variants(message.id)
        found = [await library.load(message.id, variant) for variant in variants]
        return [answer for answer in found if answer is not None]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._services.clock(), UTC)


def _file(pieces: Iterator[str | bytes], kind: str, name: str, missing: int) -> StreamingResponse:
    """A file that a browser saves; the iterator is asked in a thread.

    The head says how many of its pictures are missing; the document says so at its end.
    """
    headers = {
        MISSING: str(missing),
        "Content-Disposition": f'attachment; filename="{file_name(name)}.{kind}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_encoded(pieces), media_type=MEDIA_TYPES[kind], headers=headers)


def _encoded(pieces: Iterator[str | bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode("utf-8", "replace") if isinstance(piece, str) else piece


def file_name(name: str) -> str:
    """A name as the beginning of a file's name, of ASCII only.

    Examples:
        >>> file_name('The Fox & the "Owl"!'), file_name("狐")
        ('the-fox-the-owl', 'limner')
    """
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in name.lower()).split()
    return "-".join(words)[:60].strip("-") or "limner"


def _without_missing(messages: list[Message]) -> tuple[list[Message], int]:
    from limner.illustration.rendering import without_missing  # heavy

    return without_missing(messages)


def _chat_pieces(chat: ChatSummary, messages: list[Message], kind: str) -> Iterator[str | bytes]:
    # Imported here because the renderer's libraries are heavy.
    from limner.illustration.rendering import (
        chat_html_pieces,
        chat_markdown_pieces,
        epub_pieces,
    )

    if kind == "html":
        yield from chat_html_pieces(messages, title=chat.title)
    elif kind == "md":
        yield from chat_markdown_pieces(messages, title=chat.title)
    else:
        changed = datetime.fromtimestamp(chat.updated_at, UTC)
        yield from epub_pieces(messages, title=chat.title, modified=changed)


def _message_pieces(
    message: Message, missing: int, kind: str, now: datetime
) -> Iterator[str | bytes]:
    from limner.illustration.rendering import (
        epub_pieces,
        html_pieces,
        markdown_pieces,
        missing_note,
    )

    if kind == "html":
        yield from html_pieces(message)
    elif kind == "md":
        yield from markdown_pieces(message)
        yield f"\n\n*{missing_note(missing)}*\n" if missing else ""
    else:
        yield from epub_pieces(message, modified=now)


def _json(
    chat: ChatSummary, messages: list[Message], answers: list[list[Message]], embed: bool
) -> Iterator[str]:
    from limner.illustration.rendering import json_pieces

    told = {
        "id": chat.id,
        "title": chat.title,
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
    }
    selected = {message.id: message.variant for message in messages}
    return json_pieces(answers, chat=told, selected=selected, embed=embed)
