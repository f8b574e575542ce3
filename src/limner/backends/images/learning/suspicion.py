"""Which windows are suspected behind refusals, and when one of them is believed. Pure.

Many a window explains that a server refused once, and none does if it was only away, or refuses at
random. A real one refuses at the same count again; one that is believed falsely is found out by
refusals that come all the same.
"""

from collections import deque
from collections.abc import Collection
from typing import TypeAlias

from limner.scheduling import Rate

REMEMBERED = 8
"""Stretches of refusals that are compared."""
MISFITS = 2
"""Stretches in a row after which windows that do not explain them are no longer believed."""


Stretch: TypeAlias = tuple[frozenset[Rate], bool]
"""What could explain a stretch of refusals, and whether it must have been something like that."""


class Suspicion:
    """Compares what could explain each stretch of refusals.

    Examples:
        >>> suspicion = Suspicion()
        >>> suspicion.believed([Rate(3, 10), Rate(8, 60)]) is None
        True
        >>> suspicion.believed([Rate(5, 20), Rate(8, 60)])
        Rate(limit=8, per=60.0)
    """

    def __init__(self) -> None:
        self._stretches: deque[Stretch] = deque(maxlen=REMEMBERED)
        self._needed = 2
        self._misfits = 0

    def believed(self, rates: Collection[Rate], *, certain: bool = True) -> Rate | None:
        """Another stretch could be explained by these; gives one that has explained enough.

        That is at least twice, and half of those stretches that nothing else explains.

        Args:
            rates: What could explain it.
            certain: Whether it was for no other reason, such as how many were under way.
        """
        self._stretches.append((frozenset(rates), certain))
        for rate in rates:
            known = [(rate in found, sure) for found, sure in self._stretches]
            since = known[next(n for n, (fits, _) in enumerate(known) if fits) :]
            fitting = sum(fits for fits, _ in since)
            misfits = sum(sure and not fits for fits, sure in since)
            if self._needed <= fitting >= misfits:
                self._misfits = 0
                return rate
        return None

    def misfits(self) -> bool:
        """A stretch came although all windows had room; tells whether none is believed any more."""
        self._misfits += 1
        if self._misfits < MISFITS:
            return False
        self._stretches.clear()
        self._needed = min(self._needed + 1, REMEMBERED)
        self._misfits = 0
        return True

    def suspects(self) -> set[Rate]:
        """All that could explain any of the latest stretches."""
        return {rate for found, _ in self._stretches for rate in found}

    def before(self) -> tuple[Stretch, ...]:
        """What it has compared, for `restore`."""
        return tuple(self._stretches)

    def restore(self, before: tuple[Stretch, ...]) -> None:
        """Forget what came since."""
        self._stretches = deque(before, maxlen=REMEMBERED)
