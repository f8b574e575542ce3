"""A refusal is explained by the window that is behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.images.learning.bound import LONGEST_PATIENCE, Bound
from limner.backends.images.learning.window import (
    LATELY,
    USUAL,
    busiest,
    count_in,
    explanations,
    usual_length,
)
from limner.scheduling import Rate

instants = st.lists(st.integers(0, 300).map(lambda n: n / 4), max_size=60).map(sorted)


@given(instants, st.sampled_from([0.5, 1.0, 5.0, 20.0]))
def test_the_busiest_stretch_is_what_counting_finds(starts: list[float], per: float) -> None:
    """The same as looking at the stretch that ends with each start."""
    counted = max((sum(at - per < other <= at for other in starts) for at in starts), default=0)
    assert busiest(starts, per) == counted
    assert counted == max((count_in(starts, per, at) for at in starts), default=0)


@given(
    limit=st.integers(2, 60),
    per=st.sampled_from([per for per in USUAL if per <= 3600]),
    paces=st.lists(st.floats(0.001, 0.02), min_size=60, max_size=60),
)
def test_the_first_full_window_is_found(limit: int, per: float, paces: list[float]) -> None:
    """However the starts were spread, if they were fresh and the server said when to come back."""
    starts = [0.0]
    for pace in paces[: limit - 1]:
        starts.append(starts[-1] + pace * per / 2)
    now = starts[-1] + 0.001 * per
    found = next(explanations(starts, [], now=now, opens=(per * 0.999, per * 1.001)))
    assert found.limit / found.per >= limit / per * 0.99
    if busiest(starts, found.per) == limit:
        assert found == Rate(limit, per)


@given(instants, instants, st.floats(0, 100), st.floats(0, 100), st.floats(0, 2))
def test_an_explanation_never_contradicts_what_was_accepted(
    starts: list[float], edges: list[float], after: float, wait: float, slack: float
) -> None:
    """Windows that slide let no more through; those that begin anew at most twice as many."""
    now = (starts[-1] if starts else 0.0) + after
    opens = now + wait - slack, now + wait + slack
    for found in explanations(starts, edges, now=now, opens=opens):
        assert 1 <= found.limit <= len(starts)
        assert found.per in USUAL
        lately = [start for start in starts if start >= now - LATELY * found.per]
        assert busiest(lately, found.per) <= (2 if edges else 1) * found.limit


@pytest.mark.parametrize(
    ("seconds", "usual"), [(0.3, 1.0), (1.0, 1.0), (59.0, 60.0), (60.5, 60.0), (62.0, 120.0)]
)
def test_a_told_reset_means_the_usual_window_just_above(seconds: float, usual: float) -> None:
    """What is left of a window is at most the window; a second's rounding is forgiven."""
    assert usual_length(seconds) == usual


@given(st.lists(st.booleans(), max_size=40))
def test_a_bound_is_tried_ever_more_rarely_while_it_holds(answers: list[bool]) -> None:
    """Its patience grows to an hour at most, and starts anew when more was accepted."""
    now, bound = 0.0, Bound.found(3, now=0.0, patience=10.0)
    for accepted in answers:
        assert bound.allowed(now) == bound.limit
        now += bound.patience
        assert bound.allowed(now) > bound.limit
        before = bound
        bound = bound.raised(bound.limit + 1, now) if accepted else bound.held(now)
        assert bound.patience == (10.0 if accepted else min(before.patience * 2, LONGEST_PATIENCE))
