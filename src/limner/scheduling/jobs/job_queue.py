"""The queue of waiting jobs, in ten priorities.

Each priority has four queues: those who came back for a retry before the others, and in both the
jobs of weight 0 by themselves, because they may pass a job that waits for a slot; between these two
the ticket decides: lower goes first. With ``fair``, the owners of jobs take turns.

With ``aging``, a job that has waited n times that long counts as n priorities higher. Nothing
moves for that: the front of each queue has waited longest, so comparing the fronts is enough.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Iterator

from limner.scheduling.jobs.fair_queue import FairQueue
from limner.scheduling.jobs.fifo_queue import FifoQueue, TicketQueue
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.options import LOWEST, PLACES

QUEUES = PLACES * (LOWEST + 1)
WEIGHTLESS = sum(2 << 2 * pair for pair in range(QUEUES // 2))
"""In a mask of queues, those for jobs of weight 0."""
AGAIN = 1 << 62
"""The ticket of a job that came back is the number it came with, less so much."""


class JobQueue:
    """All waiting jobs of a limiter, in order."""

    __slots__ = ("_aging", "_fair", "_front", "_plain", "mask", "queues", "weightless")

    def __init__(self, *, aging: float | None = None, fair: bool = False) -> None:
        self._aging = aging
        self._fair = fair
        self._plain = aging is None and not fair
        self._front: deque[WorkItem] | None = None
        # the jobs of the first of the queues, if nothing else must be asked who is first
        self.queues = _Queues(fair=fair)
        self.mask = 0
        """Which queues have somebody in them, a bit for each; 0: nobody waits."""
        self.weightless = False
        """Whether jobs of weight 0 wait."""

    def rebuilt(self, *, aging: float | None, fair: bool) -> JobQueue:
        """Return a queue with the same jobs under other rules; this one is not used any more."""
        other = JobQueue(aging=aging, fair=fair)
        for item in sorted(self, key=lambda item: item.ticket):
            other.push(item)
        return other

    def push(self, item: WorkItem) -> None:
        """Let a job wait: at the back of its priority, or at the front if it has come back."""
        place = item.place
        self.queues[place].push(item)
        if not self.mask >> place & 1:
            self._mark(1 << place)

    def remove(self, item: WorkItem) -> None:
        """Take a waiting job out."""
        place = item.place
        if not self.queues[place].remove(item):
            self._mark(1 << place)

    def _mark(self, bit: int) -> None:
        """Note that a queue has got its first job, or lost its last."""
        self.mask ^= bit
        self.weightless = self.mask & WEIGHTLESS != 0
        self._front = None
        if self._plain and self.mask and not self.weightless:
            front = self.queues[_lowest(self.mask)]
            if isinstance(front, FifoQueue):
                self._front = front.items

    def replace(self, old: WorkItem, new: WorkItem) -> bool:
        """Put a job where another waits; ``False`` if they do not belong in the same queue."""
        if new.place | 2 != old.place | 2:
            return False
        new.ticket, new.place = old.ticket, old.place
        self.queues[new.place].replace(old, new)
        return True

    def first(self, now: float) -> WorkItem:
        """Return the job whose turn it is. There must be one."""
        front = self._front
        return front[0] if front is not None else self._first_of(self.mask, now)

    def first_weightless(self, now: float) -> WorkItem | None:
        """Return the job of weight 0 whose turn it is, if any waits."""
        mask = self.mask & WEIGHTLESS
        return self._first_of(mask, now) if mask else None

    def _first_of(self, mask: int, now: float) -> WorkItem:
        if self._aging is not None:
            return min(self._fronts(mask), key=lambda item: self._rank(item, now))
        index = _lowest(mask)
        item = self.queues[index].first()
        if not index & 1 and mask >> index & 2:  # the weightless queue beside it
            other = self.queues[index + 1].first()
            return other if other.ticket < item.ticket else item
        return item

    def _fronts(self, mask: int) -> Iterator[WorkItem]:
        while mask:
            yield self.queues[_lowest(mask)].first()
            mask &= mask - 1

    def _rank(self, item: WorkItem, now: float) -> tuple[int, int]:
        if self._aging is None:
            return item.priority, item.ticket
        risen = int((now - item.received_at) / self._aging)
        return max(item.priority - risen, 0), item.ticket

    def leads(self, item: WorkItem, now: float) -> bool:
        """Whether a newcomer would be next, or next of those of weight 0 if it is one."""
        mask = self.mask & WEIGHTLESS if not item.weight else self.mask
        if self._plain:
            return not mask & ((1 << PLACES * item.priority + 4) - 1)
        own = 1 << item.place
        if mask & own and not self.queues[item.place].leads(item):
            return False
        others = mask & ~own
        return not others or self._rank(item, now) < self._rank(self._first_of(others, now), now)

    def next_rise(self, now: float) -> float:
        """Return when the front of one of the queues counts as more important than it does now.

        Infinity: without ``aging`` never.
        """
        if self._aging is None:
            return float("inf")
        fronts = [item for item in self._fronts(self.mask) if self._rank(item, now)[0]]
        return min(
            (self._rises_at(item, self._aging, now) for item in fronts), default=float("inf")
        )

    @staticmethod
    def _rises_at(item: WorkItem, aging: float, now: float) -> float:
        rises = item.received_at + (int((now - item.received_at) / aging) + 1) * aging
        return rises if rises > now else math.nextafter(now, math.inf)  # as floats are

    def victim(self, priority: int) -> WorkItem | None:
        """Return the oldest job of the least important priority that is ``priority`` or below."""
        index = self.mask.bit_length() - 1
        if index < PLACES * priority:
            return None
        lowest = self.mask & (0b1111 << (index & ~3))
        fronts = [self.queues[index].oldest() for index in range(index + 1) if lowest >> index & 1]
        return min(fronts, key=lambda item: item.number)

    def __len__(self) -> int:
        return sum(map(len, self.queues.values()))

    def count(self, priority: int) -> int:
        """Count the waiting jobs of one priority."""
        return sum(len(self.queues.get(PLACES * priority + index, ())) for index in range(4))

    def in_order(self, now: float) -> Iterator[WorkItem]:
        """Go through the waiting jobs in the order of their turns, if none came or went."""
        queues = [queue.in_turn() for _, queue in sorted(self.queues.items()) if queue]
        if self._fair:  # inside a priority the queues know better
            return heapq.merge(*queues, key=lambda item: self._rank(item, now)[0])
        return heapq.merge(*queues, key=lambda item: self._rank(item, now))

    def charge(self, item: WorkItem) -> None:
        """Note that a job starts, whether it had to wait or not."""
        self.queues[item.place | 2].charge(item)

    def __iter__(self) -> Iterator[WorkItem]:
        for index in sorted(self.queues):
            yield from self.queues[index]


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def front_of_priority(place: int) -> int:
    """Return where a job waits that comes back: before the newcomers of its priority."""
    return place & ~2


Queue = FifoQueue | FairQueue | TicketQueue


class _Queues(dict[int, Queue]):
    """The queues by their index, each made when it is first needed: most limiters need one."""

    def __init__(self, *, fair: bool) -> None:
        super().__init__()
        self._fair = fair

    def __missing__(self, index: int) -> Queue:
        if not index & 2:
            self[index] = TicketQueue()
        else:
            self[index] = FairQueue() if self._fair else FifoQueue()
        return self[index]
