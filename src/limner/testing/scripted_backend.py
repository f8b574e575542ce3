"""A picture backend that does what a test tells it, on whatever clock the loop has."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from limner.illustration.model.image import Image, ImageRequest

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c633851a1010003740169cbfad0d70000000049454e44ae426082"
)
"""A PNG of one pixel."""


@dataclass(slots=True)
class Call:
    """One call of `ScriptedBackend.generate`, with instants on the loop's clock.

    Attributes:
        request: What was asked for.
        began: When.
        ended: When it was over, however it ended.
        outcome: ``"made"``, ``"failed"`` or ``"cancelled"``, once it is over.
    """

    request: ImageRequest
    began: float
    ended: float | None = None
    outcome: str | None = None


@dataclass(slots=True)
class ScriptedBackend:
    """Takes a given time for each picture, fails where it is told to, and remembers everything.

    Attributes:
        seconds: How long a picture takes: a number, or a function of its request.
        fails: Gives the error to raise at the end of that time, or ``None``.
        steps: How many times progress is reported on the way.
        calls: Every call, in order.
        running: How many run now.
        peak: How many ran at the same time at most.

    Examples:
        >>> from limner.testing import run_virtual
        >>> backend = ScriptedBackend(seconds=2.0)
        >>> image = run_virtual(backend.generate(ImageRequest(prompt="a fox")))
        >>> image.media_type, backend.calls[0].ended
        ('image/png', 2.0)
    """

    seconds: float | Callable[[ImageRequest], float] = 1.0
    fails: Callable[[ImageRequest], Exception | None] = lambda request: None
    steps: int = 0
    calls: list[Call] = field(default_factory=list)
    running: int = 0
    peak: int = 0

    async def generate(self, request: ImageRequest) -> Image:
        """Take the time, then give a picture of one pixel or fail."""
        loop = asyncio.get_running_loop()
        call = Call(request, loop.time())
        self.calls.append(call)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            await self._take_time(request)
            error = self.fails(request)
            if error is not None:
                call.outcome = "failed"
                raise error
            call.outcome = "made"
        except asyncio.CancelledError:
            call.outcome = "cancelled"
            raise
        finally:
            call.ended = loop.time()
            self.running -= 1
        return Image(
            data=PIXEL,
            media_type="image/png",
            width=request.width,
            height=request.height,
            seed=request.seed,
        )

    async def _take_time(self, request: ImageRequest) -> None:
        seconds = self.seconds(request) if callable(self.seconds) else self.seconds
        for step in range(self.steps):
            await asyncio.sleep(seconds / (self.steps + 1))
            if request.progress is not None:
                request.progress((step + 1) / (self.steps + 1), None)
        await asyncio.sleep(seconds / (self.steps + 1))
