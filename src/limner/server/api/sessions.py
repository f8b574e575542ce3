"""What is being written and drawn at this moment, and stopping it."""

from typing import Annotated

from fastapi import APIRouter, Query

from limner.server.api.fields import ID
from limner.server.schemas import Schema, SessionView
from limner.server.services import Services

OfChat = Annotated[str | None, Query(alias="chat", pattern=ID, description="Only of this chat.")]
OfMessage = Annotated[
    str | None, Query(alias="message", pattern=ID, description="Only of this message.")
]


class SessionsView(Schema):
    """The sessions that have not ended, oldest first."""

    sessions: list[SessionView]


class StoppedAll(Schema):
    """How many sessions were told to stop."""

    stopped: int


class Sessions:
    """Shows the sessions, streamed and manual, and stops all of them.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._sessions = services.illustrator.sessions

    def router(self) -> APIRouter:
        """The routes."""
        api = APIRouter(tags=["answers"])
        api.get("/sessions")(self.list_sessions)
        api.post("/stop")(self.stop_all)
        return api

    async def list_sessions(self, chat: OfChat = None, message: OfMessage = None) -> SessionsView:
        """What is being written, and what is drawn by hand."""
        found = self._sessions.active(chat, message_id=message)
        return SessionsView(sessions=[SessionView.of(session) for session in found])

    async def stop_all(self) -> StoppedAll:
        """Stop all that is being written or drawn, in every conversation; what there is stays."""
        return StoppedAll(stopped=self._sessions.cancel_all(reason="stopped by the reader"))
