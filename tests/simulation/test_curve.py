"""Step curves agree with counting one by one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.simulation.curve import counted

TIMES = st.integers(0, 60).map(lambda quarters: quarters / 4)
SPANS = st.lists(st.tuples(TIMES, TIMES).map(lambda ends: (min(ends), max(ends))), max_size=20)
EDGES = st.lists(TIMES, min_size=2, max_size=8, unique=True).map(sorted)


def naive(spans: list[tuple[float, float]], instant: float) -> int:
    """How many spans cover an instant."""
    return sum(begin <= instant < end for begin, end in spans)


@settings(deadline=None)
@given(SPANS, TIMES)
def test_a_curve_counts(spans: list[tuple[float, float]], instant: float) -> None:
    """At every instant it has the number of spans that cover it."""
    curve = counted(spans)
    at = int(np.searchsorted(curve.times, instant, side="right")) - 1
    assert (curve.values[at] if at >= 0 else 0) == naive(spans, instant)
    assert curve.highest == max((naive(spans, begin) for begin, _ in spans), default=0)


@settings(deadline=None)
@given(SPANS, EDGES)
def test_areas_and_means_are_exact(spans: list[tuple[float, float]], edges: list[float]) -> None:
    """The area between two edges is the time that all spans spend there."""
    curve = counted(spans)
    expected = [
        sum(max(0.0, min(end, right) - max(begin, left)) for begin, end in spans)
        for left, right in pairwise(edges)
    ]
    instants = np.array(edges)
    assert np.diff(curve.area(instants)).tolist() == pytest.approx(expected)
    lengths = np.diff(instants)
    assert (curve.means(instants) * lengths).tolist() == pytest.approx(expected)


@settings(deadline=None)
@given(SPANS, EDGES)
def test_no_peak_is_missed(spans: list[tuple[float, float]], edges: list[float]) -> None:
    """Between two edges the greatest value counts, however short it lasts."""
    expected = [
        max(
            naive(spans, instant)
            for instant in [left, *(begin for begin, _ in spans if left <= begin < right)]
        )
        for left, right in pairwise(edges)
    ]
    assert counted(spans).peaks(np.array(edges)).tolist() == expected
