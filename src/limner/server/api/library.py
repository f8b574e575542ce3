"""The library as a whole: looked after, cleaned up; and the models there are."""

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import Field

from limner.server.api.fields import Body
from limner.server.events import error_data
from limner.server.schemas import Schema
from limner.server.services import Services


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


class CleanUpView(Schema):
    """What was removed, or would be."""

    dry_run: bool
    chats: int
    messages: int
    pictures: int
    thumbnails: int
    half_written: int
    bytes: int


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


class LibraryRoutes:
    """Looks after the library, and tells the models.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._library = services.library

    def router(self) -> APIRouter:
        """The routes."""
        api = APIRouter(tags=["library"])
        api.post("/library/clean")(self.clean)
        api.post("/library/check")(self.check)
        api.get("/models")(self.models)
        return api

    async def clean(self, body: Cleaning | None = None) -> CleanUpView:
        """Remove for good what was deleted long ago, and files that nothing refers to."""
        asked = body or Cleaning()
        done = await self._library.gc(keep_deleted=asked.keep_deleted, dry_run=asked.dry_run)
        return CleanUpView(dry_run=asked.dry_run, **asdict(done))

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
