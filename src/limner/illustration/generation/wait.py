"""What pictures wait for when none of them can be begun, in words that a reader understands."""

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Something is waited for.

    Attributes:
        reason: What kind of wait it is, for programs: ``busy``, ``unavailable`` or ``picture``
            (the server, or one picture that it refused), else the name of the limiter's limit.
        words: The same for people, as in "server busy (503)".
        until: When it ends, in seconds on the loop's clock; ``None``: that depends.
        times: How often in a row it was waited for; 0: that is not counted.

    Examples:
        >>> wait = Wait(reason="busy", words="server busy (503)", until=140.0, times=3)
        >>> wait.told(100.0)
        'server busy (503), asking again in 40 s, 3rd time'
    """

    reason: str
    words: str
    until: float | None = None
    times: int = 0

    def left(self, now: float) -> float | None:
        """Seconds until it ends, at least 0; ``None``: nobody knows."""
        if self.until is None or not isfinite(self.until):
            return None
        return max(self.until - now, 0.0)

    def told(self, now: float) -> str:
        """All of it in words, as it stands at an instant."""
        left, said = self.left(now), [self.words]
        if self.times:
            said.append("asking again now" if not left else f"asking again in {spoken(left)}")
            said.append(f"{_ordinal(self.times)} time")
        elif left:
            said.append(f"{spoken(left)} left")
        return ", ".join(said)


def spoken(seconds: float) -> str:
    """A length of time as people say it.

    Examples:
        >>> spoken(39.6), spoken(600), spoken(0.2)
        ('40 s', '10 min', '1 s')
    """
    return f"{seconds / 60:.0f} min" if seconds >= 600 else f"{max(seconds, 1):.0f} s"


def _ordinal(number: int) -> str:
    """A number as it is counted.

    Examples:
        >>> [_ordinal(number) for number in (1, 2, 3, 4, 11, 22)]
        ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
