"""What another machine's clock shows, judged by its answers. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from limner.scheduling import Outlook

NEVER = 1 << 53
"""An instant of the server's that does not come."""

REMEMBERED = 16
"""Answers that are judged by: clocks drift apart."""


@dataclass(slots=True)
class ServerClock:
    """Translates a server's instants into ours.

    An answer was written somewhere between question and answer, so the quickest one says most.

    Examples:
        >>> clock = ServerClock()
        >>> clock.seen(1_000_000, asked=0.0, answered=0.2)
        >>> clock.seen(2_000_000, asked=1.05, answered=1.15)
        >>> clock.ours(2_500_000), clock.theirs(1.6)
        (1.6, 2.5)
    """

    _seen: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def seen(self, at: int, *, asked: float, answered: float) -> None:
        """Note what it showed between two of our instants, in microseconds."""
        self._seen.append((answered - asked, at / 1e6 - (asked + answered) / 2))

    def ours(self, at: int) -> float:
        """One of its instants, in microseconds, on our clock."""
        return at / 1e6 - self._ahead

    def theirs(self, at: float) -> float:
        """One of our instants, in seconds of its clock."""
        return at + self._ahead

    @property
    def known(self) -> bool:
        """Whether it has answered yet."""
        return bool(self._seen)

    @property
    def _ahead(self) -> float:
        return min(self._seen)[1]


def outlook_of(said: Sequence[str], clock: ServerClock) -> Outlook:
    """What limits look like, as the server said it, in our time.

    Examples:
        >>> outlook_of(("2", "0", "", "0", "0"), ServerClock()).opens_at
        -inf
    """
    running, waiting, reservoir, paused, opens_at = said
    at = int(opens_at)
    opening = float("inf") if at >= NEVER else clock.ours(at) if at else float("-inf")
    return Outlook(
        running=int(running),
        waiting=int(waiting),
        reservoir=int(reservoir) if reservoir else None,
        paused=paused == "1",
        opens_at=opening,
    )
