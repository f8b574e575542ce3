"""What a server's answers teach about what it bears. Pure: the clock is handed in.

A refusal has one of two reasons: too many at once, or too many in a stretch of time. It is taken
for the first if more ran side by side than the server was ever seen to bear; that error is cheap.
Otherwise it is explained by a window (`limner.backends.images.learning.window`), and if there is
no explanation, the server bears less than it did. Between refusals the concurrency follows
`limner.scheduling.Adaptive`: it rises by one after a round of good answers.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.learning.bound import Bound
from limner.backends.images.learning.learned import Learned
from limner.backends.images.learning.window import (
    USUAL,
    count_in,
    explanation,
    filled,
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
LONGEST_GUESS = 300.0
"""Seconds to wait at most after a refusal that says nothing about when to come back."""
BRIEF_WAIT = 5.0
"""Who asks to come back sooner may as well mean that too many run."""


@dataclass(frozen=True, slots=True)
class PriorLimits:
    """What was believed before a picture was refused."""

    key: Hashable
    course: AdaptiveState
    ceiling: Bound | None
    windows: dict[float, Bound]
    edges: tuple[float, ...]
    proven: int
    why: str


@dataclass(slots=True)
class Attempt:
    """A request under way."""

    at: float
    number: int
    together: int
    """How many were under way with it when it was sent, itself included."""


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
        self._proven = 0
        self._windows: dict[float, Bound] = {}
        self._told: Rate | None = None
        self._longest_reset = 0.0
        self._under_way: dict[Hashable, Attempt] = {}
        self._starts: deque[float] = deque(maxlen=MEMORY)
        self._edges: deque[float] = deque(maxlen=16)
        self._number = 0
        self._lesson_at = float("-inf")
        self._strikes = 0
        self._since = 0.0
        """When the window began that a silent refusal may be about."""
        self._unexplained: float | None = None
        """When a refusal came that did not say when to come back."""
        self._cooling_until = float("-inf")
        self._refusals = 0
        self._why = ""
        self._believed: PriorLimits | None = None

    # What happens

    def began(self, key: Hashable, now: float) -> None:
        """A request is sent."""
        self._number += 1
        self._under_way[key] = Attempt(now, self._number, len(self._under_way) + 1)
        self._starts.append(now)

    def ended(self, key: Hashable) -> None:
        """A request has ended in a way that says nothing about limits."""
        self._under_way.pop(key, None)

    def accepted(self, key: Hashable, now: float) -> None:
        """A request was answered with a picture."""
        attempt = self._under_way.pop(key, None)
        if attempt is None:
            return
        self._strikes = 0
        if self._unexplained is not None and attempt.at >= self._unexplained:
            refused_at, self._unexplained = self._unexplained, None
            self._edges.append(attempt.at)
            self._explain(refused_at, (refused_at, attempt.at), now)
        self._proven = max(self._proven, attempt.together)
        if self._ceiling is not None and attempt.together > self._ceiling.limit:
            self._ceiling = None
            self._course = AdaptiveState(float(attempt.together))
            self._why = f"it drew {attempt.together} at once"
        full = attempt.together >= int(self._course.limit)
        self._course = self._adaptive.after_good(self._course, attempt.at, full=full)
        for per, bound in self._windows.items():
            count = count_in(self._starts, per, attempt.at)
            if count > bound.limit:
                self._windows[per] = bound.raised(count, now)
                self._why = f"it accepted {count} in {per:g} s"

    def refused(self, key: Hashable, now: float, *, wait: float | None = None) -> float:
        """A request was refused as too many.

        Args:
            key: Which.
            now: The instant.
            wait: Seconds after which the server wants to be asked again; ``None``: it did not say.

        Returns:
            Seconds for which nobody should ask, where the server did not say; 0: go on.
        """
        self._refusals += 1
        attempt = self._under_way.pop(key, None)
        if wait is not None:
            self._cooling_until = max(self._cooling_until, now + wait)
        if attempt is None:
            return 0.0
        self._forget(attempt)
        if attempt.at < self._lesson_at:
            return 0.0  # sent before the last lesson counted
        if self._believed is None or self._believed.key != key:
            self._believed = self._limits_before(key)
        return self._learn(attempt, now, wait)

    def _forget(self, attempt: Attempt) -> None:
        """Count a request as never sent: the server has not taken it."""
        for other in self._under_way.values():
            if other.number > attempt.number:
                other.together -= 1
        if attempt.at in self._starts:
            self._starts.remove(attempt.at)

    def _limits_before(self, key: Hashable) -> PriorLimits:
        return PriorLimits(
            key,
            self._course,
            self._ceiling,
            dict(self._windows),
            tuple(self._edges),
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
        self._strikes, self._unexplained, self._believed = 0, None, None

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

    # What is known

    def concurrency(self, now: float) -> int:
        """How many pictures at once are allowed now."""
        if self._ceiling is None:
            return int(self._course.limit)
        allowed = self._ceiling.allowed(now)
        return min(max(allowed, self._adaptive.minimum), self._adaptive.maximum)

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

    def _learn(self, attempt: Attempt, now: float, wait: float | None) -> float:
        self._lesson_at = now
        self._strikes += 1
        borne = self._ceiling.limit if self._ceiling is not None else self._proven
        if attempt.together > max(borne, self._adaptive.minimum):
            self._lower(attempt.together - 1, now)
            return 0.0
        if self._held_back(now):
            return 0.0  # the window itself says when it is over
        if wait is None:
            if self._unexplained is None or self._strikes == 1:
                self._since = self._edges[-1] if self._edges else self._first(now)
            self._unexplained = now
            return self._guess(now)
        slack = min(1.05, max(0.1, wait / 4))  # seconds are rounded
        self._explain(now, (now + wait - slack, now + wait + slack), now)
        self._edges.append(now + wait)
        return 0.0

    def _lower(self, limit: int, now: float) -> None:
        limit = max(limit, self._adaptive.minimum)
        again = self._ceiling is not None and self._ceiling.limit == limit
        if again and self._ceiling is not None:
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

    def _explain(self, refused_at: float, opens: tuple[float, float], now: float) -> None:
        """Find the window behind a refusal; without one, the server bears less than it did."""
        starts = [start for start in self._starts if start <= refused_at]
        edges, brief = list(self._edges), opens[1] - refused_at <= BRIEF_WAIT
        rate = explanation(starts, edges, now=refused_at, opens=opens)
        if rate is None and not brief:
            rate = self._shrunk(starts, edges, opens)
        if rate is not None and not self._implied(rate, self._windows):
            self._keep(rate, now)
        elif brief and self.concurrency(now) > 1:
            lowered = self._adaptive.after_busy(
                AdaptiveState(float(self.concurrency(now))), now, now
            )
            self._lower(int(lowered.limit), now)

    def _shrunk(
        self, starts: list[float], edges: list[float], opens: tuple[float, float]
    ) -> Rate | None:
        """A window that is known, and now allows less than it did."""
        for per, bound in self._windows.items():
            count, _ = filled(starts, edges, per, opens)
            if 0 < count < bound.limit:
                return Rate(count, per)
        return None

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
        return any(per >= rate.per and b.limit <= rate.limit for per, b in windows.items())

    def _guess(self, now: float) -> float:
        """How long to wait for a server that does not say: until a usual window would be over."""
        gap = 2.0 ** min(self._strikes - 1, 10)
        ends = (self._since + surely_over(per) for per in USUAL)
        until = next((end for end in ends if end > now + gap), now + LONGEST_GUESS)
        seconds = min(until - now, LONGEST_GUESS)
        self._cooling_until = max(self._cooling_until, now + seconds)
        return seconds

    def _first(self, now: float) -> float:
        return next(iter(self._starts), now)


def _fresh(rate: Rate, now: float) -> Bound:
    return Bound.found(rate.limit, now=now, patience=max(2 * rate.per, 20.0))
