"""The common beat at which streams hand over what may wait, so that it is kept together."""

import asyncio
import math
from collections.abc import Callable

GATHER = 0.005
"""Seconds behind a beat within which what everybody hands over is gathered."""

Call = Callable[[], None]


class Beat:
    """Calls all who asked for it at the next beat, in the order in which they asked.

    A stream that asks at every beat pays for an entry in a list, and not for a timer of its own.

    Args:
        interval: Seconds from beat to beat; 0 or less: everybody is called at once.
        late: Seconds behind each beat at which they are called.

    Examples:
        >>> import asyncio
        >>> from limner.testing import run_virtual
        >>> async def main():
        ...     beat, called = Beat(0.1), []
        ...     now = asyncio.get_running_loop().time
        ...     beat.at_next(lambda: called.append(("a", now())))
        ...     await asyncio.sleep(0.07)
        ...     beat.at_next(lambda: called.append(("b", now())))
        ...     await asyncio.sleep(1)
        ...     return called
        >>> run_virtual(main())
        [('a', 0.1), ('b', 0.1)]
    """

    def __init__(self, interval: float, *, late: float = 0.0) -> None:
        self._interval = interval
        self._late = late
        self._waiting: dict[Call, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def at_next(self, call: Call) -> None:
        """Have a function called at the next beat, once. Twice is as once."""
        if self._interval <= 0:
            call()
            return
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # no timer, or that of a loop which has ended
            self._loop = loop
            self._waiting.clear()
            due = next_flush(loop.time() - self._late, self._interval) + self._late
            loop.call_at(due, self._strike)
        self._waiting[call] = None

    def forget(self, call: Call) -> None:
        """Do not call it after all. Twice is fine."""
        self._waiting.pop(call, None)

    def _strike(self) -> None:
        self._loop = None
        called, self._waiting = self._waiting, {}
        for call in called:
            try:
                call()
            except Exception as error:
                told = {"message": "handing over at a beat failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(told)


def gathering(pace: float) -> Beat:
    """The beat at which a store of this pace gets what streams have handed over at theirs."""
    return Beat(pace, late=GATHER)


def next_flush(now: float, interval: float) -> float:
    """The next instant at which what may wait is handed over.

    Beats fall together for all who count with one clock, so what many streams hand over can be
    kept in one commit.

    Args:
        now: In seconds on the loop's clock.
        interval: Seconds from beat to beat; 0: nothing waits.

    Examples:
        >>> next_flush(0.25, 0.1), next_flush(0.3, 0.1), next_flush(7.0, 0.0)
        (0.3, 0.4, 7.0)
    """
    if interval <= 0:
        return now
    beats = math.floor(now / interval + 1e-9) + 1
    return round(beats * interval, 6)
