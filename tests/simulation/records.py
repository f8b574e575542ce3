"""Workloads and records of runs for tests."""

from typing import Any

from hypothesis import strategies as st

from limner.simulation import Attempt, Outcome, Picture, Workload, scenario_from


def traffic(**table: Any) -> Workload:
    """A workload as a file would describe it."""
    return scenario_from(table).workload


# Quarters of a second add up exactly, so naive computations can be compared with ==.
GAPS = st.integers(0, 40).map(lambda quarters: quarters / 4)


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """A picture that waited, was drawn some times, and ended."""
    requested = instant = draw(GAPS) * 4
    attempts = []
    good = False
    for _ in range(draw(st.integers(0, 3))):
        began = instant + draw(GAPS)
        instant = began + draw(GAPS)
        good = draw(st.booleans())
        attempts.append(Attempt(began, instant, good))
        if good:
            break
    outcome = Outcome.MADE if good else Outcome.FAILED if attempts else Outcome.DROPPED
    if not attempts:
        instant += draw(GAPS)
    return Picture(draw(st.integers(0, 4)), requested, instant, outcome, tuple(attempts))


RECORDS = st.lists(pictures(), max_size=12)
