"""Who is next: the waiting jobs of a limiter in ten priorities.

Jobs of weight 0 wait in lanes of their own, because they may pass a job that waits for a slot;
between the two lanes of one priority the ticket decides: lower goes first. Tickets count up, and
down from zero for those who go to the front. With ``fair``, the owners of jobs take turns in each
lane.

With ``aging``, a job that has waited n times that long counts as n priorities higher. Nothing
moves for that: the front of each lane has waited longest, so comparing the fronts is enough.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from limner.scheduling.fair_lane import FairLane
from limner.scheduling.lane import Lane
from limner.scheduling.options import LOWEST

if TYPE_CHECKING:
    from limner.scheduling.job import Job

WEIGHTLESS = sum(2 << 2 * priority for priority in range(LOWEST + 1))
"""In a mask of lanes, those for jobs of weight 0."""


class Line:
    """All waiting jobs of a limiter, in order."""

    __slots__ = ("_aging", "_fair", "_front", "_plain", "lanes", "length", "mask")

    def __init__(self, *, aging: float | None = None, fair: bool = False) -> None:
        self._aging = aging
        self._fair = fair
        self._plain = aging is None and not fair
        kind = FairLane if fair else Lane
        self.lanes = tuple(kind() for _ in range(2 * (LOWEST + 1)))
        self.mask = 0  # which lanes have somebody in them
        self._front = 0
        self.length = 0

    def rebuilt(self, *, aging: float | None, fair: bool) -> Line:
        """Return a line with the same jobs under other rules; this one is not used any more."""
        other = Line(aging=aging, fair=fair)
        other._front = self._front
        for job in sorted(self, key=lambda job: job._ticket):
            other.push(job)
        return other

    def push(self, job: Job[Any]) -> None:
        """Let a job wait at the back of its priority; its ticket must be the highest there."""
        index = 2 * job._priority + (not job._weight)
        self.lanes[index][job._ticket] = job
        self.mask |= 1 << index
        self.length += 1

    def push_front(self, job: Job[Any]) -> None:
        """Let a job wait at the front of its priority."""
        self._front -= 1
        job._ticket = self._front
        self.push(job)
        self.lanes[2 * job._priority + (not job._weight)].move_to_end(job._ticket, last=False)

    def remove(self, job: Job[Any]) -> None:
        """Take a waiting job out."""
        index = 2 * job._priority + (not job._weight)
        lane = self.lanes[index]
        del lane[job._ticket]
        if not lane:
            self.mask &= ~(1 << index)
        self.length -= 1

    def replace(self, old: Job[Any], new: Job[Any]) -> bool:
        """Put a job where another waits; ``False`` if they do not belong in the same lane."""
        if old._priority != new._priority or bool(old._weight) != bool(new._weight):
            return False
        new._ticket = old._ticket
        self.lanes[2 * old._priority + (not old._weight)][old._ticket] = new
        return True

    def first(self, now: float) -> Job[Any]:
        """Return the job whose turn it is. There must be one."""
        mask = self.mask
        if self._plain and not mask & WEIGHTLESS:
            return next(iter(self.lanes[(mask & -mask).bit_length() - 1].values()))
        return self._first_of(mask, now)

    def first_weightless(self, now: float) -> Job[Any] | None:
        """Return the job of weight 0 whose turn it is, if any waits."""
        mask = self.mask & WEIGHTLESS
        return self._first_of(mask, now) if mask else None

    def _first_of(self, mask: int, now: float) -> Job[Any]:
        if self._aging is not None:
            return min(self._fronts(mask), key=lambda job: self._rank(job, now))
        index = (mask & -mask).bit_length() - 1
        job = self.lanes[index].first()
        if not index & 1 and mask >> index & 2:  # the weightless lane of the same priority
            other = self.lanes[index + 1].first()
            return other if other._ticket < job._ticket else job
        return job

    def _fronts(self, mask: int) -> Iterator[Job[Any]]:
        while mask:
            index = (mask & -mask).bit_length() - 1
            yield self.lanes[index].first()
            mask &= mask - 1

    def _rank(self, job: Job[Any], now: float) -> tuple[int, int]:
        if self._aging is None:
            return job._priority, job._ticket
        risen = int((now - job._received_at) / self._aging)
        return max(job._priority - risen, 0), job._ticket

    def leads(self, job: Job[Any], now: float) -> bool:
        """Whether a newcomer would be next, or next of those of weight 0 if it is one."""
        mask = self.mask & WEIGHTLESS if not job._weight else self.mask
        if self._plain:
            return not mask & ((1 << 2 * job._priority + 2) - 1)
        if self._fair and not mask & ((1 << 2 * job._priority) - 1):
            return all(self.lanes[2 * job._priority + light].leads(job) for light in (0, 1))
        return not mask or self._rank(job, now) < self._rank(self._first_of(mask, now), now)

    def victim(self, priority: int) -> Job[Any] | None:
        """Return the oldest job of the least important priority that is ``priority`` or below."""
        index = self.mask.bit_length() - 1
        if index < 2 * priority:
            return None
        job = self.lanes[index].oldest()
        if index & 1 and self.lanes[index - 1]:
            other = self.lanes[index - 1].oldest()
            return other if other._ticket < job._ticket else job
        return job

    def count(self, priority: int) -> int:
        """Count the waiting jobs of one priority."""
        return len(self.lanes[2 * priority]) + len(self.lanes[2 * priority + 1])

    def in_order(self, now: float) -> Iterator[Job[Any]]:
        """Go through the waiting jobs in the order of their turns, if none came or went."""
        lanes = [lane.in_turn() for lane in self.lanes if lane]
        if self._fair:  # inside a priority the lanes know better
            return heapq.merge(*lanes, key=lambda job: self._rank(job, now)[0])
        return heapq.merge(*lanes, key=lambda job: self._rank(job, now))

    def charge(self, job: Job[Any]) -> None:
        """Note that a job starts, whether it had to wait or not."""
        self.lanes[2 * job._priority].charge(job)

    def __iter__(self) -> Iterator[Job[Any]]:
        for lane in self.lanes:
            yield from lane.values()
