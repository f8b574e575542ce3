"""Letting pages of other programs use the API: they ask, and somebody at limner says yes or no."""

from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query, Request
from pydantic import Field

from limner.server.api.error_form import NotFound
from limner.server.api.fields import Body
from limner.server.api.routing.routes import Routes
from limner.server.pairing import PairedOrigin, PairingRequest, Pairings, may_ask
from limner.server.schemas import Schema
from limner.server.services import Services

RequestId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The request's id.")]
ELSEWHERE = (
    "only a page of this machine, or of the one that limner is called by, may ask to be let in; "
    "serve.origins in the settings names others"
)


class Asking(Body):
    """Who asks."""

    name: str = Field("", max_length=200, description="What the program is called.")


class AskedView(Schema):
    """A request to be let in, as the page that asks sees it."""

    id: str
    code: str = Field(description="Four digits; limner shows the same.")
    state: str = Field(description="waiting, allowed or refused.")


class StateView(Schema):
    """How a request stands."""

    state: str = Field(description="waiting, allowed or refused.")


class WaitingView(Schema):
    """A page that asks to be let in."""

    id: str
    origin: str
    name: str
    code: str = Field(description="Four digits; the page shows the same.")
    asked_at: float = Field(description="Seconds since the epoch.")

    @classmethod
    def of(cls, one: PairingRequest) -> "WaitingView":
        """The view of a request."""
        return cls(
            id=one.id, origin=one.origin, name=one.name, code=one.code, asked_at=one.asked_at
        )


class PairedView(Schema):
    """A page that was let in."""

    origin: str
    name: str
    since: float = Field(description="Seconds since the epoch.")

    @classmethod
    def of(cls, one: PairedOrigin) -> "PairedView":
        """The view of a page."""
        return cls(origin=one.origin, name=one.name, since=one.since)


class OriginsView(Schema):
    """The pages of other programs."""

    waiting: list[WaitingView] = Field(description="Those that ask, the newest first.")
    paired: list[PairedView] = Field(description="Those that were let in.")

    @classmethod
    def of(cls, pairings: Pairings) -> "OriginsView":
        """The view of them all."""
        return cls(
            waiting=[WaitingView.of(one) for one in pairings.waiting],
            paired=[PairedView.of(one) for one in pairings.paired],
        )


class PairingRoutes:
    """Takes requests to be let in, and what is said to them.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._pairings = services.pairings

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "front-ends")
        api.post("/pairing", status_code=202)(self.ask_to_pair)
        api.get("/pairing/{request_id}")(self.pairing_state)
        api.get("/origins")(self.get_origins)
        api.post("/origins/{request_id}/allow")(self.allow_origin)
        api.post("/origins/{request_id}/refuse")(self.refuse_origin)
        api.delete("/origins")(self.forget_origin)

    async def ask_to_pair(self, request: Request, body: Asking | None = None) -> AskedView:
        """Ask that pages of this origin may use the API; needs no token, and gives none."""
        headers = request.headers
        origin = headers.get("origin", "")
        if not may_ask(origin, headers.get("host", "")):
            raise HTTPException(403, ELSEWHERE)
        one = self._pairings.ask(origin, body.name if body else "")
        return AskedView(id=one.id, code=one.code, state="waiting")

    async def pairing_state(self, request: Request, request_id: RequestId) -> StateView:
        """Whether somebody has said yes or no."""
        state = self._pairings.state(request_id)
        if state is None and self._pairings.allows(request.headers.get("origin", "")):
            state = "allowed"
        if state is None:
            raise NotFound("such request; ask once more")
        return StateView(state=state)

    async def get_origins(self) -> OriginsView:
        """The pages of other programs that ask to be let in, and those that were."""
        return OriginsView.of(self._pairings)

    async def allow_origin(self, request_id: RequestId) -> OriginsView:
        """Let a page that asks use the API, until it is forgotten."""
        if await self._pairings.allow(request_id) is None:
            raise NotFound("such request (any more)")
        return OriginsView.of(self._pairings)

    async def refuse_origin(self, request_id: RequestId) -> OriginsView:
        """Send a page that asks away."""
        if not self._pairings.refuse(request_id):
            raise NotFound("such request (any more)")
        return OriginsView.of(self._pairings)

    async def forget_origin(
        self, origin: Annotated[str, Query(max_length=300, description="Of a page let in.")]
    ) -> OriginsView:
        """Let pages of an origin use the API no longer."""
        if not await self._pairings.forget(origin):
            raise NotFound(f"page of {origin!r} that was let in")
        return OriginsView.of(self._pairings)
