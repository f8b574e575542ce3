"""Times and numbers by chance: what they are called, and that they are that."""

from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.simulation.distribution import distribution_from
from limner.simulation.tag_count import tag_count_from

TIMES = [
    "4s", "uniform:2:6", "exponential:4", "lognormal:4:0.5", "empirical:3.1,4,9s", [1, "2s", 6],
]  # fmt: skip


@pytest.mark.parametrize("written", TIMES, ids=str)
def test_samples_have_the_mean_that_is_told(written: object) -> None:
    """The mean of many samples is the distribution's mean, and none is negative."""
    distribution, chance = distribution_from(written), Random(1)
    samples = [distribution.sample(chance) for _ in range(20_000)]
    assert sum(samples) / len(samples) == pytest.approx(distribution.mean, rel=0.03)
    assert min(samples) >= 0


def test_half_of_lognormal_times_are_below_the_median() -> None:
    """The first number of lognormal is the median, not the mean."""
    distribution, chance = distribution_from("lognormal:4:0.8"), Random(2)
    below = sum(distribution.sample(chance) < 4 for _ in range(20_000))
    assert below / 20_000 == pytest.approx(0.5, abs=0.015)


@pytest.mark.parametrize(
    "written",
    ["", "x", "weibull:1", "uniform:2", "uniform:6:2", "exponential:0", "lognormal:0:1",
     "lognormal:4:99", "lognormal:4", "empirical:", "empirical:1,x", [], [-1], None, True, "4s:2"],
    ids=str,
)  # fmt: skip
def test_a_wrong_time_is_a_value_error(written: object) -> None:
    """Unknown shapes, missing numbers and senseless ones are refused."""
    with pytest.raises(ValueError, match=r"."):
        distribution_from(written)


@pytest.mark.parametrize("written", [0, 3, "3", "2-4", "2..4", "poisson:2.5"])
def test_numbers_of_tags_have_the_mean_that_is_told(written: object) -> None:
    """The mean of many samples is the distribution's mean."""
    count, chance = tag_count_from(written), Random(3)
    samples = [count.sample(chance) for _ in range(20_000)]
    assert sum(samples) / len(samples) == pytest.approx(count.mean, rel=0.02)


def test_poisson_numbers_spread_as_poisson_numbers_do() -> None:
    """Their variance is their mean."""
    count, chance = tag_count_from("poisson:3"), Random(4)
    samples = [count.sample(chance) for _ in range(20_000)]
    mean = sum(samples) / len(samples)
    variance = sum((sample - mean) ** 2 for sample in samples) / len(samples)
    assert variance == pytest.approx(3, rel=0.05)


@pytest.mark.parametrize(
    "written", ["", "x", "4-2", -1, "-1", "9999", "poisson:0", "poisson:", 2.5, True, None, "1-2-3"]
)
def test_a_wrong_number_of_tags_is_a_value_error(written: object) -> None:
    """Nothing is guessed, and no answer has a million tags."""
    with pytest.raises(ValueError, match="tags"):
        tag_count_from(written)


@settings(deadline=None)
@given(st.text() | st.floats() | st.integers() | st.none())
def test_no_value_breaks_the_readers(value: object) -> None:
    """Any value is a distribution or a ValueError."""
    for read in (distribution_from, tag_count_from):
        with suppress(ValueError):
            read(value)
