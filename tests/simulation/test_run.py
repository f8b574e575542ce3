"""Runs through the real limiter: closed forms, failures, and the same again."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.simulation.records import traffic

from limner.errors import ConfigError, Overweight
from limner.simulation import (
    LimitSet,
    Outcome,
    Picture,
    Pictures,
    Users,
    Workload,
    report,
    simulate,
)
from limner.simulation.timeline.lanes import bars


def regular(
    *, hourly: float, time: str, tags: int = 1, duration: str = "1h", **pictures: Any
) -> Workload:
    """One user at exact intervals, tags without delay, pictures that all take the same."""
    return traffic(
        duration=duration,
        users={"count": 1, "answers_per_hour": hourly, "arrivals": "fixed"},
        answers={"tags": tags, "writing_time": "0s"},
        pictures={"time": time, **pictures},
    )


def random(*, hourly: float, time: str, duration: str) -> Workload:
    """Poisson arrivals of single pictures."""
    return traffic(
        duration=duration,
        users={"count": 1, "answers_per_hour": hourly},
        answers={"tags": 1, "writing_time": "0s"},
        pictures={"time": time},
    )


def limits(**options: object) -> LimitSet:
    """Limits by keyword."""
    return LimitSet(options)


@pytest.mark.parametrize("slots", [1, 2, 3])
@pytest.mark.parametrize("burst", [1, 3, 7])
def test_regular_bursts_wait_exactly_as_computed(slots: int, burst: int) -> None:
    """Each minute a burst, 4 s each: the i-th waits 4 s for every full round before it."""
    pictures = simulate(regular(hourly=60, time="4s", tags=burst), limits(max_concurrent=slots))
    assert len(pictures) == 60 * burst
    for index, picture in enumerate(pictures):
        minute, place = divmod(index, burst)
        assert picture.requested == 60.0 * minute
        assert picture.wait == 4.0 * (place // slots)
        assert picture.ended == picture.requested + picture.wait + 4.0


def test_a_steady_overload_grows_linearly() -> None:
    """One a second for one slot of 3 s: the n-th waits 2 n seconds."""
    pictures = simulate(regular(hourly=3600, time="3s", duration="1m"), limits(max_concurrent=1))
    assert [picture.wait for picture in pictures] == [2.0 * index for index in range(60)]
    assert report(pictures, 1).utilisation == 1.0


def test_random_arrivals_at_one_exponential_server_wait_as_theory_says() -> None:
    """M/M/1 at 70 %: the mean wait is rho / (mu - lambda), the mean queue rho^2 / (1 - rho)."""
    workload = random(hourly=700, time="exponential:3.6", duration="16h")
    figures = report(simulate(workload, limits(max_concurrent=1)), 1)
    assert figures.utilisation == pytest.approx(0.7, rel=0.03)
    assert figures.wait.mean == pytest.approx(0.7 / (1 / 3.6 - 700 / 3600), rel=0.12)


def test_random_arrivals_at_one_constant_server_wait_half_as_long() -> None:
    """M/D/1 at 70 %: the mean wait is rho / (2 mu (1 - rho)), by Pollaczek and Khinchine."""
    workload = random(hourly=700, time="3.6s", duration="16h")
    figures = report(simulate(workload, limits(max_concurrent=1)), 1)
    assert figures.wait.mean == pytest.approx(0.7 * 3.6 / (2 * 0.3), rel=0.12)


def test_random_arrivals_at_two_servers_wait_as_erlang_says() -> None:
    """M/M/2 at 70 %: the mean wait is rho^2 / (mu (1 - rho^2))."""
    workload = random(hourly=1400, time="exponential:3.6", duration="8h")
    figures = report(simulate(workload, limits(max_concurrent=2)), 2)
    assert figures.wait.mean == pytest.approx(3.6 * 0.49 / 0.51, rel=0.12)


def test_intervals_and_rates_hold() -> None:
    """Starts are never closer than the interval, no window holds more than its rate."""
    pictures = simulate(
        regular(hourly=60, time="1s", tags=10), limits(min_interval="0.5s", rates=["3/10s", "7/1m"])
    )
    starts = sorted(picture.attempts[0].began for picture in pictures)
    assert all(b - a >= 0.5 for a, b in pairwise(starts))
    assert all(b - a >= 10 for a, b in zip(starts, starts[3:], strict=False))
    assert all(b - a >= 60 for a, b in zip(starts, starts[7:], strict=False))


def test_failures_without_retries_fail() -> None:
    """About the told share of the pictures fails, after the time of a drawing."""
    figures = report(simulate(regular(hourly=3600, time="1s", failures=0.2), limits()))
    assert figures.failed == pytest.approx(720, rel=0.15)
    assert figures.attempts == figures.pictures == 3600


def test_retries_make_failures_rare() -> None:
    """With three attempts, 0.2 becomes 0.008; the further attempts are seen in the record."""
    pictures = simulate(
        regular(hourly=3600, time="1s", failures=0.2), limits(retry={"attempts": 3, "backoff": 2})
    )
    figures = report(pictures)
    assert figures.failed == pytest.approx(29, abs=16)
    assert figures.attempts == pytest.approx(3600 * 1.24, rel=0.05)
    again = next(picture for picture in pictures if len(picture.attempts) > 1)
    first, second = again.attempts[:2]
    assert not first.good
    assert 2 <= second.began - first.ended <= 2.2


def test_what_takes_too_long_or_waits_too_long_is_told_apart() -> None:
    """An expired drawing failed and held its slot until then; a waiting one was dropped."""
    slow = simulate(regular(hourly=60, time="40s", expiration="10s"), limits(max_concurrent=1))
    assert {picture.outcome for picture in slow} == {Outcome.FAILED}
    assert {attempt.ended - attempt.began for p in slow for attempt in p.attempts} == {10.0}
    late = simulate(
        regular(hourly=60, time="40s", tags=2, queue_timeout="30s"), limits(max_concurrent=1)
    )
    assert [picture.outcome for picture in late[:2]] == [Outcome.MADE, Outcome.DROPPED]
    assert late[1].ended == 30.0
    assert late[1].wait is None


def test_a_full_queue_sheds_as_the_strategy_says() -> None:
    """With room for one, the newcomer or the oldest goes."""
    burst = regular(hourly=1, time="4s", tags=4)
    for overflow, kept in (("overflow", [0, 1]), ("leak", [0, 3])):
        pictures = simulate(burst, limits(max_concurrent=1, high_water=1, overflow=overflow))
        made = [i for i, picture in enumerate(pictures) if picture.outcome is Outcome.MADE]
        assert made == kept


@pytest.mark.parametrize("options", [{"reservoir": 5}, {"reservoir": 5, "max_concurrent": 1}])
def test_limits_that_never_open_again_are_an_error(options: Mapping[str, object]) -> None:
    """The run ends with a clear word, not with a deadlock."""
    with pytest.raises(ConfigError, match=r"55 pictures can never start .*reservoir 5"):
        simulate(regular(hourly=60, time="1s"), LimitSet(options))


def test_no_slots_at_all_is_an_error() -> None:
    """The limiter itself says so."""
    with pytest.raises(Overweight):
        simulate(regular(hourly=60, time="1s"), limits(max_concurrent=0))


WORKLOAD = Workload(
    duration=1200.0,
    users=Users(weights=(1, 2, 5), answers_per_hour=60),
    pictures=Pictures(failures=0.1),
)


@given(
    seed=st.integers(0, 3),
    options=st.fixed_dictionaries(
        {},
        optional={
            "max_concurrent": st.integers(1, 4),
            "min_interval": st.sampled_from([0.5, 2.0]),
            "retry": st.sampled_from([1, 3]),
            "fair": st.booleans(),
            "aging": st.just(10.0),
            "high_water": st.integers(0, 20),
            "overflow": st.sampled_from(["leak", "overflow", "block"]),
        },
    ),
)
@settings(max_examples=share(25), deadline=None)
def test_the_same_seed_gives_the_same_run(seed: int, options: dict[str, object]) -> None:
    """Twice the same record; every picture is in it once, with a sound history."""
    workload = replace(WORKLOAD, seed=seed)
    first = simulate(workload, LimitSet(options))
    assert first == simulate(workload, LimitSet(options))
    slots = options.get("max_concurrent")
    assert not isinstance(slots, int) or max(bar.lane for bar in bars(first)) < slots
    for picture in first:
        edges = [picture.requested, *(e for a in picture.attempts for e in (a.began, a.ended))]
        assert [*edges, picture.ended] == sorted([*edges, picture.ended])
        assert (picture.outcome is Outcome.MADE) == any(a.good for a in picture.attempts)


def test_chance_does_not_depend_on_the_limits() -> None:
    """Under every limit the same pictures are slow and the same attempts fail."""

    def fate(pictures: list[Picture]) -> list[tuple[float, bool]]:
        return [
            (round(p.attempts[0].ended - p.attempts[0].began, 6), p.attempts[0].good)
            for p in pictures
        ]

    assert fate(simulate(WORKLOAD, limits(max_concurrent=1))) == fate(
        simulate(WORKLOAD, limits(max_concurrent=9, fair=True))
    )


def test_taking_turns_is_fairer() -> None:
    """Where one asks for most, `fair` shares the slots more evenly, and the index says so."""
    workload = replace(WORKLOAD, users=Users(weights=(1, 1, 1, 12), answers_per_hour=60))
    unfair, fair = (
        report(simulate(workload, limits(max_concurrent=1, fair=fair))).fairness
        for fair in (False, True)
    )
    assert unfair < 0.9 < 0.97 < fair


class _Counting:
    """A picture time that looks how many tasks there are."""

    mean = 100.0

    def __init__(self) -> None:
        self.most = 0

    def sample(self, chance: Random) -> float:
        self.most = max(self.most, len(asyncio.all_tasks()))
        return 100.0


def test_waiting_pictures_have_no_tasks() -> None:
    """Thousands may wait: only what is drawn has a task, and nothing in the future has one."""
    counting = _Counting()
    workload = replace(regular(hourly=3600, time="1s"), pictures=Pictures(time=counting))
    pictures = simulate(workload, limits(max_concurrent=2))
    assert report(pictures).longest_queue > 3000
    assert counting.most <= 4
