"""A picture server that is away at times, and dislikes some prompts."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from limner.backends.images.support.server import ServerFacts
from limner.errors import BackendBusy, BackendError, BackendUnavailable
from limner.illustration import Image, ImageRequest
from limner.testing import PIXEL

REACTION = 0.02
"""Seconds that a refusal takes."""


def busy() -> BackendError:
    """503 without a word on when to come back."""
    return BackendBusy("the server is busy (503)", status=503)


def gone() -> BackendError:
    """Nobody listens there."""
    return BackendUnavailable("the connection was refused")


def gateway() -> BackendError:
    """What stands before the server does not reach it."""
    return BackendUnavailable("the server failed (502)", status=502)


def silent() -> BackendError:
    """429, and not a word on when to come back."""
    return BackendBusy("too many requests (429)", status=429)


def too_many(seconds: float) -> Callable[[], BackendError]:
    """429, and when to come back."""
    return lambda: BackendBusy("too many requests (429)", status=429, retry_after=seconds)


@dataclass(kw_only=True)
class SickServer:
    """Draws so many at once, unless it is away or dislikes the prompt.

    Attributes:
        seconds: How long a picture takes.
        width: How many it draws at once; the others wait there.
        away: From when to when it refuses everything.
        bad: The prompts that it always refuses.
        refusal: How it does so.
        calls: What it was asked for, and when.
        drawn: When it finished pictures, and which.
    """

    seconds: float = 0.5
    width: int = 1
    away: tuple[tuple[float, float], ...] = ()
    bad: frozenset[str] = frozenset()
    refusal: Callable[[], BackendError] = busy
    calls: list[tuple[float, str]] = field(default_factory=list)
    drawn: dict[str, float] = field(default_factory=dict)
    line: int = 0
    longest_line: int = 0

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.width)

    async def check(self) -> ServerFacts:
        """It is a server, and can be looked at."""
        if self._is_away():
            raise self.refusal()
        return ServerFacts(kind="sick")

    def tries(self, prompt: str) -> int:
        """How often it was asked for a picture."""
        return sum(asked == prompt for _, asked in self.calls)

    async def generate(self, request: ImageRequest) -> Image:
        """Draw, or refuse."""
        now = asyncio.get_running_loop().time()
        self.calls.append((now, request.prompt))
        if self._is_away() or request.prompt in self.bad:
            await asyncio.sleep(REACTION)
            raise self.refusal()
        self.line += 1
        self.longest_line = max(self.longest_line, self.line)
        try:
            async with self._places:
                await asyncio.sleep(self.seconds)
        finally:
            self.line -= 1
        self.drawn[request.prompt] = asyncio.get_running_loop().time()
        return Image(data=PIXEL, media_type="image/png", width=64, height=64)

    def widen(self, width: int) -> None:
        """From now on it draws so many at once."""
        for _ in range(width - self.width):
            self._places.release()
        self.width = width

    def _is_away(self) -> bool:
        now = asyncio.get_running_loop().time()
        return any(begin <= now < end for begin, end in self.away)


def ideal(count: int, server: SickServer, at_once: int) -> float:
    """Seconds for so many pictures by list scheduling over the time in which the server worked."""
    places = [0.0] * min(server.width, at_once)
    for _ in range(count):
        start = min(places)
        for begin, end in sorted(server.away):
            start = end if begin <= start < end else start
        places[places.index(min(places))] = start + server.seconds
    return max(places)
