"""Who asks next whether a server is back: everybody who waits once, before anybody asks again."""

from limner.scheduling import Job, JobState, Limiter
from limner.scheduling.limits.options import HIGHEST, LOWEST

EARLIER, JUST_NOW = LOWEST - 1, LOWEST
"""The priorities of those who asked in vain in an earlier round, and in this one."""


class Asking:
    """Lets those who were refused go behind those who were not, until the server is back.

    Otherwise two pictures that the server dislikes could ask in turns for ever, while all others
    wait for an answer that these two never get. When the server is back they go first again.

    Args:
        limiter: In whose line they wait.
    """

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._own: dict[Job[object], int] = {}
        """The priorities that they had, of those who were refused; who asked last is last."""
        self._first: dict[Job[object], int] = {}
        """The same of those who go first now, until they begin."""

    def in_vain(self, job: Job[object]) -> None:
        """Somebody asked, and was refused: whoever has not asked in this round goes before it."""
        before = self._first.pop(job, job.priority)
        self._own[job] = self._own.pop(job, before)  # behind all who have asked before it
        others = (one for one in self._limiter.jobs(JobState.QUEUED) if one is not job)
        if all(one.priority == JUST_NOW for one in others):
            for one in self._own:
                one.priority = EARLIER
        job.priority = JUST_NOW

    def began(self, job: Job[object]) -> None:
        """It has had its turn; for the next it is as before."""
        if job in self._first:
            job.priority = self._first.pop(job)

    def ended(self, job: Job[object]) -> None:
        """It waits no more."""
        self._own.pop(job, None)
        self._first.pop(job, None)

    def over(self) -> None:
        """The server is back: those who were refused go before those that came after them."""
        for job, priority in sorted(self._own.items(), key=lambda one: one[0].received_at):
            if job.priority in (EARLIER, JUST_NOW):  # else somebody else has chosen it meanwhile
                job.priority = max(priority - 1, HIGHEST)
                self._first[job] = priority
        self._own.clear()
