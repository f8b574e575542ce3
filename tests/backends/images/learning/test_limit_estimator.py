"""What single answers teach; the clock is a number."""

from __future__ import annotations

import pytest

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.learning.limit_estimator import CONCURRENCY_PATIENCE, LimitEstimator
from limner.scheduling import Rate


def test_a_burst_of_refusals_is_one_lesson() -> None:
    """Ten at once, eight refused: two are borne, and one more is tried after the usual time."""
    estimator = LimitEstimator(first=10, maximum=10)
    for key in range(10):
        estimator.began(key, 0.0)
    for key in range(2, 10):
        assert estimator.refused(key, 0.02) == 0.0
    assert estimator.learned(1.0).concurrency == 2
    assert estimator.learned(1.0).refusals == 8
    assert estimator.concurrency(CONCURRENCY_PATIENCE) == 2
    assert estimator.concurrency(CONCURRENCY_PATIENCE + 1) == 3


def test_a_trial_that_is_refused_comes_again_twice_as_late() -> None:
    """And one that is accepted is the new measure."""
    estimator = LimitEstimator(first=3, maximum=10)
    for key in range(3):
        estimator.began(key, 0.0)
    estimator.refused(2, 0.0)
    estimator.began("trial", 130.0)
    estimator.refused("trial", 130.0)
    assert estimator.concurrency(130.0 + 2 * CONCURRENCY_PATIENCE - 1) == 2
    assert estimator.concurrency(130.0 + 2 * CONCURRENCY_PATIENCE) == 3
    estimator.began("again", 400.0)
    estimator.accepted("again", 401.0)
    assert estimator.concurrency(401.0) == 3
    assert estimator.learned(401.0).concurrency is None
    assert estimator.learned(401.0).why == "it drew 3 at once"


def test_headers_are_believed_at_once() -> None:
    """A told window is kept to; what others have used up is waited for."""
    estimator = LimitEstimator(first=2, maximum=2)
    assert estimator.told(RateHeaders(limit=30, remaining=12, reset=20.0, window=60.0), 0.0) == 0.0
    assert estimator.rates(0.0) == (Rate(30, 60),)
    assert estimator.told(RateHeaders(limit=30, remaining=0, reset=20.0, window=60.0), 1.0) == 20.0
    assert estimator.learned(1.0).cooling_until == 21.0
    assert estimator.told(RateHeaders(limit=10, reset=3590.0), 5.0) == 0.0
    assert estimator.rates(5.0) == (Rate(10, 3600),)
    for nothing in (RateHeaders(), RateHeaders(limit=0, reset=5.0), RateHeaders(remaining=0)):
        assert estimator.told(nothing, 6.0) == 0.0
    assert estimator.rates(6.0) == (Rate(10, 3600),)


def test_a_quota_that_our_own_starts_used_up_needs_no_waiting_beside_its_window() -> None:
    """The window itself says when the next may start."""
    estimator = LimitEstimator(first=2, maximum=2)
    for key in range(2):
        estimator.began(key, float(key))
        estimator.accepted(key, key + 0.5)
    assert estimator.told(RateHeaders(limit=2, remaining=0, reset=58.0, window=60.0), 2.0) == 0.0


def test_a_silent_server_is_asked_when_usual_windows_are_over() -> None:
    """Ten starts from 100 on, refused at 103: asked when 5, 10, 15, 30, 60 s are surely over."""
    estimator = LimitEstimator(first=1, maximum=1)
    for key in range(10):
        estimator.began(key, 100.0 + key / 4)
        estimator.accepted(key, 100.2 + key / 4)
    now, asked = 103.0, []
    for attempt in range(5):
        estimator.began(attempt, now)
        now += estimator.refused(attempt, now)
        asked.append(now)
    assert asked == pytest.approx([105.1, 110.2, 115.3, 130.6, 161.0])
    estimator.began("last", now)
    estimator.accepted("last", now + 1)
    assert estimator.rates(now + 1) == (Rate(10, 60),)


def test_answers_to_what_was_never_sent_teach_nothing() -> None:
    """Whoever listens from the middle on hears of ends without beginnings."""
    estimator = LimitEstimator(first=3, maximum=3)
    estimator.accepted("a", 1.0)
    estimator.ended("b")
    assert estimator.refused("c", 1.0, wait=5.0) == 0.0
    assert estimator.concurrency(2.0) == 3
    assert estimator.learned(2.0).cooling_until == 6.0
