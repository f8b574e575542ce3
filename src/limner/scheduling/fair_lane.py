"""Owners take turns: the waiting jobs of one priority when a limiter is fair.

Start-time fair queueing. Every owner has an account, moved on by the weight of each job he starts
(at least 1); the owner whose account is lowest is next, so over time all get the same weight
through. Whoever comes back after a while is put level with those who are being served: nobody
saves up turns.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

from limner.scheduling.lane import Lane

if TYPE_CHECKING:
    from limner.scheduling.job import Job

SPARE = 64
"""Leftovers of owners who went away are cleared when there are so many more than needed."""


class FairLane(Lane):
    """A lane that goes round its owners; each owner's own jobs stay first come, first served."""

    __slots__ = ("_accounts", "_level", "_owners", "_serial", "_turns")

    def __init__(self) -> None:
        super().__init__()
        self._owners: dict[Hashable, OrderedDict[int, Job[Any]]] = {}
        self._accounts: dict[Hashable, float] = {}
        # A heap; some entries are outdated. The third number only keeps owners, who need not be
        # comparable, from being compared: one may take another's place and so his ticket.
        self._turns: list[tuple[float, int, int, Hashable]] = []
        self._serial = 0
        self._level = 0.0  # the account of the last owner served

    def __setitem__(self, ticket: int, job: Job[Any]) -> None:
        old = self.get(ticket)
        super().__setitem__(ticket, job)
        if old is not None and old.owner != job.owner:
            self._leave(old.owner, ticket)
        jobs = self._owners.get(job.owner)
        if jobs is None:
            self._accounts[job.owner] = self._account(job.owner)
            self._owners[job.owner] = OrderedDict({ticket: job})
            self._queue_turn(job.owner, ticket)
        else:
            jobs[ticket] = job

    def __delitem__(self, ticket: int) -> None:
        owner = self[ticket].owner
        super().__delitem__(ticket)
        self._leave(owner, ticket)

    def move_to_end(self, ticket: int, last: bool = True) -> None:
        """Put a job behind, or before, the other jobs of its owner."""
        super().move_to_end(ticket, last)
        self._owners[self[ticket].owner].move_to_end(ticket, last)

    def first(self) -> Job[Any]:
        """Return the next job of the owner whose turn it is. There must be one."""
        while True:
            account, _, _, owner = self._turns[0]
            jobs = self._owners.get(owner)
            if jobs is not None and account == self._accounts[owner]:
                return next(iter(jobs.values()))
            heapq.heappop(self._turns)

    def in_turn(self) -> Iterator[Job[Any]]:
        """Go through the jobs in the order of their turns, if none came or went."""
        ahead = {owner: iter(jobs.values()) for owner, jobs in self._owners.items()}
        turns = [
            (self._accounts[owner], next(iter(jobs)), index, owner)
            for index, (owner, jobs) in enumerate(self._owners.items())
        ]
        heapq.heapify(turns)
        while turns:
            account, _, index, owner = heapq.heappop(turns)
            job = next(ahead[owner], None)
            if job is not None:
                yield job
                turn = (account + max(job._weight, 1), job._ticket, index, owner)
                heapq.heappush(turns, turn)

    def leads(self, job: Job[Any]) -> bool:
        """Whether a newcomer would be next."""
        if not self:
            return True
        if job.owner in self._owners:
            return False
        return self._account(job.owner) < self._accounts[self.first().owner]

    def charge(self, job: Job[Any]) -> None:
        """Move its owner's account on: the job starts."""
        owner = job.owner
        self._level = max(self._level, self._account(owner))
        self._accounts[owner] = self._account(owner) + max(job._weight, 1)
        if owner in self._owners:
            self._queue_turn(owner, next(iter(self._owners[owner])))
        elif len(self._accounts) > 2 * len(self._owners) + SPARE:
            self._accounts = {
                name: account
                for name, account in self._accounts.items()
                if name in self._owners or account > self._level
            }

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

    def _leave(self, owner: Hashable, ticket: int) -> None:
        jobs = self._owners[owner]
        del jobs[ticket]
        if not jobs:
            del self._owners[owner]
