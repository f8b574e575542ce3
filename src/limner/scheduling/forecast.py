"""When will a job start? The limits, run forward over everybody who is before it."""

from __future__ import annotations

import copy
import heapq
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from limner.scheduling import admission
from limner.scheduling.admission import START, UNKNOWN, Decision
from limner.scheduling.job import EXECUTING, QUEUED, RUNNING, Job

if TYPE_CHECKING:
    from limner.scheduling.engine import Engine


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a job has not started.

    Attributes:
        limit: What holds it, or holds the job at the head of the queue and so everybody behind:
            the name of the option (``"max_concurrent"``, ``"min_interval"``, ``"rates"``,
            ``"reservoir"``), or ``"pause"``, ``"retry_after"`` (the limiter cools down, or a
            first job tries alone), ``"penalty"``, ``"retry"`` (it waits for its own next
            attempt). ``None`` if nothing does: it has started.
        position: How many start before it; ``None`` if it is not in the queue.
        earliest_start: The instant on the loop's clock before which it cannot start; ``None`` if
            that depends on when other jobs end.
    """

    limit: str | None
    position: int | None
    earliest_start: float | None


def explain(engine: Engine, job: Job[Any]) -> Explanation:
    """Say what a job waits for."""
    if job._state is not QUEUED:
        return Explanation(None, None, job.started_at)
    if job in engine.delayed:
        return Explanation("retry", None, job._retry_at)
    now = engine.now()
    head = engine.line.first(now)
    decision = engine.store.decide(head._weight, now)
    position = engine.position(job)
    start = _first_possible(engine, job, now)
    return Explanation(decision.limit, position, None if start == UNKNOWN else start)


def eta(engine: Engine, job: Job[Any]) -> float | None:
    """Estimate the seconds until a job starts; see `Job.eta`."""
    now = engine.now()
    if job._state in (RUNNING, EXECUTING):
        return 0.0
    if job._state is not QUEUED:
        return None
    if job in engine.delayed:
        return max(job._retry_at - now, 0.0)
    runs = engine.tally.runs
    start = _run_forward(engine, job, now, sum(runs) / len(runs) if runs else None)
    return None if start == UNKNOWN else start - now


def _first_possible(engine: Engine, job: Job[Any], now: float) -> float:
    """Return the start if every job took no time at all, but those running must end first."""
    return _run_forward(engine, job, now, None)


def _run_forward(engine: Engine, job: Job[Any], now: float, duration: float | None) -> float:
    """Return when the job would start.

    Args:
        engine: The limiter's engine. It is not touched.
        job: The job, which is in line.
        now: The instant.
        duration: How long each job takes; ``None`` if unknown, which ends the forecast at the
            first start that depends on it.
    """
    limits, state = engine.limits, _copied(engine.state)
    ends: list[tuple[float, int]] = []
    if duration is not None:
        ends = [(max(other._started_at + duration, now), other._weight) for other in engine.active]
        heapq.heapify(ends)
    for other in engine.line.in_order(now):
        now, decision = _wait(engine, state, other, now, ends)
        if decision is not START:
            return UNKNOWN
        if other is job:
            return now
        admission.start(limits, state, other._weight, now)
        if state.probing:  # it is taken to end well
            admission.probed(state, well=True)
        if duration is not None:
            heapq.heappush(ends, (now + duration, other._weight))
    return UNKNOWN


def _wait(
    engine: Engine, state: admission.State, job: Job[Any], now: float, ends: list[tuple[float, int]]
) -> tuple[float, Decision]:
    """Move on to the instant at which the job can start, ending jobs on the way."""
    while True:
        while ends and ends[0][0] <= now:
            admission.finish(state, heapq.heappop(ends)[1])
        decision = admission.decide(engine.limits, state, job._weight, now)
        if decision is START:
            return now, decision
        later = min(decision.at, ends[0][0] if ends and decision.at == UNKNOWN else UNKNOWN)
        if later == UNKNOWN or later <= now:
            return now, decision
        now = later


def _copied(state: admission.State) -> admission.State:
    twin = copy.copy(state)
    twin.windows = tuple(deque(window, maxlen=window.maxlen) for window in state.windows)
    twin.level = copy.copy(state.level)
    return twin
