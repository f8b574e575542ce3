"""Quantities that change in steps: how many wait, how many are drawn."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner.simulation.picture import Picture

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StepCurve:
    """A curve that is 0 before ``times[0]`` and ``values[i]`` from ``times[i]`` on.

    Attributes:
        times: Seconds, growing strictly; at least one.
        values: As many.
    """

    times: Floats
    values: Floats

    @property
    def highest(self) -> float:
        """The greatest value it takes."""
        return float(self.values.max(initial=0.0))

    def area(self, instants: Floats) -> Floats:
        """Return the area under the curve from its beginning to each instant."""
        lengths = np.diff(self.times)
        sums = np.concatenate([[0.0], np.cumsum(self.values[:-1] * lengths)])
        at = np.searchsorted(self.times, instants, side="right") - 1
        inside = sums[at] + self.values[at] * (instants - self.times[at])
        return np.where(at < 0, 0.0, inside)

    def means(self, edges: Floats) -> Floats:
        """Return the mean between each two neighbouring edges."""
        return np.diff(self.area(edges)) / np.diff(edges)

    def peaks(self, edges: Floats) -> Floats:
        """Return the greatest value between each two neighbouring edges, the first included."""
        first = np.searchsorted(self.times, edges[:-1], side="right") - 1
        beyond = np.searchsorted(self.times, edges[1:], side="left")
        padded = np.concatenate([self.values, [0.0]])
        return np.array(
            [
                padded[max(a, 0) : max(b, a + 1, 0)].max(initial=0.0) if b > 0 else 0.0
                for a, b in zip(first, beyond, strict=True)
            ]
        )


def counted(spans: Iterable[tuple[float, float]]) -> StepCurve:
    """Return how many of some spans of time cover each instant; a span's end is outside of it.

    Examples:
        >>> curve = counted([(0, 4), (2, 6)])
        >>> curve.times.tolist(), curve.values.tolist()
        ([0.0, 2.0, 4.0, 6.0], [1.0, 2.0, 1.0, 0.0])
    """
    ends = np.array(list(spans), dtype=np.float64).reshape(-1, 2)
    if not len(ends):
        return StepCurve(np.zeros(1), np.zeros(1))
    instants = ends.T.ravel()
    changes = np.repeat([1.0, -1.0], len(ends))
    times, where = np.unique(instants, return_inverse=True)
    return StepCurve(times, np.cumsum(np.bincount(where, weights=changes)))


def waiting(pictures: Iterable[Picture]) -> StepCurve:
    """Return how many pictures are without a slot at each instant."""
    return counted(span for picture in pictures for span in picture.waits)


def drawing(pictures: Iterable[Picture]) -> StepCurve:
    """Return how many pictures hold a slot at each instant."""
    return counted(
        (attempt.began, attempt.ended) for picture in pictures for attempt in picture.attempts
    )
