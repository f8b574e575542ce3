"""What single answers teach; the clock is a number."""

from __future__ import annotations

import pytest

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.images.learning.at_once import PATIENCE as CONCURRENCY_PATIENCE
from limner.backends.images.learning.limit_estimator import LimitEstimator
from limner.scheduling import Rate


def test_a_burst_of_refusals_is_one_lesson() -> None:
    """Ten at once, eight refused: two are borne."""
    estimator = LimitEstimator(first=10, maximum=10)
    for key in range(10):
        estimator.began(key, 0.0)
    for key in range(2, 10):
        estimator.refused(key, 0.02)
    assert estimator.learned(1.0).concurrency == 2
    assert estimator.learned(1.0).refusals == 8


def test_one_more_is_tried_some_time_after_the_latest_start() -> None:
    """A refusal may have been for how soon it came: after 5, 10, 20, 30 and 60 s, once each."""
    estimator = LimitEstimator(first=2, maximum=8)
    estimator.began("long", 0.0)
    estimator.began("refused", 0.0)
    estimator.refused("refused", 0.1)
    for seconds in (5.1, 10.2, 20.4, 30.6, 61.0):
        assert estimator.concurrency(seconds - 0.1) == 1
        assert estimator.concurrency(seconds) == 2
        estimator.began("trial", seconds)
        estimator.refused("trial", seconds + 0.1)
    assert estimator.concurrency(119.0) == 1


def test_a_trial_that_is_not_refused_is_followed_by_the_next() -> None:
    """Five seconds will do; it need not be drawn before."""
    estimator = LimitEstimator(first=2, maximum=8)
    estimator.began("long", 0.0)
    estimator.began("refused", 0.0)
    estimator.refused("refused", 0.1)
    estimator.began("trial", 10.0)
    assert estimator.concurrency(15.0) == 2
    assert estimator.next_trial(15.0) == 15.1
    assert estimator.concurrency(15.1) == 3


def test_a_trial_that_is_refused_comes_again_twice_as_late() -> None:
    """And one that is accepted is the new measure."""
    estimator = LimitEstimator(first=3, maximum=10)
    for key in range(3):
        estimator.began(key, 0.0)
    estimator.refused(2, 0.0)
    estimator.accepted(0, 5.0)
    estimator.accepted(1, 5.0)
    estimator.began("other", 130.0)
    estimator.began("another", 130.0)
    estimator.began("trial", 130.0)
    estimator.refused("trial", 130.0)
    estimator.accepted("other", 135.0)
    assert estimator.concurrency(130.0 + 2 * CONCURRENCY_PATIENCE - 1) == 2
    assert estimator.concurrency(130.0 + 2 * CONCURRENCY_PATIENCE) == 3
    estimator.began("other", 400.0)
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


def ten_starts(estimator: LimitEstimator, begin: float) -> None:
    """Ten pictures within three seconds."""
    for key in range(10):
        estimator.began(key, begin + key / 4)
        estimator.accepted(key, begin + 0.2 + key / 4)


def test_a_silent_server_is_asked_when_usual_windows_are_over() -> None:
    """Ten starts from 100 on, refused at 103: asked when 5, 10, … s are over, or before."""
    estimator = LimitEstimator(first=1, maximum=1)
    ten_starts(estimator, 100.0)
    now, asked = 103.0, []
    for attempt in range(7):
        estimator.began(attempt, now)
        estimator.refused(attempt, now)
        now = estimator.asks_at(now, now + 2.0**attempt)
        asked.append(now)
    assert asked == pytest.approx([104, 105.1, 109.1, 110.2, 115.3, 120.4, 130.6])


def test_a_window_is_believed_when_it_refuses_at_the_same_count_again() -> None:
    """One refusal has many an explanation; that the server was away is one of them."""
    estimator = LimitEstimator(first=1, maximum=1)
    for begin in (100.0, 230.0):
        assert estimator.rates(begin) == ()
        ten_starts(estimator, begin)
        estimator.began("refused", begin + 3)
        estimator.refused("refused", begin + 3, wait=57)
        estimator.began("let in", begin + 60)
        estimator.accepted("let in", begin + 61)
    assert estimator.rates(291.0) == (Rate(10, 60),)


def test_where_a_window_is_suspected_the_server_is_asked_when_it_is_over() -> None:
    """And not before: what it does not say has been seen."""
    estimator = LimitEstimator(first=1, maximum=1)
    ten_starts(estimator, 100.0)
    estimator.began("refused", 103.0)
    estimator.refused("refused", 103.0, wait=57)
    estimator.began("let in", 160.0)
    estimator.accepted("let in", 161.0)
    ten_starts(estimator, 220.0)
    assert estimator.asks_at(223.0, 224.0) == 281.0


def test_a_refusal_that_was_one_pictures_own_is_forgotten() -> None:
    """Neither a window nor a lower number is concluded from it."""
    estimator = LimitEstimator(first=4, maximum=4)
    for key in range(4):
        estimator.began(key, 0.0)
    estimator.refused(3, 0.1)
    assert estimator.concurrency(0.1) == 3
    estimator.taken_back(3)
    assert estimator.concurrency(0.1) == 4


def test_answers_to_what_was_never_sent_teach_nothing() -> None:
    """Whoever listens from the middle on hears of ends without beginnings."""
    estimator = LimitEstimator(first=3, maximum=3)
    estimator.accepted("a", 1.0)
    estimator.ended("b")
    estimator.refused("c", 1.0, wait=5.0)
    assert estimator.concurrency(2.0) == 3
    assert estimator.learned(2.0).cooling_until == 6.0
