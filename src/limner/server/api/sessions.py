"""What is being written and drawn at this moment, and stopping it."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import FastAPI, Query
from pydantic import Field

from limner.illustration import StopWhat
from limner.server.api.fields import ID, Body
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema, SessionView
from limner.server.services import Services

OfChat = Annotated[str | None, Query(alias="chat", pattern=ID, description="Only of this chat.")]
OfMessage = Annotated[
    str | None, Query(alias="message", pattern=ID, description="Only of this message.")
]


class SessionsView(Schema):
    """The sessions that have not ended, oldest first."""

    sessions: list[SessionView]


class Stop(Body):
    """What is to stop."""

    what: Literal["all", "text", "pictures"] = Field(
        "all",
        description="all; text: what was found is drawn to its end; "
        "pictures: the writing goes on, and draws nothing more.",
    )

    @classmethod
    def what_of(cls, body: "Stop | None") -> StopWhat:
        """What it is; without a body, all."""
        return StopWhat.ALL if body is None else StopWhat(body.what)


class Stopped(Schema):
    """Whether there was anything to stop."""

    stopped: bool


class StoppedAll(Schema):
    """How many answers and drawings were told to stop."""

    stopped: int


class DecisionView(Schema):
    """Whether an answer of a model got pictures, and why not."""

    request_id: str = Field(description="As the answer's X-Request-Id.")
    at: float = Field(description="When it ended, in seconds since the epoch.")
    status: int = Field(description="Its status; 0: whoever asked was gone before.")
    owner: str | None
    mode: str = Field(description="inline, append, hold or off.")
    reason: str | None = Field(description="Why it is off, as in X-Limner-Mode.")
    front_end: str = Field(description="Which program asked, as far as its requests tell.")
    pictures: int = Field(description="How many were made for it so far.")


class DecisionsView(Schema):
    """What was decided of the last hundred answers under /v1, the last one first."""

    decisions: list[DecisionView]


class Sessions:
    """Shows the sessions, streamed and manual, and stops all of them.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._sessions = services.illustrator.sessions
        self._stops = services.stops
        self._decisions = services.decisions

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "answers")
        api.get("/sessions")(self.list_sessions)
        api.get("/decisions")(self.list_decisions)
        api.post("/stop")(self.stop_all)

    async def list_sessions(self, chat: OfChat = None, message: OfMessage = None) -> SessionsView:
        """What is being written, and what is drawn by hand."""
        found = self._sessions.active(chat, message_id=message)
        return SessionsView(sessions=[SessionView.of(session) for session in found])

    async def list_decisions(self) -> DecisionsView:
        """Which of the last answers got pictures, and why the others did not."""
        told = [
            DecisionView(**asdict(one), pictures=self._decisions.pictures(one.request_id))
            for one in self._decisions.latest()
        ]
        return DecisionsView(decisions=told)

    async def stop_all(self, body: Stop | None = None) -> StoppedAll:
        """Stop all that is written and drawn, in every conversation, or one of both."""
        what = Stop.what_of(body)
        return StoppedAll(stopped=await self._stops.sessions(what=what))
