"""Pictures drawn again: each is accepted or refused at once, and drawn in the background."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from fastapi import Depends, FastAPI
from pydantic import Field

from limner.errors import BudgetExceeded
from limner.illustration import (
    BudgetReport,
    BudgetUse,
    DrawingHandle,
    Message,
    Refusal,
    Requested,
    SlotId,
)
from limner.illustration.model.cost import PICTURES
from limner.server.api.error_form import kind_of
from limner.server.api.fields import Body, ChatId, MessageId
from limner.server.api.found import the_chat, the_message
from limner.server.api.operation_routes import open_message
from limner.server.api.routing.routes import Routes
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


class Allowance:
    """Refuses, each for itself, the pictures of a request that a budget has no room for.

    Whoever asks, a picture is in the budget of whose message it is: there it counts when it is
    drawn. It counts when its turn comes, a moment after it was accepted. So those that were
    accepted are counted here, and what is read is read once.

    Args:
        services: Knows what is used, and whose message is whose.
    """

    def __init__(self, services: Services) -> None:
        self._illustrator = services.illustrator
        self._owners: dict[tuple[str, int], str] = {}
        self._over_all: dict[str, tuple[BudgetUse, ...]] = {}
        self._of_message: dict[str, tuple[BudgetUse, ...]] = {}
        self._accepted: Counter[str] = Counter()
        self._accepted_of: Counter[str] = Counter()

    async def check(self, message: Message) -> None:
        """Refuse a request at once that can have no picture at all of a message.

        Raises:
            limner.errors.BudgetExceeded: A bound is reached.
        """
        owner = message.owner or message.chat_id
        self._owners[message.id, message.variant] = owner
        await self._check(message.id, owner)

    async def take(self, slot_id: SlotId) -> None:
        """Count one more picture; of a message that is not there it is nobody's to refuse.

        Raises:
            limner.errors.BudgetExceeded: There is no room for it.
        """
        answer = slot_id.message_id, slot_id.variant
        if answer not in self._owners:
            message = await self._illustrator.store.load(*answer)
            if message is None:
                return  # it was deleted meanwhile
            self._owners[answer] = message.owner or message.chat_id
        owner = self._owners[answer]
        await self._check(slot_id.message_id, owner)
        self._accepted[slot_id.message_id] += 1
        self._accepted_of[owner] += 1

    async def _check(self, message_id: str, owner: str) -> None:
        if owner not in self._over_all or message_id not in self._of_message:
            report = await self._illustrator.budget_report(owner, message_id)
            bounds = [(use, use.bound.window is None) for use in report.uses]
            self._over_all.setdefault(owner, tuple(use for use, one in bounds if not one))
            self._of_message[message_id] = tuple(use for use, one in bounds if one)
        left = [
            _with(use, self._accepted_of[owner] if use.bound.per_owner else self._accepted.total())
            for use in self._over_all[owner]
        ]
        left += (_with(use, self._accepted[message_id]) for use in self._of_message[message_id])
        BudgetReport(tuple(left), owner).check()


def _with(use: BudgetUse, accepted: int) -> BudgetUse:
    """The use of a bound with so many pictures more; what else they cost nobody knows yet."""
    return replace(use, used=use.used + accepted) if use.bound.unit == PICTURES else use


def none_was_paid(requested: Requested) -> None:
    """Refuse a request of whose pictures the budget allowed none.

    Raises:
        limner.errors.BudgetExceeded: Why.
    """
    errors = [one.error for one in requested.refused if isinstance(one.error, BudgetExceeded)]
    if errors and len(errors) == len(requested.refused) and not requested.accepted:
        raise errors[0]


class Redrawing:
    """Asks for pictures to be drawn again; who draws them tells how that goes.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._operations = services.illustrator.operations

    def add_to(self, app: FastAPI) -> None:
        """The routes that draw more than one picture."""
        api = Routes(app, "slots")
        held = [Depends(open_message(self._services))]
        path = "/messages/{message_id}"
        api.post(f"{path}/regenerate", status_code=202, dependencies=held)(self.regenerate_message)
        api.post(f"{path}/retry", status_code=202, dependencies=held)(self.retry_message)
        api.post("/chats/{chat_id}/retry", status_code=202)(self.retry_chat)

    async def regenerate_message(
        self, message_id: MessageId, body: RedrawAll | None = None
    ) -> Accepted:
        """Draw all pictures of the answer that is shown again."""
        mode = (body.mode if body else None) or self._services.settings.now.default_mode
        allowance = await self._affordable(message_id)
        requested = await self._operations.request_message(
            message_id, mode="append" if mode == "append" else "replace", check=allowance.take
        )
        return Accepted.of(requested)

    async def retry_message(self, message_id: MessageId) -> Accepted:
        """Draw every picture of the answer that is shown that failed."""
        allowance = await self._affordable(message_id)
        requested = await self._operations.request_failed(message_id, check=allowance.take)
        return Accepted.of(requested)

    async def retry_chat(self, chat_id: ChatId) -> Accepted:
        """Draw every picture of a conversation that failed, but of messages that are held."""
        await the_chat(self._services, chat_id)
        allowance = Allowance(self._services)
        requested = await self._operations.request_failed_chat(chat_id, check=allowance.take)
        none_was_paid(requested)
        return Accepted.of(requested)

    async def one(self, slot_id: SlotId, ask: Callable[[], Awaitable[DrawingHandle]]) -> None:
        """Ask for one picture; returns when it is accepted.

        Raises:
            limner.errors.LimnerError: It is not, and nobody will draw it.
        """
        await self._affordable(slot_id.message_id, slot_id.variant)
        await ask()

    async def _affordable(self, message_id: str, variant: int | None = None) -> Allowance:
        """Refuse at once what the budgets of a message do not allow.

        Raises:
            NotFound: The message is not there.
            limner.errors.BudgetExceeded: No more may be drawn for now.
        """
        message = await the_message(self._services, message_id, variant)
        allowance = Allowance(self._services)
        await allowance.check(message)
        return allowance
