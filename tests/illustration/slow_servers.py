"""A picture server as most people have it: slow, one picture at a time, with a line of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum

from limner.illustration import Image, ImageRequest, Whereabouts
from limner.testing import PIXEL

LOOK = 10.0
"""Seconds between two looks at how far a picture is."""


class Tells(Enum):
    """What a server tells while a picture is not made."""

    PROGRESS = "where a picture is, and how far it is"
    LINE = "where a picture is"
    NOTHING = "nothing"


class SlowServer:
    """Draws in the order in which it is asked, as its clock allows.

    Args:
        seconds: How long a picture takes: a number, or a function of its prompt.
        width: How many it draws at once.
        tells: What it tells meanwhile.
        dead: Whether a picture that nobody wants any more still holds its place.

    Attributes:
        drawn: The prompts of the pictures that were made, in order.
        begun: Those that it began, in order.
    """

    def __init__(
        self,
        seconds: float | Callable[[str], float],
        *,
        width: int = 1,
        tells: Tells = Tells.NOTHING,
        dead: bool = False,
    ) -> None:
        self._seconds = seconds
        self._tells = tells
        self._dead = dead
        self._places = asyncio.Semaphore(width)
        self._line: list[object] = []
        self.begun: list[str] = []
        self.drawn: list[str] = []

    async def generate(self, request: ImageRequest) -> Image:
        """Wait in the line, draw, and tell of it."""
        loop = asyncio.get_running_loop()
        began: list[float] = []
        seconds = self._seconds(request.prompt) if callable(self._seconds) else self._seconds
        self._line.append(request)
        telling = loop.create_task(self._tell(request, began, seconds))
        try:
            async with self._turn(request):
                began.append(loop.time())
                self.begun.append(request.prompt)
                await asyncio.sleep(seconds)
        finally:
            telling.cancel()
        self.drawn.append(request.prompt)
        return Image(data=PIXEL, media_type="image/png", width=64, height=64)

    async def stranger(self, seconds: float) -> None:
        """Somebody else's picture."""
        ticket = object()
        self._line.append(ticket)
        async with self._turn(ticket):
            await asyncio.sleep(seconds)

    @asynccontextmanager
    async def _turn(self, ticket: object) -> AsyncIterator[None]:
        try:
            await self._places.acquire()
        finally:
            self._line.remove(ticket)
        try:
            yield
        except asyncio.CancelledError:
            if not self._dead:
                self._places.release()
            raise
        else:
            self._places.release()

    async def _tell(self, request: ImageRequest, began: list[float], seconds: float) -> None:
        """What a backend hears that asks again and again."""
        assert request.whereabouts is not None
        assert request.progress is not None
        while self._tells is not Tells.NOTHING:
            await asyncio.sleep(LOOK)
            if not began:
                ahead = self._line.index(request)
                request.whereabouts(Whereabouts(drawn=False, ahead=ahead))
                continue
            request.whereabouts(Whereabouts(drawn=True))
            if self._tells is Tells.PROGRESS:
                passed = asyncio.get_running_loop().time() - began[0]
                far = passed / seconds if seconds < NEVER else min(passed / 1000, STUCK_AT)
                request.progress(min(far, 0.99), None)


NEVER = 1e9
"""Seconds of a picture that hangs."""

STUCK_AT = 0.3
"""How far it gets."""


def hangs(*prompts: str, otherwise: float) -> Callable[[str], float]:
    """Pictures of these prompts never end."""
    return lambda prompt: NEVER if prompt in prompts else otherwise
