"""Conversations: listed, begun, renamed, deleted, branched, searched."""

from typing import Annotated

from fastapi import FastAPI, Query, Request
from pydantic import Field

from limner.server.api.error_form import NotFound, Refused
from limner.server.api.fields import PAGE, AfterId, Body, ChatId, Limit, NewId, Title
from limner.server.api.found import only_own, owner_of, the_chat
from limner.server.api.routing.routes import Routes
from limner.server.branch import branched
from limner.server.schemas import ChatView, Schema
from limner.server.schemas.schema import ReadableText
from limner.server.services import Services


class NewChat(Body):
    """A conversation to begin."""

    title: Title | None = None
    id: NewId | None = Field(None, description="Made up by default.")


class Renaming(Body):
    """Another title."""

    title: Title | None


class Branching(Body):
    """Where a new conversation branches off."""

    message: NewId = Field(description="The last message to take over.")


class ChatPage(Schema):
    """Some conversations, the one changed last first."""

    chats: list[ChatView]
    next: str | None = Field(description="The cursor of the next page; null: this is the last.")


class PassageView(Schema):
    """A place where a phrase was found."""

    chat: str
    message: str
    variant: int
    excerpt: ReadableText


class Found(Schema):
    """Where a phrase stands."""

    passages: list[PassageView]


class Chats:
    """Lists, begins and changes conversations.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._library, self._hub = services.library, services.hub

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "chats")
        api.get("/chats")(self.list_chats)
        api.post("/chats", status_code=201)(self.create_chat)
        api.get("/chats/{chat_id}")(self.get_chat)
        api.patch("/chats/{chat_id}")(self.rename_chat)
        api.delete("/chats/{chat_id}", status_code=204)(self.delete_chat)
        api.post("/chats/{chat_id}/restore")(self.restore_chat)
        api.post("/chats/{chat_id}/branch", status_code=201)(self.branch_chat)
        api.get("/search")(self.search)

    def _changed(self, kind: str, chat_id: str) -> None:
        self._hub.publish(kind, {"chat": chat_id}, chat=None)

    async def list_chats(
        self, request: Request, limit: Limit = PAGE, after: AfterId = None
    ) -> ChatPage:
        """The conversations, the one changed last before all others."""
        if after is not None:
            await the_chat(self._services, after)
        found = await self._library.chats(limit=limit + 1, after=after, owner=only_own(request))
        page = [ChatView.of(chat) for chat in found[:limit]]
        return ChatPage(chats=page, next=page[-1].id if len(found) > limit else None)

    async def create_chat(self, body: NewChat, request: Request) -> ChatView:
        """Begin a conversation; one with this id that is there already stays as it is."""
        owner, own = owner_of(request), only_own(request)
        known = await self._library.chat_owners([body.id]) if body.id and own is not None else {}
        if any(other != own for other in known.values()):
            raise Refused(f"there is a chat {body.id!r} already")
        made = await self._library.create_chat(body.title, id=body.id, owner=owner)
        self._changed("chat.created", made.id)
        return ChatView.of(await the_chat(self._services, made.id))

    async def get_chat(self, chat_id: ChatId) -> ChatView:
        """One conversation."""
        return ChatView.of(await the_chat(self._services, chat_id))

    async def rename_chat(self, chat_id: ChatId, body: Renaming) -> ChatView:
        """Give a conversation another title."""
        if not await self._library.rename_chat(chat_id, body.title):
            raise NotFound(f"chat {chat_id!r}")
        self._changed("chat.changed", chat_id)
        return ChatView.of(await the_chat(self._services, chat_id))

    async def delete_chat(self, chat_id: ChatId) -> None:
        """Delete a conversation, stopping what is written or drawn in it; it can be restored."""
        await the_chat(self._services, chat_id)
        await self._services.withdrawing.end_chat(chat_id)
        await self._library.delete_chat(chat_id)
        self._changed("chat.deleted", chat_id)

    async def restore_chat(self, chat_id: ChatId) -> ChatView:
        """Bring a deleted conversation back, with the messages it had."""
        was_there = await self._library.chat(chat_id) is not None
        if not await self._library.restore_chat(chat_id):
            raise NotFound(f"chat {chat_id!r}")
        if not was_there:
            ids = await self._library.message_ids(chat_id)
            await self._services.illustrator.operations.call_off(frozenset(ids))
        self._changed("chat.created", chat_id)
        return ChatView.of(await the_chat(self._services, chat_id))

    async def branch_chat(self, chat_id: ChatId, body: Branching) -> ChatView:
        """Begin a new conversation as this one was up to a message."""
        illustrator = self._services.illustrator
        new_id = await branched(self._library, illustrator, chat_id, body.message)
        await self._services.chat_settings.copy(chat_id, new_id)
        self._changed("chat.created", new_id)
        return ChatView.of(await the_chat(self._services, new_id))

    async def search(
        self,
        request: Request,
        q: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")],
        limit: Limit = PAGE,
    ) -> Found:
        """Where a phrase stands, the newest messages first."""
        found = await self._library.search(q, limit=limit, owner=only_own(request))
        return Found(
            passages=[
                PassageView(
                    chat=one.chat_id,
                    message=one.message_id,
                    variant=one.variant,
                    excerpt=one.excerpt,
                )
                for one in found
            ]
        )
