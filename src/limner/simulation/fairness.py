"""How evenly the slots were shared out while there were not enough of them.

Jain's index (R. Jain, D. Chiu, W. Hawe: "A quantitative measure of fairness and discrimination
for resource allocation in shared computer systems", DEC research report TR-301, 1984) over what
each owner got divided by what a fair share would have been. The fair share of an instant is the
max-min one: the slots in use are dealt out one after another to all owners that have anything
waiting or being drawn, and nobody gets more than he can use.

An index over mean waits would say the opposite of what people mean: where one owner asks for a
hundred pictures at once, first come, first served makes everybody wait alike, and taking turns
makes him wait longer than the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from limner.simulation.picture import Picture

_END, _BEGIN = -1, 1


def jain(values: Sequence[float]) -> float:
    """Return Jain's index: 1 if all values are equal, 1/n if all but one of n are 0.

    Without values, or if all are 0, nobody is worse off than another: 1.

    Examples:
        >>> jain([2, 2, 2]), jain([1, 0, 0, 0])
        (1.0, 0.25)
    """
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def fairness(pictures: Iterable[Picture]) -> float:
    """Return Jain's index over each owner's slot time divided by his fair share of it.

    Only time during which somebody waits and somebody draws counts: otherwise everybody gets what
    he wants. Owners that were never there at such a time do not count.
    """
    sharing = _Sharing()
    now = 0.0
    for instant, change, owner, attempt in _changes(pictures):
        sharing.passes(instant - now)
        now = instant
        sharing.change(change, owner, attempt)
    return jain([sharing.got[owner] / due for owner, due in sharing.due.items() if due > 0])


def _changes(pictures: Iterable[Picture]) -> Iterator[tuple[float, int, int, bool]]:
    """``(instant, begin or end, owner, of an attempt?)`` in the order of time."""
    changes = []
    for picture in pictures:
        owner = picture.owner
        changes += [(picture.requested, _BEGIN, owner, False), (picture.ended, _END, owner, False)]
        for attempt in picture.attempts:
            changes += [(attempt.began, _BEGIN, owner, True), (attempt.ended, _END, owner, True)]
    return iter(sorted(changes))


class _Sharing:
    """Who gets what, and what he would get of a fair hand, as time passes.

    Where there are at least as many owners as slots, the fair shares are all equal: one clock
    counts them for everybody, and an owner is charged when he comes and goes. So an instant costs
    no more with ten thousand owners than with ten.
    """

    def __init__(self) -> None:
        self.got: dict[int, float] = defaultdict(float)
        self.due: dict[int, float] = defaultdict(float)
        self._wanted: dict[int, int] = {}  # pictures of each owner, waiting or being drawn
        self._drawn: dict[int, int] = {}  # those of them that hold a slot
        self._waiting = self._drawing = 0
        self._equal = 0.0  # what everybody who was always there is due by equal shares

    def passes(self, seconds: float) -> None:
        if seconds <= 0 or not self._waiting or not self._drawing:
            return
        for owner, slots in self._drawn.items():
            self.got[owner] += slots * seconds
        if len(self._wanted) >= self._drawing:
            self._equal += seconds * self._drawing / len(self._wanted)
            return
        left, owners = self._drawing, len(self._wanted)
        for owner in sorted(self._wanted, key=self._wanted.__getitem__):
            share = min(self._wanted[owner], left / owners)
            self.due[owner] += share * seconds
            left, owners = left - share, owners - 1  # type: ignore[assignment]  # a float from here

    def change(self, change: int, owner: int, attempt: bool) -> None:
        """A picture comes or goes, or an attempt of one begins or ends."""
        if attempt:
            self._drawing += change
            self._waiting -= change
            _count(self._drawn, owner, change)
            return
        self._waiting += change
        if owner not in self._wanted:
            self.due[owner] -= self._equal
        _count(self._wanted, owner, change)
        if owner not in self._wanted:
            self.due[owner] += self._equal


def _count(counts: dict[int, int], owner: int, change: int) -> None:
    counts[owner] = counts.get(owner, 0) + change
    if not counts[owner]:
        del counts[owner]
