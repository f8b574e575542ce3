"""The fairness index is Jain's, over what each got of what was due to him."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulation.records import RECORDS

from limner.simulation import Attempt, Outcome, Picture, fairness, jain


@settings(deadline=None)
@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=30))
def test_jains_index_lies_between_one_share_and_one(values: list[float]) -> None:
    """From 1/n, one has all, to 1, all have the same; a common factor changes nothing."""
    index = jain(values)
    assert 1 / len(values) - 1e-9 <= index <= 1 + 1e-9
    assert index == pytest.approx(jain([3 * value for value in values]))
    assert jain([values[0]] * 7) == pytest.approx(1)


def dealt(wanted: dict[int, int], slots: int) -> dict[int, float]:
    """Fair shares, found by raising everybody's share a little until all slots are dealt."""
    shares = dict.fromkeys(wanted, 0.0)
    left = float(slots)
    while left > 1e-9:
        hungry = [owner for owner in wanted if shares[owner] < wanted[owner] - 1e-12]
        step = min(left / len(hungry), *(wanted[o] - shares[o] for o in hungry))
        for owner in hungry:
            shares[owner] += step
        left -= step * len(hungry)
    return shares


def naive(pictures: list[Picture]) -> float:
    """The index by its definition: instant by instant, owner by owner."""
    edges = sorted(
        {p.requested for p in pictures}
        | {p.ended for p in pictures}
        | {edge for p in pictures for a in p.attempts for edge in (a.began, a.ended)}
    )
    got: dict[int, float] = defaultdict(float)
    due: dict[int, float] = defaultdict(float)
    for begin, end in pairwise(edges):
        wanted: dict[int, int] = defaultdict(int)
        drawn: dict[int, int] = defaultdict(int)
        for p in pictures:
            wanted[p.owner] += p.requested <= begin < p.ended
            drawn[p.owner] += sum(a.began <= begin < a.ended for a in p.attempts)
        slots = sum(drawn.values())
        if slots and sum(wanted.values()) > slots:
            present = {owner: count for owner, count in wanted.items() if count}
            for owner, share in dealt(present, slots).items():
                due[owner] += share * (end - begin)
                got[owner] += drawn[owner] * (end - begin)
    return jain([got[owner] / share for owner, share in due.items() if share > 0])


@settings(deadline=None)
@given(RECORDS)
def test_the_index_follows_its_definition(pictures: list[Picture]) -> None:
    """The quick computation gives what the definition gives."""
    assert fairness(pictures) == pytest.approx(naive(pictures))


def picture(owner: int, requested: float, began: float, ended: float) -> Picture:
    """A picture that was drawn once."""
    return Picture(owner, requested, ended, Outcome.MADE, (Attempt(began, ended),))


def test_nobody_waiting_is_fair() -> None:
    """Where everybody gets what he wants at once, one may want more than another."""
    assert fairness([picture(0, 0, 0, 9), picture(1, 0, 0, 1), picture(0, 2, 2, 9)]) == 1.0


def test_one_who_takes_all_is_unfair() -> None:
    """While one of two has the only slot and the other waits, the index is a half."""
    assert fairness([picture(0, 0, 0, 10), picture(1, 0, 10, 10)]) == 0.5


def test_who_wants_little_is_not_wronged_by_getting_little() -> None:
    """One slot for one who wants one and three for one who waits for more is as fair as can be."""
    greedy = [picture(1, 0, 0, 10) for _ in range(3)] + [picture(1, 0, 10, 20)]
    assert fairness([picture(0, 0, 0, 10), *greedy]) == pytest.approx(1)
