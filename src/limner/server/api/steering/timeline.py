"""What was drawn in the last minutes, and beside what."""

from dataclasses import asdict
from typing import Annotated

from fastapi import FastAPI, Query, Request
from pydantic import Field

from limner.server.api.found import only_own
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.services import Services


class RunView(Schema):
    """One drawing."""

    job: str
    lane: int = Field(description="Which of those that run side by side, from 0.")
    began: float = Field(description="Seconds since the epoch.")
    ended: float | None = Field(description="The same; null: it goes on.")
    outcome: str = Field(description="running, done, failed or cancelled.")
    owner: str | None
    slot: str | None = Field(description="Its place, MESSAGE/VARIANT/ORDINAL.")
    chat: str | None


class TimelineView(Schema):
    """The drawings of the last minutes, by when they began."""

    now: float = Field(description="The server's time, in seconds since the epoch.")
    runs: list[RunView]


class Timeline:
    """Tells what was drawn lately.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "queue")
        api.get("/queue/timeline")(self.timeline)

    async def timeline(
        self,
        request: Request,
        seconds: Annotated[float, Query(gt=0, le=3600, description="How far back.")] = 300.0,
    ) -> TimelineView:
        """What is drawn and what was, each in its lane; five hundred that ended are known."""
        own, now = only_own(request), self._services.clock()
        runs = self._services.runs.since(now - seconds)
        shown = [run for run in runs if own is None or run.owner == own]
        return TimelineView(now=now, runs=[RunView(**asdict(run)) for run in shown])
