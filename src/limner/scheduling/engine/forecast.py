"""When will a job start? The limits, run forward over everybody who is before it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from limner.scheduling.engine.admission_control import AdmissionControl
from limner.scheduling.jobs.work_item import WorkItem
from limner.scheduling.limits import admission
from limner.scheduling.limits.admission import START, UNKNOWN


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a job has not started.

    Attributes:
        limit: What holds it, or holds the job at the head of the queue and so everybody behind:
            the name of the option (``"max_concurrent"``, ``"min_interval"``, ``"rates"``,
            ``"reservoir"``), or ``"pause"``, ``"retry_after"`` (the limiter cools down, or a
            first job tries alone), ``"penalty"``, ``"retry"`` (it waits for its own next
            attempt), ``"shared"`` (others decide). ``None`` if nothing does: it has started.
        position: How many start before it; ``None`` if it is not in the queue.
        earliest_start: The instant on the loop's clock before which it cannot start; ``None`` if
            that depends on when other jobs end, or nobody here knows.
    """

    limit: str | None
    position: int | None
    earliest_start: float | None


def start_of(
    item: WorkItem,
    queue: Iterable[WorkItem],
    control: AdmissionControl,
    active: Iterable[WorkItem],
    now: float,
    duration: float | None,
) -> float:
    """Return when a job would start, if nobody comes or goes.

    Args:
        item: The job, which is in the queue.
        queue: The queue, in order.
        control: Who decides. It is not touched.
        active: Who holds a slot.
        now: The instant.
        duration: How long each job takes; ``None`` if unknown, which ends the forecast at the
            first start that depends on it.

    Returns:
        The instant; infinity if it cannot be told.
    """
    twin = control.twin(now)
    ends: list[tuple[float, int]] = []
    if duration is not None:
        ends = [(max(other.started_at + duration, now), other.weight) for other in active]
        heapq.heapify(ends)
    for other in queue:
        now = _possible(twin, other, now, ends)
        if other is item or now == UNKNOWN:
            return now
        admission.start(twin.limits, twin.state, other.weight, now, other.options.named)
        if twin.state.probing:  # it is taken to end well
            admission.probed(twin.state, well=True)
        if duration is not None:
            heapq.heappush(ends, (now + duration, other.weight))
    return UNKNOWN


def _possible(
    twin: AdmissionControl, item: WorkItem, now: float, ends: list[tuple[float, int]]
) -> float:
    """Return the instant at which the job can start, ending others on the way."""
    while True:
        while ends and ends[0][0] <= now:
            admission.finish(twin.state, heapq.heappop(ends)[1])
        decision = twin.decide(item.weight, now, item.options.named)
        if decision is START:
            return now
        if decision.never:
            return UNKNOWN
        later = min(decision.at, ends[0][0] if ends and decision.at == UNKNOWN else UNKNOWN)
        if later == UNKNOWN or later <= now:
            return UNKNOWN
        now = later
