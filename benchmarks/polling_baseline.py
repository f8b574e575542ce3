"""The kind of pipeline limner replaces, written for comparison.

It polls: every 300 ms it scans the whole text so far again; it draws one picture at a time for a
message; when the text has ended it looks every 100 ms whether the running picture is done, then
draws what remains one after the other; 100 ms later it commits. It has no final scan, so a tag
that closes after the last poll is lost.
"""

import asyncio
from dataclasses import dataclass, field

from limner.illustration import ImageRequest
from limner.prompts import find_prompts
from limner.testing import ScriptedBackend

POLL, DRAIN_POLL, COMMIT_DELAY = 0.3, 0.1, 0.1


@dataclass(slots=True)
class PollingPipeline:
    """One message in the polling pipeline.

    Attributes:
        backend: What draws.
        text: The text so far; the stream appends to it.
        ended: Whether the stream has ended.
        drawn: How many pictures were made.
    """

    backend: ScriptedBackend
    text: str = ""
    ended: bool = False
    drawn: int = 0
    _waiting: list[str] = field(default_factory=list)
    _seen: int = 0
    _busy: bool = False

    async def run(self, *, first_poll: float) -> None:
        """Poll until the stream has ended, then draw what remains, then commit.

        Args:
            first_poll: When the first poll happens, in seconds: the phase of all the others.
        """
        working: set[asyncio.Task[None]] = set()
        await asyncio.sleep(first_poll)
        while not self.ended:
            found = find_prompts(self.text)
            self._waiting += [tag.prompt for tag in found[self._seen :]]
            self._seen = len(found)
            if self._waiting and not self._busy:
                self._busy = True
                working.add(asyncio.create_task(self._work()))
            await asyncio.sleep(POLL)
        while self._busy:  # noqa: ASYNC110 - polling is what this shows
            await asyncio.sleep(DRAIN_POLL)
        while self._waiting:
            await self._draw_next()
        await asyncio.sleep(COMMIT_DELAY)

    async def _work(self) -> None:
        while self._waiting and not self.ended:
            await self._draw_next()
        self._busy = False

    async def _draw_next(self) -> None:
        await self.backend.generate(ImageRequest(prompt=self._waiting.pop(0)))
        self.drawn += 1
