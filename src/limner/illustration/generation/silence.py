"""A bound on silence: a block ends when nothing was heard for some time, however long it takes."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Silence:
    """Like `asyncio.timeout`, but its end moves with every sign of life, at next to no cost.

    One timer is set for the end as it is known; when it rings the end is asked for again.

    Args:
        due: Gives the instant, on the loop's clock, at which the silence is too long if nothing is
            heard until then; ``None``: it never is. It may say another each time.
        earliest: Gives an instant before which it never is; asked instead of `due` with every sign
            of life, where `due` is dear. By default `due` itself.

    Raises:
        TimeoutError: On leaving the block that was ended so; see `broken`.

    Attributes:
        broken: Whether the silence was too long.

    Examples:
        >>> from limner.testing import run_virtual
        >>> async def main():
        ...     loop, heard = asyncio.get_running_loop(), [0.0]
        ...     try:
        ...         async with Silence(lambda: heard[0] + 5):
        ...             for _ in range(4):
        ...                 await asyncio.sleep(3)
        ...                 heard[0] = loop.time()
        ...             await asyncio.sleep(99)
        ...     except TimeoutError:
        ...         return loop.time()
        >>> run_virtual(main())
        17.0
    """

    def __init__(
        self,
        due: Callable[[], float | None],
        earliest: Callable[[], float | None] | None = None,
    ) -> None:
        self._due = due
        self._earliest = earliest or due
        self._limit = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    @property
    def broken(self) -> bool:
        """Whether it was too long."""
        return self._limit.expired()

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        self.moved()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        await self._limit.__aexit__(kind, error, trace)

    def moved(self) -> None:
        """The end may be another; only one that is nearer than before needs to be told."""
        due = None if self._over else self._earliest()
        if due is not None and (self._timer is None or due < self._timer.when()):
            self._set(due)

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(due, self._ring)

    def _ring(self) -> None:
        now, due = asyncio.get_running_loop().time(), self._due()
        if due is None:
            self._timer = None
        elif due > now:
            self._set(due)
        else:
            self._limit.reschedule(now)
