"""A server that is not there: who asks whether it is back, and when. Without a clock of its own."""

from dataclasses import dataclass

LONGEST_PAUSE = 60.0
"""Seconds between two questions whether the server is back, at most."""
BRIEF_WAIT = 5.0
"""Who asks to come back sooner may as well mean that too many run."""
ALONE = 5.0
"""Seconds that one who asks goes alone at least: whoever was not refused until then is drawn."""


def pause(times: int) -> float:
    """Seconds until it is asked again, when it was asked in vain so many times.

    Examples:
        >>> [pause(times) for times in (1, 2, 3, 6, 7, 50)]
        [1.0, 2.0, 4.0, 32.0, 60.0, 60.0]
    """
    return float(min(2.0 ** min(times - 1, 10), LONGEST_PAUSE))


@dataclass(slots=True)
class Hold:
    """Nobody starts until an instant; then one alone, and the others when that one is not refused.

    Attributes:
        since: When it began.
        until: When one may ask.
        times: How often the server was asked in vain.
        alone: Seconds after which one who was not refused is no question any more.
        asked_at: When the one who asks was sent; ``None``: nobody was.
        asks: Who that is.
        words: What the server said last.
        reason: What kind of wait it is, for programs.

    Examples:
        >>> hold = Hold(since=0.0, until=1.0)
        >>> hold.refused(1.1, seconds=2.0, reaction=0.1)
        >>> hold.until, hold.times
        (3.1, 2)
    """

    since: float
    until: float
    times: int = 1
    alone: float = ALONE
    asked_at: float | None = None
    asks: object = None
    words: str = ""
    reason: str = "busy"

    def refused(self, now: float, *, seconds: float, reaction: float) -> None:
        """Who asked was refused, after `reaction` seconds; the next may ask in `seconds`."""
        self.until, self.times = now + seconds, self.times + 1
        self.alone = max(self.alone, 2 * reaction)
        self.asked_at = self.asks = None

    def began(self, key: object, now: float) -> bool:
        """Somebody was sent. Tells whether that shows that the one who asks was not refused."""
        if self.asked_at is None:
            self.asked_at, self.asks = now, key
            return False
        return now >= self.asked_at + self.alone

    def next_start(self) -> float:
        """Before when nobody may start."""
        return self.until if self.asked_at is None else self.asked_at + self.alone
