"""Owners take turns: the waiting jobs of one priority when a limiter is fair.

Start-time fair queueing. Every owner has an account, moved on by the weight of each job he starts
(at least 1); the owner whose account is lowest is next, so over time all get the same weight
through. Whoever comes back after a while is put level with those who are being served: nobody
saves up turns.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator

from limner.scheduling.jobs.work_item import WorkItem

SPARE = 64
"""Leftovers of owners who went away are looked for when there are more than twice as many accounts
as were needed last time, and so many more."""


class FairQueue:
    """A queue that goes round its owners; each owner's own jobs stay first come, first served."""

    __slots__ = ("_accounts", "_items", "_level", "_most_accounts", "_owners", "_serial", "_turns")

    def __init__(self) -> None:
        self._items: OrderedDict[int, WorkItem] = OrderedDict()
        self._owners: dict[Hashable, OrderedDict[int, WorkItem]] = {}
        self._accounts: dict[Hashable, float] = {}
        self._most_accounts = SPARE
        # A heap; some entries are outdated. The third number only keeps owners, who need not be
        # comparable, from being compared: one may take another's place and so his ticket.
        self._turns: list[tuple[float, int, int, Hashable]] = []
        self._serial = 0
        self._level = 0.0  # the account of the last owner served

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[WorkItem]:
        return iter(self._items.values())

    def push(self, item: WorkItem) -> None:
        """Let a job wait behind the others of its owner."""
        self._items[item.ticket] = item
        self._join(item)

    def remove(self, item: WorkItem) -> int:
        """Take a job out; say how many are left."""
        del self._items[item.ticket]
        self._leave(item)
        return len(self._items)

    def replace(self, old: WorkItem, new: WorkItem) -> None:
        """Put a job where another waits; if the owner is another, behind his others."""
        self._items[old.ticket] = new
        if old.options.owner == new.options.owner:
            self._owners[new.options.owner][new.ticket] = new
        else:
            self._leave(old)
            self._join(new)

    def oldest(self) -> WorkItem:
        """Return the job that has waited longest. There must be one."""
        return next(iter(self._items.values()))

    def first(self) -> WorkItem:
        """Return the next job of the owner whose turn it is. There must be one."""
        while True:
            account, _, _, owner = self._turns[0]
            jobs = self._owners.get(owner)
            if jobs is not None and account == self._accounts[owner]:
                return next(iter(jobs.values()))
            heapq.heappop(self._turns)

    def in_turn(self) -> Iterator[WorkItem]:
        """Go through the jobs in the order of their turns, if none came or went."""
        ahead = {owner: deque(jobs.values()) for owner, jobs in self._owners.items()}
        turns = [
            (self._accounts[owner], jobs[0].ticket, index, owner)
            for index, (owner, jobs) in enumerate(ahead.items())
        ]
        heapq.heapify(turns)
        while turns:
            account, _, index, owner = heapq.heappop(turns)
            item = ahead[owner].popleft()
            yield item
            if ahead[owner]:
                turn = (account + max(item.weight, 1), ahead[owner][0].ticket, index, owner)
                heapq.heappush(turns, turn)

    def leads(self, item: WorkItem) -> bool:
        """Whether a newcomer would be next."""
        if not self._items:
            return True
        if item.options.owner in self._owners:
            return False
        return self._account(item.options.owner) < self._accounts[self.first().options.owner]

    def charge(self, item: WorkItem) -> None:
        """Move its owner's account on: the job starts."""
        owner = item.options.owner
        self._level = max(self._level, self._account(owner))
        self._accounts[owner] = self._account(owner) + max(item.weight, 1)
        if owner in self._owners:
            self._queue_turn(owner, next(iter(self._owners[owner])))
        elif len(self._accounts) > self._most_accounts:
            self._accounts = {
                name: account
                for name, account in self._accounts.items()
                if name in self._owners or account > self._level
            }
            # Not looked through again before it has doubled: all of them may still count.
            self._most_accounts = 2 * len(self._accounts) + SPARE

    def _account(self, owner: Hashable) -> float:
        known = self._accounts.get(owner, self._level)
        return known if owner in self._owners else max(known, self._level)

    def _queue_turn(self, owner: Hashable, ticket: int) -> None:
        self._serial += 1
        heapq.heappush(self._turns, (self._accounts[owner], ticket, self._serial, owner))
        if len(self._turns) > 2 * len(self._owners) + SPARE:
            self._turns = [
                (self._accounts[name], next(iter(jobs)), serial, name)
                for serial, (name, jobs) in enumerate(self._owners.items())
            ]
            heapq.heapify(self._turns)

    def _join(self, item: WorkItem) -> None:
        owner = item.options.owner
        jobs = self._owners.get(owner)
        if jobs is None:
            self._accounts[owner] = self._account(owner)
            self._owners[owner] = OrderedDict({item.ticket: item})
            self._queue_turn(owner, item.ticket)
        else:
            jobs[item.ticket] = item

    def _leave(self, item: WorkItem) -> None:
        jobs = self._owners[item.options.owner]
        del jobs[item.ticket]
        if not jobs:
            del self._owners[item.options.owner]
