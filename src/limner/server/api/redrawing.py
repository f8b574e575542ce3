"""Pictures drawn in the background, after the request for them was answered."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from limner.errors import BudgetExceeded, LimnerError
from limner.illustration import ProgressChanged, Slot, SlotId
from limner.server.api.fields import Body, ChatId, MessageId
from limner.server.api.found import owner_of, the_chat, the_message
from limner.server.events import error_data
from limner.server.schemas import Schema, SlotView
from limner.server.services import Services


class RedrawAll(Body):
    """How all pictures of an answer are drawn again."""

    mode: str | None = Field(
        None,
        pattern="^(replace|append)$",
        description="Whether the old pictures go or stay; by default as the settings say.",
    )


class Accepted(Schema):
    """It is being done; the events tell how it goes on."""

    accepted: bool = True


class Redrawing:
    """Has pictures drawn again, and tells at once what would never be drawn.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._operations = services.illustrator.operations

    def router(self) -> APIRouter:
        """The routes that draw more than one picture."""
        api = APIRouter(tags=["slots"])
        api.post("/messages/{message_id}/regenerate", status_code=202)(self.regenerate_message)
        api.post("/messages/{message_id}/retry", status_code=202)(self.retry_message)
        api.post("/chats/{chat_id}/retry", status_code=202)(self.retry_chat)
        return api

    async def regenerate_message(
        self, message_id: MessageId, request: Request, body: RedrawAll | None = None
    ) -> Accepted:
        """Draw all pictures of the answer that is shown again."""
        mode = (body.mode if body else None) or self._services.settings.now.default_mode
        await the_message(self._services, message_id)
        await self._affordable(request)
        work = self._operations.regenerate_message(
            message_id, mode="append" if mode == "append" else "replace"
        )
        await self._begun(message_id, work)
        return Accepted()

    async def retry_message(self, message_id: MessageId, request: Request) -> Accepted:
        """Draw every picture of the answer that is shown that failed."""
        await the_message(self._services, message_id)
        await self._affordable(request)
        await self._begun(message_id, self._operations.retry_failed(message_id))
        return Accepted()

    async def retry_chat(self, chat_id: ChatId, request: Request) -> Accepted:
        """Draw every picture of a conversation that failed."""
        await the_chat(self._services, chat_id)
        await self._affordable(request)
        await self._begun(None, self._operations.retry_failed_chat(chat_id))
        return Accepted()

    async def one(
        self, slot_id: SlotId, work: Coroutine[Any, Any, Slot | None], request: Request
    ) -> None:
        """Have one picture drawn; returns when it waits for its turn, or need not be drawn.

        Raises:
            limner.errors.LimnerError: It cannot be drawn, and nobody will try.
        """
        try:
            await the_message(self._services, slot_id.message_id, slot_id.variant)
            await self._affordable(request)
        except BaseException:
            work.close()
            raise
        task = await self._begun(slot_id.message_id, work)
        if not task.done():
            task.add_done_callback(lambda done: self._ended(slot_id, done))

    def _ended(self, slot_id: SlotId, task: "asyncio.Task[Any]") -> None:
        """Tell of a picture that could not be drawn after all."""
        if task.cancelled() or (error := task.exception()) is None:
            return
        data = {"slot_id": str(slot_id), "slot": None, "error": error_data(error)}
        chat = self._services.chat_of(slot_id.message_id)
        self._services.background.start(self._tell(slot_id, data, chat), name=f"news of {slot_id}")

    async def _tell(self, slot_id: SlotId, data: dict[str, Any], chat: str | None) -> None:
        store = self._services.illustrator.store
        message = await store.load(slot_id.message_id, slot_id.variant)
        if message is not None and slot_id.ordinal < len(message.slots):
            data["slot"] = SlotView.of(message.slots[slot_id.ordinal]).model_dump()
        self._services.hub.feed("slot.failed", data, chat=chat)

    async def _begun(
        self, message_id: str | None, work: Coroutine[Any, Any, Any]
    ) -> "asyncio.Task[Any]":
        """Start something that draws, and wait until it draws or has ended.

        Raises:
            limner.errors.LimnerError: It ended with this before it drew.
        """
        draws = asyncio.Event()

        def heard(event: ProgressChanged) -> None:
            if message_id in (None, event.message_id):
                draws.set()

        unsubscribe = self._services.illustrator.on_progress(heard)
        task = self._services.background.start(work, name=f"pictures of {message_id or 'a chat'}")
        waiting = asyncio.create_task(draws.wait())
        try:
            await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            unsubscribe()
            waiting.cancel()
        if task.done() and not task.cancelled() and isinstance(task.exception(), LimnerError):
            task.result()
        return task

    async def _affordable(self, request: Request) -> None:
        """Refuse at once what the budget does not allow.

        Raises:
            limner.errors.BudgetExceeded: No more may be drawn for now.
        """
        report = await self._services.illustrator.budget_report(owner_of(request))
        for use in report.uses:
            if not use.left:
                owner = report.owner if use.bound.per_owner else None
                raise BudgetExceeded(
                    use.bound.scope, use.bound.limit, owner=owner, resets_in=use.resets_in
                )
