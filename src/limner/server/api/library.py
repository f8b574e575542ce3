"""The library as a whole: looked after, cleaned up; and the models there are."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict

from fastapi import FastAPI
from pydantic import Field

from limner.composition.lost_pictures import draw_lost, lost_of, slots_with_lost
from limner.errors import BudgetExceeded
from limner.illustration import Refusal, Requested, Slot
from limner.server.api.fields import Body, ChatId
from limner.server.api.found import the_chat
from limner.server.api.redrawing import Allowance, RefusedSlot, none_was_paid
from limner.server.api.routing.routes import Routes
from limner.server.events import error_data
from limner.server.schemas import Schema
from limner.server.services import Services
from limner.server.upkeep import bounded

log = logging.getLogger(__name__)


class Cleaning(Body):
    """How thoroughly the library is cleaned."""

    dry_run: bool = Field(True, description="Only tell what would be removed.")
    keep_deleted: float = Field(
        30 * 86400.0,
        ge=0,
        le=10 * 366 * 86400,
        allow_inf_nan=False,
        description="Seconds for which deleted chats and messages can be restored.",
    )


class BoundedView(Schema):
    """Pictures of an owner that were more than are kept, or older."""

    owner: str = Field(description="Empty: nobody's.")
    pictures: int
    shown: int = Field(description="How many of them were shown.")
    bytes: int


class CleanUpView(Schema):
    """What was removed, or would be."""

    dry_run: bool
    chats: int
    messages: int
    pictures: int
    thumbnails: int
    half_written: int
    bytes: int
    bounded: list[BoundedView] = Field(
        description="What more than is kept of an owner's pictures, by owner."
    )


class ReportView(Schema):
    """Whether the library is sound."""

    sound: bool
    pictures: int
    missing: list[str] = Field(description="Digests of pictures whose file is not there.")
    damaged: list[str]
    orphans: int = Field(description="Files nothing refers to.")
    database: list[str] = Field(description="What the database itself complains about.")


class ModelView(Schema):
    """A text model that can be asked."""

    name: str
    server: str


class ProblemView(Schema):
    """A server that does not tell its models."""

    server: str
    kind: str
    message: str


class Models(Schema):
    """The text models there are now."""

    models: list[ModelView]
    problems: list[ProblemView]
    chosen: str | None = Field(description="The one in the settings; null: the first server's own.")


class Repair(Schema):
    """What is drawn again; the events tell how it goes on."""

    missing: int = Field(description="How many pictures are missing.")
    slots: list[str] = Field(description="The places whose pictures are drawn.")
    refused: list[RefusedSlot] = Field(description="Those that are not, and why.")


class LibraryRoutes:
    """Looks after the library, and tells the models.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._library = services.library

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "library")
        api.post("/library/clean")(self.clean)
        api.post("/library/check")(self.check)
        api.post("/library/repair", status_code=202)(self.repair)
        api.post("/chats/{chat_id}/repair", status_code=202)(self.repair_chat)
        api.get("/models")(self.models)

    async def clean(self, body: Cleaning | None = None) -> CleanUpView:
        """Remove what is more than is kept, what was deleted long ago, and unused files."""
        asked, bound = body or Cleaning(), self._services.facts.bound
        over = [] if bound is None else await bounded(self._services, bound, dry_run=asked.dry_run)
        done = await self._library.gc(keep_deleted=asked.keep_deleted, dry_run=asked.dry_run)
        return CleanUpView(
            dry_run=asked.dry_run,
            **asdict(done),
            bounded=[BoundedView(**asdict(one)) for one in over],
        )

    async def check(self) -> ReportView:
        """Look whether every picture is there and is what was written; reads all of them."""
        report = await self._library.check()
        return ReportView(
            sound=report.is_sound,
            pictures=report.pictures,
            missing=list(report.missing),
            damaged=list(report.damaged),
            orphans=len(report.orphans),
            database=list(report.database),
        )

    async def repair(self) -> Repair:
        """Draw every picture again whose file is gone or damaged; reads all pictures."""
        return await self._begin(None)

    async def repair_chat(self, chat_id: ChatId) -> Repair:
        """Draw those of a conversation again; reads all of its pictures."""
        await the_chat(self._services, chat_id)
        return await self._begin([chat_id])

    async def _begin(self, chat_ids: Sequence[str] | None) -> Repair:
        services = self._services
        slots = await slots_with_lost(services.library, chat_ids)
        lost = await asyncio.to_thread(lambda: [len(lost_of(slot)) for slot in slots])
        paid, refused = await self._paid(list(zip(slots, lost, strict=True)))
        if paid:
            services.background.start(self._draw(paid), name="drawing lost pictures again")
        else:
            none_was_paid(Requested(refused=tuple(refused)))
        return Repair(
            missing=sum(lost),
            slots=[str(slot.id) for slot in paid],
            refused=[RefusedSlot.of(one) for one in refused],
        )

    async def _paid(self, lost: Sequence[tuple[Slot, int]]) -> tuple[list[Slot], list[Refusal]]:
        """The slots of which the budgets allow a picture, each that of whose message it is."""
        allowance = Allowance(self._services)
        paid: list[Slot] = []
        refused: list[Refusal] = []
        for slot, pictures in lost:
            if await self._library.load(slot.id.message_id, slot.id.variant) is None:
                continue  # it was deleted meanwhile
            try:
                await allowance.take(slot.id)
            except BudgetExceeded as error:
                refused.append(Refusal(slot_id=slot.id, error=error))
                continue
            paid.append(slot)
            with suppress(BudgetExceeded):  # the rest of them is refused when its turn comes
                for _ in range(pictures - 1):
                    await allowance.take(slot.id)
        return paid, refused

    async def _draw(self, slots: Sequence[Slot]) -> None:
        operations = self._services.illustrator.operations
        await asyncio.gather(*(draw_lost(operations, slot, _tell) for slot in slots))

    async def models(self) -> Models:
        """The text models of all servers; asks every server."""
        found = await self._services.texts.models()
        return Models(
            models=[ModelView(name=one.name, server=one.server) for one in found.models],
            problems=[
                ProblemView(server=one.server, **error_data(one.error)) for one in found.problems
            ],
            chosen=self._services.settings.now.model,
        )


def _tell(slot: Slot, error: Exception | None) -> None:
    if error is not None:
        log.warning("the lost picture %s could not be drawn again: %s", slot.id, error)
