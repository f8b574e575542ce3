"""A picture that shows what the styles of this moment make of a prompt; it is not kept."""

import asyncio
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from pydantic import Field

from limner.server.api.error_form import Refused
from limner.server.api.fields import Body, Prompt
from limner.server.api.found import owner_of
from limner.server.api.routing.routes import Routes
from limner.server.services import Services

SIDES = (384, 256)
"""Small, so that it is there soon."""
BEGINS = 10.0
"""Seconds after which a picture that may not begin is refused: nobody sees what it waits for."""


class Trial(Body):
    """What is drawn."""

    prompt: Prompt
    width: int = Field(SIDES[0], ge=64, le=1024)
    height: int = Field(SIDES[1], ge=64, le=1024)


class Preview:
    """Draws pictures that are not kept.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "settings")
        api.post("/preview", response_class=Response)(self.try_prompt)

    async def try_prompt(self, request: Request, body: Trial) -> Response:
        """Draw a prompt with the styles and characters that hold now, and keep nothing of it.

        The head tells, percent-encoded, what the picture server was told.
        """
        size = {"size": f"{body.width}x{body.height}"}
        begun = asyncio.Event()
        trying = self._services.illustrator.operations.try_out(
            body.prompt, attributes=size, owner=owner_of(request), on_start=begun.set
        )
        drawing = asyncio.create_task(trying, name="trying a prompt")
        drawing.add_done_callback(lambda _: begun.set())
        try:
            await self._begins(begun)
            image = await drawing
        finally:
            drawing.cancel()
            await asyncio.wait((drawing,))
        now = self._services.settings.now
        told = now.compose(body.prompt, size, now.negative_prompt).prompt
        return Response(
            image.data,
            media_type=image.media_type,
            headers={
                "X-Limner-Prompt": quote(told[:4000]),
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def _begins(self, begun: asyncio.Event) -> None:
        """Wait until it begins, or nothing but other pictures keeps it from that.

        Raises:
            Refused: A limit, a pause or the picture server does.
        """
        try:
            async with asyncio.timeout(BEGINS):
                await begun.wait()
        except TimeoutError:
            wait = self._services.queue.waiting_for()
            if wait is not None:
                raise Refused(f"no picture may begin now: {wait['told']}") from None
