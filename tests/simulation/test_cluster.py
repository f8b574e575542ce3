"""Clusters on virtual time: one limit over all, nodes that die, grants that take their time."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.simulation.records import traffic

from limner.errors import ConfigError
from limner.scheduling import Limiter
from limner.simulation import (
    LimitSet,
    Lived,
    Outcome,
    Workload,
    report,
    scenario_from,
    simulate_nodes,
)
from limner.simulation.cluster.place import Place
from limner.simulation.cluster.port import Port
from limner.simulation.curve import drawing

BURST = {"count": 1, "answers_per_hour": 1, "arrivals": "fixed"}


def cluster(**nodes: Any) -> Workload:
    """A steady crowd at some nodes."""
    return traffic(
        duration="20m",
        users={"count": 30, "chats_per_day": 24 * 720},
        answers={"tags": 3},
        nodes=nodes,
    )


def lived(workload: Workload, **limits: Any) -> Lived:
    """What comes of it."""
    return simulate_nodes(workload, LimitSet(limits))


def test_all_nodes_keep_to_one_limit_and_wait_as_one_process_would() -> None:
    """Without deaths and delays nodes make no difference: ten pictures through two slots."""
    workload = traffic(
        users=BURST,
        answers={"tags": 10, "writing_time": "0s"},
        pictures={"time": "4s"},
        nodes={"replicas": 3, "workers": 5},
    )
    found = lived(workload, max_concurrent=2).pictures
    starts = sorted(picture.attempts[0].began for picture in found)
    assert starts == [4.0 * (place // 2) for place in range(10)]
    assert len({picture.attempts[0].by for picture in found}) > 1


def test_a_grant_holds_its_slot_while_it_is_on_its_way() -> None:
    """With one slot a delay of one second makes of four seconds five."""
    workload = traffic(
        users=BURST,
        answers={"tags": 3, "writing_time": "0s"},
        pictures={"time": "4s"},
        nodes={"replicas": 1, "workers": 2, "grant_delay": "1s"},
    )
    found = lived(workload, max_concurrent=1).pictures
    assert [picture.attempts[0].began for picture in found] == [1.0, 6.0, 11.0]


def test_a_worker_has_no_more_than_its_width() -> None:
    """What it has no room for waits, though the limit is free."""
    workload = traffic(
        users=BURST,
        answers={"tags": 4, "writing_time": "0s"},
        pictures={"time": "4s"},
        nodes={"replicas": 1, "workers": 1, "width": 1},
    )
    found = lived(workload, max_concurrent=4).pictures
    assert [picture.attempts[0].began for picture in found] == [0.0, 4.0, 8.0, 12.0]


@settings(max_examples=share(25))
@given(seed=st.integers(1, 10_000), workers=st.integers(1, 6), replicas=st.integers(1, 3))
def test_whoever_dies_every_picture_is_made_once_and_the_limit_holds(
    seed: int, workers: int, replicas: int
) -> None:
    """And a drawing is made once more for each that a death cut off."""
    workload = traffic(
        duration="1m",
        seed=seed,
        users={"count": 5, "chats_per_day": 24 * 600},
        nodes={
            "workers": workers,
            "replicas": replicas,
            "deaths_per_hour": 1500,
            "back_after": "3s",
            "grant_delay": "exponential:20ms",
        },
    )
    found = lived(workload, max_concurrent=20)
    assert drawing(found.pictures).highest <= 20
    for picture in found.pictures:
        assert picture.outcome is Outcome.MADE
        assert [attempt.good for attempt in picture.attempts].count(True) == 1
        assert all(b.began >= a.ended for a, b in pairwise(picture.attempts))
    cut = sum(death.drew for death in found.deaths)
    made_again = sum(len(picture.attempts) - 1 for picture in found.pictures)
    assert made_again == cut


def test_what_a_dead_worker_drew_is_begun_again_within_ten_seconds() -> None:
    """Where there is room for it: five seconds until the worker is given up, and a beat."""
    nodes: dict[str, Any] = {
        "replicas": 4,
        "workers": 16,
        "deaths_per_hour": 300,
        "grant_delay": "5ms",
    }
    found = lived(cluster(**nodes), max_concurrent=32)
    assert sum(death.drew for death in found.deaths) > 3
    assert 5 <= found.back < 10


def test_a_run_is_the_same_again() -> None:
    """To the last digit, deaths too; another seed is another story."""
    nodes: dict[str, Any] = {
        "replicas": 4,
        "workers": 8,
        "deaths_per_hour": 120,
        "grant_delay": "exponential:5ms",
    }
    first, again = (lived(cluster(**nodes), max_concurrent=4) for _ in range(2))
    assert first == again
    assert first.deaths
    assert first.back >= 5


def test_deaths_are_told_in_the_figures() -> None:
    """How many, what they cut off, and how long until that was begun again."""
    found = lived(cluster(replicas=1, workers=2, deaths_per_hour=200), max_concurrent=8)
    figures = report(found.pictures, 8, lived=found)
    assert figures.nodes is not None
    assert figures.nodes.died == len(found.deaths) > 10
    assert figures.attempts == figures.pictures + figures.nodes.cut
    assert 5 <= figures.nodes.back < 20


def test_what_cannot_be_simulated_with_nodes_is_refused() -> None:
    """In a sentence, with the name of the setting."""
    with pytest.raises(ConfigError, match="queue_timeout cannot be simulated with several nodes"):
        scenario_from({"nodes": {"workers": 2}, "pictures": {"queue_timeout": "1m"}})
    with pytest.raises(ConfigError, match=r"nodes\.workers is wrong"):
        scenario_from({"nodes": {"workers": 0}})
    with pytest.raises(ConfigError, match="give answers_per_hour, answers_per_day or"):
        scenario_from({"users": {"answers_per_day": 3, "chats_per_day": 5}})


async def test_a_worker_can_look_at_the_limits_that_all_share() -> None:
    """As at those of a real cluster: a simulated one is no lesser port."""
    limiter = Limiter(max_concurrent=2, reservoir=5)
    port = Port(Place(limiter, lambda: 0.0))
    seen = await port.look()
    assert (seen.running, seen.waiting, seen.reservoir, seen.paused) == (0, 0, 5, False)
    assert await port.refill(3) == 8
    port.pause(None)
    assert (await port.look()).paused
    assert await Port(Place(Limiter(max_concurrent=1), lambda: 0.0)).refill(1) is None
