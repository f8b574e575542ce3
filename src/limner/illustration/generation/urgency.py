"""How urgent the pictures of one answer are: those of the answer on screen go before others."""

from collections.abc import Iterator
from contextlib import contextmanager

from limner.scheduling import JobState, Limiter

LAST = 9
"""The priority behind all others."""


class Urgency:
    """Knows the jobs of one answer that wait, and lets all of them fall behind together.

    Examples:
        >>> urgency = Urgency()
        >>> urgency.fall_behind(True)
        >>> urgency.behind
        True
    """

    def __init__(self) -> None:
        self.behind = False
        self._jobs: dict[str, tuple[Limiter, int]] = {}

    @contextmanager
    def job(self, limiter: Limiter, job_id: str, usual: int) -> Iterator[int]:
        """Know a job for the time of the block; gives the priority with which it begins.

        Args:
            limiter: Where it waits.
            job_id: Its id there.
            usual: Its priority where the answer is the one on screen.
        """
        self._jobs[job_id] = limiter, usual
        try:
            yield self._now(usual)
        finally:
            del self._jobs[job_id]

    def fall_behind(self, behind: bool) -> None:
        """Another answer is on screen in place of this one, or this one is again."""
        self.behind = behind
        for job_id, (limiter, usual) in self._jobs.items():
            job = limiter.job(job_id)
            if job is not None and job.state is JobState.QUEUED:
                job.priority = self._now(usual)

    def _now(self, usual: int) -> int:
        return min(usual + 1, LAST) if self.behind else usual
