"""What may wait a little is begun at a common beat, one thing in each round of the loop."""

import asyncio
from collections.abc import Callable
from itertools import islice

from limner.illustration.beat import Beat

Call = Callable[[], object]

FALLEN_BEHIND = 16
"""With as many more waiting, one more is called in each round."""


class Leisure:
    """Calls what waits at the next beat, one after the other, so that nothing is held up by all.

    Between two of them the loop has its round: what is to be read and sent meanwhile is. Where more
    comes than is done, there are more in each round, so that what waits never grows without end.

    Args:
        beat: When.

    Examples:
        >>> from limner.testing import run_virtual
        >>> async def main():
        ...     leisure, called = Leisure(Beat(0.1)), []
        ...     now = asyncio.get_running_loop().time
        ...     leisure.at_next(lambda: called.append(now()))
        ...     leisure.at_next(lambda: called.append(now()))
        ...     await asyncio.sleep(1)
        ...     return called
        >>> run_virtual(main())
        [0.1, 0.1]
    """

    def __init__(self, beat: Beat) -> None:
        self._beat = beat
        self._calling = False
        self._waiting: dict[Call, None] = {}
        self._begun: dict[Call, None] = {}

    def at_next(self, call: Call) -> None:
        """Have a function called at the next beat, or soon behind it."""
        self._waiting[call] = None
        self._beat.at_next(self._begin)

    def forget(self, call: Call) -> None:
        """Do not call it after all. Twice is fine."""
        self._waiting.pop(call, None)
        self._begun.pop(call, None)

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, {}
        self._begun |= waiting
        if not self._calling:
            self._next()

    def _next(self) -> None:
        self._calling = bool(self._begun)
        if not self._calling:
            return
        try:
            for call in list(islice(self._begun, 1 + len(self._begun) // FALLEN_BEHIND)):
                if call in self._begun:  # the one before it may have had it forgotten
                    del self._begun[call]
                    call()
        finally:
            asyncio.get_running_loop().call_soon(self._next)
