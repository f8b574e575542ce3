"""A picture server with habits of its own: it lets in so many in a time, or every second one."""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.illustration.patience.sick_server import REACTION, SickServer, silent, too_many

from limner.errors import BackendError
from limner.illustration import Image, ImageRequest


@dataclass(frozen=True, slots=True)
class Quota:
    """So many in a stretch of time, which slides or begins anew.

    Attributes:
        limit: How many.
        per: In how many seconds.
        slides: Whether every stretch of that length counts.
    """

    limit: int
    per: float
    slides: bool = True

    def opens(self, at: float, starts: Sequence[float]) -> float:
        """When it lets in the next, from an instant on."""
        if self.slides:
            late = sorted(starts)[-self.limit :]
            return max(at, late[0] + self.per) if len(late) == self.limit else at
        while True:
            begin = at // self.per * self.per
            if sum(begin <= start < begin + self.per for start in starts) < self.limit:
                return at
            at = begin + self.per


@dataclass(kw_only=True)
class OddServer(SickServer):
    """Refuses more than it likes.

    Attributes:
        quotas: What it lets in.
        tells: Whether it tells then when to come back.
        nth: It refuses every so manieth request, whatever it is; 0: none.
        at_once: It refuses more than so many side by side.
    """

    quotas: tuple[Quota, ...] = ()
    tells: bool = True
    nth: int = 0
    at_once: int = 1000
    let_in: list[float] = field(default_factory=list)

    async def generate(self, request: ImageRequest) -> Image:
        """Draw, or refuse."""
        now = asyncio.get_running_loop().time()
        opens = max((quota.opens(now, self.let_in) for quota in self.quotas), default=now)
        refusal: Callable[[], BackendError] | None = None
        if self.line >= self.at_once or (self.nth and (len(self.calls) + 1) % self.nth == 0):
            refusal = self.refusal
        elif opens > now:
            refusal = too_many(math.ceil(opens - now)) if self.tells else silent
        if refusal is not None:
            self.calls.append((now, request.prompt))
            await asyncio.sleep(REACTION)
            raise refusal()
        self.let_in.append(now)
        return await super().generate(request)


def least(count: int, server: OddServer, at_once: int) -> float:
    """Seconds for so many pictures by somebody who knows what the server is like."""
    places, starts = [0.0] * min(server.width, server.at_once, at_once), list[float]()
    for _ in range(count):
        at = before = min(places)
        while True:
            for quota in server.quotas:
                at = quota.opens(at, starts)
            for begin, end in sorted(server.away):
                at = end if begin <= at < end else at
            if at == before:
                break
            before = at
        starts.append(at)
        places[places.index(min(places))] = at + server.seconds
    return max(places)
