"""Looks at a server without drawing, to tell one that is away from one that dislikes a picture."""

import asyncio
from collections.abc import Awaitable, Callable

from limner.errors import BackendError

LONGEST_LOOK = 15.0
"""Seconds after which a server that has not answered is taken to be away."""


class Looking:
    """Remembers what the last look at a server showed.

    Args:
        look: Looks, and raises a `limner.errors.BackendError` where the server is not there;
            ``None``: it cannot be looked at.

    Attributes:
        away: Whether the last look found nobody.
        met: Whether any look found somebody.

    Examples:
        >>> async def look():
        ...     raise BackendError("nobody there")
        >>> async def main():
        ...     looking = Looking(look)
        ...     looking.again()
        ...     await asyncio.sleep(0.1)
        ...     return looking.away
        >>> asyncio.run(main())
        True
    """

    def __init__(self, look: Callable[[], Awaitable[object]] | None) -> None:
        self._look = look
        self._task: asyncio.Task[None] | None = None
        self.away = self.met = False

    def again(self) -> None:
        """Look once more, unless a look is under way."""
        if self._look is not None and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._see(self._look), name="look at the server")

    def stop(self) -> None:
        """Look no more. Twice is fine."""
        self._look = None
        if self._task is not None:
            self._task.cancel()

    async def _see(self, look: Callable[[], Awaitable[object]]) -> None:
        try:
            async with asyncio.timeout(LONGEST_LOOK):
                await look()
        except (BackendError, TimeoutError):
            self.away = True
        else:
            self.away, self.met = False, True
