"""What was drawn in the last minutes, and beside what: the lanes of a timeline."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from limner.scheduling import Cancelled, Done, Executing, Failed, Job, JobEvent, Limiter, Retried

KEPT = 500
"""Runs that have ended which are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One drawing, from when it had its slot to when it gave it back.

    Attributes:
        job: The job's id.
        lane: Which of those that run side by side it is, from 0: the lowest that was free.
        began: In seconds since the epoch.
        ended: The same; ``None``: it goes on.
        outcome: ``"running"``, ``"done"``, ``"failed"`` or ``"cancelled"``.
        owner: For whom.
        slot: The place of the picture, MESSAGE/VARIANT/ORDINAL.
        chat: Its conversation.
    """

    job: str
    lane: int
    began: float
    ended: float | None = None
    outcome: str = "running"
    owner: str | None = None
    slot: str | None = None
    chat: str | None = None


@dataclass(slots=True, eq=False)
class RecentRuns:
    """Remembers the last runs of a limiter's jobs.

    Args:
        limiter: Whose jobs.
        clock: Seconds since the epoch.
        about: Gives the place of a job's picture and its conversation, as long as it has not ended.
    """

    limiter: Limiter
    clock: Callable[[], float]
    about: Callable[[str], tuple[str | None, str | None]] = lambda job: (None, None)
    _running: dict[str, Run] = field(default_factory=dict)
    _ended: "deque[Run]" = field(default_factory=lambda: deque(maxlen=KEPT))
    _unsubscribe: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._unsubscribe.append(self.limiter.on(JobEvent, self._heard))

    def close(self) -> None:
        """Listen no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()

    def since(self, instant: float) -> list[Run]:
        """The runs that go on, or ended after an instant, by when they began."""
        ended = [run for run in self._ended if run.ended is not None and run.ended >= instant]
        return sorted([*ended, *self._running.values()], key=lambda run: run.began)

    def _heard(self, event: JobEvent) -> None:
        match event:
            case Executing():
                self._begin(event.job)
            case Done():
                self._end(event.job.id, "done")
            case Failed() | Retried():
                self._end(event.job.id, "failed")
            case Cancelled():
                self._end(event.job.id, "cancelled")

    def _begin(self, job: Job[Any]) -> None:
        self._end(job.id, "failed")
        taken = {run.lane for run in self._running.values()}
        slot, chat = self.about(job.id)
        self._running[job.id] = Run(
            job=job.id,
            lane=next(n for n in range(len(taken) + 1) if n not in taken),
            began=self.clock(),
            owner=None if job.owner is None else str(job.owner),
            slot=slot,
            chat=chat,
        )

    def _end(self, job: str, outcome: str) -> None:
        run = self._running.pop(job, None)
        if run is not None:
            self._ended.append(replace(run, ended=self.clock(), outcome=outcome))
