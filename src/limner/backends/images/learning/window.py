"""Which "so many in so many seconds" explains that a server refused just now?

A server with a window of ``per`` seconds lets the next one in as soon as something is ``per``
seconds old: a start (windows that slide), or the instant at which it last let in again (windows
that begin anew). So for each usual length of a window one looks whether there is such a thing, and
how many were accepted since. What was accepted shortly before must not contradict it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from limner.scheduling import Rate

USUAL = (
    1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0,
    7200.0, 10800.0, 21600.0, 43200.0, 86400.0,
)  # fmt: skip
"""Lengths of windows that servers have, in seconds."""

LATELY = 2
"""Windows back to which what was accepted counts: servers change."""

_SLACK = 1e-6


def explanations(
    starts: Sequence[float], edges: Sequence[float], *, now: float, opens: tuple[float, float]
) -> Iterator[Rate]:
    """The usual windows that explain a refusal, the shortest first.

    Args:
        starts: When requests that were accepted had been sent, in order; the refused one is not
            among them.
        edges: When the server let in again after earlier refusals.
        now: When it refused.
        opens: Between which instants it lets in again.

    Examples:
        >>> starts = [n / 2 for n in range(30)]
        >>> list(explanations(starts, [], now=15.0, opens=(59.0, 61.0)))
        [Rate(limit=30, per=60.0)]
        >>> list(explanations(starts, [], now=15.0, opens=(15.9, 16.1)))
        []
    """
    for per in USUAL:
        if per < opens[0] - now - _SLACK:
            continue  # it would have let in again by then
        count, anew = filled(starts, edges, per, opens)
        lately = starts[bisect_left(starts, now - LATELY * per) :]
        # A window that begins anew lets twice as many through across its edge.
        if count and busiest(lately, per) <= (2 * count if anew else count):
            yield Rate(count, per)


def filled(
    starts: Sequence[float], edges: Sequence[float], per: float, opens: tuple[float, float]
) -> tuple[int, bool]:
    """How many starts fill a window of this length that is over between two instants.

    Returns:
        The number, 0 if no such window began there; and whether it began at an edge.

    Examples:
        >>> filled([0.0, 1.0, 2.0], [], 60.0, (60.5, 61.5))
        (2, False)
    """
    low, high = opens[0] - per, opens[1] - per
    edge = _first_between(edges, low, high)
    since = _first_between(starts, low, high) if edge is None else edge
    if since is None:
        return 0, False
    return len(starts) - bisect_left(starts, since - _SLACK), edge is not None


def busiest(starts: Sequence[float], per: float) -> int:
    """The most starts that lie in any stretch of `per` seconds.

    Examples:
        >>> busiest([0.0, 1.0, 2.0, 10.0, 11.0], 2.0)
        2
    """
    most = first = 0
    for last, start in enumerate(starts):
        while starts[first] <= start - per + _SLACK:
            first += 1
        most = max(most, last - first + 1)
    return most


def count_in(starts: Sequence[float], per: float, at: float) -> int:
    """How many starts lie in the `per` seconds that end with this instant.

    Examples:
        >>> count_in([0.0, 1.0, 2.0, 10.0], 2.0, 2.0)
        2
    """
    after = bisect_left(starts, at - per + _SLACK)
    return bisect_left(starts, at + _SLACK) - after


def usual_length(seconds: float) -> float:
    """The shortest usual window that is at least so long, give or take a second.

    Examples:
        >>> usual_length(59.2), usual_length(200_000.0)
        (60.0, 200000.0)
    """
    return next((per for per in USUAL if per >= seconds - min(1.0, seconds / 10)), seconds)


def surely_over(per: float) -> float:
    """Seconds after which a window is over for sure: on the way to a server no second is exact.

    Examples:
        >>> surely_over(10.0), surely_over(3600.0)
        (10.2, 3601.0)
    """
    return per + min(1.0, 0.02 * per)


def _first_between(instants: Sequence[float], low: float, high: float) -> float | None:
    at = bisect_left(instants, low - _SLACK)
    return instants[at] if at < len(instants) and instants[at] <= high + _SLACK else None
