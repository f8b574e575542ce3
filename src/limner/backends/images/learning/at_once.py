"""How many pictures a server draws at once, as far as its answers tell. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from limner.backends.images.learning.bound import Bound
from limner.backends.images.learning.outage import ALONE
from limner.backends.images.learning.under_way import Attempt, UnderWay
from limner.backends.images.learning.window import surely_over
from limner.scheduling import Adaptive
from limner.scheduling.tools.adaptive import AdaptiveState

PATIENCE = 120.0
"""Seconds after which one more at once is tried."""
EARLY = tuple(map(surely_over, (5.0, 10.0, 20.0, 30.0, 60.0)))
"""Seconds after the latest start at which one more was tried before: a refusal may have been for
how soon it came after another, and not for how many there were."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What was believed at an instant."""

    course: AdaptiveState
    ceiling: Bound | None
    proven: int


class AtOnce:
    """Turns refusals and good answers into a number.

    Between refusals the number follows `limner.scheduling.Adaptive`: it rises by one after a round
    of good answers.

    Args:
        first: Pictures at once to begin with.
        minimum: Pictures at once that are always allowed.
        maximum: Pictures at once that are never exceeded.
    """

    def __init__(self, *, first: int, minimum: int, maximum: int) -> None:
        self._adaptive = Adaptive(minimum=minimum, maximum=maximum)
        self._course = AdaptiveState(float(first))
        self._ceiling: Bound | None = None
        self._early = 0
        """How many trials were refused that were made before the ceiling's time."""
        self._before = self._course
        """The course before there was a ceiling."""
        self._proven = 0

    @property
    def limit(self) -> int | None:
        """How many it was found to bear; ``None``: it never refused one for that."""
        return None if self._ceiling is None else self._ceiling.limit

    def belief(self) -> Belief:
        """What is believed, for `restore`."""
        return Belief(self._course, self._ceiling, self._proven)

    def restore(self, belief: Belief) -> None:
        """Believe what was believed before."""
        self._course, self._ceiling = belief.course, belief.ceiling
        self._proven = belief.proven

    def is_beyond(self, attempt: Attempt) -> bool:
        """Whether more were under way with it than the server was ever seen to bear."""
        return attempt.together > max(self._proven, self._adaptive.minimum)

    def is_trial(self, attempt: Attempt) -> bool:
        """Whether more were under way with it than the server refused before."""
        return self._ceiling is not None and attempt.together > self._ceiling.limit

    def _is_early(self, sent: float, latest: float) -> bool:
        """Whether one that was sent then is a trial made before the ceiling's time."""
        if self._ceiling is None or self._early >= len(EARLY):
            return False
        return latest + EARLY[self._early] <= sent < self._ceiling.tried_at

    def let_in(self, attempt: Attempt) -> str | None:
        """It was not refused; in words what that disproves."""
        self._proven = max(self._proven, attempt.together)
        if not self.is_trial(attempt):
            return None
        self._ceiling, self._early = None, 0
        self._course = AdaptiveState(max(float(attempt.together), self._before.limit))
        return f"it drew {attempt.together} at once"

    def drawn(self, attempt: Attempt) -> None:
        """It was made: the number may rise."""
        full = attempt.together >= int(self._course.limit)
        self._course = self._adaptive.after_good(self._course, attempt.at, full=full)

    def refused(self, attempt: Attempt, now: float, starts: Sequence[float]) -> str:
        """It was refused as one too many; in words what that teaches."""
        return self.lower(attempt.together - 1, now, sent=attempt.at, starts=starts)

    def overtaxed(self, now: float, under_way: UnderWay, starts: Sequence[float]) -> str:
        """It bears less than it did, for whatever reason; in words what that teaches."""
        allowed = float(self.allowed(now, under_way, starts))
        lowered = self._adaptive.after_busy(AdaptiveState(allowed), now, now)
        return self.lower(int(lowered.limit), now, sent=now, starts=starts)

    def lower(self, limit: int, now: float, *, sent: float, starts: Sequence[float]) -> str:
        """No more than these are borne; in words why."""
        limit = max(limit, self._adaptive.minimum)
        if self._ceiling is None:
            self._before = self._course
        if self._ceiling is not None and self._ceiling.limit == limit:
            if self._is_early(sent, starts[-1] if starts else -inf):
                self._early += 1
            else:
                self._ceiling = self._ceiling.held(now)
        else:
            self._ceiling = Bound.found(limit, now=now, patience=PATIENCE)
        self._course = AdaptiveState(float(limit), 0, now)
        self._proven = min(self._proven, limit)
        return f"it refused while {limit} {'was' if limit == 1 else 'were'} under way"

    def allowed(self, now: float, under_way: UnderWay, starts: Sequence[float]) -> int:
        """How many are allowed now."""
        if self._ceiling is None:
            return int(self._course.limit)
        borne = max(self._ceiling.limit, under_way.let_in(now - ALONE))
        trial = now >= self.next_trial(now, under_way, starts)
        allowed = max(self._ceiling.allowed(now), borne + trial)
        return min(max(allowed, self._adaptive.minimum), self._adaptive.maximum)

    def next_trial(self, now: float, under_way: UnderWay, starts: Sequence[float]) -> float:
        """When one more is tried beside those that are under way; infinity: not yet known."""
        if self._ceiling is None or not starts or self._early >= len(EARLY):
            return inf
        if len(under_way) < max(self._ceiling.limit, under_way.let_in(now - ALONE)):
            return inf
        return starts[-1] + EARLY[self._early]
