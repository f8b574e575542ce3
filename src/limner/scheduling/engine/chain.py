"""The next limiter of a chain, as the one before it sees it."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from limner.scheduling.jobs.work_item import WorkItem


class InnerSlot(Protocol):
    """A slot in the next limiter of a chain."""

    async def __aenter__(self) -> object: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...


class Chained(Protocol):
    """The next limiter of a chain."""

    def inner_slot(self, item: WorkItem) -> InnerSlot:
        """Make the slot that a job needs there as well."""
