"""Which job is dropped when too many wait."""

from __future__ import annotations

from limner.scheduling.jobs.job_queue import JobQueue
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits.limits import Limits
from limner.scheduling.limits.overflow import Overflow


def victim_of(newcomer: WorkItem, queue: JobQueue, limits: Limits) -> WorkItem | None:
    """Return who makes room for a newcomer where one too many waits; ``None``: nobody, it goes.

    `Overflow.BLOCK` knows no victim: everybody goes.
    """
    if limits.overflow is Overflow.LEAK:
        return queue.victim(newcomer.priority)
    if limits.overflow is Overflow.OVERFLOW_PRIORITY:
        return queue.victim(newcomer.priority + 1)
    return None
