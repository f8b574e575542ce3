"""The figures of a report are what one would count by hand."""

import pytest
from hypothesis import given, settings
from tests.simulation.records import RECORDS

from limner.simulation import Attempt, Outcome, Picture, report
from limner.simulation.curve import drawing, waiting
from limner.simulation.figures import compared, sheet
from limner.simulation.limit_set import LimitSet


@settings(deadline=None)
@given(RECORDS)
def test_figures_equal_a_naive_computation(pictures: list[Picture]) -> None:
    """Counts, makespan, waits, utilisation and throughput, each from its definition."""
    figures = report(pictures, slots=5)
    assert figures.pictures == len(pictures) == figures.made + figures.failed + figures.dropped
    assert figures.attempts == sum(len(p.attempts) for p in pictures)
    assert figures.makespan == max([p.ended for p in pictures], default=0)
    waits = [p.attempts[0].began - p.requested for p in pictures if p.attempts]
    assert figures.wait.mean == pytest.approx(sum(waits) / len(waits) if waits else 0)
    assert figures.wait.maximum == max(waits, default=0)
    means = sorted(
        sum(own) / len(own)
        for owner in range(5)
        if (own := [p.wait for p in pictures if p.owner == owner and p.wait is not None])
    )
    middle = [means[(len(means) - 1) // 2], means[len(means) // 2]] if means else [0.0, 0.0]
    assert figures.typical_wait == pytest.approx(sum(middle) / 2)
    delays = sorted(p.ended - p.requested for p in pictures if p.outcome is Outcome.MADE)
    assert figures.delay.p50 == (delays[len(delays) // 2] if delays else 0)
    busy = sum(a.ended - a.began for p in pictures for a in p.attempts)
    if figures.makespan:
        assert figures.utilisation == pytest.approx(busy / 5 / figures.makespan)
        assert figures.throughput == pytest.approx(figures.made / figures.makespan)


@settings(deadline=None)
@given(RECORDS)
def test_the_longest_queue_is_found(pictures: list[Picture]) -> None:
    """At each instant the queue is everybody who is there and has no slot."""
    instants = [edge for p in pictures for begin, _ in p.waits for edge in [begin]]
    longest = 0
    for instant in instants:
        there = [p for p in pictures if p.requested <= instant < p.ended]
        drawn = sum(any(a.began <= instant < a.ended for a in p.attempts) for p in there)
        longest = max(longest, len(there) - drawn)
    assert report(pictures).longest_queue == longest


@settings(deadline=None)
@given(RECORDS)
def test_littles_law_holds(pictures: list[Picture]) -> None:
    """The area under the queue is the sum of all waits (J. D. C. Little 1961), and so for slots."""
    queue, busy = waiting(pictures), drawing(pictures)
    waited = sum(end - begin for p in pictures for begin, end in p.waits)
    drawn = sum(a.ended - a.began for p in pictures for a in p.attempts)
    assert queue.area(queue.times[-1:])[0] == pytest.approx(waited)
    assert busy.area(busy.times[-1:])[0] == pytest.approx(drawn)


def test_nothing_at_all_is_a_report_too() -> None:
    """No division by zero where nobody came."""
    figures = report([])
    assert (figures.makespan, figures.utilisation, figures.fairness) == (0, 0, 1)
    assert all(isinstance(cell, str) for row in sheet(figures) for cell in row)


def test_without_a_limit_the_slots_are_those_that_were_used() -> None:
    """Utilisation then is against the most that were ever in use."""
    two = [Picture(0, 0.0, 4.0, Outcome.MADE, (Attempt(0.0, 4.0),)) for _ in range(2)]
    assert (report(two).slots, report(two).utilisation) == (2, 1.0)


def test_a_comparison_shows_the_limits_that_differ() -> None:
    """A row each; what is alike in all, and what never happened, has no column."""
    figures = report([])
    runs = [
        (LimitSet({"max_concurrent": n, "fair": fair, "retry": 2}), figures)
        for n, fair in ((2, True), (4, False))
    ]
    headings, rows = compared(runs)
    assert headings[:4] == ["max concurrent", "fair", "pictures", "mean wait"]
    assert [row[:2] for row in rows] == [["2", "yes"], ["4", "no"]]
    failed = report([Picture(0, 0.0, 1.0, Outcome.DROPPED, ())])
    assert {"made", "dropped"} <= set(compared([*runs, (runs[0][0], failed)])[0])
