"""Pictures drawn again: each is accepted or refused at once, and drawn in the background."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from limner.illustration import DrawingHandle, Refusal, Requested, SlotId
from limner.server.api.error_form import kind_of
from limner.server.api.fields import Body, ChatId, MessageId
from limner.server.api.found import owner_of, the_chat, the_message
from limner.server.api.operation_routes import open_message
from limner.server.schemas import Schema
from limner.server.services import Services


class RedrawAll(Body):
    """How all pictures of an answer are drawn again."""

    mode: str | None = Field(
        None,
        pattern="^(replace|append)$",
        description="Whether the old pictures go or stay; by default as the settings say.",
    )


class RefusedSlot(Schema):
    """A picture that is not drawn."""

    slot: str = Field(description="Its place, MESSAGE/VARIANT/ORDINAL.")
    kind: str
    message: str

    @classmethod
    def of(cls, refusal: Refusal) -> "RefusedSlot":
        """The view of a refusal."""
        error = refusal.error
        return cls(slot=str(refusal.slot_id), kind=kind_of(error), message=str(error))


class Accepted(Schema):
    """It is being done; the events tell how it goes on."""

    accepted: bool = True
    slots: list[str] = Field(description="The places whose pictures are drawn.")
    refused: list[RefusedSlot] = Field(description="Those that are not, and why.")

    @classmethod
    def of(cls, requested: Requested) -> "Accepted":
        """The view of what became of a request."""
        return cls(
            slots=[str(handle.slot_id) for handle in requested.accepted],
            refused=[RefusedSlot.of(refusal) for refusal in requested.refused],
        )


class Redrawing:
    """Asks for pictures to be drawn again; who draws them tells how that goes.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._operations = services.illustrator.operations

    def router(self) -> APIRouter:
        """The routes that draw more than one picture."""
        api = APIRouter(tags=["slots"])
        held = [Depends(open_message(self._services))]
        path = "/messages/{message_id}"
        api.post(f"{path}/regenerate", status_code=202, dependencies=held)(self.regenerate_message)
        api.post(f"{path}/retry", status_code=202, dependencies=held)(self.retry_message)
        api.post("/chats/{chat_id}/retry", status_code=202)(self.retry_chat)
        return api

    async def regenerate_message(
        self, message_id: MessageId, request: Request, body: RedrawAll | None = None
    ) -> Accepted:
        """Draw all pictures of the answer that is shown again."""
        mode = (body.mode if body else None) or self._services.settings.now.default_mode
        await the_message(self._services, message_id)
        await self._affordable(request)
        requested = await self._operations.request_message(
            message_id, mode="append" if mode == "append" else "replace"
        )
        return Accepted.of(requested)

    async def retry_message(self, message_id: MessageId, request: Request) -> Accepted:
        """Draw every picture of the answer that is shown that failed."""
        await the_message(self._services, message_id)
        await self._affordable(request)
        return Accepted.of(await self._operations.request_failed(message_id))

    async def retry_chat(self, chat_id: ChatId, request: Request) -> Accepted:
        """Draw every picture of a conversation that failed, but of messages that are held."""
        await the_chat(self._services, chat_id)
        await self._affordable(request)
        return Accepted.of(await self._operations.request_failed_chat(chat_id))

    async def one(
        self, slot_id: SlotId, ask: Callable[[], Awaitable[DrawingHandle]], request: Request
    ) -> DrawingHandle:
        """Ask for one picture; returns when it is accepted.

        Raises:
            limner.errors.LimnerError: It is not, and nobody will draw it.
        """
        await the_message(self._services, slot_id.message_id, slot_id.variant)
        await self._affordable(request)
        return await ask()

    async def _affordable(self, request: Request) -> None:
        """Refuse at once what the budget does not allow.

        Raises:
            limner.errors.BudgetExceeded: No more may be drawn for now.
        """
        report = await self._services.illustrator.budget_report(owner_of(request))
        report.check()
