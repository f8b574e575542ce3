"""How long a store that fails is borne with, and how often it is asked again. Pure."""

from dataclasses import dataclass

from limner.errors import StorageError

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Endurance:
    """How a store is treated that fails for a while.

    Attributes:
        timeout: Seconds for which what has to be kept is tried again at its end, before it is
            given up; ``None``: for ever.
        first_pause: Seconds before the second try; each pause is twice as long as the one before.
        longest_pause: Seconds between two tries, at most.
        room: Bytes of pictures that are held in memory meanwhile; beyond that, what is not begun
            waits to be drawn.

    Examples:
        >>> [Endurance().pause(tries) for tries in (1, 2, 3, 50)]
        [0.1, 0.2, 0.4, 5.0]
    """

    timeout: float | None = 60.0
    first_pause: float = 0.1
    longest_pause: float = 5.0
    room: int = 256 * MIB

    def pause(self, tries: int) -> float:
        """Seconds to wait after so many tries that failed."""
        return float(min(self.first_pause * 2 ** min(tries - 1, 30), self.longest_pause))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A store that fails at present.

    Attributes:
        error: What it said last.
        since: When it began to fail, in seconds on the loop's clock.
        tries: How often it was asked since.
        again_at: When it is asked next.
    """

    error: StorageError
    since: float
    tries: int
    again_at: float


def after_failure(
    outage: Outage | None, error: StorageError, now: float, endurance: Endurance
) -> Outage:
    """The outage after one more failure.

    Examples:
        >>> full = StorageError("full", place="here")
        >>> first = after_failure(None, full, 10.0, Endurance())
        >>> second = after_failure(first, full, 10.1, Endurance())
        >>> second.since, second.tries, round(second.again_at, 3)
        (10.0, 2, 10.3)
    """
    tries = 1 if outage is None else outage.tries + 1
    since = now if outage is None else outage.since
    return Outage(error=error, since=since, tries=tries, again_at=now + endurance.pause(tries))
