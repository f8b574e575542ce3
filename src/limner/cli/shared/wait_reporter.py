"""Tells whenever pictures begin to wait for something, and when that is over."""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from limner.illustration.generation.wait import Wait
from limner.illustration.generation.waiting import waiting_for
from limner.scheduling import JobEvent, Limiter, Paused, Resumed

IN_PASSING = frozenset({"min_interval", "rates", "retry"})
"""What one's own settings hold back all the time: that is no news."""


class WaitReporter:
    """Looks at a limiter after each of its events, for the time of a ``with`` block.

    Args:
        limiter: Which.
        tell: Called with what is waited for when that has changed, ``None``: nothing any more.
    """

    def __init__(self, limiter: Limiter, tell: Callable[[Wait | None], None]) -> None:
        self._limiter = limiter
        self._tell = tell
        self._told: Wait | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for kind in (JobEvent, Paused, Resumed):
            self._stack.callback(self._limiter.on(kind, lambda _: self._look()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _look(self) -> None:
        wait = waiting_for(self._limiter)
        if wait is not None and wait.reason in IN_PASSING:
            wait = None
        if wait != self._told:
            self._told = wait
            self._tell(wait)
