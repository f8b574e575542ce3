"""What a server's answers teach about what it bears. Pure: the clock is handed in.

A refusal has one of two reasons: too many at once, or too many in a stretch of time. It is taken
for the first if more ran side by side than the server was ever seen to bear; that error is cheap.
Otherwise it is explained by a window (`limner.backends.images.learning.window`), which is believed
when it explains another one as well (`limner.backends.images.learning.suspicion`). Between refusals
the concurrency follows `limner.scheduling.Adaptive`: it rises by one after a round of good answers.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from math import ceil, inf

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.learning.bound import Bound
from limner.backends.images.learning.learned import Learned
from limner.backends.images.learning.outage import ALONE, BRIEF_WAIT, LONGEST_PAUSE
from limner.backends.images.learning.suspicion import Suspicion
from limner.backends.images.learning.under_way import Attempt, UnderWay
from limner.backends.images.learning.window import (
    USUAL,
    count_in,
    explanations,
    surely_over,
    usual_length,
)
from limner.scheduling import Adaptive, Rate
from limner.scheduling.tools.adaptive import AdaptiveState

MEMORY = 2000
"""Starts that are remembered."""
WINDOWS = 3
"""Windows that are kept at one time; the longest go last."""
CONCURRENCY_PATIENCE = 120.0
"""Seconds after which one more at once is tried."""
EARLY = (10.0, 30.0, 60.0)
"""Seconds after the latest start at which one more was tried before: a refusal may have been for
how soon it came after another, and not for how many there were."""


@dataclass(frozen=True, slots=True)
class PriorLimits:
    """What was believed before a picture was refused."""

    key: Hashable
    course: AdaptiveState
    ceiling: Bound | None
    windows: dict[float, Bound]
    edges: tuple[float, ...]
    suspected: tuple[frozenset[Rate], ...]
    proven: int
    why: str


@dataclass(slots=True)
class Refusing:
    """Refusals since the server let in last.

    Attributes:
        since: When the first came.
        latest: When the latest came.
        wait: Seconds after which that one asked to come back; ``None``: it did not say.
        times: How often it refused.
    """

    since: float
    latest: float
    wait: float | None = None
    times: int = 0

    def again(self, now: float, wait: float | None) -> None:
        """It refused once more."""
        self.latest, self.wait, self.times = now, wait, self.times + 1

    def opened(self, let_in: float) -> tuple[float, float]:
        """Between which instants it began to let in again, that is known to have let in then."""
        wait = self.wait
        slack = 0.0 if wait is None else min(1.05, max(0.1, wait / 4))  # seconds are rounded
        if wait is None or let_in < self.latest + wait - slack:
            return self.latest, let_in
        return self.latest + wait - slack, self.latest + wait + slack


class LimitEstimator:
    """Turns starts, answers, refusals and headers into limits.

    Args:
        first: Pictures at once to begin with.
        minimum: Pictures at once that are always allowed.
        maximum: Pictures at once that are never exceeded.
    """

    def __init__(self, *, first: int, maximum: int, minimum: int = 1) -> None:
        self._adaptive = Adaptive(minimum=minimum, maximum=maximum)
        self._course = AdaptiveState(float(first))
        self._ceiling: Bound | None = None
        self._early = 0
        """How many trials were refused that were made before the ceiling's time."""
        self._proven = 0
        self._windows: dict[float, Bound] = {}
        self._told: Rate | None = None
        self._longest_reset = 0.0
        self._under_way = UnderWay()
        self._starts: deque[float] = deque(maxlen=MEMORY)
        self._edges: deque[float] = deque(maxlen=16)
        self._lesson_at = float("-inf")
        self._suspicion = Suspicion()
        self._refusing: Refusing | None = None
        self._cooling_until = float("-inf")
        self._refusals = 0
        self._why = ""
        self._believed: PriorLimits | None = None

    # What happens

    def began(self, key: Hashable, now: float) -> None:
        """A request is sent."""
        self._under_way.began(key, now)
        self._starts.append(now)

    def ended(self, key: Hashable) -> None:
        """A request has ended in a way that says nothing about limits."""
        self._under_way.ended(key)

    def is_beyond(self, key: Hashable) -> bool:
        """Whether a request under way is one of more than the server was seen to bear at once."""
        attempt = self._under_way.get(key)
        return attempt is not None and self._is_beyond(attempt)

    def is_trial(self, key: Hashable) -> bool:
        """Whether it is one of more than the server refused before."""
        attempt = self._under_way.get(key)
        if attempt is None or self._ceiling is None:
            return False
        return attempt.together > self._ceiling.limit

    def turned_away(self, key: Hashable) -> Attempt | None:
        """A request was refused, and counts as never sent: the server has not taken it."""
        attempt = self._under_way.refused(key)
        if attempt is None:
            return None
        if attempt.at in self._starts:
            self._starts.remove(attempt.at)
        before = self._believed
        if before is not None and attempt.at < self._lesson_at and not self._is_beyond(attempt):
            # Fewer were refused as well: it was not for how many there were.
            self._course, self._ceiling = before.course, before.ceiling
            self._proven = before.proven
        return attempt

    def accepted(self, key: Hashable, now: float) -> None:
        """A request was answered with a picture."""
        attempt = self._under_way.ended(key)
        if attempt is None:
            return
        if self._refusing is not None and attempt.at >= self._refusing.latest:
            self._explain(self._refusing, attempt.at, now)
            self._edges.append(attempt.at)
            self._refusing = None
        self._proven = max(self._proven, attempt.together)
        if self._ceiling is not None and attempt.together > self._ceiling.limit:
            self._ceiling, self._early = None, 0
            self._course = AdaptiveState(float(attempt.together))
            self._why = f"it drew {attempt.together} at once"
        full = attempt.together >= int(self._course.limit)
        self._course = self._adaptive.after_good(self._course, attempt.at, full=full)
        for per, bound in self._windows.items():
            count = count_in(self._starts, per, attempt.at)
            if count > bound.limit:
                self._windows[per] = bound.raised(count, now)
                self._why = f"it accepted {count} in {per:g} s"

    def refused(
        self,
        key: Hashable,
        now: float,
        *,
        wait: float | None = None,
        at_once: bool = True,
    ) -> None:
        """A request was refused as too many.

        Args:
            key: Which.
            now: The instant.
            wait: Seconds after which the server wants to be asked again; ``None``: it did not say.
            at_once: Whether the reason may be how many were under way.
        """
        self._refusals += 1
        attempt = self.turned_away(key)
        if wait is not None:
            self._cooling_until = max(self._cooling_until, now + wait)
        if attempt is None:
            return
        beyond, counts = at_once and self._is_beyond(attempt), attempt.at >= self._lesson_at
        if counts and (self._believed is None or self._believed.key != key):
            self._believed = self._limits_before(key)
        if beyond and (counts or attempt.together <= self.concurrency(now)):
            self._lesson_at = now
            self._lower(attempt.together - 1, now, sent=attempt.at)
        elif not beyond and counts:  # else it was sent before the last lesson counted
            self._lesson_at = now
            self._refused_within(now, wait)

    def _limits_before(self, key: Hashable) -> PriorLimits:
        return PriorLimits(
            key,
            self._course,
            self._ceiling,
            dict(self._windows),
            tuple(self._edges),
            self._suspicion.before(),
            self._proven,
            self._why,
        )

    def taken_back(self, key: Hashable) -> None:
        """A picture's refusals were its own: what they taught last is forgotten."""
        before = self._believed
        if before is None or before.key != key:
            return
        self._course, self._ceiling, self._windows = before.course, before.ceiling, before.windows
        self._proven, self._why = before.proven, before.why
        self._edges = deque(before.edges, maxlen=self._edges.maxlen)
        self._suspicion.restore(before.suspected)
        self._refusing, self._believed = None, None

    def told(self, headers: RateHeaders, now: float) -> float:
        """The server told its quota.

        Returns:
            Seconds for which nobody should ask: all of it is used up, by others as well.
        """
        if headers.limit and (headers.window or headers.reset):
            self._longest_reset = max(self._longest_reset, headers.reset or 0.0)
            per = headers.window or usual_length(self._longest_reset)
            if per > 0 and self._told != (told := Rate(headers.limit, per)):
                self._told = told
                self._why = f"its headers allow {told.limit} in {told.per:g} s"
        if headers.remaining != 0 or not headers.reset:
            return 0.0
        rates = self.rates(now)
        if any(count_in(self._starts, rate.per, now) >= rate.limit for rate in rates):
            return 0.0  # our own starts say so already
        self._cooling_until = max(self._cooling_until, now + headers.reset)
        return headers.reset

    def asks_at(self, now: float, until: float) -> float:
        """When to ask a server that does not say when to come back.

        Args:
            now: The instant.
            until: When to ask if nothing is known.

        Returns:
            When a window is over that is suspected already, within a minute; or else before
            `until` when the first usual one is that may have begun when the server last let in.
        """
        full = (rate for rate in self._suspicion.suspects() if len(self._starts) >= rate.limit)
        ends = (self._starts[-rate.limit] + surely_over(rate.per) for rate in full)
        ahead = [end for end in ends if now < end <= now + LONGEST_PAUSE]
        if ahead:
            return min(ahead)
        if not self._edges and not self._starts:
            return until  # it has never let anybody in
        since = self._edges[-1] if self._edges else self._starts[0]
        usual = (since + surely_over(per) for per in USUAL)
        earliest = now + min(1.0, (until - now) / 4)
        return min(next((end for end in usual if end > earliest), until), until)

    # What is known

    def concurrency(self, now: float) -> int:
        """How many pictures at once are allowed now."""
        if self._ceiling is None:
            return int(self._course.limit)
        borne = max(self._ceiling.limit, self._under_way.let_in(now - ALONE))
        allowed = max(self._ceiling.allowed(now), borne + (now >= self.next_trial(now)))
        return min(max(allowed, self._adaptive.minimum), self._adaptive.maximum)

    def next_trial(self, now: float) -> float:
        """When one more is tried beside those that are under way; infinity: not yet known."""
        if self._ceiling is None or not self._starts or self._early >= len(EARLY):
            return inf
        if len(self._under_way) < max(self._ceiling.limit, self._under_way.let_in(now - ALONE)):
            return inf
        return self._starts[-1] + EARLY[self._early]

    def rates(self, now: float, *, trials: bool = True) -> tuple[Rate, ...]:
        """How many in how much time are allowed now; `trials`: and what is tried beyond."""
        found = [
            Rate(bound.allowed(now) if trials else bound.limit, per)
            for per, bound in sorted(self._windows.items())
        ]
        return tuple(found if self._told is None else [*found, self._told])

    def learned(self, now: float) -> Learned:
        """All of it."""
        return Learned(
            concurrency=None if self._ceiling is None else self._ceiling.limit,
            rates=self.rates(now, trials=False),
            cooling_until=self._cooling_until if self._cooling_until > now else None,
            refusals=self._refusals,
            why=self._why,
        )

    # What it means

    def _refused_within(self, now: float, wait: float | None) -> None:
        """It refused what it has borne before."""
        if not self._held_back(now):  # else the window itself says when it is over
            if self._refusing is None:
                self._refusing = Refusing(since=now, latest=now)
            self._refusing.again(now, wait)

    def _is_beyond(self, attempt: Attempt) -> bool:
        return attempt.together > max(self._proven, self._adaptive.minimum)

    def _lower(self, limit: int, now: float, *, sent: float) -> None:
        limit = max(limit, self._adaptive.minimum)
        again = self._ceiling is not None and self._ceiling.limit == limit
        if again and self._ceiling is not None:
            latest = self._starts[-1] if self._starts else -inf
            early = latest + EARLY[min(self._early, len(EARLY) - 1)]
            if self._early < len(EARLY) and early <= sent < self._ceiling.tried_at:
                self._early += 1
            else:
                self._ceiling = self._ceiling.held(now)
        else:
            self._ceiling = Bound.found(limit, now=now, patience=CONCURRENCY_PATIENCE)
        self._course = AdaptiveState(float(limit), 0, now)
        self._proven = min(self._proven, limit)
        self._why = f"it refused while {limit} {'was' if limit == 1 else 'were'} under way"

    def _held_back(self, now: float) -> bool:
        """Whether it was a window's trial that was refused."""
        for per, bound in self._windows.items():
            if count_in(self._starts, per, now) >= bound.limit < bound.allowed(now):
                self._windows[per] = bound.held(now)
                return True
        return False

    def _explain(self, refusing: "Refusing", let_in: float, now: float) -> None:
        """Find the window behind refusals; without one, the server bears less than it did."""
        opens = refusing.opened(let_in)
        starts = [start for start in self._starts if start <= refusing.latest]
        brief = opens[1] - refusing.since <= BRIEF_WAIT
        full = any(
            count_in(starts, per, refusing.since) >= bound.limit
            for per, bound in self._windows.items()
        )
        rate = self._suspicion.believed(self._candidates(refusing, starts, opens, brief=brief))
        if rate is not None and not self._implied(rate, self._windows):
            self._keep(rate, now)
        elif self._windows and not full and self._suspicion.misfits():
            self._windows = {}
            self._why = "it refused in spite of what it seemed to allow"
        elif brief and refusing.times > 1:
            lowered = self._adaptive.after_busy(
                AdaptiveState(float(self.concurrency(now))), now, now
            )
            self._lower(int(lowered.limit), now, sent=now)

    def _candidates(
        self,
        refusing: "Refusing",
        starts: list[float],
        opens: tuple[float, float],
        *,
        brief: bool,
    ) -> list[Rate]:
        """The windows that could be behind refusals."""
        if brief and refusing.wait is not None:
            return []  # who says so soon when to come back need not be understood
        found = explanations(starts, list(self._edges), now=refusing.latest, opens=opens)
        if brief:  # a long window that opens again so soon is better not kept to
            found = (rate for rate in found if rate.per <= 2 * BRIEF_WAIT)
        # That one is drawn at a time explains as well what a very short window does.
        return [rate for rate in found if rate.limit > 1 or rate.per > BRIEF_WAIT]

    def _keep(self, rate: Rate, now: float) -> None:
        kept = {
            per: bound
            for per, bound in self._windows.items()
            if not self._implied(Rate(bound.limit, per), {rate.per: _fresh(rate, now)})
        }
        kept[rate.per] = _fresh(rate, now)
        self._windows = dict(sorted(kept.items())[-WINDOWS:])
        self._why = f"it refused one more than {rate.limit} in {rate.per:g} s"

    @staticmethod
    def _implied(rate: Rate, windows: dict[float, Bound]) -> bool:
        """Whether whoever keeps to these windows keeps to this rate as well."""
        return any(b.limit * ceil(rate.per / per) <= rate.limit for per, b in windows.items())


def _fresh(rate: Rate, now: float) -> Bound:
    return Bound.found(rate.limit, now=now, patience=max(2 * rate.per, 20.0))
