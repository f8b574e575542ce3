"""Scales are marked at round places, few enough to be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.errors import ConfigError
from limner.simulation.curve import counted
from limner.simulation.timeline.ticks import Scale, nice_ceiling, tick_step
from limner.simulation.timeline.window import chosen_window


@settings(deadline=None)
@given(st.floats(0, 1e7), st.floats(0.01, 1e7))
def test_ticks_are_few_round_and_inside(begin: float, length: float) -> None:
    """At most thirteen, all on the scale, all multiples of their step."""
    scale = Scale(begin, begin + length, 66, 1166)
    step, instants = scale.ticks()
    assert len(instants) <= 13
    for instant in instants:
        assert instant / step == pytest.approx(round(instant / step))
        assert 66 <= scale.place(instant) <= 1166


@settings(deadline=None)
@given(st.floats(0, 1e9))
def test_a_nice_ceiling_is_even_and_not_far_above(value: float) -> None:
    """Half of it is whole, and the curve fills more than half of its panel."""
    top = nice_ceiling(value)
    assert top >= value
    assert top % 2 == 0
    assert value < 3 or top < 2 * value


def test_steps_are_those_of_a_clock() -> None:
    """Never 50 seconds or 100 minutes."""
    assert [tick_step(span, 10) for span in (10, 100, 1000, 10_000)] == [1, 10, 120, 1800]


QUEUE = counted([(100.0, 200.0)] * 5 + [(5000.0, 5100.0)] * 9)
NOBODY = counted([])
BUSY = counted([(7000.0, 7300.0)])


def test_the_worst_part_is_shown() -> None:
    """A long run is shown where most wait; where nobody waits, where most is drawn."""
    worst = chosen_window(10_000.0, 4.0, QUEUE, BUSY)
    assert worst.begin <= 5000 < 5100 <= worst.end
    busiest = chosen_window(10_000.0, 4.0, NOBODY, BUSY)
    assert 6900 <= busiest.begin <= 7150
    assert worst.end - worst.begin == 180


def test_a_short_run_is_shown_whole() -> None:
    """A window would only hide its ends."""
    window = chosen_window(300.0, 4.0, QUEUE, BUSY)
    assert (window.begin, window.end) == (0.0, 300.0)


@pytest.mark.parametrize(
    ("begin", "end", "found"),
    [
        (10.0, 20.0, (10.0, 20.0)),
        (9990.0, None, (9990.0, 10_000.0)),
        (None, 500.0, (320.0, 500.0)),
        (None, 20.0, (0.0, 20.0)),
        (10.0, 99_999.0, (10.0, 10_000.0)),
    ],
)
def test_a_part_can_be_chosen(
    begin: float | None, end: float | None, found: tuple[float, float]
) -> None:
    """One end is enough; the run's end is the last."""
    window = chosen_window(10_000.0, 4.0, QUEUE, BUSY, begin=begin, end=end)
    assert (window.begin, window.end) == found


@pytest.mark.parametrize(
    ("begin", "end"), [(10_000.0, None), (20_000.0, 30_000.0), (20.0, 10.0), (None, 0.0)]
)
def test_an_empty_part_is_an_error(begin: float | None, end: float | None) -> None:
    """After the end there is nothing, and time does not run backwards."""
    with pytest.raises(ConfigError):
        chosen_window(10_000.0, 4.0, QUEUE, BUSY, begin=begin, end=end)


@settings(deadline=None)
@given(st.floats(0, 1e6), st.floats(0, 1e4))
def test_any_run_has_a_window(makespan: float, mean: float) -> None:
    """Not empty, and inside the run."""
    window = chosen_window(makespan, mean, QUEUE, BUSY)
    assert 0 <= window.begin < window.end <= (makespan or 1.0)
