"""A workload that makes no sense is refused where it is written."""

from dataclasses import FrozenInstanceError

import pytest
from tests.simulation.records import traffic

from limner.simulation import Answers, Pictures, Users, Workload


@pytest.mark.parametrize(
    ("kind", "fields", "named"),
    [
        (Users, {"count": 0}, "count"),
        (Users, {"count": True}, "count"),
        (Users, {"answers_per_hour": -1}, "answers_per_hour"),
        (Users, {"answers_per_hour": 1, "answers_per_day": 1}, "not both"),
        (Users, {"weights": []}, "no user"),
        (Users, {"weights": [1, 0]}, "weights"),
        (Users, {"weights": {"ada": "x"}}, "weights"),
        (Users, {"weights": [1, 2], "count": 3}, "2 weights for 3 users"),
        (Users, {"weights": [1, 2], "spread": 1}, "not both"),
        (Users, {"spread": float("nan")}, "spread"),
        (Users, {"arrivals": "sometimes"}, "arrivals"),
        (Users, {"colour": "red"}, "colour"),
        (Answers, {"tags": "many"}, "tags"),
        (Answers, {"spacing": "wide"}, "spacing"),
        (Answers, {"writing_time": "-3s"}, "writing_time"),
        (Pictures, {"failures": 1.01}, "failures"),
        (Pictures, {"failures": float("nan")}, "failures"),
        (Pictures, {"time": "weibull:3"}, "weibull"),
        (Pictures, {"expiration": "soon"}, "soon"),
        (Workload, {"duration": 0}, "duration"),
        (Workload, {"seed": "x"}, "seed"),
        (Workload, {"users": {"count": 1_000_000, "answers_per_hour": 1000}}, "2,000,000"),
    ],
)
def test_what_makes_no_sense_is_a_value_error(
    kind: type, fields: dict[str, object], named: str
) -> None:
    """The error names what is wrong."""
    with pytest.raises(ValueError, match=named):
        kind(**fields)


def test_a_workload_does_not_change() -> None:
    """It is frozen, as everything in it."""
    workload = Workload()
    for part in (workload, workload.users, workload.answers, workload.pictures):
        name = next(iter(part.__dataclass_fields__))
        with pytest.raises(FrozenInstanceError):
            setattr(part, name, getattr(part, name))


def test_users_have_names() -> None:
    """Those that were given, else numbers from 1."""
    assert traffic(users={"weights": "ada=1, bob=2"}).users.name(1) == "bob"
    assert traffic(users={"weights": "1, 2"}).users.name(1) == "user 2"


def test_a_workload_tells_itself_in_a_sentence() -> None:
    """Everything that shapes the traffic is in it."""
    workload = traffic(
        duration="24h",
        seed=7,
        users={"count": 10_000, "answers_per_day": 2},
        answers={"tags": "2-4"},
        pictures={"time": "4s", "failures": 0.02},
    )
    assert str(workload) == (
        "10,000 users, 2 answers a day each, 2 to 4 pictures an answer, 4 s a picture, "
        "0.02 of the attempts fail, for 24 h (seed 7)"
    )
