"""The daily curve puts arrivals where the day is busy, and loses none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.simulation.day import DAY, FLAT, Day, day_from

WEIGHTS = st.lists(st.floats(0, 100), min_size=1, max_size=30).filter(lambda w: sum(w) > 0.01)


@settings(deadline=None)
@given(WEIGHTS, st.lists(st.floats(0, 3 * DAY), min_size=2, max_size=20))
def test_time_never_runs_backwards(weights: list[float], instants: list[float]) -> None:
    """Arrivals stay in their order."""
    day = Day(tuple(weights))
    moved = [day.instant(instant) for instant in sorted(instants)]
    assert moved == pytest.approx(sorted(moved))


@settings(deadline=None)
@given(WEIGHTS, st.integers(0, 3))
def test_each_part_gets_its_share_of_a_day(weights: list[float], which: int) -> None:
    """Of arrivals evenly spread over a day, each part holds its weight's share; days are alike."""
    day, count = Day(tuple(weights)), 2000
    found = [0] * len(weights)
    for index in range(count):
        instant = day.instant(which * DAY + (index + 0.5) / count * DAY) - which * DAY
        assert 0 <= instant <= DAY
        found[min(int(instant / DAY * len(weights)), len(weights) - 1)] += 1
    for part, weight in zip(found, weights, strict=True):
        assert part == pytest.approx(weight / sum(weights) * count, abs=2)


def test_a_flat_day_moves_nothing() -> None:
    """Regular arrivals stay exactly where they are."""
    assert [FLAT.instant(instant) for instant in (0.1, 5.0, 1e6)] == [0.1, 5.0, 1e6]


def test_the_evening_is_busier_than_the_night() -> None:
    """The named curve is what it says: three times the mean in the evening is too much, one not."""
    assert 2 < day_from("evening").busiest < 3


@pytest.mark.parametrize(
    "written", ["", "noon", "1,x", [], [0, 0], [-1, 2], ["nan"], [float("inf")], 5, None, [None]]
)
def test_a_wrong_curve_is_a_value_error(written: object) -> None:
    """Weights must be weights."""
    with pytest.raises(ValueError, match="daily curve"):
        day_from(written)
