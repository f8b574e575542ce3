"""Who may use the server: tokens, made and revoked."""

from typing import Annotated

from fastapi import FastAPI, Path
from pydantic import Field, StringConstraints

from limner.server.api.error_form import NotFound, Refused
from limner.server.api.fields import Body
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.services import Services
from limner.server.tokens import add_token, list_tokens, revoke_token

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$"
Name = Annotated[str, StringConstraints(pattern=NAME)]


class TokenView(Schema):
    """A token that is known, without itself: only its hash is kept."""

    name: str = Field(description="Whose it is; pictures are drawn and counted for this owner.")
    created_at: float | None = Field(description="Seconds since the epoch; null: nobody knows.")
    front_end: bool = Field(description="Whether a front-end shows it, which speaks for its users.")
    admin: bool = Field(description="Whether its holder may do everything, outside a household.")
    configured: bool = Field(description="Whether it is from the configuration, and stays.")


class TokenList(Schema):
    """Who is known."""

    tokens: list[TokenView]


class NewToken(Body):
    """A token to be made."""

    name: Name = Field(description="Whose it will be.")
    front_end: bool = Field(False, description="Whether a front-end is to show it.")
    admin: bool = Field(False, description="Whether its holder may do everything.")


class MadeToken(Schema):
    """A token that was just made."""

    name: str
    token: str = Field(description="The token itself. It is told once, here, and nowhere else.")


class TokenRoutes:
    """Shows, makes and revokes tokens.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._library = services.library

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "tokens")
        api.get("/tokens")(self.list)
        api.post("/tokens", status_code=201)(self.add)
        api.delete("/tokens/{name}", status_code=204)(self.revoke)

    async def list(self) -> TokenList:
        """Who is known, those of the configuration first."""
        kept = {entry.name: entry for entry in await list_tokens(self._library)}
        book = self._services.tokens
        known = [one for one in book.entries() if one.name not in kept] if book else []
        configured = [one for one in known if one.created_at is None]
        views = [
            TokenView(
                name=one.name,
                created_at=one.created_at,
                front_end=one.front_end,
                admin=one.admin,
                configured=one.name not in kept,
            )
            for one in (*configured, *kept.values())
        ]
        return TokenList(tokens=views)

    async def add(self, body: NewToken) -> MadeToken:
        """Make one. As soon as there is any, everything wants one (docs/serve.md)."""
        if any(one.name == body.name for one in (await self.list()).tokens):
            raise Refused(f"there is a token {body.name!r} already; revoke it first", field="name")
        token = await add_token(
            self._library,
            body.name,
            now=self._services.clock(),
            front_end=body.front_end,
            admin=body.admin,
        )
        self._changed()
        return MadeToken(name=body.name, token=token)

    async def revoke(self, name: Annotated[str, Path(pattern=NAME)]) -> None:
        """Make one worthless, within a second also at other servers of the same library."""
        if not await revoke_token(self._library, name):
            if any(one.name == name for one in (await self.list()).tokens):
                raise Refused(f"the token {name!r} is from the configuration; take it out there")
            raise NotFound(f"token {name!r}")
        self._changed()

    def _changed(self) -> None:
        if self._services.tokens is not None:
            self._services.tokens.changed()
