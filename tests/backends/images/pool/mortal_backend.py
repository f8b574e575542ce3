"""A picture server on virtual time that can die, come back, be busy, and be slow."""

import asyncio
from dataclasses import dataclass, field

from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.errors import BackendBusy, BackendError, BackendUnavailable
from limner.illustration.model.image import Image, ImageRequest
from limner.testing import PIXEL


@dataclass(eq=False)
class MortalBackend:
    """Draws for `seconds`.

    Attributes:
        name: For its errors.
        seconds: How long a picture takes.
        offers: Its models.
        identity: Its fingerprint.
        error: What it fails with instead of drawing, in the order of the calls; then it draws.
        dead: Whether it cannot be reached.
        busy: Whether it answers 429.
        done: The prompts it drew, with the instant.
        running: What it draws now.
        peak: The most it drew at once.
        cancelled: How many were cancelled.
        closed: How often it was closed.
    """

    name: str
    seconds: float = 1.0
    offers: tuple[str, ...] = ()
    identity: str = "same"
    error: list[BackendError] = field(default_factory=list)
    dead: bool = False
    busy: bool = False
    done: list[tuple[float, str]] = field(default_factory=list)
    began: list[tuple[float, str]] = field(default_factory=list)
    running: int = 0
    peak: int = 0
    cancelled: int = 0
    closed: int = 0
    checks: int = 0
    _deaths: list["asyncio.Future[None]"] = field(default_factory=list)

    def die(self) -> None:
        """Drop everything; what runs fails."""
        self.dead = True
        for death in self._deaths:
            if not death.done():
                death.set_result(None)

    def live(self) -> None:
        """Come back."""
        self.dead = False

    async def generate(self, request: ImageRequest) -> Image:
        """Draw, or fail."""
        loop = asyncio.get_running_loop()
        self.began.append((loop.time(), request.prompt))
        self.running += 1
        self.peak = max(self.peak, self.running)
        death: asyncio.Future[None] = loop.create_future()
        self._deaths.append(death)
        try:
            if self.error:
                raise self.error.pop(0)
            if self.busy:
                raise BackendBusy(f"{self.name} is busy", retry_after=2.0)
            if not self.dead:
                await asyncio.wait([death], timeout=self.seconds)
            if self.dead or death.done():
                raise BackendUnavailable(f"cannot reach {self.name}")
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self._deaths.remove(death)
            self.running -= 1
        self.done.append((loop.time(), request.prompt))
        return Image(data=PIXEL, media_type="image/png", width=1, height=1)

    async def check(self) -> ServerFacts:
        """Fail if dead."""
        self.checks += 1
        if self.dead:
            raise BackendUnavailable(f"cannot reach {self.name}")
        return ServerFacts(kind="mortal", models=await self.models())

    async def models(self) -> list[ModelInfo]:
        """Its models."""
        if self.dead:
            raise BackendUnavailable(f"cannot reach {self.name}")
        return [ModelInfo(name=name) for name in self.offers]

    async def samplers(self) -> list[str]:
        """Always the same."""
        return ["Euler"]

    async def aclose(self) -> None:
        """Count it."""
        self.closed += 1
