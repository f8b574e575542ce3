"""Steers a limiter by what the server behind it bears."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.learning.learned import Learned
from limner.backends.images.learning.lessons import Lessons
from limner.backends.images.learning.window import surely_over
from limner.errors import BackendBusy, RetryAfter
from limner.illustration.generation.retry_policy import LONGEST_COOLING
from limner.scheduling import Done, Executing, Failed, JobOutcome, Limiter, Limits, Rate

FIRST, MAXIMUM = 4, 64
"""Pictures at once to begin with, and at most, where the limiter's owner set no limit."""
REFUSED_TRIES = 25
"""Attempts of a picture that was refused as too many each time."""

_MEMORY = Rate(20_000, 3600.0)
"""Binds nobody; a limiter remembers its starts for it, so that a rate learnt later knows them."""


class LearnedLimits:
    """Keeps a limiter just below what makes its server refuse.

    From 429 answers (`limner.errors.BackendBusy`) with or without ``Retry-After``, from good
    answers, and from rate headers it finds out how many pictures the server draws at once and how
    many in how much time. The limiter then keeps to that as well: never to more than its owner
    set. A picture that was refused goes back to the front of the line, up to 25 times, and the
    whole limiter waits as long as the server asked, or, where it did not say, until a window of
    usual length would be over. From time to time one more is tried, ever more rarely.

    A change that the owner makes through ``limiter.update`` counts as before.

    Args:
        limiter: Whose limits; steered by one `LearnedLimits` at a time. It must not be given jobs
            that weigh more than ``minimum``: one that outweighs what was learnt fails.
        rates: Gives the quota that the latest answer told, such as the ``rates`` of a
            `limner.backends.http.session.ServerSession`.
        minimum: Pictures at once that are always allowed.
        retry: Whether refused pictures go back to the front of the line; if not, the limiter's own
            ``retry`` decides.

    Example:
        >>> from limner.scheduling import Limiter
        >>> limiter = Limiter(max_concurrent=8)
        >>> with LearnedLimits(limiter) as limits:
        ...     limits.learned
        Learned(concurrency=None, rates=(), cooling_until=None, refusals=0, why='')
    """

    def __init__(
        self,
        limiter: Limiter,
        *,
        rates: Callable[[], RateHeaders | None] | None = None,
        minimum: int = 1,
        retry: bool = True,
    ) -> None:
        self._limiter = limiter
        self._retries = retry
        self._headers = rates
        self._given = limiter.limits
        configured = self._given.max_concurrent
        first = max(FIRST if configured is None else configured, minimum)
        self._lessons = Lessons(first=first, minimum=minimum, maximum=max(MAXIMUM, first))
        self._set: Limits = self._given
        self._told: RateHeaders | None = None
        self._ends = [
            limiter.on(Executing, self._began),
            limiter.on(Failed, self._failed),
            limiter.on(Done, self._done),
        ]
        self._apply()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def learned(self) -> Learned:
        """What is known now."""
        return self._lessons.learned(self._limiter.now)

    def stop(self) -> None:
        """Give the limiter its owner's limits back, and learn no more. Twice is fine."""
        for end in self._ends:
            end()
        if self._ends:
            self._note_owner()
            given = self._given
            self._limiter.update(
                max_concurrent=given.max_concurrent, rates=given.rates, retry=given.retry
            )
        self._ends = []

    # What happens

    def _began(self, event: Executing) -> None:
        self._lessons.began(event.job, self._limiter.now)
        self._apply()

    def _failed(self, event: Failed) -> None:
        now, error = self._limiter.now, event.error
        if not isinstance(error, BackendBusy):
            self._lessons.ended(event.job)
            return
        cool = self._lessons.refused(event.job, now, wait=error.retry_after)
        if error.retry_after is not None and not isinstance(error, RetryAfter):
            cool = error.retry_after
        self._hear_headers(now, cool)

    def _done(self, event: Done) -> None:
        now = self._limiter.now
        if event.job.outcome is JobOutcome.SUCCEEDED:
            self._lessons.accepted(event.job, now)
            self._hear_headers(now, 0.0)
        else:
            self._lessons.ended(event.job)

    def _hear_headers(self, now: float, cool: float) -> None:
        headers = None if self._headers is None else self._headers()
        if headers is not None and headers is not self._told:
            self._told = headers
            cool = max(cool, self._lessons.told(headers, now))
        self._apply()
        if cool > 0:
            self._limiter.cool_down(min(cool, LONGEST_COOLING))

    def _retry(self, error: BaseException, attempt: int) -> float | None:
        if isinstance(error, BackendBusy):
            return 0.0 if attempt < REFUSED_TRIES else None
        return None if self._given.retry is None else self._given.retry(error, attempt)

    # What follows

    def _note_owner(self) -> None:
        """See what the owner has changed since we last looked."""
        there = self._limiter.limits
        changes = {
            name: getattr(there, name)
            for name in ("max_concurrent", "rates", "retry")
            if getattr(there, name) != getattr(self._set, name)
        }
        if changes:
            self._given = self._given.changed(changes)

    def _apply(self) -> None:
        self._note_owner()
        now, given = self._limiter.now, self._given
        allowed = self._lessons.concurrency(now)
        if given.max_concurrent is not None:
            allowed = min(allowed, given.max_concurrent)
        learned = (Rate(rate.limit, surely_over(rate.per)) for rate in self._lessons.rates(now))
        wanted = {
            "max_concurrent": allowed,
            "rates": (*given.rates, _MEMORY, *learned),
            "retry": self._retry if self._retries else given.retry,
        }
        there = self._limiter.limits
        if any(getattr(there, name) != value for name, value in wanted.items()):
            self._set = there.changed(wanted)
            self._limiter.update(**wanted)
