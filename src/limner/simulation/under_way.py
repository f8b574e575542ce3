"""A picture on its way to be drawn, and how each attempt at it goes."""

import asyncio

from limner.simulation.arrivals import Request
from limner.simulation.chance import chance_of
from limner.simulation.picture import Attempt, Outcome, Picture
from limner.simulation.serving import Serving
from limner.simulation.workload import Workload


class DrawingFailed(Exception):
    """What a simulated attempt raises when chance says that it fails."""


class Drawing:
    """A picture on its way. What chance holds for it depends on nothing but the seed and itself.

    So the same pictures are quick, slow or unlucky under every limit, and limits can be compared
    without waiting for chance to even out.

    Args:
        request: What is asked for.
        workload: What pictures are like.
        server: What draws; ``None``: whoever has the time.

    Attributes:
        attempts: The attempts that have ended.
    """

    __slots__ = ("attempts", "request", "server", "workload")

    def __init__(self, request: Request, workload: Workload, server: Serving | None) -> None:
        self.request = request
        self.workload = workload
        self.server = server
        self.attempts: list[Attempt] = []

    async def draw(self, by: str | None = None) -> None:
        """Make an attempt.

        Args:
            by: Which worker makes it.

        Raises:
            DrawingFailed: Chance says so.
            limner.errors.BackendError: The server refuses it.
        """
        pictures = self.workload.pictures
        chance = chance_of(self.workload.seed, self.request.number, len(self.attempts))
        fails = chance.random() < pictures.failures
        loop = asyncio.get_running_loop()
        began, good = loop.time(), False
        try:
            seconds = pictures.time.sample(chance)
            if self.server is None:
                await asyncio.sleep(seconds)
            else:
                await self.server.draw(self.request.number, seconds)
            good = not fails
        finally:
            self.attempts.append(Attempt(began, loop.time(), good, by))
        if fails:
            raise DrawingFailed

    def picture(self, ended: float, outcome: Outcome) -> Picture:
        """The record of it."""
        return Picture(
            owner=self.request.owner,
            requested=self.request.at,
            ended=ended,
            outcome=outcome,
            attempts=tuple(self.attempts),
        )
