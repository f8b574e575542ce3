"""Which slot each attempt was drawn in, and what of that can be seen."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from limner.simulation.picture import Picture


@dataclass(frozen=True, slots=True)
class Bar:
    """An attempt in its lane, or several that are too short to be seen apart.

    Attributes:
        lane: From 0.
        began, ended: In seconds from the start.
        owner: Whose; ``None`` if it stands for several owners.
        picture: The picture's place in the record, of the first of them.
        attempt: The how-manieth attempt of that picture, from 0.
        good: Whether it gave a picture.
        count: How many attempts it stands for.
    """

    lane: int
    began: float
    ended: float
    owner: int | None
    picture: int
    attempt: int
    good: bool
    count: int = 1


def bars(pictures: Sequence[Picture]) -> list[Bar]:
    """Lay all attempts out in lanes, in the order of their beginnings, the lowest free lane first.

    A limiter counts its slots and does not number them: any layout in which no two attempts
    overlap is true, and this one needs no more lanes than there were attempts at one time.
    """
    attempts = sorted(
        (attempt.began, attempt.ended, number, index)
        for number, picture in enumerate(pictures)
        for index, attempt in enumerate(picture.attempts)
    )
    busy: list[tuple[float, int]] = []
    free: list[int] = []
    lanes = 0
    laid = []
    for began, ended, number, index in attempts:
        while busy and busy[0][0] <= began:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            lane = heapq.heappop(free)
        else:
            lane, lanes = lanes, lanes + 1
        heapq.heappush(busy, (ended, lane))
        picture = pictures[number]
        laid.append(
            Bar(lane, began, ended, picture.owner, number, index, picture.attempts[index].good)
        )
    return laid


def thinned(shown: Sequence[Bar], *, most: int, shortest: float) -> list[Bar]:
    """Join bars that are too short to be told apart until there are at most about ``most``.

    Args:
        shown: The bars.
        most: How many may stay; fewer than one for each lane is not possible.
        shortest: Seconds below which a bar, or the gap to its neighbour, cannot be seen.
    """
    found = sorted(shown, key=lambda bar: (bar.lane, bar.began))
    span = max((bar.ended for bar in found), default=0.0) - min(
        (bar.began for bar in found), default=0.0
    )
    while len(found) > most and shortest <= 2 * span:
        found = _joined(found, shortest)
        shortest *= 2
    return found


def _joined(found: list[Bar], shortest: float) -> list[Bar]:
    joined: list[Bar] = []
    for bar in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.lane == bar.lane
            and bar.ended - bar.began < shortest
            and bar.began - last.ended < shortest
            and (last.count > 1 or last.ended - last.began < shortest)
        ):
            joined[-1] = _both(last, bar)
        else:
            joined.append(bar)
    return joined


def _both(first: Bar, second: Bar) -> Bar:
    return Bar(
        lane=first.lane,
        began=first.began,
        ended=second.ended,
        owner=first.owner if first.owner == second.owner else None,
        picture=first.picture,
        attempt=first.attempt,
        good=first.good and second.good,
        count=first.count + second.count,
    )
