"""Jobs that belong together: cancelled in one go."""

from __future__ import annotations

from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner.scheduling.dispatcher import Dispatcher
    from limner.scheduling.job import Job

SCOPES: ContextVar[tuple[Scope, ...]] = ContextVar("limner_scopes", default=())
"""The scopes the running code is in, outermost first, of whatever limiter."""


class Scope:
    """An ``async with`` block whose jobs share its fate.

    Every job its limiter receives from code inside the block, child tasks included, belongs to
    it and carries its tag. Leaving with an error, or `cancel`, cancels those that have not
    ended; leaving normally lets them finish. Made by `Limiter.scope`.
    """

    __slots__ = ("_before", "_engine", "_jobs", "_open", "tag")

    def __init__(self, engine: Dispatcher, tag: str) -> None:
        if not isinstance(tag, str):
            raise TypeError(f"a scope's tag must be a str, not {tag!r}")
        self.tag = tag
        self._engine = engine
        self._jobs: set[Job[Any]] = set()
        self._before: tuple[Scope, ...] | None = None
        self._open = False

    async def __aenter__(self) -> Scope:
        if self._before is not None:
            raise RuntimeError("a scope is entered once; ask the limiter for another")
        self._before = SCOPES.get()
        self._open = True
        self._engine.scoped += 1
        SCOPES.set((*self._before, self))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._engine.scoped -= self._open
        self._open = False
        SCOPES.set(tuple(scope for scope in SCOPES.get() if scope is not self))
        if kind is not None:
            self.cancel("the scope was left with an error")

    def jobs(self) -> list[Job[Any]]:
        """The jobs of the scope that have not ended, in the order they came."""
        return sorted(self._jobs, key=lambda job: job._number)

    def cancel(self, reason: str | None = None) -> int:
        """Cancel every job of the scope that has not ended.

        Args:
            reason: Told to those who await them; by default, that the scope was cancelled.

        Returns:
            How many were told.
        """
        because = reason or f"scope {self.tag!r} was cancelled"
        return sum(self._engine.cancel(job, because) for job in self.jobs())

    def claims(self, engine: Dispatcher) -> bool:
        """Whether a job this engine receives now belongs to the scope."""
        return self._open and self._engine is engine

    def add(self, job: Job[Any]) -> None:
        """Take a job in."""
        self._jobs.add(job)

    def discard(self, job: Job[Any]) -> None:
        """Let go of a job that has ended."""
        self._jobs.discard(job)
