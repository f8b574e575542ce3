"""First come, first served: the waiting jobs of one priority."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner.scheduling.job import Job


class Lane(OrderedDict[int, "Job[Any]"]):
    """The jobs of one priority by their tickets, in the order they came.

    An `OrderedDict`, because entering, leaving from anywhere, going to the front and taking
    another's place then cost the same however many wait. (A `dict` would not do: finding its
    first key is linear in what was deleted before it.)
    """

    __slots__ = ()

    def first(self) -> Job[Any]:
        """Return the next job. There must be one."""
        return next(iter(self.values()))

    def oldest(self) -> Job[Any]:
        """Return the job that has waited longest. There must be one."""
        return self.first()

    def in_turn(self) -> Iterator[Job[Any]]:
        """Go through the jobs in the order of their turns."""
        return iter(self.values())

    def leads(self, job: Job[Any]) -> bool:
        """Whether a newcomer would be next."""
        return not self

    def charge(self, job: Job[Any]) -> None:
        """Note that a job starts. First come, first served keeps no accounts."""
