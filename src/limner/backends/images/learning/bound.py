"""A limit that was found out, and when to try whether it still holds."""

from dataclasses import dataclass, replace

LONGEST_PATIENCE = 3600.0
"""Seconds after which a bound is tried at the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """So much and no more, as far as is known.

    Servers change, and a refusal can be misread. So after some time one more is tried. Each time
    that is refused, the next trial is twice as far away; each time it is accepted, the next one
    tries twice as many more.

    Attributes:
        limit: What was borne.
        since: When that was last found, on any clock that never goes back.
        first_patience: Seconds until the first trial.
        patience: Seconds until the next.
        step: How many more that one tries.
        passed: How many were accepted beyond it in a row.

    Examples:
        >>> bound = Bound(limit=2, since=0.0, first_patience=120.0, patience=120.0)
        >>> bound.allowed(60.0), bound.allowed(120.0), bound.held(125.0).allowed(300.0)
        (2, 3, 2)
    """

    limit: int
    since: float
    first_patience: float
    patience: float
    step: int = 1
    passed: int = 0

    @classmethod
    def found(cls, limit: int, *, now: float, patience: float) -> "Bound":
        """A bound that was found just now."""
        patience = min(patience, LONGEST_PATIENCE)
        return cls(limit=limit, since=now, first_patience=patience, patience=patience)

    @property
    def tried_at(self) -> float:
        """When more is tried."""
        return self.since + self.patience

    def allowed(self, now: float) -> int:
        """What may be tried at this instant."""
        return self.limit + self.step if self.passed or now >= self.tried_at else self.limit

    def exceeded(self, count: int, now: float) -> "Bound":
        """So many were accepted. One is no proof: a window that begins anew lets in twice as many.

        Examples:
            >>> bound = Bound(limit=2, since=0.0, first_patience=20.0, patience=20.0)
            >>> bound.exceeded(3, 20.0).limit, bound.exceeded(3, 20.0).exceeded(3, 31.0).limit
            (2, 3)
        """
        if self.passed or count > 2 * self.limit:
            return self.raised(count, now)
        return replace(self, passed=1)

    def held(self, now: float) -> "Bound":
        """More was tried and refused."""
        patience = min(self.patience * 2, LONGEST_PATIENCE)
        return replace(self, since=now, patience=patience, step=1, passed=0)

    def raised(self, limit: int, now: float) -> "Bound":
        """More was tried and accepted."""
        return replace(
            self, limit=limit, since=now, patience=self.first_patience, step=self.step * 2, passed=0
        )
