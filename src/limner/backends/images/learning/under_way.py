"""What is at the server: when each attempt was sent, and how many were under way with it. Pure."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class Attempt:
    """A request under way.

    Attributes:
        at: When it was sent.
        together: How many were under way then, itself included, that the server has not refused.
        let_in: Whether it is known that the server has taken it.
    """

    at: float
    together: int
    let_in: bool = False


class UnderWay:
    """Counts attempts from when they are sent until they end.

    Examples:
        >>> under_way = UnderWay()
        >>> for key in "abc":
        ...     under_way.began(key, 0.0)
        >>> under_way.refused("b").together, under_way.ended("c").together
        (2, 2)
    """

    def __init__(self) -> None:
        self._attempts: dict[Hashable, Attempt] = {}  # in the order in which they were sent

    def began(self, key: Hashable, now: float) -> None:
        """It is sent."""
        self._attempts[key] = Attempt(now, len(self._attempts) + 1)

    def __len__(self) -> int:
        return len(self._attempts)

    def let_in(self, before: float) -> int:
        """How many are under way that were sent before an instant, and not refused since."""
        return sum(attempt.at <= before for attempt in self._attempts.values())

    def settled(self, before: float) -> list[Attempt]:
        """Those that were sent before an instant and not refused since; each is told once."""
        found = [one for one in self._attempts.values() if not one.let_in and one.at <= before]
        for attempt in found:
            attempt.let_in = True
        return found

    def get(self, key: Hashable) -> Attempt | None:
        """What is known of it while it is under way."""
        return self._attempts.get(key)

    def ended(self, key: Hashable) -> Attempt | None:
        """It has ended; ``None``: its beginning was not seen."""
        return self._attempts.pop(key, None)

    def refused(self, key: Hashable) -> Attempt | None:
        """The server has not taken it: for those that were sent later it was never there."""
        if key in self._attempts:
            for other in reversed(self._attempts):
                if other == key:
                    break
                self._attempts[other].together -= 1
        return self.ended(key)
