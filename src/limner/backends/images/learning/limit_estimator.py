"""What a server's answers teach about what it bears. Pure: the clock is handed in.

A refusal has one of two reasons: too many at once, or too many in a stretch of time. It is taken
for the first if more ran side by side than the server was ever seen to bear; that error is cheap.
Otherwise it is explained by a window (`limner.backends.images.learning.window`), which is believed
when it explains another one as well (`limner.backends.images.learning.suspicion`). Between refusals
the concurrency follows `limner.scheduling.Adaptive`: it rises by one after a round of good answers.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from math import ceil, inf

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.learning.at_once import AtOnce, Belief
from limner.backends.images.learning.bound import Bound
from limner.backends.images.learning.learned import Learned
from limner.backends.images.learning.outage import ALONE, BRIEF_WAIT, LONGEST_PAUSE
from limner.backends.images.learning.refusing import Refusing
from limner.backends.images.learning.suspicion import Stretch, Suspicion
from limner.backends.images.learning.under_way import Attempt, UnderWay
from limner.backends.images.learning.window import (
    USUAL,
    count_in,
    explanations,
    surely_over,
    usual_length,
)
from limner.scheduling import Rate

MEMORY = 2000
"""Starts that are remembered."""
AHEAD = 0.001
"""Seconds by which one that was refused counts no more before a limiter forgets it."""
WINDOWS = 3
"""Windows that are kept at one time; the longest go last."""


@dataclass(frozen=True, slots=True)
class PriorLimits:
    """What was believed before a picture was refused."""

    key: Hashable
    at_once: Belief
    windows: dict[float, Bound]
    edges: tuple[float, ...]
    suspected: tuple[Stretch, ...]
    why: str


class LimitEstimator:
    """Turns starts, answers, refusals and headers into limits.

    Args:
        first: Pictures at once to begin with.
        minimum: Pictures at once that are always allowed.
        maximum: Pictures at once that are never exceeded.
    """

    def __init__(self, *, first: int, maximum: int, minimum: int = 1) -> None:
        self._at_once = AtOnce(first=first, minimum=minimum, maximum=maximum)
        self._windows: dict[float, Bound] = {}
        self._told: Rate | None = None
        self._longest_reset = 0.0
        self._under_way = UnderWay()
        self._starts: deque[float] = deque(maxlen=MEMORY)
        self._in_vain: deque[float] = deque(maxlen=MEMORY)
        """When those were sent that were refused."""
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
        self._settle(now)
        self._under_way.began(key, now)
        self._starts.append(now)

    def ended(self, key: Hashable) -> None:
        """A request has ended in a way that says nothing about limits."""
        self._under_way.ended(key)

    def is_beyond(self, key: Hashable) -> bool:
        """Whether a request under way is one of more than the server was seen to bear at once."""
        attempt = self._under_way.get(key)
        return attempt is not None and self._at_once.is_beyond(attempt)

    def is_trial(self, key: Hashable) -> bool:
        """Whether it is one of more than the server refused before."""
        attempt = self._under_way.get(key)
        return attempt is not None and self._at_once.is_trial(attempt)

    def is_window_trial(self, key: Hashable) -> bool:
        """Whether it is one more than a window that is believed allows."""
        attempt = self._under_way.get(key)
        return attempt is not None and any(
            count_in(self._starts, per, attempt.at) > bound.limit
            for per, bound in self._windows.items()
        )

    def was_full(self, key: Hashable) -> bool:
        """Whether a window that is known or suspected allowed no more when it was sent."""
        attempt = self._under_way.get(key)
        return attempt is not None and any(
            count_in(self._starts, rate.per, attempt.at) > rate.limit
            for rate in (*self.rates(attempt.at, trials=False), *self._suspicion.suspects())
        )

    def turned_away(self, key: Hashable) -> Attempt | None:
        """A request was refused, and counts as never sent: the server has not taken it."""
        attempt = self._under_way.refused(key)
        if attempt is None:
            return None
        if attempt.at in self._starts:
            self._starts.remove(attempt.at)
            self._in_vain.append(attempt.at)
        before = self._believed
        beyond = self._at_once.is_beyond(attempt)
        if before is not None and attempt.at < self._lesson_at and not beyond:
            # Fewer were refused as well: it was not for how many there were.
            self._at_once.restore(before.at_once)
        return attempt

    def accepted(self, key: Hashable, now: float) -> None:
        """A request was answered with a picture."""
        attempt = self._under_way.ended(key)
        if attempt is None:
            return
        if not attempt.let_in:
            self._let_in(attempt, now)
        self._at_once.drawn(attempt)

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
        self._settle(now)
        attempt = self.turned_away(key)
        if wait is not None:
            self._cooling_until = max(self._cooling_until, now + wait)
        if attempt is None:
            return
        beyond, counts = at_once and self._at_once.is_beyond(attempt), attempt.at >= self._lesson_at
        if counts and (self._believed is None or self._believed.key != key):
            self._believed = self._limits_before(key)
        if beyond and (counts or attempt.together <= self.concurrency(now)):
            self._lesson_at = now
            self._why = self._at_once.refused(attempt, now, self._starts)
            self._refused_within(now, wait, attempt, beyond=True)
        elif not beyond and counts:  # else it was sent before the last lesson counted
            self._lesson_at = now
            self._refused_within(now, wait, attempt, beyond=False)

    def _limits_before(self, key: Hashable) -> PriorLimits:
        return PriorLimits(
            key,
            self._at_once.belief(),
            dict(self._windows),
            tuple(self._edges),
            self._suspicion.before(),
            self._why,
        )

    def taken_back(self, key: Hashable) -> None:
        """A picture's refusals were its own: what they taught last is forgotten."""
        before = self._believed
        if before is None or before.key != key:
            return
        self._at_once.restore(before.at_once)
        self._windows, self._why = before.windows, before.why
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
        return self._at_once.allowed(now, self._under_way, self._starts)

    def next_trial(self, now: float) -> float:
        """When one more is tried beside those that are under way; infinity: not yet known."""
        return self._at_once.next_trial(now, self._under_way, self._starts)

    def rates(self, now: float, *, trials: bool = True) -> tuple[Rate, ...]:
        """How many in how much time are allowed now; `trials`: and what is tried beyond."""
        found = [
            Rate(bound.allowed(now) if trials else bound.limit, per)
            for per, bound in sorted(self._windows.items())
        ]
        return tuple(found if self._told is None else [*found, self._told])

    def paces(self, now: float) -> tuple[Rate, ...]:
        """The rates for somebody who counts all that were sent, those that were refused as well."""
        paces = [(rate.limit, surely_over(rate.per)) for rate in self.rates(now)]
        return tuple(
            Rate(limit + count_in(self._in_vain, per - AHEAD, now), per) for limit, per in paces
        )

    def next_pace(self, now: float) -> float:
        """When `paces` are others next, as one that was refused counts no more; or infinity."""
        ends = (
            self._in_vain[first] + per - AHEAD
            for per in (surely_over(rate.per) for rate in self.rates(now))
            if (first := bisect_right(self._in_vain, now - per + AHEAD)) < len(self._in_vain)
        )
        return min((end for end in ends if end > now), default=inf)

    def learned(self, now: float) -> Learned:
        """All of it."""
        return Learned(
            concurrency=self._at_once.limit,
            rates=self.rates(now, trials=False),
            cooling_until=self._cooling_until if self._cooling_until > now else None,
            refusals=self._refusals,
            why=self._why,
        )

    # What it means

    def _settle(self, now: float) -> None:
        """Who was not refused for long enough has been let in."""
        for attempt in self._under_way.settled(now - ALONE):
            self._let_in(attempt, now)

    def _let_in(self, attempt: Attempt, now: float) -> None:
        if self._refusing is not None and attempt.at >= self._refusing.latest:
            self._explain(self._refusing, attempt.at, now)
            if self._refusing.within:
                self._edges.append(attempt.at)
            self._refusing = None
        self._why = self._at_once.let_in(attempt) or self._why
        for per, bound in self._windows.items():
            count = count_in(self._starts, per, attempt.at)
            if count > bound.limit:
                self._windows[per] = exceeded = bound.exceeded(count, now)
                if exceeded.limit > bound.limit:
                    self._why = f"it accepted {count} in {per:g} s"

    def _refused_within(
        self, now: float, wait: float | None, attempt: Attempt, *, beyond: bool
    ) -> None:
        """It refused what it may have borne before."""
        if not self._held_back(now):  # else the window itself says when it is over
            if self._refusing is None:
                self._refusing = Refusing(since=now, latest=now)
            self._refusing.again(now, wait, together=attempt.together, beyond=beyond)

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
        candidates = self._candidates(refusing, starts, opens, brief=brief)
        rate = self._suspicion.believed(candidates, certain=refusing.within > 0)
        if rate is not None and not self._implied(rate, self._windows):
            self._keep(rate, now)
        elif not refusing.within:
            return  # it was for how many there were
        elif self._windows and not full and self._suspicion.misfits():
            self._windows = {}
            self._why = "it refused in spite of what it seemed to allow"
        elif brief and refusing.times > 1:
            self._why = self._at_once.overtaxed(now, self._under_way, self._starts)

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
        alone = refusing.alone
        return [rate for rate in found if alone or rate.limit > 1 or rate.per > BRIEF_WAIT]

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
