"""First come, first served: the waiting jobs of one priority."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator

from limner.scheduling.jobs.work_item import WorkItem

SPARE = 64
"""Gaps that jobs leave behind are closed when there are more of them than jobs, and so many."""


class FifoQueue:
    """The jobs of one priority in the order they came.

    Whoever leaves from the middle leaves a gap, which costs nothing until the turn comes to it: so
    entering, leaving and being served cost the same however many wait.
    """

    __slots__ = ("_gaps", "_gone", "items", "push")

    def __init__(self) -> None:
        self.items: deque[WorkItem] = deque()
        """They, and the gaps; the first is never a gap."""
        self.push: Callable[[WorkItem], None] = self.items.append
        """Let a job wait behind the others."""
        self._gone: dict[WorkItem, int] = {}
        """How many gaps a job has left: so often it stands here before it counts, if it came back.
        The first job that stands here is never one."""
        self._gaps = 0

    def __len__(self) -> int:
        return len(self.items) - self._gaps

    def __iter__(self) -> Iterator[WorkItem]:
        gone = dict(self._gone)
        for item in self.items:
            if gone.get(item):
                gone[item] -= 1
            else:
                yield item

    def first(self) -> WorkItem:
        """Return the next job. There must be one."""
        return self.items[0]

    def oldest(self) -> WorkItem:
        """Return the job that has waited longest. There must be one."""
        return self.items[0]

    def remove(self, item: WorkItem) -> int:
        """Take a job out; say how many are left."""
        items = self.items
        if items[0] is not item:
            return self._leave_gap(item)
        items.popleft()
        if self._gaps:
            self._skip_gaps()
        return len(items)

    def _leave_gap(self, item: WorkItem) -> int:
        self._gone[item] = self._gone.get(item, 0) + 1
        self._gaps += 1
        if self._gaps > SPARE and self._gaps * 2 > len(self.items):
            self._close_gaps()
        return len(self)

    def _skip_gaps(self) -> None:
        gone, items = self._gone, self.items
        while items and (count := gone.get(items[0])):
            item = items.popleft()
            self._gaps -= 1
            if count > 1:
                gone[item] = count - 1
            else:
                del gone[item]

    def _close_gaps(self) -> None:
        kept = list(self)
        self.items.clear()
        self.items.extend(kept)
        self._gone.clear()
        self._gaps = 0

    def replace(self, old: WorkItem, new: WorkItem) -> None:
        """Put a job where another waits: linear in how many do."""
        self._close_gaps()
        self.items[self.items.index(old)] = new

    def in_turn(self) -> Iterator[WorkItem]:
        """Go through the jobs in the order of their turns."""
        return iter(self)

    def leads(self, item: WorkItem) -> bool:
        """Whether a newcomer would be next."""
        return not self.items

    def charge(self, item: WorkItem) -> None:
        """Note that a job starts. First come, first served keeps no accounts."""


class TicketQueue:
    """The jobs of one priority in the order of their tickets, whenever they came.

    For those who come back for a retry: several that were refused at one instant stand in the order
    in which they stood before.
    """

    __slots__ = ("_items", "_tickets")

    def __init__(self) -> None:
        self._tickets: list[int] = []
        self._items: dict[int, WorkItem] = {}

    def __len__(self) -> int:
        return len(self._tickets)

    def __iter__(self) -> Iterator[WorkItem]:
        return (self._items[ticket] for ticket in self._tickets)

    def push(self, item: WorkItem) -> None:
        """Let a job wait where its ticket belongs."""
        insort(self._tickets, item.ticket)
        self._items[item.ticket] = item

    def first(self) -> WorkItem:
        """Return the next job. There must be one."""
        return self._items[self._tickets[0]]

    def oldest(self) -> WorkItem:
        """Return the job that has waited longest. There must be one."""
        return self.first()

    def remove(self, item: WorkItem) -> int:
        """Take a job out; say how many are left."""
        del self._items[item.ticket]
        del self._tickets[bisect_left(self._tickets, item.ticket)]
        return len(self._tickets)

    def replace(self, old: WorkItem, new: WorkItem) -> None:
        """Put a job where another waits."""
        self._items[old.ticket] = new

    def in_turn(self) -> Iterator[WorkItem]:
        """Go through the jobs in the order of their turns."""
        return iter(self)

    def leads(self, item: WorkItem) -> bool:
        """Whether a newcomer would be next."""
        return not self._tickets

    def charge(self, item: WorkItem) -> None:
        """Note that a job starts. Tickets keep no accounts."""
