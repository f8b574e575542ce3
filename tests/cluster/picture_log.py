"""A picture server that notes when each drawing began and ended."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from limner.testing.images_api_server import ImagesApiServer
from limner.testing.picture_server import FakeJob


@dataclass(slots=True)
class Drawn:
    """One drawing, by a clock that is never set.

    Attributes:
        prompt: What of.
        began: When.
        ended: When; infinity: not yet.
        whole: Whether it was finished, and not cut off.
    """

    prompt: str
    began: float
    ended: float = float("inf")
    whole: bool = False


class PictureLog(ImagesApiServer):
    """Notes every drawing.

    Attributes:
        drawn: All, in the order in which they began.
    """

    def __init__(self, *, gate: asyncio.Event | None = None) -> None:
        super().__init__(gate=gate)
        self.drawn: list[Drawn] = []

    async def drawing(
        self, request: web.Request, answer: Callable[[FakeJob], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Draw, and note it."""
        body = self.requests_of(request).body
        note = Drawn(str(body["prompt"]), time.monotonic())
        self.drawn.append(note)
        try:
            answered = await super().drawing(request, answer)
            note.whole = True
            return answered
        finally:
            note.ended = time.monotonic()

    def most(self, since: int = 0) -> int:
        """How many ran at the same time at most, of those from a number on."""
        steps = sorted(
            step
            for one in self.drawn[since:]
            for step in ((one.began, 1), (one.ended, -1))  # who ends makes room in that instant
        )
        running = highest = 0
        for _, change in steps:
            running += change
            highest = max(highest, running)
        return highest

    def more_than_once(self, since: int = 0) -> int:
        """How often it was asked for a picture that it was asked for before."""
        prompts = [one.prompt for one in self.drawn[since:]]
        return len(prompts) - len(set(prompts))

    def back(self, since: int = 0, *, at: float, there: float = 0.0) -> float:
        """Seconds until all that was cut off was begun again, from the end of each on.

        Args:
            since: The number of the first drawing that counts.
            at: When something went wrong: what was cut off before does not count.
            there: When somebody was there who could go on; what was cut off before counts from
                then.

        Returns:
            The longest; infinity: something was not begun again. What somebody drew in vain need
            not be: another had drawn it already, or was about to, and finished it.
        """
        drawn, longest = self.drawn[since:], 0.0
        for number, one in enumerate(drawn):
            if one.whole or one.ended == float("inf") or one.ended < at:
                continue
            if any(
                two.whole and two.prompt == one.prompt and two.began < one.ended for two in drawn
            ):
                continue
            later = [two.began for two in drawn[number + 1 :] if two.prompt == one.prompt]
            again = min(later, default=float("inf"))
            longest = max(longest, again - max(one.ended, there))
        return longest
