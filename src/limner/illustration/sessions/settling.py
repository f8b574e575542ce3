"""How long the pictures of a message are waited for when its text has ended."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

from limner.errors import BackendTimeout
from limner.illustration.generation.patience import Patience
from limner.illustration.generation.silence import Silence
from limner.scheduling import Done, Job, JobOutcome, JobState, Limiter

BY_RULE = frozenset({"pause", "min_interval", "rates", "reservoir", "retry_after", "penalty"})
"""What holds a picture in limner's own line and says nothing about the server."""


class Settling:
    """Bounds the silence of a message: no picture ended, was begun or got on.

    A message whose pictures wait in limner's own line hears others' as well: as long as those make
    progress its turn comes nearer. What waits because of a limit of the limiter's (so many in an
    hour, a pause) is not silent but held.

    Args:
        seconds: How long it may be; ``None``: for ever.
        limiter: Through which the pictures go.
        patience: Knows which pictures are at the servers.
        jobs: Gives the ids of the limiter's jobs for pictures that have not ended.

    Attributes:
        began_at: When the silence began, in seconds on the loop's clock.
    """

    def __init__(
        self,
        seconds: float | None,
        *,
        limiter: Limiter,
        patience: Patience,
        jobs: Callable[[], Iterable[str]],
    ) -> None:
        self.seconds = seconds
        self._limiter = limiter
        self._patience = patience
        self._ids = jobs
        self.began_at = 0.0

    def sign(self) -> None:
        """There was a sign of one of the message's own pictures."""
        self.began_at = asyncio.get_running_loop().time()

    @asynccontextmanager
    async def bounded(self) -> AsyncIterator[Silence]:
        """A block that is ended when the silence has become too long.

        Raises:
            TimeoutError: It has; then the `Silence` is ``broken``.
        """
        self.sign()
        silence = Silence(self._due)
        ends = [
            self._patience.on_life(self._others),
            self._limiter.on(Done, self._done),
        ]
        try:
            async with silence:
                yield silence
        finally:
            for end in ends:
                end()

    def tried(self) -> set[str]:
        """The jobs that were at a server during all of the silence: these have failed.

        The others had no chance, or not all of it.
        """
        return {
            job.id
            for job in self._jobs()
            if job.state in (JobState.RUNNING, JobState.EXECUTING)
            and job.started_at is not None
            and job.started_at <= self.began_at
        }

    def complaint(self) -> BackendTimeout:
        """Why those are waited for no longer, in words."""
        return BackendTimeout(
            f"no picture of the message was begun, made or got on with for {self.seconds:g} s; "
            "if the server is only slow, raise settle_timeout"
        )

    def _others(self) -> None:
        if self._waiting() is not None:
            self.sign()

    def _jobs(self) -> Iterator[Job[object]]:
        found = (self._limiter.job(name) for name in self._ids())
        return (job for job in found if job is not None)

    def _waiting(self) -> Job[object] | None:
        """The first picture that waits in limner's own line."""
        return next((job for job in self._jobs() if job.state is JobState.QUEUED), None)

    def _done(self, event: Done) -> None:
        # The limiter may have jobs that are no pictures of this illustrator's.
        if event.job.outcome is JobOutcome.SUCCEEDED:
            self._others()

    def _due(self) -> float | None:
        if self.seconds is None:
            return None
        due, now = self.began_at + self.seconds, asyncio.get_running_loop().time()
        if due > now:
            return due
        held = self._held_until(now)
        return due if held is None else max(due, held + self.seconds)

    def _held_until(self, now: float) -> float | None:
        """Until when a limit holds what waits; ``None``: none does."""
        job = self._waiting()
        if job is None or self._patience.hung:
            return None  # a server that is away is no rule of anybody's
        told = self._limiter.explain(job)
        if told.limit not in BY_RULE:
            return None
        return now if told.limit == "pause" else told.earliest_start
