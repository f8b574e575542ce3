"""First come, first served: the waiting jobs of one priority, linked to one another.

The links are in the jobs themselves, so that entering, leaving from anywhere, and taking
another's place cost the same however many wait, and waiting costs no memory of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner.scheduling.job import Job


class Link:
    """Something that can stand in a lane, between two others."""

    __slots__ = ("_after", "_before")

    _after: Link
    _before: Link


class Lane(Link):
    """The jobs of one priority in the order they came. The lane itself closes the ring."""

    __slots__ = ("length",)

    def __init__(self) -> None:
        self._after = self._before = self
        self.length = 0

    def first(self) -> Job[Any]:
        """Return the next job. There must be one."""
        return self._after  # type: ignore[return-value]  # only jobs are linked, and one is

    def oldest(self) -> Job[Any]:
        """Return the job that has waited longest. There must be one."""
        return self.first()

    def append(self, job: Job[Any]) -> None:
        """Let a job wait behind all others."""
        last = self._before
        job._before = last
        job._after = self
        last._after = self._before = job
        self.length += 1

    def prepend(self, job: Job[Any]) -> None:
        """Let a job wait before all others."""
        first = self._after
        job._before = self
        job._after = first
        first._before = self._after = job
        self.length += 1

    def remove(self, job: Job[Any]) -> None:
        """Take a job out, wherever it stands."""
        before, after = job._before, job._after
        before._after = after
        after._before = before
        self.length -= 1

    def replace(self, old: Job[Any], new: Job[Any]) -> None:
        """Put a job where another stands."""
        new._before, new._after = old._before, old._after
        new._before._after = new._after._before = new

    def charge(self, job: Job[Any]) -> None:
        """Note that a job has started. First come, first served keeps no accounts."""

    def __iter__(self) -> Iterator[Job[Any]]:
        node = self._after
        while node is not self:
            yield node  # type: ignore[misc]  # only jobs are linked
            node = node._after
