"""A stretch in which a server refuses, and when it began to let in again. Pure."""

from dataclasses import dataclass


@dataclass(slots=True)
class Refusing:
    """Refusals since the server let in last.

    Attributes:
        since: When the first came.
        latest: When the latest came.
        wait: Seconds after which that one asked to come back; ``None``: it did not say.
        times: How often it refused.
        within: How often when no more were under way than it was seen to bear.
        alone: Whether it refused when nothing else was under way.
    """

    since: float
    latest: float
    wait: float | None = None
    times: int = 0
    within: int = 0
    alone: bool = False

    def again(self, now: float, wait: float | None, *, together: int, beyond: bool) -> None:
        """It refused once more, when so many were under way."""
        self.latest, self.wait, self.times = now, wait, self.times + 1
        self.within += not beyond
        self.alone |= together == 1

    def opened(self, let_in: float) -> tuple[float, float]:
        """Between which instants it began to let in again, that is known to have let in then."""
        wait = self.wait
        slack = 0.0 if wait is None else min(1.05, max(0.1, wait / 4))  # seconds are rounded
        if wait is None or let_in < self.latest + wait - slack:
            return self.latest, let_in
        return self.latest + wait - slack, self.latest + wait + slack
