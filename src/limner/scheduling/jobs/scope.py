"""Jobs that belong together: cancelled in one go."""

from __future__ import annotations

from contextvars import ContextVar
from types import TracebackType
from typing import Any

from limner.scheduling.jobs.job import Job, job_of
from limner.scheduling.jobs.work_item import Engine, WorkItem

_scopes: ContextVar[tuple[Scope, ...]] = ContextVar("limner_scopes", default=())

scopes_here = _scopes.get  # as in `current_job`: a name of its own
"""Return the scopes the running code is in, outermost first, of whatever limiter."""


class Scope:
    """An ``async with`` block whose jobs share its fate.

    Every job its limiter receives from code inside the block, child tasks included, belongs to
    it and carries its tag. Leaving with an error, or `cancel`, cancels those that have not
    ended; leaving normally lets them finish. Made by `Limiter.scope`.
    """

    __slots__ = ("_before", "_engine", "_jobs", "_open", "tag")

    def __init__(self, engine: Engine, tag: str) -> None:
        if not isinstance(tag, str):
            raise TypeError(f"a scope's tag must be a str, not {tag!r}")
        self.tag = tag
        self._engine = engine
        self._jobs: set[WorkItem] = set()
        self._before: tuple[Scope, ...] | None = None
        self._open = False

    async def __aenter__(self) -> Scope:
        if self._before is not None:
            raise RuntimeError("a scope is entered once; ask the limiter for another")
        self._before = scopes_here()
        self._open = True
        _scopes.set((*self._before, self))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open = False
        _scopes.set(tuple(scope for scope in scopes_here() if scope is not self))
        if kind is not None:
            self.cancel("the scope was left with an error")

    def jobs(self) -> list[Job[Any]]:
        """The jobs of the scope that have not ended, in the order they came."""
        return [job_of(item) for item in self._in_order()]

    def _in_order(self) -> list[WorkItem]:
        return sorted(self._jobs, key=lambda item: item.number)

    def cancel(self, reason: str | None = None) -> int:
        """Cancel every job of the scope that has not ended.

        Args:
            reason: Told to those who await them; by default, that the scope was cancelled.

        Returns:
            How many were told.
        """
        self._engine.check_thread()
        because = reason or f"scope {self.tag!r} was cancelled"
        return sum(self._engine.cancel(item, because) for item in self._in_order())

    def claims(self, engine: Engine) -> bool:
        """Whether a job this engine receives now belongs to the scope."""
        return self._open and self._engine is engine

    def add(self, item: WorkItem) -> None:
        """Take a job in."""
        self._jobs.add(item)

    def discard(self, item: WorkItem) -> None:
        """Let go of a job that has ended."""
        self._jobs.discard(item)
