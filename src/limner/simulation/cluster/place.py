"""The one place where limits are kept that all share: a real limiter, whose jobs are leases.

In a real cluster that is a script in a Valkey server, which follows the same rule.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from limner.errors import JobDropped
from limner.scheduling import Ask, Job, Lease, Limiter


class Client(Protocol):
    """A worker, as far as it is told of grants."""

    def tell_granted(self, lease: Lease) -> None:
        """Hear of a grant."""
        ...

    def tell_dropped(self, ticket: int, strategy: str) -> None:
        """Hear that a job was shed."""
        ...


class Place:
    """Decides which picture of which worker starts when.

    Args:
        limiter: Keeps the limits.
        delay: Says how many seconds a grant is on its way.
    """

    def __init__(self, limiter: Limiter, delay: Callable[[], float]) -> None:
        self.limiter = limiter
        self._delay = delay
        self._fence = 0
        self._asked: dict[tuple[Client, int], Job[None]] = {}
        self._ends: dict[Lease, asyncio.Future[None]] = {}
        self._held: dict[Client, set[Lease]] = {}

    def ask(self, client: Client, ask: Ask) -> None:
        """Put a job of a worker in the order."""
        # Who comes back for a retry goes before the newcomers of its priority.
        priority = max(0, ask.priority - 1) if ask.again else ask.priority
        job = self.limiter.submit(
            self._hold, client, ask.ticket, weight=ask.weight, priority=priority, owner=ask.owner
        )
        self._asked[client, ask.ticket] = job
        job.add_done_callback(lambda _: self._gone(client, ask.ticket, job))

    def _gone(self, client: Client, ticket: int, job: Job[None]) -> None:
        self._asked.pop((client, ticket), None)
        if isinstance(job.error, JobDropped):
            client.tell_dropped(ticket, job.error.strategy)

    async def _hold(self, client: Client, ticket: int) -> None:
        """Be a lease until it is given back."""
        loop = asyncio.get_running_loop()
        self._fence += 1
        lease = Lease(ticket, self._fence)
        end = self._ends[lease] = loop.create_future()
        self._held.setdefault(client, set()).add(lease)
        if seconds := self._delay():
            loop.call_later(seconds, client.tell_granted, lease)
        else:
            loop.call_soon(client.tell_granted, lease)
        try:
            await end
        finally:
            del self._ends[lease]
            self._held.get(client, set()).discard(lease)

    def withdraw(self, client: Client, ticket: int) -> None:
        """Take a job out of the order."""
        job = self._asked.get((client, ticket))
        if job is not None:
            job.cancel()

    def give_back(self, lease: Lease, *, well: bool) -> None:
        """End a lease."""
        end = self._ends.get(lease)
        if end is not None and not end.done():
            end.set_result(None) if well else end.cancel()

    def forget(self, client: Client) -> None:
        """A worker is taken for dead: what it held and waited for is the others'."""
        for (whose, _), job in list(self._asked.items()):
            if whose is client:
                job.cancel()
        for lease in list(self._held.pop(client, ())):
            self.give_back(lease, well=False)
