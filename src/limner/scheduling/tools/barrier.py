"""Waits until several named things have happened."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable
from typing import Any, Literal

from limner.errors import BarrierTimeout
from limner.scheduling.limits.validation import check_seconds

logger = logging.getLogger("limner.scheduling")


class Barrier:
    """Opens once, when every one of some named parts has arrived.

    `asyncio.Barrier` counts tasks that wait for one another and opens again and again; this one
    names conditions, anybody may report one, nobody has to wait, and it opens a single time.

    Args:
        parts: The names, each once. Without any, it is open from the beginning.
        timeout: Seconds after which it gives up; every `wait`, also a later one, then raises
            `BarrierTimeout`. If nobody waits, nothing is raised anywhere.
        clock: From when the timeout counts: ``"creation"`` (the first use in a running loop, if it
            is made outside one) or ``"first_arrival"``.

    Raises:
        TypeError: ``parts`` is one string or holds something else than strings.
        ValueError: A part named twice, or a timeout that makes no sense.

    Examples:
        >>> import asyncio
        >>> async def main():
        ...     barrier = Barrier(["text_done", "images_done"], timeout=30)
        ...     barrier.arrive("images_done")
        ...     left = barrier.remaining
        ...     barrier.arrive("text_done")
        ...     await barrier.wait()
        ...     return left, barrier.is_open
        >>> asyncio.run(main())
        (('text_done',), True)
    """

    def __init__(
        self,
        parts: Iterable[str],
        *,
        timeout: float | None = None,
        clock: Literal["creation", "first_arrival"] = "creation",
    ) -> None:
        if isinstance(parts, str):
            raise TypeError(f"parts must be several names, not {parts!r}; one is [{parts!r}]")
        self._parts = tuple(parts)
        for part in self._parts:
            if not isinstance(part, str):
                raise TypeError(f"a part is named by a str, not {part!r}")
            if self._parts.count(part) > 1:
                raise ValueError(f"the part {part!r} is named twice")
        if timeout is not None:
            check_seconds("timeout", timeout)
        if clock not in ("creation", "first_arrival"):
            raise ValueError(f"clock must be 'creation' or 'first_arrival', not {clock!r}")
        self._arrived: set[str] = set()
        self._timeout = math.inf if timeout is None else timeout
        self._clock = clock
        self._deadline = math.inf
        self._loop: Any = None  # known as soon as there is a deadline
        self._error: BaseException | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._timer: asyncio.TimerHandle | None = None
        if clock == "creation":
            self._start_clock()

    @property
    def is_open(self) -> bool:
        """Whether every part arrived, in time and before any `abort`."""
        self._look_at_clock()
        return self._error is None and not self.remaining

    @property
    def remaining(self) -> tuple[str, ...]:
        """The parts that have not arrived, in the order they were named."""
        return tuple(part for part in self._parts if part not in self._arrived)

    def arrive(self, part: str) -> None:
        """Report that a part has happened.

        A part that has arrived before, that nobody named, or that comes after the end is logged
        and ignored.
        """
        self._look_at_clock()
        if part not in self._parts:
            logger.warning("barrier: %r is none of %s", part, ", ".join(self._parts))
        elif part in self._arrived:
            logger.warning("barrier: %r had arrived before", part)
        elif self._error is not None:
            logger.warning("barrier: %r came after the end: %s", part, self._error)
        else:
            self._arrived.add(part)
            self._start_clock()
            self._set_timer()
            if not self.remaining:
                self._wake()

    async def wait(self) -> None:
        """Return when every part has arrived; at once if they all have.

        Raises:
            BarrierTimeout: Some did not in time; it names them.
            BaseException: What `abort` was given.
        """
        if self._clock == "creation" or self._arrived:
            self._start_clock()
        while not self.is_open:
            if self._error is not None:
                raise self._error
            await self._wait_for_news()

    def abort(self, error: BaseException) -> None:
        """End it: every `wait`, now and later, raises ``error``. Does nothing if it is open.

        Raises:
            TypeError: Not an exception instance.
        """
        if not isinstance(error, BaseException):
            raise TypeError(f"abort() takes the exception to raise, not {error!r}")
        if self._error is None and not self.is_open:
            self._error = error
            self._wake()

    async def _wait_for_news(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._set_timer()
        try:
            await waiter
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            if not self._waiters:
                self._stop_timer()

    def _start_clock(self) -> None:
        if self._timeout == math.inf or self._deadline < math.inf:
            return
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # made outside a loop: the clock starts with the first use in one
        self._deadline = self._loop.time() + self._timeout

    def _look_at_clock(self) -> None:
        if self._deadline == math.inf or self._error is not None or not self.remaining:
            return
        if self._loop.time() >= self._deadline:
            self._error = BarrierTimeout(self.remaining, self._timeout)
            self._wake()

    def _set_timer(self) -> None:
        if self._timer is None and self._waiters and self._deadline < math.inf:
            self._timer = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._look_at_clock()
        if self._error is None:
            self._set_timer()  # it rang a clock tick early

    def _wake(self) -> None:
        self._stop_timer()
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
