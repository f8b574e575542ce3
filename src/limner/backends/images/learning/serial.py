"""Whether a server draws one picture at a time and lets the second one wait. Pure."""

from collections import deque
from collections.abc import Hashable
from statistics import median

from limner.backends.images.learning.bound import Bound

AGAIN_AND_AGAIN = 3
"""Times in a row that a second picture must have waited until the server is taken for serial."""
LIKE = 0.25
"""Parts of a picture's time by which another may differ from it."""
NOTICEABLE = 0.02
"""Seconds of a picture below which nothing is concluded."""
PATIENCE = 120.0
"""Seconds after which two are sent again, or ten pictures if that is more."""


class SerialWatch:
    """Compares when pictures end with when they would if the server drew one at a time.

    Of two pictures that were sent together, the second ends a picture's time after the first where
    one is drawn at a time, and soon after it where both are. What lies between tells nothing.

    Examples:
        >>> watch = SerialWatch()
        >>> for n in range(4):
        ...     watch.began(n, 0.0)
        >>> for n in range(4):
        ...     watch.drawn(n, 10.0 * (n + 1))
        >>> watch.allowed(40.0), watch.allowed(200.0)
        (1, 2)
    """

    def __init__(self) -> None:
        self._under_way: dict[Hashable, float] = {}
        self._seconds: deque[float] = deque(maxlen=5)
        self._last_end = float("-inf")
        self._disturbed = False
        self._evidence = 0
        self._bound: Bound | None = None

    @property
    def serial(self) -> bool:
        """Whether the server is taken to draw one at a time."""
        return self._bound is not None

    def allowed(self, now: float) -> int | None:
        """How many should be sent at once; ``None``: nothing is known."""
        return None if self._bound is None else self._bound.allowed(now)

    def began(self, key: Hashable, now: float) -> None:
        """A picture was sent."""
        self._under_way[key] = now

    def ended(self, key: Hashable, now: float) -> None:
        """A picture ended without being made: when the next was begun is not known."""
        if self._under_way.pop(key, None) is not None:
            self._disturbed, self._last_end = True, now

    def drawn(self, key: Hashable, now: float) -> None:
        """A picture was made."""
        sent = self._under_way.pop(key, None)
        if sent is None:
            return
        before, self._last_end = self._last_end, now
        disturbed, self._disturbed = self._disturbed, False
        if sent >= before:
            self._seconds.append(now - sent)
        elif self._seconds and not disturbed:
            self._compare(sent, before, now)

    def _compare(self, sent: float, before: float, now: float) -> None:
        one, took = median(self._seconds), now - before
        if one < NOTICEABLE or before - sent < one / 2:
            return  # it was sent so late that both would look alike
        if abs(took - one) <= LIKE * one:
            self._seconds.append(took)
            self._waited(one, now)
        elif took <= max(sent + one - before, 0.0) + LIKE * one:
            self._evidence, self._bound = 0, None

    def _waited(self, one: float, now: float) -> None:
        self._evidence += 1
        if self._bound is not None:
            if now >= self._bound.since + self._bound.patience:
                self._bound = self._bound.held(now)
        elif self._evidence >= AGAIN_AND_AGAIN:
            self._bound = Bound.found(1, now=now, patience=max(PATIENCE, 10 * one))
