"""Attempts are laid out in as few lanes as there were slots in use."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulation.records import RECORDS

from limner.simulation import Attempt, Outcome, Picture
from limner.simulation.curve import drawing
from limner.simulation.timeline.lanes import bars, thinned
from limner.simulation.timeline.palette import COLOURS, palette


@settings(deadline=None)
@given(RECORDS)
def test_no_two_bars_of_a_lane_overlap(pictures: list[Picture]) -> None:
    """Each attempt has a bar, and there are no more lanes than there were attempts at once."""
    laid = bars(pictures)
    assert len(laid) == sum(len(picture.attempts) for picture in pictures)
    for lane in {bar.lane for bar in laid}:
        own = sorted((bar.began, bar.ended) for bar in laid if bar.lane == lane)
        assert all(before[1] <= after[0] for before, after in pairwise(own))
    if all(bar.ended > bar.began for bar in laid):
        assert max((bar.lane + 1 for bar in laid), default=0) == drawing(pictures).highest


@settings(deadline=None)
@given(RECORDS, st.integers(1, 10), st.sampled_from([0.1, 1.0, 5.0]))
def test_thinning_loses_nobody(pictures: list[Picture], most: int, shortest: float) -> None:
    """Joined bars stand for all that they were made of, and cover where those were."""
    laid = bars(pictures)
    kept = thinned(laid, most=most, shortest=shortest)
    assert sum(bar.count for bar in kept) == len(laid)
    for bar in laid:
        assert any(
            joined.lane == bar.lane and joined.began <= bar.began and bar.ended <= joined.ended
            for joined in kept
        )


@settings(deadline=None)
@given(RECORDS)
def test_the_colours_go_to_those_with_most_bars(pictures: list[Picture]) -> None:
    """At most six owners have a colour, each his own; the others are counted."""
    colours = palette(bars(pictures))
    owners = {bar.owner for bar in bars(pictures)}
    assert len(colours.colours) == min(len(owners), COLOURS)
    assert len(set(colours.colours.values())) == len(colours.colours)
    assert colours.others == len(owners) - len(colours.colours)
    assert colours.of(None) == colours.of(-1) == "o"


def test_many_short_bars_become_few() -> None:
    """Ten thousand drawings too short to be seen apart are some hundreds of bars."""
    pictures = [
        Picture(i % 9, i / 10, i / 10 + 0.05, Outcome.MADE, (Attempt(i / 10, i / 10 + 0.05),))
        for i in range(10_000)
    ]
    assert len(thinned(bars(pictures), most=500, shortest=0.1)) <= 500
