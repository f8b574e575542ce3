"""A server on virtual time that allows so many at once and so many in a stretch of time."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from limner.backends.http.rate_headers import RateHeaders
from limner.errors import BackendBusy


@dataclass(slots=True, kw_only=True)
class LimitedServer:
    """Draws for `seconds`, and answers 429 to what is too much.

    Attributes:
        at_once: How many it draws side by side.
        limit: How many it accepts in `per` seconds.
        per: Length of its window.
        sliding: Whether that window slides; else it begins anew every `per` seconds, from `phase`.
        phase: Seconds from the beginning to the first edge of a window that begins anew.
        seconds: How long a picture takes.
        tells: Whether its refusals carry Retry-After.
        headers: Whether its answers carry rate headers.
        reaction: Seconds a refusal takes.
        refusals: When it refused.
        done: When it finished pictures, and which.
    """

    at_once: int = 2
    limit: int = 30
    per: float = 60.0
    sliding: bool = True
    phase: float = 0.0
    seconds: float | Callable[[], float] = 1.0
    tells: bool = True
    headers: bool = False
    reaction: float = 0.02
    refusals: list[float] = field(default_factory=list)
    done: list[object] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    running: int = 0
    peak: int = 0
    rates: RateHeaders | None = None

    async def draw(self, what: object) -> object:
        """Draw, or refuse."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        wait = self._room_in(now)
        if wait:
            self.refusals.append(now)
            self._tell(now, wait)
            await asyncio.sleep(self.reaction)
            told = float(math.ceil(wait)) if self.tells else None
            raise BackendBusy("too many requests", retry_after=told, status=429)
        self.accepted.append(now)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            await asyncio.sleep(self.seconds() if callable(self.seconds) else self.seconds)
        finally:
            self.running -= 1
        self._tell(loop.time(), 0.0)
        self.done.append(what)
        return what

    def _room_in(self, now: float) -> float:
        if self.running >= self.at_once:
            return 1.0
        used = self._used(now)
        return 0.0 if len(used) < self.limit else self._reset(now, used)

    def _used(self, now: float) -> list[float]:
        begin = now - self.per
        if not self.sliding:
            begin = (now - self.phase) // self.per * self.per + self.phase - 1e-9
        return [at for at in self.accepted if at > begin]

    def _reset(self, now: float, used: list[float]) -> float:
        if not self.sliding:
            return self.per - (now - self.phase) % self.per
        return used[-self.limit] + self.per - now if len(used) >= self.limit else self.per

    def _tell(self, now: float, wait: float) -> None:
        if self.headers:
            used = self._used(now)
            self.rates = RateHeaders(
                limit=self.limit,
                remaining=max(self.limit - len(used), 0),
                reset=wait or (used[0] + self.per - now if used else 0.0),
            )


def ideal(server: LimitedServer, pictures: int, seconds: float) -> float:
    """Seconds that the pictures take somebody who knows the limits."""
    starts: list[float] = []
    ends: list[float] = []
    for n in range(pictures):
        at = starts[-1] if starts else 0.0
        if n >= server.at_once:
            at = max(at, ends[n - server.at_once])
        if n >= server.limit:
            at = max(at, starts[n - server.limit] + server.per)
        starts.append(at)
        ends.append(at + seconds)
    return ends[-1]
