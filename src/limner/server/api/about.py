"""What this server is: what the page shows of it, and tells people to type elsewhere."""

from fastapi import FastAPI, Request
from pydantic import Field

import limner
from limner.server.api.found import only_own, owner_of
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.services import Services
from limner.server.story import NAME


class AboutView(Schema):
    """The server's facts, without secrets; what is an admin's is empty for others."""

    version: str
    base: str = Field(description="The address that front-ends are told.")
    user: str | None = Field(description="Whose token was shown; null: none is needed.")
    admin: bool = Field(description="Whether whoever asks may do everything.")
    models: list[str] = Field(description="The model servers, with their addresses.")
    backends: list[str] = Field(description="What draws.")
    storyteller: bool = Field(description="Whether the bundled storyteller writes.")
    bears: str | None = Field(description="What the picture server was found to bear, in words.")
    asking: bool = Field(description="Whether a page of another program asks to be let in.")
    sample: str | None = Field(description="What to say to have a sample story told for nothing.")


class About:
    """Tells what the server is.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "about")
        api.get("/about")(self.about)

    async def about(self, request: Request) -> AboutView:
        """What this server is."""
        facts, admin = self._services.facts, only_own(request) is None
        return AboutView(
            version=limner.__version__,
            base=facts.base,
            user=owner_of(request),
            admin=admin,
            models=list(facts.models) if admin else [],
            backends=list(facts.backends) if admin else [],
            storyteller=facts.storyteller and self._services.texts.servers[:1] == [NAME],
            bears=(facts.bears() or None) if admin else None,
            asking=admin and bool(self._services.pairings.waiting),
            sample=facts.sample,
        )
