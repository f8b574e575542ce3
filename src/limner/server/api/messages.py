"""The messages of a conversation: read, deleted, brought back, undone."""

from asyncio import gather
from typing import Annotated

from fastapi import Depends, FastAPI, Query
from pydantic import Field

from limner.illustration import Change
from limner.server.api.error_form import NotFound, Refused
from limner.server.api.fields import ID, PAGE, AfterId, ChatId, Limit, MessageId, Variant
from limner.server.api.found import message_view, the_chat, the_message
from limner.server.api.operation_routes import open_message
from limner.server.api.routing.routes import Routes
from limner.server.preferences import ChatChoices
from limner.server.schemas import MessageView, ProgressView, Schema
from limner.server.services import Services

Before = Annotated[str | None, Query(pattern=ID, description="Those before this message.")]
Latest = Annotated[bool, Query(description="Begin at the end instead of the beginning.")]
Blocks = Annotated[bool, Query(description="Have the text as safe HTML, too.")]
Which = Annotated[int | None, Query(ge=0, le=2**31 - 1, description="By default the one shown.")]


class MessagePage(Schema):
    """Some messages of a conversation, in order, each with the answer that is shown."""

    messages: list[MessageView]
    next: str | None = Field(description="`after` of the page behind; null: there is none.")
    previous: str | None = Field(description="`before` of the page in front; null: there is none.")
    chosen: ChatChoices = Field(description="What was chosen for the conversation.")


class Undone(Schema):
    """What was taken back or done again."""

    change: str | None = Field(description="What was done then; null: there was nothing.")
    message: MessageView


class Messages:
    """Reads messages, and changes them as a whole.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._library = services.library
        self._operations = services.illustrator.operations
        self._withdrawing = services.withdrawing

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "messages")
        api.get("/chats/{chat_id}/messages")(self.list_messages)
        api.get("/messages/{message_id}")(self.get_message)
        api.get("/messages/{message_id}/progress")(self.get_progress)
        api.delete("/messages/{message_id}", status_code=204)(self.delete_message)
        api.post("/messages/{message_id}/restore")(self.restore_message)
        held = [Depends(open_message(self._services))]
        api.post("/messages/{message_id}/undo", dependencies=held)(self.undo)
        api.post("/messages/{message_id}/redo", dependencies=held)(self.redo)
        api.put("/messages/{message_id}/selected/{variant}")(self.select_variant)

    async def list_messages(
        self,
        chat_id: ChatId,
        limit: Limit = PAGE,
        after: AfterId = None,
        before: Before = None,
        latest: Latest = False,
        blocks: Blocks = False,
    ) -> MessagePage:
        """The messages of a conversation, in order."""
        await the_chat(self._services, chat_id)
        ids = await self._library.message_ids(chat_id)
        start, end = window(ids, limit=limit, after=after, before=before, latest=latest)
        found = await self._library.messages(
            chat_id, limit=end - start, after=ids[start - 1] if start else None
        )
        return MessagePage(
            messages=await gather(
                *(message_view(self._services, message, blocks=blocks) for message in found)
            ),
            next=ids[end - 1] if 0 < end < len(ids) else None,
            previous=ids[start] if 0 < start < len(ids) else None,
            chosen=await self._services.chat_settings.of(chat_id),
        )

    async def get_message(
        self, message_id: MessageId, variant: Which = None, blocks: Blocks = False
    ) -> MessageView:
        """One message, with the answer that is shown or another."""
        message = await the_message(self._services, message_id, variant)
        return await message_view(self._services, message, blocks=blocks)

    async def get_progress(self, message_id: MessageId) -> ProgressView:
        """How far its pictures are, since none was under way."""
        await the_message(self._services, message_id)
        return ProgressView.of(self._services.illustrator.progress(message_id))

    async def delete_message(self, message_id: MessageId) -> None:
        """Delete a message, stopping it first if it is being written; it can be restored."""
        if not await self._withdrawing.delete_message(message_id):
            raise NotFound(f"message {message_id!r}")

    async def restore_message(self, message_id: MessageId) -> MessageView:
        """Bring a deleted message back, with all its pictures."""
        if not await self._operations.restore_message(message_id):
            raise NotFound(f"message {message_id!r}")
        return await message_view(self._services, await the_message(self._services, message_id))

    async def undo(self, message_id: MessageId) -> Undone:
        """Take back what was done last; a picture that is still being drawn for that is stopped."""
        await the_message(self._services, message_id)
        return await self._undone(message_id, await self._withdrawing.undo(message_id))

    async def redo(self, message_id: MessageId) -> Undone:
        """Make the change again that was taken back last."""
        await the_message(self._services, message_id)
        return await self._undone(message_id, await self._operations.redo(message_id))

    async def select_variant(self, message_id: MessageId, variant: Variant) -> MessageView:
        """Show another of its answers."""
        if not await self._operations.select_variant(message_id, variant):
            raise NotFound(f"answer {variant} of the message {message_id!r}")
        return await message_view(self._services, await the_message(self._services, message_id))

    async def _undone(self, message_id: str, change: Change | None) -> Undone:
        message = await the_message(self._services, message_id)
        return Undone(
            change=change.kind if change else None,
            message=await message_view(self._services, message),
        )


def window(
    ids: list[str], *, limit: int, after: str | None, before: str | None, latest: bool
) -> tuple[int, int]:
    """Which of the messages a page shows: from one index up to another.

    Raises:
        NotFound: A cursor is none of them.
        Refused: They do not go together.

    Examples:
        >>> window(["a", "b", "c", "d"], limit=2, after="a", before=None, latest=False)
        (1, 3)
        >>> window(["a", "b", "c", "d"], limit=2, after=None, before="d", latest=False)
        (1, 3)
        >>> window(["a", "b", "c", "d"], limit=3, after=None, before=None, latest=True)
        (1, 4)
    """
    if (after is not None) + (before is not None) + latest > 1:
        raise Refused("say only one of after, before and latest", field="after")
    cursor = after if after is not None else before
    if cursor is not None and cursor not in ids:
        raise NotFound(f"message {cursor!r} in this chat")
    if after is not None:
        start = ids.index(after) + 1
        return start, min(start + limit, len(ids))
    if before is not None or latest:
        end = ids.index(before) if before is not None else len(ids)
        return max(end - limit, 0), end
    return 0, min(limit, len(ids))
