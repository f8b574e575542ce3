"""Traffic is made in the order of time, from the seed alone, and only as it is needed."""

import itertools
import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.simulation.records import traffic

from limner.simulation import Answers, Users, Workload, requests
from limner.simulation.arrivals import activities, answers
from limner.simulation.day import day_from

WORKLOADS = st.builds(
    Workload,
    duration=st.sampled_from(["10m", "1h", "5h"]),
    seed=st.integers(0, 5),
    users=st.builds(
        Users,
        count=st.integers(1, 20),
        answers_per_hour=st.sampled_from([1, 10, 30]),
        arrivals=st.sampled_from(["poisson", "fixed"]),
        spread=st.sampled_from([0, 1]),
        day=st.sampled_from(["flat", "evening", [1, 0, 5]]),
    ),
    answers=st.builds(
        Answers,
        tags=st.sampled_from([0, 1, 3, "2-4", "poisson:2"]),
        writing_time=st.sampled_from(["0s", "30s", "lognormal:30:1"]),
        spacing=st.sampled_from(["even", "random", "end"]),
    ),
)


@given(WORKLOADS)
@settings(max_examples=share(60), deadline=None)
def test_requests_come_in_order_and_can_be_repeated(workload: Workload) -> None:
    """They are in the order of time, numbered through, of known users, the same for each seed."""
    made = list(requests(workload))
    assert [request.at for request in made] == sorted(request.at for request in made)
    assert [request.number for request in made] == list(range(len(made)))
    assert all(0 <= request.owner < workload.users.number for request in made)
    assert made == list(requests(workload))


@given(WORKLOADS)
@settings(max_examples=share(60), deadline=None)
def test_every_tag_of_every_answer_in_time_is_asked_for(workload: Workload) -> None:
    """With a fixed number of tags, there are so many requests for each answer that begins."""
    begun = itertools.takewhile(lambda a: a[0] < workload.duration, answers(workload))
    by_owner = Counter(owner for _, owner in begun)
    asked = Counter(request.owner for request in requests(workload))
    tags = workload.answers.tags
    if tags.mean in (1, 3) and "about" not in str(tags) and "to" not in str(tags):
        assert asked == Counter({owner: int(tags.mean) * n for owner, n in by_owner.items()})
    else:
        assert set(asked) <= set(by_owner)


def test_regular_users_ask_at_exact_instants() -> None:
    """Fixed arrivals lie at multiples of the period, each user's shifted against the others."""
    users = Users(count=2, answers_per_hour=360, arrivals="fixed")
    first = list(itertools.islice(answers(Workload(users=users)), 6))
    assert first == [(0.0, 0), (5.0, 1), (10.0, 0), (15.0, 1), (20.0, 0), (25.0, 1)]


@pytest.mark.parametrize(
    ("spacing", "instants"), [("even", [2.0, 6.0, 10.0]), ("end", [12.0, 12.0, 12.0])]
)
def test_tags_close_where_the_spacing_says(spacing: str, instants: list[float]) -> None:
    """Evenly within the answer, or all at its end."""
    workload = traffic(
        duration="1s",
        users={"count": 1, "arrivals": "fixed"},
        answers={"tags": 3, "writing_time": "12s", "spacing": spacing},
    )
    assert [request.at for request in requests(workload)] == instants


def test_random_users_come_at_the_rate_that_is_told() -> None:
    """Poisson arrivals: the number in an hour varies as much as its mean."""
    users = Users(count=100, answers_per_hour=3)
    begun = itertools.takewhile(lambda a: a[0] < 400 * 3600, answers(Workload(users=users)))
    hours = Counter(int(instant // 3600) for instant, _ in begun)
    counts = [hours[hour] for hour in range(400)]
    mean = sum(counts) / 400
    variance = sum((count - mean) ** 2 for count in counts) / 400
    assert mean == pytest.approx(300, rel=0.02)
    assert variance == pytest.approx(300, rel=0.25)


def test_the_day_is_followed() -> None:
    """In the weights' busiest part most answers begin, in a part of weight 0 none."""
    users = Users(count=100, answers_per_day=10, day=day_from([1, 0, 3]))
    begun = itertools.takewhile(lambda a: a[0] < 86400, answers(Workload(users=users)))
    parts = Counter(int(instant // 28800) for instant, _ in begun)
    assert parts[1] == 0
    assert parts[2] / parts[0] == pytest.approx(3, rel=0.25)
    assert day_from([1, 0, 3]).busiest == pytest.approx(9 / 4)


def test_activities_are_shares() -> None:
    """They add up to 1; weights keep their proportions; a spread makes some busier than others."""
    assert activities(Users(weights={"ada": 1, "bob": 4}), 1) == [0.2, 0.8]
    spread = activities(Users(count=100, spread=1), 1)
    assert math.fsum(spread) == pytest.approx(1)
    assert max(spread) > 5 * sorted(spread)[50]


def test_a_year_of_traffic_begins_at_once() -> None:
    """The first requests of an endless workload cost nothing but themselves."""
    users = Users(count=1000, answers_per_day=1)
    workload = Workload(duration=365 * 86400.0, users=users)
    assert len(list(itertools.islice(requests(workload), 100))) == 100
