"""Servers looked over: those that are configured, and those that are found on this machine."""

import asyncio
from dataclasses import asdict
from typing import Literal

from fastapi import FastAPI
from pydantic import Field

from limner.composition.checking.configured import CHOSEN_SERVERS
from limner.server.api.error_form import NotFound
from limner.server.api.fields import Body
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.schemas.schema import ReadableText
from limner.server.services import Services


class FindingView(Schema):
    """One thing that was looked at."""

    server: str = Field(description="Which server, without secrets.")
    step: str = Field(description="reachable, model, picture or answer.")
    ok: bool
    said: ReadableText = Field(description="What was found, in a sentence.")
    advice: ReadableText | None = Field(description="What to do about it.")
    seconds: float | None = Field(description="How long it took.")


class CheckedView(Schema):
    """What was found, server by server."""

    findings: list[FindingView]


class Checking(Body):
    """How closely they are looked at."""

    draw: bool = Field(True, description="Have one small picture drawn, and one word said.")


class FoundServer(Schema):
    """A server on this machine that is not used yet."""

    kind: str = Field(description="text or pictures.")
    name: str = Field(description="What it is.")
    address: str = Field(description="As the settings take it.")
    models: list[ReadableText]


class Use(Body):
    """One of those that were found."""

    kind: Literal["text", "pictures"]
    address: str = Field(min_length=1, max_length=300)


class Used(Schema):
    """What became of it."""

    now: bool = Field(description="Whether the page uses it at once; else the next start does.")


class FoundServers(Schema):
    """What answers at the ports that such programs usually have."""

    found: list[FoundServer]


class ServerRoutes:
    """Looks over servers, as `limner doctor` does, and finds others, as `limner init` does.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = asyncio.Lock()

    def add_to(self, app: FastAPI) -> None:
        """The routes."""
        api = Routes(app, "servers")
        api.post("/servers/check")(self.check_servers)
        api.get("/servers/found")(self.found_servers)
        api.post("/servers/use")(self.use_server)

    async def check_servers(self, body: Checking | None = None) -> CheckedView:
        """Look over every configured server: there, of the right kind, let in, able."""
        draw = body.draw if body else True
        async with self._turn:  # the pictures of two tries at once would be in each other's way
            findings = [FindingView(**asdict(one)) async for one in self._services.facts.look(draw)]
        return CheckedView(findings=findings)

    async def found_servers(self) -> FoundServers:
        """Programs at their usual places on this machine that are not configured."""
        async with self._turn:
            found = await self._services.facts.find()
        return FoundServers(
            found=[
                FoundServer(
                    kind=one.kind, name=one.name, address=one.address, models=list(one.models)
                )
                for one in found
            ]
        )

    async def use_server(self, body: Use) -> Used:
        """Use a server that was found, from now on and after every start.

        A model server writes for the page at once; front-ends get it, and pictures their server,
        with the next start. Where the configuration names one, the configuration rules.
        """
        found = {(one.kind, one.address): one for one in await self._services.facts.find()}
        server = found.get((body.kind, body.address))
        if server is None:
            raise NotFound(f"server {body.address!r}")
        kept = await self._services.library.setting(CHOSEN_SERVERS, {})
        chosen = {**(kept if isinstance(kept, dict) else {}), body.kind: body.address}
        await self._services.library.set_setting(CHOSEN_SERVERS, chosen)
        writer = self._services.facts.writer
        if body.kind == "text" and writer is not None:
            self._services.texts.begin_with(server.name, writer(body.address))
            self._services.hub.publish("settings", {"chosen": self._services.settings.chosen})
            return Used(now=True)
        return Used(now=False)
