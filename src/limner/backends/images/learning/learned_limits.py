"""Steers a limiter by what the server behind it bears."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from math import inf
from types import TracebackType
from typing import Self

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.learning.asking import Asking
from limner.backends.images.learning.learned import Learned
from limner.backends.images.learning.limit_estimator import LimitEstimator
from limner.backends.images.learning.looking import Looking
from limner.backends.images.learning.refusal import Refusal, Verdict
from limner.backends.images.learning.refusal_kind import RefusalKind, in_words, kind_of
from limner.backends.images.learning.refusals import SILENT_TRIES, Refusals
from limner.backends.images.learning.serial import SerialWatch
from limner.backends.images.learning.waited import Waited, WaitLedger
from limner.backends.images.learning.wake import Wake
from limner.errors import BackendBusy
from limner.illustration.generation.retry_policy import (
    AWAY_TIMEOUT,
    BUSY_TRIES,
    LONGEST_COOLING,
    answered,
)
from limner.illustration.generation.wait import Wait
from limner.scheduling import Done, Executing, Failed, Job, JobOutcome, Limiter, Limits, Rate

FIRST, MAXIMUM = 4, 64
"""Pictures at once to begin with, and at most, where the limiter's owner set no limit."""

USED_UP = "the server's quota is used up"
"""What is waited for where the server's headers tell so."""

_MEMORY = Rate(20_000, 3600.0)
"""Binds nobody; a limiter remembers its starts for it, so that a rate learnt later knows them."""


class LearnedLimits:
    """Keeps a limiter just below what makes its server refuse, and waits for one that is away.

    - From "too many" (429, ``Retry-After``, rate headers) and from good answers it finds out how
      many pictures the server draws at once, and how many in how much time. From time to time one
      more is tried, ever more rarely.
    - From when pictures end it finds out whether the server draws one at a time; then one at a
      time is sent.
    - While the server is away (503 without a time, 502, 504, a refused connection) one picture
      asks whether it is back, after 1, 2, 4, … 60 s; then all go on at once.
    - After one refusal another picture is sent, and only then anybody is held back or anything
      learnt. One that is refused while others are drawn waits alone, and fails after five tries,
      or ten where it was "too many" without a time. Whatever happens, it is tried 25 times at most
      where there are too many, and for an hour where the server is away.

    The limiter never does more than its owner set. A change that the owner makes through
    ``limiter.update`` counts as before.

    Args:
        limiter: Whose limits; steered by one `LearnedLimits` at a time. It must not be given jobs
            that weigh more than ``minimum``: one that outweighs what was learnt fails.
        rates: Gives the quota that the latest answer told, such as the ``rates`` of a
            `limner.backends.http.session.ServerSession`.
        minimum: Pictures at once that are always allowed.
        retry: Whether refused pictures are tried again, as told above; if not, the limiter's own
            ``retry`` decides, and only limits are learnt.
        learn: Whether limits are learnt; if not, a server that is away is waited for all the same.
        look: Looks at the server without drawing, and raises a `limner.errors.BackendError` where
            it is not there. A picture that nobody can be compared with is then asked for longer.
        met: Tells whether the server has ever answered, whatever it said.
        patience: Seconds for which a picture is asked for while the server is away.

    Examples:
        >>> from limner.scheduling import Limiter
        >>> limiter = Limiter(max_concurrent=8)
        >>> with LearnedLimits(limiter) as limits:
        ...     limits.learned
        Learned(concurrency=None, rates=(), cooling_until=None, refusals=0, why='', waited=())
    """

    def __init__(
        self,
        limiter: Limiter,
        *,
        rates: Callable[[], RateHeaders | None] | None = None,
        minimum: int = 1,
        retry: bool = True,
        learn: bool = True,
        look: Callable[[], Awaitable[object]] | None = None,
        met: Callable[[], bool] | None = None,
        patience: float = AWAY_TIMEOUT,
    ) -> None:
        self._limiter = limiter
        self._retries = retry
        self._learns = learn
        self._headers = rates
        self._has_met = met
        self._given = limiter.limits
        configured = self._given.max_concurrent
        first = max(FIRST if configured is None else configured, minimum)
        self._minimum = minimum
        self._estimator = LimitEstimator(first=first, minimum=minimum, maximum=max(MAXIMUM, first))
        self._serial = SerialWatch()
        self._refusals = Refusals(patience=patience)
        self._asking = Asking(limiter)
        self._looking = Looking(look)
        self._ledger = WaitLedger()
        self._trial = Wake(self._apply)
        self._policy = _Policy(self)
        self._ruled: tuple[BaseException, Verdict] | None = None
        self._started_at = 0.0
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
        found = self._estimator.learned(self._limiter.now) if self._learns else Learned()
        learned, hold = found, self._refusals.hold
        if hold is not None and hold.until > self._limiter.now:
            learned = replace(learned, cooling_until=hold.until)
        if self._learns and self._serial.serial:
            why = "a second picture only waited until the first was made"
            learned = replace(learned, concurrency=self._minimum, why=why)
        return replace(learned, waited=tuple(self.waited))

    @property
    def wait(self) -> Wait | None:
        """What everybody waits for now, or a picture that was refused."""
        return self._refusals.wait(self._limiter.now)

    @property
    def waited(self) -> list[Waited]:
        """What everybody has waited for so far, the longest first."""
        return self._ledger.waited(self._limiter.now)

    @property
    def _is_met(self) -> bool:
        return self._looking.met or (self._has_met is not None and self._has_met())

    def met(self) -> None:
        """The server has given a sign of itself: it is waited for when it is away."""
        self._refusals.met = True

    def stop(self) -> None:
        """Give the limiter its owner's limits back, and learn no more. Twice is fine."""
        self._looking.stop()
        self._trial.cancel()
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
        now = self._started_at = self._limiter.now
        self._estimator.began(event.job, now)
        self._serial.began(event.job, now)
        self._asking.began(event.job)
        self._refusals.began(event.job, now)
        self._apply()

    def _failed(self, event: Failed) -> None:
        now, job, error = self._limiter.now, event.job, event.error
        kind = kind_of(error, self._headers() if self._headers else None)
        self._serial.ended(job, now)
        if isinstance(error, BackendBusy) and kind is RefusalKind.TOO_MANY:
            self._too_many(job, error, now)
        elif kind is RefusalKind.UNAVAILABLE and self._retries:
            self._unavailable(job, error, now)
        else:
            self._estimator.ended(job)
            if answered(error):
                self.met()
            self._refusals.ended(job, gone=False)
        self._apply()

    def _unavailable(self, job: Job[object], error: BaseException, now: float) -> None:
        verdict = self._judge(
            job,
            error,
            Refusal(
                words=in_words(error),
                promised=BUSY_TRIES,
                beyond=self._estimator.is_beyond(job),
                trial=self._estimator.is_trial(job),
                answered=answered(error) or self._is_met,
                seen_away=self._looking.away,
            ),
        )
        if verdict.beyond:
            self._estimator.refused(job, now)
        else:
            self._estimator.turned_away(job)
            self._estimator.taken_back(job)
        if not verdict.shared:
            self._looking.again()

    def _too_many(self, job: Job[object], error: BackendBusy, now: float) -> None:
        wait = _told(error)
        refusal = Refusal(
            words=in_words(error),
            promised=SILENT_TRIES if wait is None else BUSY_TRIES,
            many=True,
            beyond=self._estimator.is_beyond(job),
            trial=self._estimator.is_trial(job),
            tried=self._estimator.is_window_trial(job),
            full=self._estimator.was_full(job),
            wait=wait,
            seen_away=self._looking.away,
        )
        if not self._retries:
            self._refusals.everybodys(job, now, refusal)
            self._estimator.refused(job, now, wait=wait)
        elif (verdict := self._judge(job, error, refusal)).shared:
            self._estimator.refused(job, now, wait=wait, at_once=verdict.beyond)
        else:
            self._estimator.turned_away(job)
            self._estimator.taken_back(job)
            self._looking.again()
        hold = self._refusals.hold
        if wait is None and hold is not None and hold.asked_at is None:
            hold.until = self._estimator.asks_at(now, hold.until)
        self._hear_headers(now)

    def _judge(self, job: Job[object], error: BaseException, refusal: Refusal) -> Verdict:
        verdict = self._refusals.refused(job, self._limiter.now, refusal)
        self._ruled = error, verdict
        for one in verdict.behind:
            if isinstance(one, Job):
                self._asking.in_vain(one)
        return verdict

    def _done(self, event: Done) -> None:
        now, job = self._limiter.now, event.job
        self._asking.ended(job)
        if job.outcome is JobOutcome.SUCCEEDED:
            self._estimator.accepted(job, now)
            self._serial.drawn(job, now)
            self._refusals.drawn(job, now)
            self._hear_headers(now)
        else:
            self._estimator.ended(job)
            self._serial.ended(job, now)
            self._refusals.ended(job, gone=True)
        self._apply()

    def _hear_headers(self, now: float) -> None:
        headers = None if self._headers is None else self._headers()
        if headers is not None and headers is not self._told:
            self._told = headers
            if seconds := self._estimator.told(headers, now):
                self._refusals.hold_back(now, min(seconds, LONGEST_COOLING), USED_UP)

    def retry(self, error: BaseException, attempt: int) -> float | None:
        """When a picture that failed is tried again: the limiter's ``retry`` meanwhile."""
        ruled, self._ruled = self._ruled, None
        if ruled is not None and ruled[0] is error:
            return ruled[1].delay
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
        learned: list[Rate] = []
        if self._learns:
            learned = list(self._estimator.paces(now))
        self._keep_to(
            {
                "max_concurrent": self._allowed(now) if self._learns else given.max_concurrent,
                "rates": (*given.rates, _MEMORY, *learned, *self._held(now)),
                "retry": self._policy if self._retries else given.retry,
            }
        )
        if self._refusals.hold is None and self._estimator.next_trial(now) == inf:
            self._asking.over()
        self._trial.set(self._next_change(now) if self._learns else inf)
        hold = self._refusals.hold
        if hold is None or now >= hold.next_start():
            self._ledger.note(None, now)
        else:
            self._ledger.note(hold.words, now, until=hold.next_start())

    def _next_change(self, now: float) -> float:
        """When something else is allowed than now, though nothing happens; infinity: never."""
        trial = self._estimator.next_trial(now)
        return min(trial if now < trial else inf, self._estimator.next_pace(now))

    def _allowed(self, now: float) -> int:
        """How many at once: what was learnt, and no more than the owner wants."""
        allowed = self._estimator.concurrency(now)
        if (serial := self._serial.allowed(now)) is not None:
            allowed = min(allowed, max(serial, self._minimum))
        given = self._given.max_concurrent
        return allowed if given is None else min(allowed, given)

    def _keep_to(self, wanted: dict[str, object]) -> None:
        there = self._limiter.limits
        self._set = there.changed(wanted)  # what is there already may be the owner's doing
        if any(getattr(there, name) != value for name, value in wanted.items()):
            self._limiter.update(**wanted)

    def _held(self, now: float) -> tuple[Rate, ...]:
        """The hold as a rate: the next may start so long after the latest that did.

        Not as a cool-down, which ends only when the first picture has been made.
        """
        hold = self._refusals.hold
        if hold is None:
            return ()
        after = hold.next_start() - self._started_at
        return (Rate(1, after),) if after > 0 else ()


def _told(error: BackendBusy) -> float | None:
    """Seconds after which the server wants to be asked again; never before now."""
    told = error.retry_after
    return told if told is None or told > 0 else 0.0


class _Policy:
    """What a steered limiter has for its ``retry``: a `SteeredRetry` and an `AcquaintedRetry`."""

    def __init__(self, limits: LearnedLimits) -> None:
        self._limits = limits

    def __call__(self, error: BaseException, attempt: int, /) -> float | None:
        return self._limits.retry(error, attempt)

    def met(self) -> None:
        self._limits.met()

    @property
    def wait(self) -> Wait | None:
        return self._limits.wait
