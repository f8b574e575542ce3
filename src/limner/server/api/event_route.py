"""``GET /api/events``: everything that happens, as it happens."""

from functools import partial
from typing import Annotated

from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import Response

from limner.server.api.error_form import error_answer
from limner.server.api.fields import ID
from limner.server.api.found import admission, only_own
from limner.server.api.routing.routes import Routes
from limner.server.events import EventResponse, OwnEvents
from limner.server.events.wire_event import BLOCKS, REWRITTEN, TEXT
from limner.server.services import Services

MOST_READERS = 256
"""Readers at the same time."""

WORDS = frozenset({TEXT, REWRITTEN})

_DOCUMENTED = {
    200: {
        "description": "Server-Sent Events that do not end by themselves; see docs/api.md.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class EventRoute:
    """Hands events out.

    Args:
        services: What the server works with.
        most_readers: How many may read at the same time.
    """

    def __init__(self, services: Services, *, most_readers: int = MOST_READERS) -> None:
        self._hub = services.hub
        self._own = OwnEvents(services.library.chat_owners, services.own_figures.shown)
        self._most = most_readers

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "events")
        api.get("/events", response_class=Response, responses=_DOCUMENTED)(self.events)

    async def events(
        self,
        request: Request,
        chat: Annotated[
            str | None, Query(pattern=ID, description="Leave out what belongs to others.")
        ] = None,
        last_event_id: Annotated[
            str | None,
            Header(max_length=100, description="The last id that was seen; browsers send it."),
        ] = None,
        after: Annotated[
            str | None, Query(max_length=100, description="The same, for those who cannot.")
        ] = None,
        blocks: Annotated[
            bool,
            Query(description="Have text as finished HTML, `message.blocks`, in place of words."),
        ] = False,
    ) -> Response:
        """Everything that happens, as Server-Sent Events, resumed after the last id."""
        if self._hub.readers >= self._most:
            told = f"{self._most} readers of events are as many as there may be"
            return error_answer(503, "too_many_readers", told, retry_after=5)
        seen = last_event_id or after
        if seen is not None:
            await self._hub.reach(seen)
        reader = self._hub.subscribe(
            after=seen,
            chat=chat,
            without=WORDS if blocks else frozenset({BLOCKS}),
        )
        own, admitted = only_own(request), admission(request)
        if own is None:
            return EventResponse(self._hub, reader, admitted=admitted)
        pick = partial(self._own.of, own)
        return EventResponse(self._hub, reader, pick=pick, admitted=admitted)
